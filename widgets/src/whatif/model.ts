/** The What-if view's settings, what the kernel foretells for them, and the words and places of its small chart. */

import { bytes, count, seconds } from '../format';
import { t, tn } from '../translate';

/** A slider: chunks so many times as large, how many tasks run at once, how many bytes they may hold. */
export type Knob = 'size' | 'workers' | 'memory';
export const KNOBS: readonly Knob[] = ['size', 'workers', 'memory'];

export interface Setting {
  readonly size: number;
  readonly workers: number;
  /** Bytes; null is no limit. */
  readonly memory: number | null;
}

/** One setting, foretold. */
export interface Case {
  readonly workers: number;
  readonly memory: number | null;
  readonly ntasks: number;
  readonly block: number;
  /** null where the run would be refused. */
  readonly seconds: number | null;
  readonly peak: number;
  readonly floor: number;
  /** By what share three of four such predictions miss. */
  readonly spread: number;
}

export interface Reply {
  readonly run: number;
  readonly measured: { readonly seconds: number; readonly peak: number; readonly ntasks: number };
  readonly setting: Setting;
  readonly sizes: readonly number[];
  readonly chunks: readonly string[];
  readonly workers: readonly number[];
  readonly cores: number;
  readonly levels: readonly number[];
  readonly case: Case;
  readonly notes: readonly string[];
  readonly curve?: readonly Case[];
}

/** The values of a slider, lowest first. */
export function values(reply: Reply, knob: Knob): readonly (number | null)[] {
  return knob === 'size' ? reply.sizes : knob === 'workers' ? reply.workers : [...reply.levels, null];
}

/** The place of a setting's value on its slider: that of the nearest one where it is not there. */
export function placeOf(reply: Reply, knob: Knob, setting: Setting): number {
  const all = values(reply, knob);
  const value = setting[knob];
  if (value === null) {
    return all.length - 1;
  }
  let best = 0;
  all.forEach((one, i) => {
    if (one !== null && Math.abs(one - value) < Math.abs((all[best] ?? Infinity) - value)) {
      best = i;
    }
  });
  return best;
}

/** The setting with one slider at another place. */
export function moved(reply: Reply, setting: Setting, knob: Knob, place: number): Setting {
  const all = values(reply, knob);
  return { ...setting, [knob]: all[Math.min(Math.max(place, 0), all.length - 1)] };
}

/** What names a setting, for a cache. */
export function keyOf(setting: Setting, along: Knob | null): string {
  const { size, workers, memory } = setting;
  return [along === 'size' ? '*' : size, along === 'workers' ? '*' : workers, along === 'memory' ? '*' : memory, along].join('|');
}

export function knobName(knob: Knob): string {
  return { size: t('Chunks'), workers: t('Workers'), memory: t('Memory') }[knob];
}

/** A value of a slider in words: "½× (250 × 500)", "1× (500 × 500)", "4", "64.0 MiB". */
export function valueWords(reply: Reply, knob: Knob, value: number | null): string {
  if (knob === 'memory') {
    return value === null ? t('no limit') : bytes(value);
  }
  if (knob === 'workers' || value === null) {
    return String(value);
  }
  const chunk = reply.chunks[reply.sizes.indexOf(value)];
  return chunk ? `${tickWords(knob, value)} (${chunk})` : sizeWords(value);
}

/** "½×", "as they are", "4×" */
export function sizeWords(size: number): string {
  return size === 1 ? t('as they are') : size === 0.5 ? '½×' : size === 0.25 ? '¼×' : `${size}×`;
}

/** A tick under the chart: short. */
export function tickWords(knob: Knob, value: number | null): string {
  return knob === 'memory' ? (value === null ? '∞' : bytes(value)) : knob === 'size' ? (value === 1 ? '1×' : sizeWords(value ?? 1)) : String(value);
}

/** What is foretold, beside what was measured, in one or two sentences. */
export function sentence(reply: Reply, setting: Setting): string {
  const { case: found, measured } = reply;
  if (found.seconds === null) {
    return t('It would be refused: at least {size} are needed at once.', { size: bytes(found.peak) });
  }
  const tasks = found.ntasks === measured.ntasks ? '' : ` ${tn('It would have {n} task instead of {before}.', 'It would have {n} tasks instead of {before}.', found.ntasks, { before: measured.ntasks.toLocaleString('en-US') })}`;
  const ratio = found.seconds / measured.seconds;
  const how = Math.abs(ratio - 1) < 0.05 ? t('about the same') : ratio < 1 ? t('{n} times as fast', { n: digits(1 / ratio) }) : t('{n} times as long', { n: digits(ratio) });
  const same = keyOf(setting, null) === keyOf(reply.setting, null);
  const text = same
    ? t('As it ran: {measured}.', { measured: seconds(measured.seconds) })
    : t('Foretold: {seconds}, give or take {spread}. It took {measured}: this is {how}.', {
      seconds: seconds(found.seconds), spread: `${Math.round(100 * found.spread)}%`, measured: seconds(measured.seconds), how
    });
  return text + tasks;
}

/** The peak, beside the measured one. */
export function peakSentence(reply: Reply): string {
  return t('Peak: {peak}; it was {measured}.', { peak: bytes(reply.case.peak), measured: bytes(reply.measured.peak) });
}

/** Rows of the table: value, tasks, time, peak. */
export function tableRows(reply: Reply, knob: Knob, setting: Setting): { readonly cells: readonly string[]; readonly measured: boolean }[] {
  const all = values(reply, knob);
  return (reply.curve ?? []).map((found, i) => ({
    cells: [
      valueWords(reply, knob, all[i]), count(found.ntasks, 'task'),
      found.seconds === null ? t('refused') : `${seconds(found.seconds)}${found.spread ? ` ± ${Math.round(100 * found.spread)}%` : ''}`,
      found.seconds === null ? t('needs {size}', { size: bytes(found.peak) }) : bytes(found.peak)
    ],
    measured: keyOf({ ...setting, [knob]: all[i] }, null) === keyOf(reply.setting, null)
  }));
}

/** One row of the chart: a place for each value of the slider, and the level of each, 0 at the bottom to 1. */
export interface Row {
  readonly points: readonly { readonly level: number | null; readonly low: number; readonly high: number; readonly label: string }[];
  /** The level of what was measured. */
  readonly measured: number;
  readonly measuredLabel: string;
}

/** Time and peak of a curve, as levels of a common scale from nothing to the highest. */
export function chartRows(reply: Reply): { readonly time: Row; readonly peak: Row } {
  const curve = reply.curve ?? [];
  const high = (found: Case): number => (found.seconds ?? 0) * (1 + found.spread);
  const longest = Math.max(...curve.map(found => Math.min(high(found), 2.5 * (found.seconds ?? 0))), reply.measured.seconds, 1e-12);
  const most = Math.max(...curve.map(found => (found.seconds === null ? 0 : found.peak)), reply.measured.peak, 1);
  const level = (value: number, top: number): number => Math.min(Math.max(value / top, 0), 1);
  return {
    time: {
      points: curve.map(found => ({
        level: found.seconds === null ? null : level(found.seconds, longest), low: level((found.seconds ?? 0) * (1 - found.spread), longest),
        high: level(high(found), longest), label: found.seconds === null ? '✖' : seconds(found.seconds)
      })),
      measured: level(reply.measured.seconds, longest), measuredLabel: seconds(reply.measured.seconds)
    },
    peak: {
      points: curve.map(found => {
        const at = found.seconds === null ? null : level(found.peak, most);
        return { level: at, low: at ?? 0, high: at ?? 0, label: found.seconds === null ? '✖' : bytes(found.peak) };
      }),
      measured: level(reply.measured.peak, most), measuredLabel: bytes(reply.measured.peak)
    }
  };
}

function digits(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}
