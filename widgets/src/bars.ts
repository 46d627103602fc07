/** What a lane of the time line shows in a window of time: bars merged to pixels, and the gaps between them told apart. */

import type { LaneRows, Run } from './run';

/** A stretch of one lane. `row` is -1 where many tasks share the pixels. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly row: number;
  readonly layer: number;
  /** Seconds in which the lane ran something; less than its length only where many tasks share the pixels. */
  readonly busy: number;
}

/** A gap of one lane: "idle" had nothing ready to run, "wait" had a task ready that had not started yet. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly kind: 'idle' | 'wait';
}

/** The first of a lane's rows that stops after `time`, by binary search. */
export function firstAfter(rows: LaneRows, stop: Float64Array, time: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stop[rows[middle]] <= time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * The bars of a lane between two times, at most a few for each pixel: tasks narrower than a pixel are merged into the
 * pixel of the first. `perPixel` is seconds for each pixel.
 */
export function laneBars(run: Run, rows: LaneRows, from: number, to: number, perPixel: number): Bar[] {
  const { task, start, stop } = run.columns;
  const bars: { from: number; to: number; row: number; layer: number; busy: number }[] = [];
  let covered = -Infinity;
  for (let i = firstAfter(rows, stop, from); i < rows.length; i++) {
    const row = rows[i];
    if (start[row] >= to) {
      break;
    }
    const last = bars[bars.length - 1];
    if (stop[row] <= covered) {
      last.busy += stop[row] - start[row];
      continue; // inside the pixel that is drawn already
    }
    const layer = run.layerOf(task[row]);
    const begin = Math.max(start[row], covered);
    const busy = stop[row] - begin;
    if (last) {
      last.busy += begin - start[row]; // what lies in the pixel before
    }
    if (busy >= perPixel) {
      bars.push({ from: begin, to: stop[row], row, layer, busy });
      covered = stop[row];
    } else if (last && last.row < 0 && last.layer === layer && begin - last.to <= perPixel) {
      covered = Math.max(stop[row], last.from + perPixel);
      last.to = covered;
      last.busy += busy;
    } else {
      covered = begin + perPixel;
      bars.push({ from: begin, to: covered, row: -1, layer, busy });
    }
  }
  return bars;
}

/** The gaps of a lane that are at least `least` seconds long; `queued` is when any task was ready: see `spansOf`. */
export function laneGaps(run: Run, rows: LaneRows, queued: Float64Array, from: number, to: number, least: number): Gap[] {
  const gaps: Gap[] = [];
  const push = (a: number, b: number, kind: Gap['kind']): void => {
    if (b - a >= least && b > a) {
      gaps.push({ from: a, to: b, kind });
    }
  };
  if (!rows.length) {
    push(from, to, 'idle'); // the run did not use this lane, whatever was ready
    return gaps;
  }
  freeTimes(run, rows, from, to, least, (a, b) => {
    let at = a;
    for (let i = spanAfter(queued, a); i < queued.length && queued[i] < b; i += 2) {
      const [begin, end] = [Math.max(queued[i], at), Math.min(queued[i + 1], b)];
      push(at, begin, 'idle');
      push(begin, end, 'wait');
      at = Math.max(at, end);
    }
    push(at, b, 'idle');
  });
  return gaps;
}

/** Calls `found` for each stretch between two times in which a lane runs nothing. */
export function freeTimes(
  run: Run, rows: LaneRows, from: number, to: number, least: number, found: (from: number, to: number) => void
): void {
  const { start, stop } = run.columns;
  let i = firstAfter(rows, stop, from);
  let free = from;
  for (; i < rows.length && free < to; i++) {
    const row = rows[i];
    const until = Math.min(start[row], to);
    if (until > free && until - free >= least) {
      found(free, until);
    }
    free = Math.max(free, stop[row]);
  }
  if (to > free && to - free >= least) {
    found(free, to);
  }
}

/** The place of the first span that ends after a time. */
export function spanAfter(spans: Float64Array, time: number): number {
  let low = 0;
  let high = spans.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[2 * middle + 1] <= time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return 2 * low;
}

/** The row of a lane that runs at `time`, or -1. */
export function rowAt(run: Run, rows: LaneRows, time: number): number {
  const i = firstAfter(rows, run.columns.stop, time);
  return i < rows.length && run.columns.start[rows[i]] <= time ? rows[i] : -1;
}

/** What the lanes showed last, so that moving the time alone draws without another look at the rows. */
export class LaneCache {
  private basis = '';
  private lanes: { bars: Bar[]; gaps: Gap[] }[] = [];

  /** The bars and gaps of lane `number` between two times. */
  lane(run: Run, number: number, queued: Float64Array, from: number, to: number, perPixel: number): { bars: Bar[]; gaps: Gap[] } {
    const basis = `${run.number}/${run.columns.version}/${run.state}/${from}/${to}/${perPixel}`;
    if (basis !== this.basis) {
      this.basis = basis;
      this.lanes = [];
    }
    const rows = run.rowsByLane()[number];
    const end = Math.min(to, run.now(0));
    return (this.lanes[number] ??= {
      bars: laneBars(run, rows, from, to, perPixel),
      gaps: laneGaps(run, rows, queued, from, end, 2 * perPixel)
    });
  }
}
