/** All views of a run in one element, linked through the store, with the keyboard. Used by the panel and by cells. */

import { Cleanup, make } from './dom';
import { NO_HOST, Refusal } from './host';
import type { Question, ViewHost } from './host';
import { lessonOf } from './lesson';
import type { Reply } from './lesson';
import { mountSections } from './sections';
import type { Store } from './store';
import { makeTabs } from './tabs';
import { t } from './translate';
import { KEYED, ORDER, isView } from './view_names';
import type { ViewName } from './view_names';
import { mountDetails } from './views/details';
import { mountHead } from './views/head';
import { mountHelp } from './views/help';
import { mountLesson } from './views/lesson';
import { mountNotice } from './views/notice';
import type { Ask } from './views/notice';
import { mountRunLine } from './views/run_line';
import { runSentence } from './words';

/** What an explorer shows and whom it may ask. */
export interface ExplorerOptions {
  readonly views?: readonly ViewName[];
  /** Whether the browser remembers which views are open. */
  readonly kept?: boolean;
  /** The views that are open where nothing was chosen yet. */
  readonly open?: readonly ViewName[] | null;
  /** The kernel and the notebook around the views. */
  readonly host?: ViewHost;
  /** Asks the server about a kernel that does not speak. */
  readonly figures?: Ask | null;
}

const QUIET_SECONDS = 5;
/** The tab that was chosen beside a lesson: another notebook in front and back again changes nothing. */
const CHOSEN = new WeakMap<Store, { readonly lesson: string; readonly tab: string }>();

/** Show the store's runs, and its lesson, in `element`. */
export function mountExplorer(element: HTMLElement, store: Store, options: ExplorerOptions = {}): () => void {
  const cleanup = new Cleanup();
  const host = options.host ?? NO_HOST;
  const views = ORDER.filter(name => (options.views ?? ORDER).includes(name));
  const root = make('div', 'cks', { role: 'region', 'aria-label': 'chunkscope' });
  const page = make('div', 'cks-page');
  const head = make('div', 'cks-head');
  const empty = make('div', 'cks-empty', { role: 'status' });
  const sections = make('div', 'cks-sections');
  const details = make('div', 'cks-details');
  const spoken = make('div', 'cks-spoken', { 'aria-live': 'polite' });
  const help = make('div', 'cks-help-host');
  page.append(head, empty, sections, details);
  root.append(page, spoken, help);
  element.append(root);
  cleanup.add(() => root.remove());

  empty.append(
    make('p', 'cks-empty-title', {}, t('Nothing has run here yet')),
    make('p', '', {}, t('Run a cell that computes with chunkscope: its chunks, its task graph and its time line appear here while it runs.'))
  );
  cleanup.add(mountHead(head, store, host.fetch));
  if (options.figures) {
    cleanup.add(mountNotice(head, store, options.figures));
  }
  const settle = rove(sections);
  const mounted = mountSections(sections, store, { views, host, kept: options.kept ?? false, open: options.open ?? null, changed: settle });
  settle();
  cleanup.add(() => mounted.dispose());
  cleanup.add(mountDetails(details, store, whyOf(host), host.go));
  if (host.ask) {
    cleanup.add(withLesson(root, page, store, host, name => mounted.show(name)));
  }
  const toggleHelp = mountHelp(help, root);

  const shows = KEYED.map(name => (views.includes(name) ? () => mounted.show(name) : null));
  root.addEventListener('keydown', event => {
    const from = event.target as HTMLElement;
    const elsewhere = from.matches('select, textarea, input:not([type=range])') || (!page.contains(from) && event.key !== '?');
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || elsewhere) {
      return;
    }
    const pressing = from.matches('button') && event.key === ' ';
    const act = keyed(event.key, store, shows, toggleHelp);
    if (act && !pressing) {
      act();
      event.preventDefault();
      event.stopPropagation();
    }
  });

  let said = -Infinity;
  const update = (): void => {
    const run = store.current;
    empty.hidden = run !== null;
    sections.hidden = details.hidden = head.hidden = run === null;
    const now = store.clock();
    if (run && (now - said > QUIET_SECONDS || run.ended) && store.time === null) {
      const sentence = runSentence(store);
      if (spoken.textContent !== sentence) {
        spoken.textContent = sentence;
        said = now;
      }
    }
  };
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data') {
      update();
    }
  }));
  update();
  return () => cleanup.run();
}

/** How the details line learns why a task is where it is; null where there is no kernel. */
function whyOf({ ask }: ViewHost): ((run: number, task: number) => Promise<string>) | null {
  return ask ? async (run, task) => {
    const { why } = await ask({ ask: 'why', run, task });
    return typeof why === 'string' ? why : '';
  } : null;
}

/** What the kernel says about the lesson: a refusal is an answer too. */
async function replyOf(asked: Promise<Record<string, unknown>>): Promise<Reply> {
  try {
    const { message } = await asked;
    return { message: typeof message === 'string' ? message : '', error: '' };
  } catch (error) {
    if (error instanceof Refusal) {
      return { message: '', error: error.message };
    }
    throw error;
  }
}

/** Put the lesson beside the run, behind tabs, as soon as the kernel shows one. A lesson that is opened comes to the front. */
function withLesson(
  root: HTMLElement, page: HTMLElement, store: Store, host: ViewHost, show: (name: ViewName) => void
): () => void {
  const cleanup = new Cleanup();
  const lesson = make('div', 'cks-page');
  const body = make('div', 'cks-lesson-host');
  const line = make('div', 'cks-run-line');
  const before = CHOSEN.get(store) ?? { lesson: '', tab: 'run' };
  let shown = before.lesson;
  const tabs = makeTabs([['run', t('Run'), page], ['lesson', t('Lesson'), lesson]], tab => CHOSEN.set(store, { lesson: shown, tab }));
  lesson.append(body, line);
  root.prepend(tabs.row);
  page.after(lesson);
  cleanup.add(mountLesson(body, store, {
    ask: question => replyOf(host.ask!(question as unknown as Question)),
    go: cell => host.go?.(cell),
    view: name => {
      tabs.choose('run');
      if (isView(name) && store.current) {
        show(name);
      }
    }
  }));
  cleanup.add(mountRunLine(line, store, () => tabs.choose('run')));
  const update = (): void => {
    const name = lessonOf(store.topic('lesson'))?.lesson ?? '';
    tabs.row.hidden = name === '';
    if (name !== shown) {
      shown = name;
      tabs.choose(name ? 'lesson' : 'run');
    }
  };
  cleanup.add(store.on(change => {
    if (change === 'topic') {
      update();
    }
  }));
  update();
  tabs.choose(shown && shown === before.lesson ? before.tab : tabs.chosen);
  return () => cleanup.run();
}

/** Makes one of the stages a tab stop: the one that had the focus last, or else the first. The result is to be called when views come and go. */
function rove(sections: HTMLElement): () => void {
  const stages = (): HTMLElement[] => [...sections.querySelectorAll<HTMLElement>('.cks-stage[tabindex]')];
  const stop = (chosen: HTMLElement | undefined): void => {
    for (const stage of stages()) {
      stage.tabIndex = stage === chosen ? 0 : -1;
    }
  };
  const stageOf = (event: Event): HTMLElement | null => (event.target as HTMLElement).closest<HTMLElement>('.cks-stage[tabindex]');
  const settle = (): void => {
    const all = stages();
    if (all.filter(stage => stage.tabIndex === 0).length !== 1) {
      stop(all[0]);
    }
  };
  sections.addEventListener('focusin', event => {
    if (event.target === stageOf(event)) {
      stop(event.target as HTMLElement);
    }
  });
  sections.addEventListener('pointerdown', event => stageOf(event)?.focus({ preventScroll: true }));
  return settle;
}

/** What a key does anywhere in the explorer; `shows` goes to each of the views that can have the focus. */
function keyed(key: string, store: Store, shows: readonly ((() => void) | null)[], help: () => void): (() => void) | null {
  const number = Number(key);
  if (key >= '1' && key <= '9' && shows[number - 1]) {
    return shows[number - 1];
  }
  switch (key) {
    case '[':
      return () => store.player.step(-1);
    case ']':
      return () => store.player.step(1);
    case ' ':
      return () => store.player.toggle();
    case 'Home':
      return () => store.player.seek(0);
    case 'End':
    case 'l':
      return () => store.player.live();
    case 'Escape':
      return () => store.select(null);
    case '?':
      return help;
    default:
      return null;
  }
}
