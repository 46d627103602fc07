/** Where the seconds of a run's lanes went: kernels, waiting for inputs, handing over. The same sums as the engine's. */

import type { Run } from '../run';

export interface Spent {
  /** Lanes that the run used. */
  readonly lanes: number;
  /** From the first task's start to the last task's end. */
  readonly inside: number;
  readonly kernels: number;
  /** Kernel seconds of operations that read files or the user's own arrays. */
  readonly reading: number;
  /** Lane seconds without a task, while none was ready. */
  readonly waiting: number;
  /** Lane seconds without a task, although one was ready. */
  readonly overhead: number;
}

const NONE: Spent = { lanes: 0, inside: 0, kernels: 0, reading: 0, waiting: 0, overhead: 0 };
const CACHE = new WeakMap<Run, { readonly version: number; readonly spent: Spent }>();

/** The sums of a run so far; kept until it has news. */
export function spentOf(run: Run): Spent {
  const held = CACHE.get(run);
  if (held && held.version === run.columns.version) {
    return held.spent;
  }
  const spent = sum(run);
  CACHE.set(run, { version: run.columns.version, spent });
  return spent;
}

/** A part as a share of all that the lanes had. */
export function share(spent: Spent, seconds: number): number {
  const all = spent.lanes * spent.inside;
  return all > 0 ? seconds / all : 0;
}

function sum(run: Run): Spent {
  const { start, stop, ready, lane, task, present, end } = run.columns;
  const rows: number[] = [];
  const lanes = new Set<number>();
  let [from, to, kernels, reading] = [Infinity, 0, 0, 0];
  for (let row = 0; row < end; row++) {
    if (!present[row]) {
      continue;
    }
    rows.push(row);
    lanes.add(lane[row]);
    from = Math.min(from, start[row]);
    to = Math.max(to, stop[row]);
    kernels += stop[row] - start[row];
    if (run.layers[run.layerOf(task[row])]?.read_bytes > 0) {
      reading += stop[row] - start[row];
    }
  }
  if (!rows.length) {
    return NONE;
  }
  const begun = Float64Array.from(rows, row => start[row]).sort();
  const ended = Float64Array.from(rows, row => stop[row]).sort();
  const able = Float64Array.from(rows, row => Math.min(Math.max(ready[row], from), start[row])).sort();
  let [i, j, k, now, waiting, overhead] = [0, 0, 0, from, 0, 0];
  const n = rows.length;
  while (k < n) {
    const next = Math.min(i < n ? begun[i] : Infinity, j < n ? able[j] : Infinity, ended[k]);
    const idle = Math.max(lanes.size - (i - k), 0);
    const stuck = Math.min(idle, Math.max(j - i, 0));
    waiting += (idle - stuck) * (next - now);
    overhead += stuck * (next - now);
    now = next;
    while (j < n && able[j] <= now) {
      j += 1;
    }
    while (i < n && begun[i] <= now) {
      i += 1;
    }
    while (k < n && ended[k] <= now) {
      k += 1;
    }
  }
  return { lanes: lanes.size, inside: to - from, kernels, reading, waiting, overhead };
}
