/** All views of a run in one element, linked through the store, with the keyboard. Used by the panel and by cells. */

import { Cleanup, button, make } from './dom';
import type { Store } from './store';
import { mountChunks } from './views/chunks';
import { mountDetails } from './views/details';
import type { Why } from './views/details';
import { mountGraph } from './views/graph';
import { mountHead } from './views/head';
import type { Fetch } from './views/head';
import { mountHelp } from './views/help';
import { mountNotice } from './views/notice';
import type { Ask } from './views/notice';
import { mountReplay } from './views/replay';
import { mountTable } from './views/table';
import { mountTimeline } from './views/timeline';
import { runSentence } from './words';

export type ViewName = 'replay' | 'chunks' | 'graph' | 'timeline' | 'table';

/** What an explorer shows and whom it may ask. */
export interface ExplorerOptions {
  readonly views?: readonly ViewName[];
  /** Asks the kernel for a run that this page does not hold. */
  readonly fetch?: Fetch | null;
  /** Asks the kernel why a task is where it is. */
  readonly why?: Why | null;
  /** Asks the server about a kernel that does not speak. */
  readonly figures?: Ask | null;
}

const MOUNTS: Readonly<Record<ViewName, (element: HTMLElement, store: Store) => () => void>> = {
  replay: mountReplay, chunks: mountChunks, graph: mountGraph, timeline: mountTimeline, table: mountTable
};
const TITLES: Readonly<Record<ViewName, string>> = {
  replay: 'Replay', chunks: 'Chunks', graph: 'Graph', timeline: 'Timeline', table: 'Table'
};
const ORDER: readonly ViewName[] = ['replay', 'chunks', 'graph', 'timeline', 'table'];
const QUIET_SECONDS = 5;

/** Show the store's runs in `element`. */
export function mountExplorer(element: HTMLElement, store: Store, options: ExplorerOptions = {}): () => void {
  const cleanup = new Cleanup();
  const views = ORDER.filter(name => (options.views ?? ORDER).includes(name));
  const root = make('div', 'cks', { role: 'region', 'aria-label': 'chunkscope' });
  const head = make('div', 'cks-head');
  const empty = make('div', 'cks-empty', { role: 'status' });
  const sections = make('div', 'cks-sections');
  const details = make('div', 'cks-details');
  const spoken = make('div', 'cks-spoken', { 'aria-live': 'polite' });
  const help = make('div', 'cks-help-host');
  root.append(head, empty, sections, details, spoken, help);
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
  for (const name of views) {
    const body = make('div', 'cks-view');
    const section = make('section', `cks-section cks-${name === 'table' ? 'operations' : name}`, { 'aria-label': TITLES[name] });
    const title = button(TITLES[name], `${TITLES[name]}: show or hide`, () => {
      const closed = section.classList.toggle('cks-closed');
      title.setAttribute('aria-expanded', String(!closed));
    }, 'cks-title');
    const closed = name === 'table'; // the text twin: there for those who want it
    section.classList.toggle('cks-closed', closed);
    title.setAttribute('aria-expanded', String(!closed));
    section.append(title, body);
    sections.append(section);
    cleanup.add(MOUNTS[name](body, store));
  }
  cleanup.add(mountDetails(details, store, options.why ?? null));
  const toggleHelp = mountHelp(help, root);

  const stages = views.flatMap(name => [...sections.querySelectorAll<HTMLElement>(`[data-view="${name}"][tabindex]`)]);
  rove(stages);
  root.addEventListener('keydown', event => {
    const from = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || from.matches('select, input[type=number]')) {
      return;
    }
    const pressing = from.matches('button') && event.key === ' ';
    const act = keyed(event.key, store, stages, toggleHelp);
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

/** What a key does anywhere in the explorer. */
function keyed(key: string, store: Store, stages: readonly HTMLElement[], help: () => void): (() => void) | null {
  const number = Number(key);
  if (key >= '1' && key <= '9' && stages[number - 1]) {
    return () => stages[number - 1].focus();
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
