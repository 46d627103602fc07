/** The cards of the Chunks view: one for each operation, its blocks as tiles of a grid or as bars of a strip. */

import { tiles } from '../grid';
import type { Tiles } from '../grid';
import type { Run } from '../run';
import type { LayerInfo } from '../wire';
import { partitionAt, stripOf } from './strip';
import type { Strip } from './strip';

export interface Card {
  readonly layer: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** One of the two. */
  readonly tiles: Tiles | null;
  readonly strip: Strip | null;
}

/** A rectangle: left, top, right, bottom. */
export type Box = readonly [number, number, number, number];

const MOST_CARDS = 30;
export const TITLE = 16;

/** Whether an operation's blocks are drawn as the partitions of a frame. */
export function isStrip(layer: LayerInfo): boolean {
  return layer.frame !== null && layer.grid.length === 1;
}

/** Cards in as many columns as make them largest; one alone with `shown`, sliced where it has many axes. */
export function arrange(run: Run, shown: number, slice: readonly number[], width: number, height: number): Card[] {
  if (shown >= 0) {
    const box = { layer: shown, left: 0, top: 0, width, height };
    return [{ ...box, ...blocks(run.layers[shown], slice, 1, TITLE + 4, width - 2, height - 2 * TITLE - 6) }];
  }
  const n = Math.min(run.layers.length, MOST_CARDS);
  const flat = run.layers.slice(0, n).every(isStrip); // strips want to be wide
  let columns = 1;
  let best = 0;
  for (let k = 1; k <= n; k++) {
    const score = Math.min(width / k, (height / Math.ceil(n / k)) * (flat ? 4 : 1.3));
    if (score > best + 0.5) {
      best = score;
      columns = k;
    }
  }
  const [w, h] = [width / columns, height / Math.ceil(n / columns)];
  return Array.from({ length: n }, (_, layer) => {
    const left = (layer % columns) * w;
    const top = Math.floor(layer / columns) * h;
    const inside = blocks(run.layers[layer], null, left + 2, top + TITLE + 3, w - 14, Math.max(4, h - TITLE - 12));
    return { layer, left, top, width: w, height: h, ...inside };
  });
}

function blocks(
  layer: LayerInfo, slice: readonly number[] | null, left: number, top: number, width: number, height: number
): Pick<Card, 'tiles' | 'strip'> {
  return isStrip(layer)
    ? { tiles: null, strip: stripOf(layer.ntasks, layer.frame!.rows, left, top, Math.max(width, 8), Math.max(height, 4)) }
    : { strip: null, tiles: tiles(layer, slice, left, top, width, height) };
}

/** The card at a place, if any. */
export function cardAt(cards: readonly Card[], x: number, y: number): Card | undefined {
  return cards.find(c => x >= c.left && x < c.left + c.width && y >= c.top && y < c.top + c.height);
}

/** The block at a place of a card, or -1. */
export function blockUnder(card: Card, x: number, y: number): number {
  if (card.strip) {
    return partitionAt(card.strip, x, y);
  }
  const t = card.tiles!;
  const inside = x >= t.x[0] && x < t.x[t.x.length - 1] && y >= t.y[0] && y < t.y[t.y.length - 1];
  return inside ? t.at(find(t.x, x), find(t.y, y)) : -1;
}

/** Where a block lies, or all blocks; null for one that is in another slice. */
export function boxOf(card: Card, index: number | null): Box | null {
  if (card.strip) {
    const { from, to, line, lines, left, right, top, pitch, tall } = card.strip;
    return index === null
      ? [left, top, right, top + (lines - 1) * pitch + tall]
      : [from[index], top + line[index] * pitch, to[index], top + line[index] * pitch + tall];
  }
  const t = card.tiles!;
  if (index === null) {
    return [t.x[0], t.y[0], t.x[t.x.length - 1], t.y[t.y.length - 1]];
  }
  const at = t.find(index);
  return at ? [t.x[at[0]], t.y[at[1]], t.x[at[0] + 1], t.y[at[1] + 1]] : null;
}

/** The interval of sorted `edges` that holds `value`. */
function find(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= value) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
