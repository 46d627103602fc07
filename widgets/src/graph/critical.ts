/**
 * The critical path: of all chains of tasks in which each reads the one before, the longest. Once the run has ended it
 * is measured, by seconds in kernels; until then it is counted in tasks. Where the page has no edges of tasks it is the
 * longest chain of operations.
 */

import type { Run } from '../run';
import { linksOf } from './links';

export interface CriticalPath {
  /** In order; empty where only operations are known. */
  readonly tasks: Int32Array;
  /** In order. */
  readonly layers: readonly number[];
  /** In kernels, along the path; 0 where nothing was measured. */
  readonly seconds: number;
  readonly measured: boolean;
}

const KNOWN = new WeakMap<Run, { readonly mark: string; readonly path: CriticalPath }>();

/** The critical path of a run as far as it is known, or null where there is nothing yet. */
export function criticalPath(run: Run): CriticalPath | null {
  const measured = run.ended !== null && run.complete && run.columns.filled > 0;
  const mark = `${run.ntasks}/${measured}/${run.ptr?.length ?? 0}`;
  const known = KNOWN.get(run);
  if (known?.mark === mark) {
    return known.path;
  }
  if (!run.ntasks) {
    return null;
  }
  const path = byTasks(run, measured) ?? byOperations(run, measured);
  KNOWN.set(run, { mark, path });
  return path;
}

/** Seconds that a task was in its kernel; 0 where it has not run. */
export function kernelSeconds(run: Run, task: number): number {
  const row = run.rowOf[task];
  return row >= 0 ? run.columns.stop[row] - run.columns.start[row] : 0;
}

function byTasks(run: Run, measured: boolean): CriticalPath | null {
  const links = linksOf(run);
  if (!links) {
    return null;
  }
  const { ptr, producer, owner } = links;
  const order = topological(run.ntasks, ptr, producer, links.userPtr, links.user);
  const length = new Float64Array(run.ntasks);
  const before = new Int32Array(run.ntasks).fill(-1);
  let last = 0;
  for (let i = 0; i < run.ntasks; i++) {
    const task = order ? order[i] : i;
    let longest = -1;
    for (let e = ptr[task]; e < ptr[task + 1]; e++) {
      const input = producer[e];
      if (length[input] > longest) {
        longest = length[input];
        before[task] = input;
      }
    }
    length[task] = Math.max(longest, 0) + (measured ? kernelSeconds(run, task) : 1);
    if (length[task] > length[last]) {
      last = task;
    }
  }
  const tasks: number[] = [];
  for (let task = last; task >= 0; task = before[task]) {
    tasks.push(task);
  }
  tasks.reverse();
  const layers: number[] = [];
  for (const task of tasks) {
    if (layers[layers.length - 1] !== owner[task]) {
      layers.push(owner[task]);
    }
  }
  return { tasks: Int32Array.from(tasks), layers, seconds: measured ? length[last] : 0, measured };
}

/** Inputs before their readers; null where the tasks' numbers are in such an order already. */
function topological(n: number, ptr: Int32Array, producer: Int32Array, userPtr: Int32Array, user: Int32Array): Int32Array | null {
  let sorted = true;
  for (let task = 0; task < n && sorted; task++) {
    for (let e = ptr[task]; e < ptr[task + 1]; e++) {
      sorted &&= producer[e] < task;
    }
  }
  if (sorted) {
    return null;
  }
  const waits = new Int32Array(n);
  const order = new Int32Array(n);
  let end = 0;
  for (let task = 0; task < n; task++) {
    waits[task] = ptr[task + 1] - ptr[task];
    if (!waits[task]) {
      order[end++] = task;
    }
  }
  for (let head = 0; head < end; head++) {
    for (let e = userPtr[order[head]]; e < userPtr[order[head] + 1]; e++) {
      if (--waits[user[e]] === 0) {
        order[end++] = user[e];
      }
    }
  }
  return order;
}

/** Each operation counts with its longest task. */
function byOperations(run: Run, measured: boolean): CriticalPath {
  const { layers } = run;
  const own = layers.map(layer => {
    let most = measured ? 0 : 1;
    for (let task = layer.first_task; measured && task < layer.first_task + layer.ntasks; task++) {
      most = Math.max(most, kernelSeconds(run, task));
    }
    return most;
  });
  const length = [...own];
  const before = layers.map(() => -1);
  const edges = [...run.header.layer_edges].sort((a, b) => a[1] - b[1]);
  for (const [a, b] of edges) { // operations are in order: inputs before their readers
    if (length[a] + own[b] > length[b]) {
      length[b] = length[a] + own[b];
      before[b] = a;
    }
  }
  const path: number[] = [];
  for (let layer = length.indexOf(Math.max(...length)); layer >= 0; layer = before[layer]) {
    path.push(layer);
  }
  path.reverse();
  return { tasks: new Int32Array(0), layers: path, seconds: measured ? Math.max(...length) : 0, measured };
}
