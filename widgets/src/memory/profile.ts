/**
 * Who holds a run's memory at every moment: the blocks of each operation, and the temporaries of what runs.
 *
 * Blocks come with their task's stop and go with the stop of their last user, results when they are handed to the caller;
 * temporaries are there while their task runs. What the kernel measured (the `stored` of each row, and temporaries) is kept beside it, untouched.
 */

import type { Run } from '../run';
import { orderOf } from './order';

/** What a moment's place is counted in: seconds, or tasks that have finished. */
export type Axis = 'time' | 'tasks';

/** One moment: its place on both axes, and who holds how much. */
export interface Moment {
  readonly time: number;
  readonly done: number;
  readonly total: number;
  /** By operation; the last entry is temporaries. */
  readonly parts: Float64Array;
}

/** The highest moment in each of some equal stretches of an axis. */
export interface Sampled {
  readonly total: Float64Array;
  /** Bytes of group `g` in stretch `i` at `i * ngroups + g`. */
  readonly parts: Float64Array;
  readonly ngroups: number;
}

/** Events between two moments that are kept: looking one up starts at the one before. */
const STRIDE = 2048;

export class Profile {
  /** Whether the page knows which operation holds what; without the run's edges only the measured sum. */
  readonly told: boolean;
  /** The number of series: one for each operation, then temporaries. */
  readonly nseries: number;
  /** The highest sum of what is told. */
  readonly peak: Moment;
  /** The highest of each series by itself. */
  readonly peaks: Float64Array;
  /** What the kernel measured when a row's task stopped: by time, in order. */
  readonly measuredTime: Float64Array;
  readonly measured: Float64Array;
  /** The highest measured use, and when; -1 where there is none. */
  readonly measuredPeak: { readonly time: number; readonly done: number; readonly bytes: number };
  private readonly time: Float64Array;
  private readonly series: Int32Array;
  private readonly change: Float64Array;
  private readonly done: Int32Array;
  /** Who held what before every STRIDE-th event. */
  private readonly kept: Float64Array;

  constructor(run: Run) {
    this.told = run.ptr !== null;
    this.nseries = run.layers.length + 1;
    const events = sorted(run, this.told);
    this.time = events.time;
    this.series = events.series;
    this.change = events.change;
    this.done = new Int32Array(this.time.length);
    this.peaks = new Float64Array(this.nseries);
    const stops = run.columns.filled;
    this.measured = new Float64Array(stops);
    this.measuredTime = new Float64Array(stops);
    this.kept = new Float64Array((Math.floor(this.time.length / STRIDE) + 1) * this.nseries);
    const parts = new Float64Array(this.nseries);
    let [total, done, best, top] = [0, 0, -1, -1];
    let peak: Moment = { time: 0, done: 0, total: 0, parts };
    let measuredPeak = { time: 0, done: 0, bytes: -1 };
    for (let e = 0; e < this.time.length; e++) {
      if (e % STRIDE === 0) {
        this.kept.set(parts, (e / STRIDE) * this.nseries);
      }
      const s = this.series[e];
      parts[s] += this.change[e];
      total += this.change[e];
      if (events.row[e] >= 0) {
        this.measuredTime[done] = this.time[e];
        this.measured[done] = run.columns.stored[events.row[e]] + parts[this.nseries - 1];
        if (this.measured[done] > top) {
          top = this.measured[done];
          measuredPeak = { time: this.time[e], done: done + 1, bytes: top };
        }
        done += 1;
      }
      this.done[e] = done;
      this.peaks[s] = Math.max(this.peaks[s], parts[s]);
      if (total > best) {
        best = total;
        peak = { time: this.time[e], done, total, parts };
      }
    }
    this.peak = best < 0 ? { ...peak, parts: new Float64Array(this.nseries) } : this.at(peak.time, peak.total);
    this.measuredPeak = measuredPeak;
  }

  /** Who holds what at a time, after all that happened then; with `until`, as soon as the sum is that high. */
  at(time: number, until = Infinity): Moment {
    let stride = 0;
    for (let high = Math.floor((this.time.length - 1) / STRIDE); stride < high;) {
      const middle = (stride + high + 1) >> 1; // the last kept moment before the time
      if (this.time[middle * STRIDE] < time) {
        stride = middle;
      } else {
        high = middle - 1;
      }
    }
    const parts = this.kept.slice(stride * this.nseries, (stride + 1) * this.nseries);
    let total = parts.reduce((sum, size) => sum + size, 0);
    let done = stride ? this.done[stride * STRIDE - 1] : 0;
    for (let e = stride * STRIDE; e < this.time.length && this.time[e] <= time; e++) {
      parts[this.series[e]] += this.change[e];
      total += this.change[e];
      done = this.done[e];
      if (total >= until && this.time[e] === time) {
        break;
      }
    }
    return { time, done, total, parts };
  }

  /** Tasks that have finished at a time. */
  doneAt(time: number): number {
    let low = 0;
    let high = this.measuredTime.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.measuredTime[middle] <= time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** When so many tasks had finished. */
  timeOf(done: number): number {
    return done <= 0 ? 0 : (this.measuredTime[Math.min(Math.floor(done), this.measuredTime.length) - 1] ?? 0);
  }

  /** The highest moment of each of `n` stretches of an axis from `from` to `end`, with the series put together in groups. */
  sample(axis: Axis, end: number, n: number, groups: Int32Array, ngroups: number, from = 0): Sampled {
    const total = new Float64Array(n);
    const parts = new Float64Array(n * ngroups);
    const now = new Float64Array(ngroups);
    let [sum, at] = [0, -1];
    const keep = (): void => {
      total[at] = sum;
      parts.set(now, at * ngroups);
    };
    for (let e = 0; e < this.time.length; e++) {
      const place = axis === 'time' ? this.time[e] : this.done[e];
      if (place > end) {
        break;
      }
      const pixel = place < from ? -1 : Math.min(n - 1, Math.floor(((place - from) / (end - from)) * n));
      while (at < pixel) {
        at += 1;
        keep(); // what is carried over from the stretch before
      }
      now[groups[this.series[e]]] += this.change[e];
      sum += this.change[e];
      if (at >= 0 && sum > total[at]) {
        keep();
      }
    }
    while (at < n - 1) {
      at += 1;
      keep();
    }
    return { total, parts, ngroups };
  }

  /** The highest measured use in each of `n` stretches of an axis from `from` to `end`; -1 where no task ended. */
  sampleMeasured(axis: Axis, end: number, n: number, from = 0): Float64Array {
    const out = new Float64Array(n).fill(-1);
    for (let i = 0; i < this.measured.length; i++) {
      const place = axis === 'time' ? this.measuredTime[i] : i + 1;
      if (place >= from && place <= end) {
        const pixel = Math.min(n - 1, Math.floor(((place - from) / (end - from)) * n));
        out[pixel] = Math.max(out[pixel], this.measured[i]);
      }
    }
    return out;
  }
}

interface Events {
  readonly time: Float64Array;
  readonly series: Int32Array;
  readonly change: Float64Array;
  /** The row whose task stopped, or -1. */
  readonly row: Int32Array;
}

/** Everything that changes the memory, by time. Linear. */
function sorted(run: Run, told: boolean): Events {
  const { task, start, stop, bytes_out, scratch, present, end } = run.columns;
  const temporaries = run.layers.length;
  const running = begun(run);
  const most = 4 * run.columns.filled + running.length;
  const [time, change] = [new Float64Array(most), new Float64Array(most)];
  const [series, rows] = [new Int32Array(most), new Int32Array(most).fill(-1)];
  let count = 0;
  const put = (at: number, owner: number, bytes: number): void => {
    time[count] = at;
    series[count] = owner;
    change[count] = bytes;
    count += 1;
  };
  // What happens at the same time happens in this order: a block is there before what it was made of goes, and what
  // starts then starts after. So the sums are those of the kernel's log.
  for (let row = 0; row < end; row++) {
    if (present[row]) {
      rows[count] = row;
      put(stop[row], run.layerOf(task[row]), told ? bytes_out[row] : 0);
    }
  }
  for (let row = 0; row < end; row++) {
    if (present[row] && scratch[row]) {
      put(stop[row], temporaries, -scratch[row]);
    }
  }
  for (let row = 0; told && row < end; row++) {
    const left = present[row] ? run.leftAt(row) : Infinity;
    if (left < Infinity) {
      put(left, run.layerOf(task[row]), -bytes_out[row]);
    }
  }
  for (let row = 0; row < end; row++) {
    if (present[row] && scratch[row]) {
      put(start[row], temporaries, scratch[row]);
    }
  }
  running.forEach(({ at, bytes }) => put(at, temporaries, bytes));
  const order = orderOf(time.subarray(0, count));
  const sortedEvents = { time: new Float64Array(count), series: new Int32Array(count), change: new Float64Array(count), row: new Int32Array(count) };
  for (let e = 0; e < count; e++) {
    const place = order[e];
    sortedEvents.time[e] = time[place];
    sortedEvents.series[e] = series[place];
    sortedEvents.change[e] = change[place];
    sortedEvents.row[e] = rows[place];
  }
  return sortedEvents;
}

/** The tasks that run right now, with the temporaries that their operations declare. */
function begun(run: Run): { readonly at: number; readonly bytes: number }[] {
  const status = run.ended ? null : run.status;
  const found: { at: number; bytes: number }[] = [];
  status?.task.forEach((task, i) => {
    const bytes = run.rowOf[task] < 0 ? run.layers[run.layerOf(task)].scratch : 0;
    if (bytes > 0) {
      found.push({ at: status.start[i], bytes });
    }
  });
  return found;
}

/** The plan's bytes between two shares (0 to 1) of the tasks: the highest, so that no peak is lost. */
export function forecastAt(curve: Float64Array, from: number, to: number): number {
  const last = curve.length - 1;
  const first = Math.max(0, Math.min(last, Math.floor(from * curve.length)));
  const until = Math.max(first, Math.min(last, Math.floor(to * curve.length)));
  let high = 0;
  for (let i = first; i <= until; i++) {
    high = Math.max(high, curve[i]);
  }
  return high;
}
