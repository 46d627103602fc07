/** The views of a run: their names in order, their titles, their keys, and which are open at first. No view is imported. */

import { mark, t } from './translate';

export const ORDER = [
  'replay', 'progress', 'chunks', 'graph', 'timeline', 'memory', 'workers', 'profile', 'explain', 'whatif', 'compare', 'table'
] as const;

export type ViewName = (typeof ORDER)[number];

/** English titles: `title` gives them in the page's language. */
export const TITLES: Readonly<Record<ViewName, string>> = {
  replay: mark('Replay'), progress: mark('Progress'), chunks: mark('Chunks'), graph: mark('Graph'), timeline: mark('Timeline'), memory: mark('Memory'),
  workers: mark('Workers'),
  profile: mark('Profile'), explain: mark('Explain'), whatif: mark('What if'), compare: mark('Compare'), table: mark('Table')
};

/** Closed where nothing else was chosen: what a reader asks for, and would leave the others too little room. */
export const CLOSED: readonly ViewName[] = ['progress', 'workers', 'profile', 'explain', 'whatif', 'compare', 'table'];

/** The view that each digit goes to: 1 is the first. */
export const KEYED: readonly ViewName[] = [
  'chunks', 'graph', 'timeline', 'memory', 'progress', 'profile', 'explain', 'whatif', 'compare'
];

/** A view's title in the page's language. */
export function title(name: ViewName): string {
  return t(TITLES[name]);
}

/** Whether there is a view of this name. */
export function isView(name: string): name is ViewName {
  return Object.hasOwn(TITLES, name);
}
