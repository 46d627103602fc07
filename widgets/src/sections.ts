/** The views of a run under each other, each behind a title that opens and closes it. Closed ones draw nothing. */

import { Cleanup, button, make } from './dom';
import { recall, remember } from './remember';
import type { Store } from './store';
import { TITLES } from './view_names';
import type { ViewName } from './view_names';
import { mountChunks } from './views/chunks';
import { mountGraph } from './views/graph';
import { mountMemory } from './views/memory';
import { mountReplay } from './views/replay';
import { mountTable } from './views/table';
import { mountTimeline } from './views/timeline';

const MOUNTS: Readonly<Record<ViewName, (element: HTMLElement, store: Store) => () => void>> = {
  replay: mountReplay, chunks: mountChunks, graph: mountGraph, timeline: mountTimeline, memory: mountMemory, table: mountTable
};
const CLASSES: Readonly<Partial<Record<ViewName, string>>> = { table: 'operations' };
/** Closed where nothing else was chosen: the text twin, and what would leave the others too little room. */
const CLOSED: readonly ViewName[] = ['table'];
const CLOSED_IN_LOW_PLACES: readonly ViewName[] = ['table', 'memory'];
const LOW = 960;
const CHOICE = 'closed-views';

/** The mounted views. */
export interface Sections {
  /** Opens a view, brings it into sight and gives it the focus. */
  show(name: ViewName): void;
  dispose(): void;
}

/** Mount views in `element`; with `kept` the browser remembers which of them are open. */
export function mountSections(element: HTMLElement, store: Store, views: readonly ViewName[], kept: boolean): Sections {
  const cleanup = new Cleanup();
  const chosen = kept ? recall(CHOICE) : null;
  const usual = kept && window.innerHeight < LOW ? CLOSED_IN_LOW_PLACES : CLOSED;
  const closed = new Set<string>(Array.isArray(chosen) ? chosen.map(String) : usual);
  const sections = new Map<ViewName, (open: boolean) => void>();
  for (const name of views) {
    const body = make('div', 'cks-view');
    const section = make('section', `cks-section cks-${CLASSES[name] ?? name}`, { 'aria-label': TITLES[name], 'data-section': name });
    const set = (open: boolean): void => {
      section.classList.toggle('cks-closed', !open);
      title.setAttribute('aria-expanded', String(open));
      if (name === 'memory') {
        element.classList.toggle('cks-with-memory', open); // the replay needs no curve of its own then
      }
    };
    const title = button(TITLES[name], `${TITLES[name]}: show or hide`, () => {
      set(closed.has(name));
      if (!closed.delete(name)) {
        closed.add(name);
      }
      if (kept) {
        remember(CHOICE, [...closed]);
      }
    }, 'cks-title');
    set(!closed.has(name));
    sections.set(name, open => {
      set(open);
      closed.delete(name);
    });
    section.append(title, body);
    element.append(section);
    cleanup.add(MOUNTS[name](body, store));
  }
  return {
    show: name => {
      sections.get(name)?.(true);
      const section = element.querySelector<HTMLElement>(`[data-section="${name}"]`);
      section?.scrollIntoView({ block: 'nearest' });
      (section?.querySelector<HTMLElement>('.cks-stage[tabindex]') ?? section?.querySelector<HTMLElement>('.cks-title'))?.focus();
    },
    dispose: () => cleanup.run()
  };
}
