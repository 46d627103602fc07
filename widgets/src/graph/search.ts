/** What a search in the graph finds: operations by name, label, column, file or line; tasks by key, file or state. */

import { indexOf } from '../grid';
import type { Run } from '../run';
import { STATES } from '../states';
import { t } from '../translate';
import type { LayerInfo } from '../wire';
import { layerName } from '../words';

export interface Found {
  readonly run: Run;
  /** Tasks of the run at that time. */
  readonly ntasks: number;
  /** Operations, in order. */
  readonly layers: readonly number[];
  /** Tasks, in order. */
  readonly tasks: Int32Array;
  /** 1 for each task that is found; null where none is. */
  readonly mask: Uint8Array | null;
  /** Whether it depends on the shown time. */
  readonly timely: boolean;
}

/** How many places `found` has. */
export function total(found: Found): number {
  return found.layers.length + found.tasks.length;
}

/** What `query` finds among the run's operations and tasks in their `states`; null for an empty query. */
export function search(run: Run, query: string, states: Uint8Array): Found | null {
  const words = query.trim().toLowerCase();
  if (!words) {
    return null;
  }
  const state = STATES.findIndex(info => [info.word, t(info.word)].some(word => word.toLowerCase() === words));
  if (state >= 0) {
    const tasks: number[] = [];
    for (let task = 0; task < run.ntasks; task++) {
      if (states[task] === state) {
        tasks.push(task);
      }
    }
    return made(run, [], tasks, true);
  }
  const key = /^(.*?)\s*\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]$/.exec(words);
  if (key) {
    return made(run, [], withKey(run, key[1], key[2].split(',').map(Number)), false);
  }
  const number = /^(?:task\s*)?#?(\d+)$/.exec(words);
  if (number && Number(number[1]) < run.ntasks) {
    return made(run, [], [Number(number[1])], false);
  }
  const layers = run.layers.map((_, i) => i).filter(i => texts(run.layers[i]).some(text => text.toLowerCase().includes(words)));
  const tasks: number[] = [];
  for (const layer of run.layers) {
    (layer.frame?.places ?? []).forEach((file, i) => {
      if (file.toLowerCase().includes(words)) {
        tasks.push(layer.first_task + i);
      }
    });
  }
  return made(run, layers, tasks, false);
}

function made(run: Run, layers: readonly number[], tasks: readonly number[], timely: boolean): Found {
  let mask: Uint8Array | null = null;
  if (tasks.length || layers.length) {
    mask = new Uint8Array(run.ntasks);
    for (const task of tasks) {
      mask[task] = 1;
    }
    for (const number of layers) {
      mask.fill(1, run.layers[number].first_task, run.layers[number].first_task + run.layers[number].ntasks);
    }
  }
  return { run, ntasks: run.ntasks, layers, tasks: Int32Array.from(tasks), mask, timely };
}

/** The tasks of a block in all operations whose name is, or else contains, `name`. */
function withKey(run: Run, name: string, block: readonly number[]): number[] {
  const fits = (layer: LayerInfo): boolean =>
    layer.grid.length === block.length && block.every((at, axis) => at < layer.grid[axis]);
  const names = (layer: LayerInfo): string[] => [layerName(layer), layer.op, layer.name].map(text => text.toLowerCase());
  const exact = run.layers.filter(layer => names(layer).includes(name));
  const layers = exact.length ? exact : run.layers.filter(layer => names(layer).some(text => text.includes(name)));
  return layers.filter(fits).map(layer => layer.first_task + indexOf(layer.grid, block));
}

/** The texts that an operation is found by. */
function texts(layer: LayerInfo): string[] {
  return [
    layer.label, layer.op, layer.name, layer.detail, layer.strategy, layer.dtype ?? '', layer.origin?.text ?? '',
    ...(layer.parts ?? []).flatMap(part => [part.op, part.origin?.text ?? '']),
    ...(layer.frame?.columns ?? []).map(([column]) => column)
  ];
}
