/** Where everything of the memory picture lies: the two axes, and the bands sampled to the pixels of the width. */

import { bytes, count, seconds, ticks } from '../format';
import type { Run } from '../run';
import type { Window } from '../store';
import type { Band } from './bands';
import { forecastAt } from './profile';
import type { Axis, Profile, Sampled } from './profile';
import type { Held } from './source';

/** Room to the left: as wide as the time line's, so that the same time stands in the same place. */
export const GUTTER = 64;
const RIGHT = 4;
const TOP = 6;
const BOTTOM = 18;
/** Room for the words above the highest line. */
const HEAD = 18;
/** A limit or a forecast this many times above the peak is told, not drawn: the picture would be flat. */
const FAR = 3;

export interface Plot {
  readonly run: Run;
  readonly profile: Profile;
  readonly bands: readonly Band[];
  readonly axis: Axis;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Where the axis begins and ends, in seconds or tasks. */
  readonly begin: number;
  readonly end: number;
  /** The bytes at the top. */
  readonly most: number;
  readonly sampled: Sampled;
  /** Measured bytes of each pixel, -1 where no task ended. */
  readonly measured: Float64Array;
  /** The plan's bytes of each pixel; empty where nothing was foretold. */
  readonly forecast: Float64Array;
  /** Marks along the bottom: share of the width, and text. */
  readonly marks: readonly (readonly [number, string])[];
  /** Marks along the side: bytes, and text. */
  readonly levels: readonly (readonly [number, string])[];
  y(size: number): number;
  timeAt(share: number): number;
  shareOf(time: number): number;
  /** The share of the axis at a place of the stage, or null beside it. */
  shareAt(x: number): number | null;
}

const BUSY_SHARE = 10;

/** Makes plots, and keeps the last one: moving the time alone needs no other, and a run that goes on not at every frame. */
export class Plots {
  private key = '';
  private now = -1;
  private profile: Profile | null = null;
  private plot: Plot | null = null;
  private made = -Infinity;
  private cost = 0;

  constructor(private readonly clock: () => number) {}

  get(run: Run, held: Held, axis: Axis, now: number, width: number, height: number, window: Window | null = null): Plot {
    const key = [run.number, run.state, axis, width, height, run.header.budget, window?.from, window?.to].join();
    const clock = this.clock();
    const fresh = held.profile === this.profile && (now === this.now || clock - this.made < BUSY_SHARE * this.cost);
    if (!this.plot || key !== this.key || !fresh) {
      this.plot = makePlot(run, held, axis, now, width, height, window);
      this.key = key;
      this.now = now;
      this.profile = held.profile;
      this.made = clock;
      this.cost = this.clock() - clock;
    }
    return this.plot;
  }
}

/** The plot of a run, or of a stretch of its time, on a stage of this size. */
export function makePlot(
  run: Run, held: Held, axis: Axis, now: number, width: number, height: number, window: Window | null = null
): Plot {
  const { profile, bands } = held;
  const [wide, tall] = [Math.max(1, Math.floor(width - GUTTER - RIGHT)), Math.max(1, height - TOP - BOTTOM)];
  const placeOf = (time: number): number => (axis === 'time' ? time : profile.doneAt(time));
  const begin = window ? placeOf(window.from) : 0;
  const end = Math.max(window ? placeOf(window.to) : axis === 'time' ? now : run.ntasks, begin + (axis === 'time' ? 1e-9 : 1));
  const span = end - begin;
  const groups = new Int32Array(profile.nseries);
  bands.forEach((band, number) => band.series.forEach(series => {
    groups[series] = number;
  }));
  const measured = profile.sampleMeasured(axis, end, wide, begin);
  const forecast = foretold(run, profile, axis, begin, end, wide);
  const peak = Math.max(profile.measuredPeak.bytes, profile.peak.total, run.ended?.peak_bytes ?? 0, 1);
  const near = (size: number | null): number => (size !== null && size <= FAR * peak ? size : 0);
  const seen = profile.peak.total > 0 || profile.measuredPeak.bytes > 0;
  const most = Math.max(
    peak, seen ? near(highest(forecast)) : highest(forecast), near(run.header.forecast_peak), near(run.header.budget)
  ) * (1 + HEAD / tall);
  const timeAt = (share: number): number => (axis === 'time' ? begin + share * span : profile.timeOf(Math.round(begin + share * span)));
  return {
    run, profile, bands, axis, left: GUTTER, top: TOP, width: wide, height: tall, begin, end, most, measured, forecast,
    sampled: profile.sample(axis, end, wide, groups, Math.max(bands.length, 1), begin),
    marks: ticks(begin, end, wide / 90).map(at => [(at - begin) / span, axis === 'time' ? seconds(at) : count(at, 'task')] as const),
    levels: levels(most, tall).map(size => [size, bytes(size)] as const),
    y: size => TOP + tall * (1 - size / most),
    timeAt,
    shareOf: time => Math.min(1, Math.max(0, (placeOf(time) - begin) / span)),
    shareAt: x => (x < GUTTER || x > GUTTER + wide ? null : (x - GUTTER) / wide)
  };
}

/** The band at a place of the stage, or null. */
export function bandAt(plot: Plot, x: number, y: number): Band | null {
  const share = plot.shareAt(x);
  if (share === null || !plot.profile.told) {
    return null;
  }
  const pixel = Math.min(plot.width - 1, Math.floor(share * plot.width));
  const size = plot.most * (1 - (y - plot.top) / plot.height);
  let base = 0;
  for (let g = 0; g < plot.bands.length; g++) {
    base += plot.sampled.parts[pixel * plot.sampled.ngroups + g];
    if (size >= 0 && size < base) {
      return plot.bands[g];
    }
  }
  return null;
}

/** The plan's bytes for each pixel: over time, after as many tasks as had finished then. */
function foretold(run: Run, profile: Profile, axis: Axis, begin: number, end: number, n: number): Float64Array {
  const curve = run.header.forecast;
  if (!curve.length || !run.ntasks) {
    return new Float64Array(0);
  }
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const [from, to] = [begin + (i / n) * (end - begin), begin + ((i + 1) / n) * (end - begin)];
    const [first, last] = axis === 'time' ? [profile.doneAt(from), profile.doneAt(to)] : [from, to];
    out[i] = forecastAt(curve, first / run.ntasks, Math.min(last, run.ntasks) / run.ntasks);
  }
  return out;
}

function highest(values: Float64Array): number {
  return values.reduce((high, value) => Math.max(high, value), 0);
}

/** Round sizes up to `most`, powers of two of bytes, far enough apart to be read. */
function levels(most: number, height: number): number[] {
  const wanted = Math.max(1, Math.min(4, Math.floor(height / 28)));
  let step = 2 ** Math.ceil(Math.log2(Math.max(most / wanted, 1)));
  if (step > most) {
    step /= 2;
  }
  const found: number[] = [];
  for (let size = step; size <= most; size += step) {
    found.push(size);
  }
  return found;
}
