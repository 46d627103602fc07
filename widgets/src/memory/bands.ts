/** The bands that a memory profile is drawn in, and the profile in words. */

import { bytes, count, seconds } from '../format';
import type { Moment, Profile } from './profile';
import type { Run } from '../run';
import type { Store } from '../store';
import { t, tn } from '../translate';
import { layerName, operationNumbers } from '../words';

/** One band of the picture: an operation, what is left of many small ones (-1), or temporaries (-2). */
export interface Band {
  readonly layer: number;
  readonly name: string;
  /** Number of its colour, or -1. */
  readonly colour: number;
  /** The series that it sums. */
  readonly series: readonly number[];
  /** The highest sum that its largest series reached by itself. */
  readonly peak: number;
}

export const MOST_BANDS = 10;
export const OTHER = -1;
export const TEMPORARIES = -2;

/** The bands of a profile, bottom to top: operations in order, small ones as one, temporaries. */
export function bandsOf(run: Run, profile: Profile): Band[] {
  const last = profile.nseries - 1;
  const held = run.layers.map((_, i) => i).filter(i => profile.peaks[i] > 0);
  const large = new Set([...held].sort((a, b) => profile.peaks[b] - profile.peaks[a]).slice(0, held.length > MOST_BANDS ? MOST_BANDS - 1 : MOST_BANDS));
  const colours = operationNumbers(run);
  const bands: Band[] = held.filter(i => large.has(i)).map(i => ({
    layer: i, name: layerName(run.layers[i]), colour: colours[i], series: [i], peak: profile.peaks[i]
  }));
  const small = held.filter(i => !large.has(i));
  if (small.length) {
    bands.push({
      layer: OTHER, name: tn('{n} smaller operation', '{n} smaller operations', small.length), colour: -1, series: small,
      peak: Math.max(...small.map(i => profile.peaks[i]))
    });
  }
  if (profile.peaks[last] > 0) {
    bands.push({ layer: TEMPORARIES, name: t('temporaries'), colour: -1, series: [last], peak: profile.peaks[last] });
  }
  return bands;
}

/** Bytes of a band at a moment. */
export function bandBytes(band: Band, moment: Moment): number {
  return band.series.reduce((sum, series) => sum + moment.parts[series], 0);
}

/** The bands that hold something at a moment, largest first: "x 150 MiB · sum 40.0 MiB". */
export function shares(bands: readonly Band[], moment: Moment): string {
  const held = bands.map(band => [band.name, bandBytes(band, moment)] as const).filter(([, size]) => size > 0);
  return held.sort((a, b) => b[1] - a[1]).map(([name, size]) => `${name} ${bytes(size)}`).join(' · ');
}

/** One line about a moment. */
export function readout(run: Run, profile: Profile, bands: readonly Band[], time: number): string {
  const moment = profile.at(time);
  const head = t('at {time}, {tasks} done', { time: seconds(time), tasks: count(moment.done, 'task') });
  if (!profile.told) {
    return t('{moment}. Who holds what is not known: this run’s {edges} edges are not on this page', {
      moment: head, edges: run.header.nedges.toLocaleString('en-US')
    });
  }
  return `${head}: ${bytes(moment.total)}${moment.total > 0 ? ` — ${shares(bands, moment)}` : ''}`;
}

/** The whole view in words. */
export function memorySentence(store: Store, profile: Profile, bands: readonly Band[]): string {
  const run = store.current;
  if (!run) {
    return '';
  }
  const { measuredPeak } = profile;
  const peak = run.ended?.peak_bytes ?? Math.max(measuredPeak.bytes, 0);
  const parts = [t('measured peak {bytes} at {time}', { bytes: bytes(peak), time: seconds(measuredPeak.time) })];
  if (run.header.forecast_peak !== null) {
    parts.push(t('forecast {bytes}', { bytes: bytes(run.header.forecast_peak) }));
  }
  parts.push(run.header.budget === null ? t('no limit') : t('limit {bytes}', { bytes: bytes(run.header.budget) }));
  if (profile.told && profile.peak.total > 0) {
    parts.push(t('at the peak: {shares}', { shares: shares(bands, profile.peak) }));
  }
  return t('{facts}. Shown: {moment}.', { facts: parts.join(', '), moment: readout(run, profile, bands, store.shownTime()) });
}
