/** The cards of the Chunks view: one for each operation, its blocks as tiles of a grid or as bars of a strip. */

import { tiles } from '../grid';
import type { Face, Tiles } from '../grid';
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
/** Inputs that stand beside an operation. */
const MOST_INPUTS = 3;
/** Room for the arrow from the inputs. */
export const ARROW = 22;

/** Whether an operation's blocks are drawn as the partitions of a frame. */
export function isStrip(layer: LayerInfo): boolean {
  return layer.frame !== null && layer.grid.length === 1;
}

/**
 * Cards in as many columns as make them largest. With `shown`, that operation alone, showing `face` of a grid of many
 * axes; `inputs` stand beside it, or above it where it is a strip.
 */
export function arrange(
  run: Run, shown: number, face: Face | null, width: number, height: number, inputs: readonly number[] = []
): Card[] {
  if (shown >= 0) {
    return beside(run, shown, face, width, height, inputs.slice(0, MOST_INPUTS));
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
  return Array.from({ length: n }, (_, layer) => card(run, layer, null, (layer % columns) * w, Math.floor(layer / columns) * h, w, h));
}

/** An operation with the operations that it reads. */
function beside(run: Run, shown: number, face: Face | null, width: number, height: number, inputs: readonly number[]): Card[] {
  const n = inputs.length;
  if (!n) {
    return [alone(run, shown, face, 0, 0, width, height)];
  }
  if (isStrip(run.layers[shown])) {
    const each = Math.min((0.5 * height) / n, 64);
    return [
      ...inputs.map((layer, i) => card(run, layer, null, 0, i * each, width, each)),
      alone(run, shown, face, 0, n * each, width, height - n * each)
    ];
  }
  const left = Math.min(0.38 * width, 220);
  return [
    ...inputs.map((layer, i) => card(run, layer, null, 0, (i * height) / n, left, height / n)),
    alone(run, shown, face, left + ARROW, 0, width - left - ARROW, height)
  ];
}

function card(run: Run, layer: number, face: Face | null, left: number, top: number, width: number, height: number): Card {
  const inside = blocks(run.layers[layer], face, left + 2, top + TITLE + 3, width - 14, Math.max(4, height - TITLE - 12));
  return { layer, left, top, width, height, ...inside };
}

function alone(run: Run, layer: number, face: Face | null, left: number, top: number, width: number, height: number): Card {
  return { layer, left, top, width, height, ...blocks(run.layers[layer], face, left + 1, top + TITLE + 4, width - 2, height - TITLE - 8) };
}

function blocks(
  layer: LayerInfo, face: Face | null, left: number, top: number, width: number, height: number
): Pick<Card, 'tiles' | 'strip'> {
  return isStrip(layer)
    ? { tiles: null, strip: stripOf(layer.ntasks, layer.frame!.rows, left, top, Math.max(width, 8), Math.max(height, 4)) }
    : { strip: null, tiles: tiles(layer, face, left, top, width, height) };
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
