/** Bytes, seconds and counts for people. The same digits as the Python side. */

import { mark, t, tn } from './translate';

/** A size with three digits and a binary unit: "7.63 MiB". */
export function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${Math.round(size)} B` : `${digits(size)} ${units[unit]}`;
}

/** A duration with three digits: "12.3 ms". */
export function seconds(value: number): string {
  const size = Math.abs(value);
  if (size >= 3600) {
    return t('{hours} h {minutes} min', { hours: Math.floor(value / 3600), minutes: pad(Math.floor((value % 3600) / 60)) });
  }
  if (size >= 120) {
    return t('{minutes} min {seconds} s', { minutes: Math.floor(value / 60), seconds: pad(Math.floor(value % 60)) });
  }
  if (size === 0) {
    return '0 s';
  }
  if (size >= 1) {
    return `${digits(value)} s`;
  }
  if (size >= 1e-3) {
    return `${digits(value * 1e3)} ms`;
  }
  return size >= 1e-6 ? `${digits(value * 1e6)} µs` : `${digits(value * 1e9)} ns`;
}

const NOUNS = {
  task: [mark('{n} task'), mark('{n} tasks')],
  operation: [mark('{n} operation'), mark('{n} operations')],
  partition: [mark('{n} partition'), mark('{n} partitions')],
  block: [mark('{n} block'), mark('{n} blocks')],
  row: [mark('{n} row'), mark('{n} rows')],
  lane: [mark('{n} lane'), mark('{n} lanes')],
  spill: [mark('{n} spill'), mark('{n} spills')]
} as const;

/** A count with its noun: "1 task", "12,000 tasks". */
export function count(number: number, noun: keyof typeof NOUNS): string {
  const [one, many] = NOUNS[noun];
  return tn(one, many, number);
}

/** "950", "1.6k", "24k": a number where there is room for few signs. */
export function brief(number: number): string {
  if (number < 1000) {
    return String(Math.round(number));
  }
  return number < 9950 ? `${(number / 1000).toFixed(1)}k` : `${Math.round(number / 1000).toLocaleString('en-US')}k`;
}

/** Round times at which to draw marks, about `wanted` of them, between `from` and `to`. */
export function ticks(from: number, to: number, wanted: number): number[] {
  const span = to - from;
  if (!(span > 0) || wanted < 1) {
    return [];
  }
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough) ?? 10 * power;
  const marks: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
    marks.push(i * step + 0); // no minus zero
  }
  return marks;
}

function digits(value: number): string {
  const whole = String(Math.trunc(Math.abs(value))).length;
  const places = Math.max(0, 3 - whole);
  const text = value.toFixed(places);
  const scaled = value * 10 ** places;
  // exactly between two: to the even one, as Python rounds ("31.2" for 31.25)
  const tie = Number.isInteger(value * 8) && Math.abs(scaled % 1) === 0.5 && Number(text.slice(-1)) % 2 === 1;
  return tie ? (Math.trunc(scaled) / 10 ** places).toFixed(places) : text;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
