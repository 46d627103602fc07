/** What the views point at together: a task, an operation, or all that a line of the notebook made. */

import type { Run } from './run';
import type { LayerInfo, Place } from './wire';

/** A task or a whole operation: what has a place of its own in the pictures. */
export type Piece = { readonly task: number } | { readonly layer: number };

/** All that a cell made, or one line of it. */
export interface Source {
  readonly cell: string;
  readonly line: number | null;
}

/** What is pointed at, or selected. */
export type Target = Piece | Source | null;

/** Whether two targets are the same thing. */
export function same(a: Target, b: Target): boolean {
  if (a === null || b === null) {
    return a === b;
  }
  if ('task' in a) {
    return 'task' in b && a.task === b.task;
  }
  if ('layer' in a) {
    return 'layer' in b && a.layer === b.layer;
  }
  return 'cell' in b && a.cell === b.cell && a.line === b.line;
}

/** The lines that an operation comes from: its own, and those of what was fused into it. */
export function places(layer: LayerInfo): Place[] {
  return [layer.origin, ...(layer.parts ?? []).map(part => part.origin)].filter(place => place !== null);
}

/** Whether an operation comes from a cell, or from that line of it. */
function comesFrom(layer: LayerInfo, { cell, line }: Source): boolean {
  return cell !== '' && places(layer).some(place => place.cell === cell && (line === null || place.line === line));
}

/** Whether a target concerns an operation: is it, is a task of it, or is a line that made it or a part of it. */
export function concerns(run: Run, target: Target, layer: number): boolean {
  if (target === null) {
    return false;
  }
  if ('task' in target) {
    return run.layerOf(target.task) === layer;
  }
  return 'layer' in target ? target.layer === layer : run.layers[layer] !== undefined && comesFrom(run.layers[layer], target);
}

/** The operation that a target is, or whose task it is; the first that a line made; -1 for none. */
export function layerOf(run: Run, target: Target): number {
  if (target === null) {
    return -1;
  }
  if ('task' in target) {
    return run.layerOf(target.task);
  }
  return 'layer' in target ? target.layer : run.layers.findIndex(layer => comesFrom(layer, target));
}

/** The operations that a target concerns, in order. */
export function layersOf(run: Run, target: Target): number[] {
  if (target !== null && 'cell' in target) {
    return run.layers.map((_, number) => number).filter(number => concerns(run, target, number));
  }
  const layer = layerOf(run, target);
  return layer >= 0 && layer < run.layers.length ? [layer] : [];
}
