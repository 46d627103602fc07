/** Two runs side by side: their figures, their operations matched, and the difference in words. */

import { bytes, seconds } from '../format';
import type { Run } from '../run';
import { kernelsBetween, share, spentOf } from '../spent';
import { t, tn } from '../translate';
import type { LayerInfo } from '../wire';
import { layerName } from '../words';

/** One operation in both runs; -1 where a run has none like it. */
export interface Match {
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly secondsA: number;
  readonly secondsB: number;
  readonly tasksA: number;
  readonly tasksB: number;
}

/** A figure of both runs; `lower` says that less is better. */
export interface Figure {
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly words: (value: number) => string;
}

export interface Difference {
  readonly a: Run;
  readonly b: Run;
  readonly figures: readonly Figure[];
  /** The operations, those whose kernel time differs most first. */
  readonly matches: readonly Match[];
  readonly sentences: readonly string[];
}

/** Differences below this share are none. */
const ALIKE = 0.05;

/** Run `b` beside run `a`. Both as far as their rows are here. */
export function differenceOf(a: Run, b: Run): Difference {
  const matches = matched(a, b);
  return { a, b, figures: figures(a, b), matches, sentences: sentences(a, b, matches) };
}

/** Seconds that a run took, or has taken so far. */
export function wall(run: Run): number {
  return run.ended?.seconds ?? Math.max(run.status?.now ?? 0, run.columns.lastStop);
}

function figures(a: Run, b: Run): Figure[] {
  const [one, two] = [spentOf(a), spentOf(b)];
  const number = (value: number): string => value.toLocaleString('en-US');
  return [
    { name: t('Took'), a: wall(a), b: wall(b), words: seconds },
    { name: t('In kernels'), a: one.kernels, b: two.kernels, words: seconds },
    { name: t('Waiting for inputs'), a: one.waiting, b: two.waiting, words: seconds },
    { name: t('Handing over'), a: one.overhead, b: two.overhead, words: seconds },
    ...(one.held || two.held ? [{ name: t('Held back for memory'), a: one.held, b: two.held, words: seconds }] : []),
    { name: t('Peak memory'), a: peak(a), b: peak(b), words: bytes },
    { name: t('Tasks'), a: a.ntasks, b: b.ntasks, words: number },
    { name: t('Lanes'), a: one.lanes, b: two.lanes, words: number }
  ];
}

function peak(run: Run): number {
  if (run.ended) {
    return run.ended.peak_bytes;
  }
  const { stored, present, end } = run.columns;
  let most = 0;
  for (let row = 0; row < end; row++) {
    most = present[row] ? Math.max(most, stored[row]) : most;
  }
  return most;
}

/** The operations of both runs, matched by their token, else by name and line, else by name and turn. */
export function matched(a: Run, b: Run): Match[] {
  const [busyA, busyB] = [kernelsBetween(a, 0, wall(a)), kernelsBetween(b, 0, wall(b))];
  const free = new Set(b.layers.keys());
  const other: number[] = a.layers.map(() => -1);
  const ways: ((layer: LayerInfo) => string)[] = [
    layer => layer.token, layer => (layer.origin ? `${layerName(layer)}|${layer.origin.text}` : ''), layerName
  ];
  for (const way of ways) {
    const waiting = new Map<string, number[]>();
    for (const i of free) {
      const key = way(b.layers[i]);
      waiting.set(key, [...(waiting.get(key) ?? []), i]);
    }
    a.layers.forEach((layer, i) => {
      const key = way(layer);
      const found = other[i] < 0 && key ? waiting.get(key)?.shift() : undefined;
      if (found !== undefined) {
        other[i] = found;
        free.delete(found);
      }
    });
  }
  const found = a.layers.map((layer, i) => match(a, b, busyA, busyB, i, other[i], layerName(layer)));
  for (const i of free) {
    found.push(match(a, b, busyA, busyB, -1, i, layerName(b.layers[i])));
  }
  return found.sort((x, y) => Math.abs(y.secondsB - y.secondsA) - Math.abs(x.secondsB - x.secondsA));
}

function match(a: Run, b: Run, busyA: Float64Array, busyB: Float64Array, i: number, j: number, name: string): Match {
  return {
    name, a: i, b: j, secondsA: i < 0 ? 0 : busyA[i], secondsB: j < 0 ? 0 : busyB[j], tasksA: i < 0 ? 0 : a.layers[i].ntasks,
    tasksB: j < 0 ? 0 : b.layers[j].ntasks
  };
}

function sentences(a: Run, b: Run, matches: readonly Match[]): string[] {
  const [wallA, wallB] = [wall(a), wall(b)];
  const names = { a: a.number, b: b.number };
  const took = t('{b} instead of {a}', { a: seconds(wallA), b: seconds(wallB) });
  const found: string[] = [];
  if (!wallA || !wallB || Math.abs(wallB / wallA - 1) < ALIKE) {
    found.push(t('Run {b} took about as long as run {a}: {took}.', { ...names, took }));
  } else if (wallB < wallA) {
    found.push(t('Run {b} was {n} times as fast as run {a}: {took}.', { ...names, n: digits(wallA / wallB), took }));
  } else {
    found.push(t('Run {b} took {n} times as long as run {a}: {took}.', { ...names, n: digits(wallB / wallA), took }));
  }
  found.push(...causes(a, b, wallB - wallA), ...byOperation(matches), ...settings(a, b), ...memory(a, b));
  return found;
}

/** Where the difference comes from: seconds of kernels, waiting and handing over, for each lane. */
function causes(a: Run, b: Run, difference: number): string[] {
  const [one, two] = [spentOf(a), spentOf(b)];
  if (!one.lanes || !two.lanes || Math.abs(difference) < ALIKE * wall(a)) {
    return [];
  }
  const parts = ([
    [t('in kernels'), two.kernels / two.lanes - one.kernels / one.lanes],
    [t('waiting for inputs'), two.waiting / two.lanes - one.waiting / one.lanes],
    [t('handing tasks over'), two.overhead / two.lanes - one.overhead / one.lanes],
    [t('held back for memory'), two.held / two.lanes - one.held / one.lanes]
  ] as const).filter(([, part]) => Math.abs(part) > 0.1 * Math.abs(difference));
  const words = [...parts].sort((x, y) => Math.abs(y[1]) - Math.abs(x[1])).map(([name, part]) => (
    part < 0 ? t('{time} less {where}', { time: seconds(-part), where: name }) : t('{time} more {where}', { time: seconds(part), where: name })
  ));
  return words.length ? [t('Each lane spent {parts}.', { parts: words.join(', ') })] : [];
}

function byOperation(matches: readonly Match[]): string[] {
  const total = matches.reduce((sum, one) => sum + Math.max(one.secondsA, one.secondsB), 0);
  const first = matches[0];
  if (!first || Math.abs(first.secondsB - first.secondsA) < ALIKE * total) {
    return [];
  }
  const { name, secondsA, secondsB } = first;
  if (first.a < 0 || first.b < 0) {
    return [first.a < 0 ? t('`{name}` is new: {time} in kernels.', { name, time: seconds(secondsB) }) : t('`{name}` is gone: it had {time} in kernels.', { name, time: seconds(secondsA) })];
  }
  return [t('`{name}` differs most: {b} in kernels instead of {a}.', { name, a: seconds(secondsA), b: seconds(secondsB) })];
}

/** What was set otherwise: lanes, chunks. */
function settings(a: Run, b: Run): string[] {
  const found: string[] = [];
  const [one, two] = [spentOf(a), spentOf(b)];
  if (one.lanes !== two.lanes && one.lanes && two.lanes) {
    found.push(t('It had {b} instead of {a}.', { b: tn('{n} lane', '{n} lanes', two.lanes), a: one.lanes }));
  }
  if (a.header.executor !== b.header.executor) {
    found.push(t('It ran on {b} instead of {a}.', { a: a.header.executor, b: b.header.executor }));
  }
  if (a.ntasks !== b.ntasks) {
    found.push(t('It had {b} instead of {a}.', { b: tn('{n} task', '{n} tasks', b.ntasks), a: a.ntasks.toLocaleString('en-US') }));
  }
  return found;
}

function memory(a: Run, b: Run): string[] {
  const [one, two] = [peak(a), peak(b)];
  if (!one || !two || Math.abs(two / one - 1) < ALIKE) {
    return [];
  }
  return [t('Its peak of memory was {b} instead of {a}.', { a: bytes(one), b: bytes(two) })];
}

function digits(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}

/** The lanes' kernels as a share of their time: how well a run was spread. */
export function busyShare(run: Run): number {
  const spent = spentOf(run);
  return share(spent, spent.kernels);
}

/** The run to ask for where the page holds no other one: the one before, else the one after; null where there is none. */
export function usualNumber(run: number, listed: readonly { readonly run: number }[]): number | null {
  const numbers = listed.map(one => one.run).filter(number => number !== run);
  const earlier = numbers.filter(number => number < run);
  return earlier.length ? Math.max(...earlier) : numbers.length ? Math.min(...numbers) : null;
}

/** The run that is compared with where nobody chose one: the latest before `run` with most of its operations. */
export function usualOther(run: Run, others: readonly Run[]): Run | null {
  const names = new Set(run.layers.map(layerName));
  let best: Run | null = null;
  let most = 0;
  for (const other of others) {
    if (other === run) {
      continue;
    }
    const alike = other.layers.filter(layer => names.has(layerName(layer))).length / Math.max(other.layers.length, run.layers.length, 1);
    const score = alike + (other.number < run.number ? 0.01 : 0) + 1e-6 * (other.number < run.number ? other.number : -other.number);
    if (best === null || score > most) {
      best = other;
      most = score;
    }
  }
  return best;
}
