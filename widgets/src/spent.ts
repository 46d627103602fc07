/**
 * Where the seconds of a run's lanes went: one definition for every view, and the same sums as the engine's
 * (`chunkscope.observe.facts`). Shares are of the lanes that took part, from the start of the run to its end.
 */

import { orderOf } from './memory/order';
import type { Run } from './run';

/** Lane seconds between two moments; they add up to those of all lanes that took part. */
export interface Spent {
  readonly from: number;
  readonly to: number;
  /** Lanes that took part: those that ran a task. */
  readonly lanes: number;
  /** A task ran, reading or not. */
  readonly kernels: number;
  /** The part of `kernels` of operations that read files or the user's own arrays. */
  readonly reading: number;
  /** No task was ready: inputs were still being made. */
  readonly waiting: number;
  /** Tasks were ready, and stood still for longer than it takes to hand one over: a limit of memory. */
  readonly held: number;
  /** Tasks were ready: taken from the queue, handed over, booked. */
  readonly overhead: number;
  /** Before the first task began, and after the last one ended. */
  readonly outside: number;
}

/** What happened in order: a stretch of time for each two events. */
interface Stretches {
  readonly version: number;
  readonly at: number;
  readonly cost: number;
  readonly lanes: number;
  readonly begin: number;
  readonly end: number;
  readonly time: Float64Array;
  /** Lanes that ran nothing, and how many of them a ready task could have had. */
  readonly idle: Int32Array;
  readonly stuck: Int32Array;
  readonly held: Uint8Array;
}

/** A lane that stands still this long beside ready tasks was held back, not slow to take one; or this many usual gaps. */
const HOLD_SECONDS = 1e-3;
const HOLD_GAPS = 10;
/** A run that came this near to its foretold peak was paced by it. */
const NEAR_PEAK = 0.7;
/** While rows come in, the stretches are made anew for at most this share of the time. */
const BUSY_SHARE = 10;

const STRETCHES = new WeakMap<Run, Stretches>();
const WHOLE = new WeakMap<Run, { readonly of: Stretches; readonly spent: Spent }>();

/** The sums of a whole run so far; kept until it has news. */
export function spentOf(run: Run): Spent {
  const of = stretchesOf(run);
  const kept = WHOLE.get(run);
  const to = run.now(0);
  if (kept && kept.of === of && kept.spent.to === to) {
    return kept.spent;
  }
  const spent = spentBetween(run, 0, to);
  WHOLE.set(run, { of, spent });
  return spent;
}

/** The sums between two moments. */
export function spentBetween(run: Run, from: number, to: number): Spent {
  const { lanes, begin, end, time, idle, stuck, held } = stretchesOf(run);
  let [waiting, over, back] = [0, 0, 0];
  for (let i = 0; i + 1 < time.length; i++) {
    const length = Math.min(time[i + 1], to) - Math.max(time[i], from);
    if (length > 0) {
      waiting += (idle[i] - stuck[i]) * length;
      over += held[i] ? 0 : stuck[i] * length;
      back += held[i] ? stuck[i] * length : 0;
    }
  }
  const busy = kernelsBetween(run, from, to);
  const reading = busy.reduce((sum, one, layer) => sum + (run.layers[layer].read_bytes > 0 ? one : 0), 0);
  const outside = lanes * (Math.max(Math.min(to, begin) - from, 0) + Math.max(to - Math.max(from, end), 0));
  return { from, to, lanes, kernels: busy.reduce((sum, one) => sum + one, 0), reading, waiting, held: back, overhead: over, outside };
}

/** A part as a share of all that the lanes had. */
export function share(spent: Pick<Spent, 'lanes' | 'from' | 'to'>, part: number): number {
  const all = spent.lanes * (spent.to - spent.from);
  return all > 0 ? part / all : 0;
}

/** Kernel seconds of each operation between two moments, with those of tasks that run now. */
export function kernelsBetween(run: Run, from: number, to: number): Float64Array {
  const { task, start, stop, present, end } = run.columns;
  const busy = new Float64Array(run.layers.length);
  for (let row = 0; row < end; row++) {
    if (present[row]) {
      busy[run.layerOf(task[row])] += Math.max(Math.min(stop[row], to) - Math.max(start[row], from), 0);
    }
  }
  for (const one of runningNow(run)) {
    busy[run.layerOf(one.task)] += Math.max(to - Math.max(one.start, from), 0);
  }
  return busy;
}

/** The tasks that run now and have no row yet. */
function runningNow(run: Run): { readonly task: number; readonly lane: number; readonly start: number }[] {
  const status = run.ended ? null : run.status;
  return status ? [...status.task].map((task, i) => ({ task, lane: status.lane[i], start: status.start[i] }))
    .filter(one => run.rowOf[one.task] < 0) : [];
}

function stretchesOf(run: Run): Stretches {
  const known = STRETCHES.get(run);
  const version = run.ended ? run.columns.version : run.columns.version + (run.status?.now ?? 0) / 1e9;
  const now = performance.now();
  if (known && (known.version === version || (!run.ended && now - known.at < BUSY_SHARE * known.cost))) {
    return known;
  }
  const made = { ...stretch(run), version, at: now, cost: performance.now() - now };
  STRETCHES.set(run, made);
  return made;
}

function stretch(run: Run): Omit<Stretches, 'version' | 'at' | 'cost'> {
  const { start, stop, ready, lane, present, end } = run.columns;
  const running = runningNow(run);
  const until = run.now(0);
  const rows: number[] = [];
  const lanes = new Set(running.map(one => one.lane));
  let [begin, last] = [Math.min(...running.map(one => one.start), Infinity), running.length ? until : 0];
  for (let row = 0; row < end; row++) {
    if (present[row]) {
      rows.push(row);
      lanes.add(lane[row]);
      begin = Math.min(begin, start[row]);
      last = Math.max(last, stop[row]);
    }
  }
  const n = rows.length + running.length;
  const events = new Float64Array(3 * n); // all that gets ready, then all that starts, then all that ends
  rows.forEach((row, i) => {
    events[i] = Math.min(Math.max(ready[row], begin), start[row]);
    events[n + i] = start[row];
    events[2 * n + i] = stop[row];
  });
  running.forEach((one, i) => {
    events[rows.length + i] = events[n + rows.length + i] = one.start;
    events[2 * n + rows.length + i] = until;
  });
  const order = orderOf(events);
  const time = Float64Array.from(order, place => events[place]);
  const idle = new Int32Array(order.length);
  const stuck = new Int32Array(order.length);
  let [able, busy] = [0, 0];
  order.forEach((place, i) => {
    able += place < n ? 1 : place < 2 * n ? -1 : 0;
    busy += place < n ? 0 : place < 2 * n ? 1 : -1;
    idle[i] = Math.max(lanes.size - busy, 0);
    stuck[i] = Math.min(idle[i], Math.max(able, 0));
  });
  const held = paced(run) ? heldBack(time, stuck, i => order[i] >= n && order[i] < 2 * n, Math.max(HOLD_SECONDS, HOLD_GAPS * usualGap(run)))
    : new Uint8Array(order.length);
  return { lanes: lanes.size, begin: n ? begin : until, end: n ? last : until, time, idle, stuck, held };
}

/** Whether tasks of a run could be held back by its memory. */
function paced(run: Run): boolean {
  const { budget, forecast_peak } = run.header;
  const { stored, present, end } = run.columns;
  let peak = run.ended?.peak_bytes ?? 0;
  for (let row = 0; row < end && !run.ended; row++) {
    peak = present[row] ? Math.max(peak, stored[row]) : peak;
  }
  return budget !== null || (forecast_peak !== null && peak >= NEAR_PEAK * forecast_peak);
}

/** The stretches during which ready tasks stood still for long, few being started meanwhile. */
function heldBack(time: Float64Array, stuck: Int32Array, starts: (i: number) => boolean, shortest: number): Uint8Array {
  const held = new Uint8Array(time.length);
  const some = (i: number): boolean => i + 1 < time.length && stuck[i] > 0 && time[i + 1] > time[i];
  for (let first = 0; first < time.length; first++) {
    let [next, begun, lasted] = [first, 0, 0];
    for (; some(next); next++) {
      begun += starts(next) ? 1 : 0;
      lasted += time[next + 1] - time[next];
    }
    if (next > first && lasted >= shortest * (begun + 1)) {
      held.fill(1, first, next);
    }
    first = Math.max(first, next);
  }
  return held;
}

/** The usual time between two tasks of a lane, where the next was ready before the last had ended. */
function usualGap(run: Run): number {
  const { start, stop, ready } = run.columns;
  const gaps = run.rowsByLane().flatMap(rows => {
    const found: number[] = [];
    for (let i = 1; i < rows.length; i++) {
      if (ready[rows[i]] <= stop[rows[i - 1]]) {
        found.push(start[rows[i]] - stop[rows[i - 1]]);
      }
    }
    return found;
  }).sort((a, b) => a - b);
  const middle = gaps.length >> 1;
  return gaps.length ? Math.max(gaps.length % 2 ? gaps[middle] : (gaps[middle - 1] + gaps[middle]) / 2, 0) : 0;
}
