/** The views of a run: their names in order, and their titles. */

export type ViewName = 'replay' | 'chunks' | 'graph' | 'timeline' | 'memory' | 'table';

export const TITLES: Readonly<Record<ViewName, string>> = {
  replay: 'Replay', chunks: 'Chunks', graph: 'Graph', timeline: 'Timeline', memory: 'Memory', table: 'Table'
};

export const ORDER: readonly ViewName[] = ['replay', 'chunks', 'graph', 'timeline', 'memory', 'table'];

/** Whether there is a view of this name. */
export function isView(name: string): name is ViewName {
  return name in TITLES;
}
