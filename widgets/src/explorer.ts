/** All views of a run in one element, linked through the store, with the keyboard. Used by the panel and by cells. */

import { Cleanup, make } from './dom';
import { lessonOf } from './lesson';
import type { LessonHost } from './lesson';
import { mountSections } from './sections';
import type { Store } from './store';
import { makeTabs } from './tabs';
import { ORDER, isView } from './view_names';
import type { ViewName } from './view_names';
import { mountDetails } from './views/details';
import type { Why } from './views/details';
import { mountHead } from './views/head';
import type { Fetch } from './views/head';
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
  /** Asks the kernel for a run that this page does not hold. */
  readonly fetch?: Fetch | null;
  /** Asks the kernel why a task is where it is. */
  readonly why?: Why | null;
  /** Asks the server about a kernel that does not speak. */
  readonly figures?: Ask | null;
  /** Asks the kernel about its lesson, and goes to cells of the notebook. */
  readonly lesson?: Omit<LessonHost, 'view'> | null;
}

const QUIET_SECONDS = 5;
/** The tab that was chosen beside a lesson: another notebook in front and back again changes nothing. */
const CHOSEN = new WeakMap<Store, { readonly lesson: string; readonly tab: string }>();

/** Show the store's runs, and its lesson, in `element`. */
export function mountExplorer(element: HTMLElement, store: Store, options: ExplorerOptions = {}): () => void {
  const cleanup = new Cleanup();
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
    make('p', 'cks-empty-title', {}, 'Nothing has run here yet'),
    make('p', '', {}, 'Run a cell that computes with chunkscope: its chunks, its task graph and its time line appear here while it runs.')
  );
  cleanup.add(mountHead(head, store, options.fetch ?? null));
  if (options.figures) {
    cleanup.add(mountNotice(head, store, options.figures));
  }
  const mounted = mountSections(sections, store, views, options.kept ?? false);
  cleanup.add(() => mounted.dispose());
  cleanup.add(mountDetails(details, store, options.why ?? null));
  if (options.lesson) {
    cleanup.add(withLesson(root, page, store, options.lesson, name => mounted.show(name)));
  }
  const toggleHelp = mountHelp(help, root);

  const stages = [...sections.querySelectorAll<HTMLElement>('.cks-stage[tabindex]')];
  rove(stages);
  sections.addEventListener('click', () => settle(stages));
  settle(stages);
  root.addEventListener('keydown', event => {
    const from = event.target as HTMLElement;
    const elsewhere = from.matches('select, textarea, input:not([type=range])') || (!page.contains(from) && event.key !== '?');
    if (event.ctrlKey || event.metaKey || event.altKey || elsewhere) {
      return;
    }
    const pressing = from.matches('button') && event.key === ' ';
    const act = keyed(event.key, store, stages.map(stage => () => mounted.show(stage.dataset.view as ViewName)), toggleHelp);
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

/** Put the lesson beside the run, behind tabs, as soon as the kernel shows one. A lesson that is opened comes to the front. */
function withLesson(
  root: HTMLElement, page: HTMLElement, store: Store, host: Omit<LessonHost, 'view'>, show: (name: ViewName) => void
): () => void {
  const cleanup = new Cleanup();
  const lesson = make('div', 'cks-page');
  const body = make('div', 'cks-lesson-host');
  const line = make('div', 'cks-run-line');
  const before = CHOSEN.get(store) ?? { lesson: '', tab: 'run' };
  let shown = before.lesson;
  const tabs = makeTabs([['run', 'Run', page], ['lesson', 'Lesson', lesson]], tab => CHOSEN.set(store, { lesson: shown, tab }));
  lesson.append(body, line);
  root.prepend(tabs.row);
  page.after(lesson);
  cleanup.add(mountLesson(body, store, {
    ask: question => host.ask(question),
    go: cell => host.go(cell),
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

/** One of the stages is a tab stop: the one that had the focus last. */
function rove(stages: readonly HTMLElement[]): void {
  stages.forEach((stage, i) => {
    stage.tabIndex = i === 0 ? 0 : -1;
    stage.addEventListener('focus', () => stages.forEach(other => {
      other.tabIndex = other === stage ? 0 : -1;
    }));
    stage.addEventListener('pointerdown', () => stage.focus({ preventScroll: true }));
  });
}

/** A view that is closed is no tab stop: the first open one is then. */
function settle(stages: readonly HTMLElement[]): void {
  const closed = (stage: HTMLElement): boolean => stage.closest('.cks-closed') !== null;
  if (stages.some(stage => stage.tabIndex === 0 && closed(stage))) {
    const first = stages.find(stage => !closed(stage));
    stages.forEach(stage => {
      stage.tabIndex = stage === first ? 0 : -1;
    });
  }
}

/** What a key does anywhere in the explorer; `shows` goes to each of the views that can have the focus. */
function keyed(key: string, store: Store, shows: readonly (() => void)[], help: () => void): (() => void) | null {
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
