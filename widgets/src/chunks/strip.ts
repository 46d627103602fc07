/** The partitions of a frame as bars beside each other, wrapped like text, as wide as they have rows. */

import { t } from '../translate';
import type { FrameInfo } from '../wire';

/** Where the bars lie, in CSS pixels. */
export interface Strip {
  /** Left and right edge of each bar. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** The line of each bar; lines are in order. */
  readonly line: Int32Array;
  readonly lines: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  /** Distance of the lines, and the height of a bar. */
  readonly pitch: number;
  readonly tall: number;
}

const TALLEST = 26;
const LOWEST = 5;
const GAP = 2;
/** A bar of the median number of rows is at least as wide, as long as there is room for more lines. */
const WIDE = 8;
/** Every bar can be seen: this wide at least, or half its even share. */
const NARROWEST = 1.5;

/** The bars of `n` partitions in a box. Without `rows`, all are equally wide. */
export function stripOf(
  n: number, rows: readonly number[], left: number, top: number, width: number, height: number
): Strip {
  const weights = rows.length === n && rows.some(count => count > 0) ? rows : new Array<number>(n).fill(1);
  const total = weights.reduce((sum, count) => sum + count, 0);
  const largest = weights.reduce((most, count) => Math.max(most, count), 0);
  const median = [...weights].sort((a, b) => a - b)[n >> 1];
  const most = Math.max(1, Math.min(n, Math.floor((height + GAP) / (LOWEST + GAP)), Math.floor(total / largest)));
  const wanted = Math.min(most, Math.ceil((WIDE * total) / Math.max(median, total / n / 8) / width));
  let best = wrapped(weights, total, width, Math.max(1, wanted));
  for (const lines of [wanted - 1, wanted + 1, wanted + 2]) {
    const other = lines >= 1 && lines <= most ? wrapped(weights, total, width, lines) : best;
    best = other.fill > best.fill + 0.05 ? other : best; // lines that end more evenly
  }
  const { from, to, line, lines } = best;
  for (let i = 0; i < n; i++) {
    from[i] += left;
    to[i] += left;
  }
  const pitch = Math.min(TALLEST + GAP, (height + GAP) / lines);
  return { from, to, line, lines, left, top, right: left + width, pitch, tall: Math.max(1, pitch - GAP) };
}

interface Wrapped {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly line: Int32Array;
  readonly lines: number;
  /** How much of the lines is filled, 0 to 1. */
  readonly fill: number;
}

/** Bars on so many lines, all in one scale. */
function wrapped(weights: readonly number[], total: number, width: number, lines: number): Wrapped {
  const n = weights.length;
  const room = width * lines;
  const least = Math.min(NARROWEST, room / n / 2);
  const [from, to, line] = [new Float64Array(n), new Float64Array(n), new Int32Array(n)];
  let at = 0;
  let [last, start] = [0, 0];
  let longest = width;
  for (let i = 0; i < n; i++) {
    const wide = least + (weights[i] / total) * (room - n * least);
    const own = Math.max(last, Math.min(lines - 1, Math.floor((at + wide / 2) / width)));
    if (own !== last) {
      [last, start] = [own, at];
    }
    line[i] = own;
    from[i] = at - start;
    to[i] = at + wide - start;
    longest = Math.max(longest, to[i]);
    at += wide;
  }
  const fill = width / longest; // a line may hold half a bar more than its share
  for (let i = 0; i < n; i++) {
    from[i] *= fill;
    to[i] *= fill;
  }
  return { from, to, line, lines, fill };
}

/** The partition at a place, or -1. */
export function partitionAt(strip: Strip, x: number, y: number): number {
  const line = Math.floor((y - strip.top) / strip.pitch);
  if (y < strip.top || line >= strip.lines || x < strip.left || x > strip.right) {
    return -1;
  }
  let low = 0; // the first bar of this line, or of a later one, that ends to the right of x
  let high = strip.line.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (strip.line[middle] < line || (strip.line[middle] === line && strip.to[middle] <= x)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < strip.line.length && strip.line[low] === line ? low : -1;
}

/** The bar above (-1) or below (1) the middle of a bar; the bar itself where there is none. */
export function beside(strip: Strip, index: number, down: number): number {
  const x = Math.min((strip.from[index] + strip.to[index]) / 2, strip.right);
  const line = strip.line[index] + down;
  if (line < 0 || line >= strip.lines) {
    return index;
  }
  const found = partitionAt(strip, x, strip.top + (line + 0.5) * strip.pitch);
  const last = strip.line.lastIndexOf(line); // of a shorter line the last bar; a bar may also be as wide as two lines
  return found >= 0 ? found : last >= 0 ? last : index;
}

/** How unequal the partitions are, in words; nothing where their rows are not known. */
export function skew(frame: FrameInfo): string {
  if (!frame.rows.length) {
    return '';
  }
  const sorted = [...frame.rows].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]];
  const rows = (count: number): string => count.toLocaleString('en-US');
  if (least === most) {
    return frame.exact ? t('{rows} rows each', { rows: rows(most) }) : t('at most {rows} rows each', { rows: rows(most) });
  }
  const times = median > 0 && most >= 1.5 * median ? `; ${t('the largest has {times} × the median', { times: (most / median).toFixed(1) })}` : '';
  const empty = sorted.filter(count => count === 0).length;
  const none = empty ? `; ${t('{n} empty', { n: rows(empty) })}` : '';
  const values = { least: rows(least), most: rows(most), median: rows(median) };
  const span = frame.exact ? t('rows {least} to {most}, median {median}', values) : t('rows at most {least} to {most}, median {median}', values);
  return span + times + none;
}
