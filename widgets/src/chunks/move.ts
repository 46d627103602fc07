/** Moving the selection from block to block by keys. */

import { blockAt, indexOf } from '../grid';
import type { Run } from '../run';
import type { Store } from '../store';
import { layerOf } from '../target';
import type { Card } from './cards';
import { beside } from './strip';

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]
};

/** Move the selection by a key; returns whether the key was one of ours. `shown` is the operation that is shown alone, or -1. */
export function move(
  run: Run, store: Store, cards: readonly Card[], key: string, shown: number, focus: (layer: number) => void
): boolean {
  const target = store.selection;
  const found = layerOf(run, target);
  const number = found >= 0 ? found : shown >= 0 ? shown : (cards[0]?.layer ?? 0);
  const layer = run.layers[number];
  if (key === 'Enter') {
    focus(shown >= 0 && shown === number ? -1 : number);
    return true;
  }
  if (key === 'PageUp' || key === 'PageDown') {
    const next = Math.min(Math.max(number + (key === 'PageUp' ? -1 : 1), 0), run.layers.length - 1);
    store.select({ task: run.layers[next].first_task });
    if (shown >= 0) {
      focus(next);
    }
    return true;
  }
  const step = MOVES[key];
  if (!step) {
    return false;
  }
  if (target === null || !('task' in target)) {
    store.select({ task: layer.first_task });
    return true;
  }
  const index = target.task - layer.first_task;
  const next = neighbour(run, cards.find(one => one.layer === number), number, index, step);
  store.select({ task: layer.first_task + Math.min(Math.max(next, 0), layer.ntasks - 1) });
  return true;
}

/** The block beside another one, as the picture shows them. */
function neighbour(run: Run, card: Card | undefined, number: number, index: number, [down, across]: readonly [number, number]): number {
  const layer = run.layers[number];
  if (card?.strip) {
    return down ? beside(card.strip, index, down) : index + across;
  }
  const tiles = card?.tiles;
  const at = tiles?.find(index);
  if (tiles && at) {
    const [i, j] = [at[0] + across, at[1] + down];
    const inside = i >= 0 && j >= 0 && i < tiles.x.length - 1 && j < tiles.y.length - 1;
    const next = inside ? tiles.at(i, j) : -1;
    if (next >= 0) {
      return next;
    }
    if (layer.grid.length < 2) {
      return index + across + down * (tiles.x.length - 1);
    }
    const beyond = inside ? tiles.at(i + across, j + down) : -1; // slices lie side by side with a gap
    return beyond >= 0 ? beyond : index;
  }
  return layer.grid.length >= 2 ? along(layer.grid, index, down, across) : index + across + down;
}

/** The block beside another one on the last two axes; the same one at the border. */
function along(grid: readonly number[], index: number, down: number, across: number): number {
  const block = blockAt(grid, index);
  const last = grid.length - 1;
  block[last] = Math.min(Math.max(block[last] + across, 0), grid[last] - 1);
  block[last - 1] = Math.min(Math.max(block[last - 1] + down, 0), grid[last - 1] - 1);
  return indexOf(grid, block);
}
