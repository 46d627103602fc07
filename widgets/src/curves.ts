/** What grows and shrinks while a run goes on, as steps over time: how many tasks wait in the queue, how much memory is in use. */

import { linked } from './links';
import { orderOf } from './memory/order';
import type { Run } from './run';

/** From `time[i]` on there is `value[i]`; before the first there is nothing. Times are in order. */
export interface Curve {
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** Both curves of a run. */
export interface Curves {
  /** Tasks that are ready and have not started. */
  readonly queue: Curve;
  /** When the queue holds something: see `spansOf`. */
  readonly queued: Float64Array;
  /** Bytes of blocks and temporaries, as measured when tasks ended. */
  readonly memory: Curve;
}

interface Made extends Curves {
  readonly basis: string;
  readonly at: number;
  readonly cost: number;
}

const KNOWN = new WeakMap<Run, Made>();
/** While rows come in, the curves are made anew for at most this share of the time. */
const BUSY_SHARE = 10;

/** The curves of a run, as fresh as they may be; `clock` is the page's time in seconds. */
export function curvesOf(run: Run, clock: () => number): Curves {
  const basis = `${run.columns.version}/${run.state}/${run.ptr?.length ?? 0}`;
  const known = KNOWN.get(run);
  const now = clock();
  if (known && (known.basis === basis || (!run.ended && now - known.at < BUSY_SHARE * known.cost))) {
    return known;
  }
  const queue = queueOf(run);
  const made = { queue, queued: spansOf(queue), memory: memoryOf(run), basis, at: now, cost: clock() - now };
  KNOWN.set(run, made);
  return made;
}

/** When something is there: [from, to, from, to, …], in order; the last `to` is Infinity where it still is. */
export function spansOf({ time, value }: Curve): Float64Array {
  const spans: number[] = [];
  let from = -1;
  for (let i = 0; i < time.length; i++) {
    if (i + 1 < time.length && time[i + 1] === time[i]) {
      continue; // what counts is what is left after all that happens at one time
    }
    if (value[i] > 0 && from < 0) {
      from = time[i];
    } else if (value[i] <= 0 && from >= 0) {
      spans.push(from, time[i]);
      from = -1;
    }
  }
  if (from >= 0) {
    spans.push(from, Infinity);
  }
  return Float64Array.from(spans);
}

/** The value at a time. */
export function valueAt({ time, value }: Curve, at: number): number {
  const next = after(time, at);
  return next ? value[next - 1] : 0;
}

/** The highest value, and when it was reached first. */
export function peakOf({ time, value }: Curve): { readonly time: number; readonly value: number } {
  let best = -1;
  for (let i = 0; i < value.length; i++) {
    if (best < 0 || value[i] > value[best]) {
      best = i;
    }
  }
  return best < 0 ? { time: 0, value: 0 } : { time: time[best], value: value[best] };
}

/** The highest value in each of `n` equal stretches from one time to another. */
export function highest(curve: Curve, from: number, to: number, n: number): Float64Array {
  const { time, value } = curve;
  const out = new Float64Array(n);
  let next = after(time, from);
  let last = next ? value[next - 1] : 0;
  for (let i = 0; i < n; i++) {
    const end = from + ((i + 1) / n) * (to - from);
    let high = last;
    for (; next < time.length && time[next] <= end; next++) {
      last = value[next];
      high = Math.max(high, last);
    }
    out[i] = high;
  }
  return out;
}

function queueOf(run: Run): Curve {
  const { ready, start, present, end, filled } = run.columns;
  const waiting = run.ended ? [] : queuedNow(run);
  const count = 2 * filled + waiting.reduce((sum, one) => sum + (one.start === Infinity ? 1 : 2), 0);
  const times = new Float64Array(count);
  const step = new Int8Array(count);
  let i = 0;
  for (let row = 0; row < end; row++) {
    if (present[row]) {
      times[i] = ready[row];
      step[i++] = 1;
      times[i] = start[row];
      step[i++] = -1;
    }
  }
  for (const one of waiting) {
    times[i] = one.ready;
    step[i++] = 1;
    if (one.start < Infinity) {
      times[i] = one.start;
      step[i++] = -1;
    }
  }
  let now = 0;
  return steps(times, place => (now += step[place]));
}

/** Tasks without a row that are ready, or run: since the last of their inputs was made. Only where edges are known. */
function queuedNow(run: Run): { readonly ready: number; readonly start: number }[] {
  if (!linked(run)) {
    return [];
  }
  const found: { ready: number; start: number }[] = [];
  const started = new Map([...(run.status?.task ?? [])].map((task, i) => [task, run.status!.start[i]]));
  const { ptr, producer, rowOf } = run;
  const { stop } = run.columns;
  for (let task = 0; task < run.ntasks; task++) {
    if (rowOf[task] >= 0) {
      continue;
    }
    let ready = 0;
    for (let edge = ptr![task]; edge < ptr![task + 1] && ready < Infinity; edge++) {
      const row = rowOf[producer![edge]];
      ready = row < 0 ? Infinity : Math.max(ready, stop[row]);
    }
    if (ready < Infinity) {
      found.push({ ready, start: started.get(task) ?? Infinity });
    }
  }
  return found;
}

function memoryOf(run: Run): Curve {
  const { start, stop, stored, scratch, present, end, filled } = run.columns;
  const rows = new Int32Array(filled);
  for (let row = 0, i = 0; row < end; row++) {
    if (present[row]) {
      rows[i++] = row;
    }
  }
  const some = rows.filter(row => scratch[row] > 0);
  const begun = sums(some, start, scratch);
  const over = sums(some, stop, scratch);
  return steps(Float64Array.from(rows, row => stop[row]), place => {
    const row = rows[place];
    // the temporaries of what ran when it ended, its own too
    return stored[row] + (some.length ? before(begun, stop[row]) - before(over, stop[row]) : 0);
  });
}

/** What has been added up by each time. */
function sums(rows: Int32Array, times: Float64Array, sizes: Float64Array): Curve {
  let sum = 0;
  return steps(Float64Array.from(rows, row => times[row]), place => (sum += sizes[rows[place]]));
}

/** A curve that is given at places in the order of their times. */
function steps(times: Float64Array, valueOf: (place: number) => number): Curve {
  const order = orderOf(times);
  const time = new Float64Array(order.length);
  const value = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) {
    time[i] = times[order[i]];
    value[i] = valueOf(order[i]);
  }
  return { time, value };
}

/** The value just before a time. */
function before({ time, value }: Curve, at: number): number {
  let low = 0;
  let high = time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] < at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low ? value[low - 1] : 0;
}

/** The first place whose time is later. */
function after(time: Float64Array, at: number): number {
  let low = 0;
  let high = time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
