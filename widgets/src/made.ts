/** From a cell of the notebook to the run in which it made something. */

import type { Run } from './run';
import type { Store } from './store';
import { concerns, layersOf } from './target';

/** Whether a run was started by a cell, or computes what it wrote. */
export function madeBy(run: Run, cell: string): boolean {
  return run.header.origin?.cell === cell || run.layers.some((_, layer) => concerns(run, { cell, line: null }, layer));
}

/** Select what a cell made: in the shown run, or else in the newest one that knows the cell. False where none does. */
export function selectCell(store: Store, cell: string): boolean {
  const { current } = store;
  if (!current || !madeBy(current, cell)) {
    const numbers = [...store.runs.keys()].sort((a, b) => b - a);
    const found = numbers.find(number => madeBy(store.runs.get(number)!, cell));
    if (found === undefined) {
      return false;
    }
    store.show(found);
  }
  const made = layersOf(store.current!, { cell, line: null }).length > 0;
  store.select(made ? { cell, line: null } : null); // a cell may compute what others wrote
  return true;
}
