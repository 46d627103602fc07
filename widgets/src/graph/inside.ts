/**
 * Where an opened operation's tasks lie in its frame: up to some dozens in a row, under what they are made from; more
 * of them in the rows of their block grid, wrapped; tasks that read tasks of the same operation in layers of their own.
 */

import { layering, monotone, stacked } from '../layout';
import type { LayerInfo } from '../wire';
import type { Links } from './links';

/** Places of an operation's tasks, from the corner of the area that they fill. Tasks are counted from the operation's first. */
export interface Inside {
  readonly width: number;
  readonly height: number;
  /** Size of a task's square. */
  readonly dot: number;
  /** The regular grid that they fill row by row, where they do. */
  readonly grid: Regular | null;
  x(task: number): number;
  y(task: number): number;
  /** The task at a point, or -1; `slack` is how far beside it counts. */
  at(x: number, y: number, slack: number): number;
}

/** Equal cells in rows. */
export interface Regular {
  readonly columns: number;
  readonly rows: number;
  readonly pitch: number;
  /** The task at each place; null where they are in order. */
  readonly order: Int32Array | null;
}

export const DOT = 14;
const PITCH = 22;
/** Most tasks that stand in one row. */
export const ROW = 64;
/** Most tasks whose edges among themselves are laid out; they are in as many lines as they are deep. */
const WOVEN = 3_000;
const deepest = (n: number): number => 3 * Math.sqrt(n) + 20;
/** The least distance of tasks in a row. */
const NARROW = 8;
const SMALLEST = 1.5;

/** Tasks at places of their own. */
export class Scattered implements Inside {
  readonly dot: number;
  readonly grid = null;

  constructor(
    readonly width: number, readonly height: number, private readonly pitch: number, private readonly px: Float64Array,
    private readonly py: Float64Array
  ) {
    this.dot = pitch * (DOT / PITCH);
  }

  /** Whether all are in one row. */
  get single(): boolean {
    return this.height <= this.pitch;
  }

  x(task: number): number {
    return this.px[task];
  }
  y(task: number): number {
    return this.py[task];
  }
  at(x: number, y: number, slack: number): number {
    const reach = this.dot / 2 + slack;
    for (let task = 0; task < this.px.length; task++) {
      if (Math.abs(this.px[task] - x) <= reach && Math.abs(this.py[task] - y) <= reach) {
        return task;
      }
    }
    return -1;
  }
  /** Move a row's tasks as near as they can come to the wished places, in order, inside `width`. */
  aligned(wish: Float64Array): Scattered {
    const { pitch, width } = this;
    const level = monotone(wish.map((value, i) => value - i * pitch));
    const last = width - pitch / 2 - (wish.length - 1) * pitch;
    const px = level.map((value, i) => Math.min(Math.max(value, pitch / 2), last) + i * pitch);
    return new Scattered(width, this.height, pitch, px, this.py);
  }
}

/** Tasks in rows of equal length. */
export class Wrapped implements Inside {
  readonly width: number;
  readonly height: number;
  readonly dot: number;
  private readonly position: Int32Array | null;

  constructor(readonly count: number, readonly grid: Regular) {
    this.width = grid.columns * grid.pitch;
    this.height = grid.rows * grid.pitch;
    this.dot = grid.pitch * 0.78;
    this.position = grid.order && inverse(grid.order);
  }

  x(task: number): number {
    return (this.place(task) % this.grid.columns + 0.5) * this.grid.pitch;
  }
  y(task: number): number {
    return (Math.floor(this.place(task) / this.grid.columns) + 0.5) * this.grid.pitch;
  }
  at(x: number, y: number): number {
    const { columns, rows, pitch, order } = this.grid;
    const column = Math.floor(x / pitch);
    const row = Math.floor(y / pitch);
    const place = row * columns + column;
    if (column < 0 || column >= columns || row < 0 || row >= rows || place >= this.count) {
      return -1;
    }
    return order ? order[place] : place;
  }
  private place(task: number): number {
    return this.position ? this.position[task] : task;
  }
}

/** How a frame's inside should be shaped. */
export interface Wish {
  /** The least width of a row of tasks. */
  readonly wide: number;
  /** The width that many tasks are fitted into, as far as their squares can shrink: the cards beside stay large. */
  readonly broad: number;
  /** Width over height of a large grid of tasks. */
  readonly aspect: number;
}

/** The inside of operation `number` of `layers`, in steps. */
export function* insideOf(
  number: number, layer: LayerInfo, links: Links | null, layers: number, { wide, broad, aspect }: Wish
): Generator<void, Inside> {
  const n = layer.ntasks;
  const edges = links && (links.counts.get(number * layers + number) ?? 0) > 0 ? among(layer, links) : null;
  const depth = edges && depths(n, ...edges);
  if (edges && n <= WOVEN && depth!.reduce((most, one) => Math.max(most, one), 0) <= deepest(n)) {
    return yield* interwoven(n, ...edges);
  }
  yield;
  if (n <= ROW) {
    return row(n, wide, broad);
  }
  const columns = depth ? Math.ceil(Math.sqrt(n * aspect)) : lineLength(layer.grid, n, aspect);
  const order = depth && serpentine(Int32Array.from(depth.keys()).sort((a, b) => depth[a] - depth[b] || a - b), columns);
  const pitch = Math.min(18, Math.max(SMALLEST, broad / columns));
  return new Wrapped(n, { columns, rows: Math.ceil(n / columns), pitch, order });
}

function row(n: number, wide: number, broad: number): Scattered {
  const pitch = Math.min(PITCH, Math.max(NARROW, broad / n));
  const width = n > 1 ? Math.max(n * pitch, wide) : PITCH;
  const step = width / n;
  return new Scattered(width, pitch, pitch, Float64Array.from({ length: n }, (_, i) => (i + 0.5) * step), new Float64Array(n).fill(pitch / 2));
}

/** Tasks side by side: the last axis of the block grid or a multiple of it, where the whole is then not too long. */
function lineLength(grid: readonly number[], n: number, aspect: number): number {
  const best = Math.sqrt(n * aspect);
  const last = grid.length > 1 ? grid[grid.length - 1] : 1;
  if (last >= best / 4 && last <= best * 4) {
    return last <= best / 2 ? last * Math.floor(best / last) : last;
  }
  return Math.ceil(best);
}

/** The edges among the tasks of one operation. */
function among(layer: LayerInfo, links: Links): [Int32Array, Int32Array] {
  const from: number[] = [];
  const to: number[] = [];
  const { first_task: first, ntasks } = layer;
  for (let task = first; task < first + ntasks; task++) {
    for (let e = links.ptr[task]; e < links.ptr[task + 1]; e++) {
      const producer = links.producer[e];
      if (producer >= first && producer < first + ntasks) {
        from.push(producer - first);
        to.push(task - first);
      }
    }
  }
  return [Int32Array.from(from), Int32Array.from(to)];
}

function* interwoven(n: number, from: Int32Array, to: Int32Array): Generator<void, Scattered> {
  const size = new Float64Array(n).fill(DOT);
  const { x, rank, width } = yield* layering(n, from, to, size, PITCH - DOT);
  const rows = stacked(rank, size, PITCH);
  const side = (PITCH - DOT) / 2;
  return new Scattered(
    width + 2 * side, rows.height + 2 * side, PITCH, x.map(value => value + side),
    Float64Array.from(rank, r => rows.tops[r] + DOT / 2 + side)
  );
}

/** How deep each task of an operation is among the others. */
function depths(n: number, from: Int32Array, to: Int32Array): Int32Array {
  const depth = new Int32Array(n);
  for (let e = 0; e < from.length; e++) { // inputs have smaller numbers than their readers
    depth[to[e]] = Math.max(depth[to[e]], depth[from[e]] + 1);
  }
  return depth;
}

/** Every other full row turned round, so that chains go on where they wrap. */
function serpentine(order: Int32Array, columns: number): Int32Array {
  for (let row = columns; row + columns <= order.length; row += 2 * columns) {
    order.subarray(row, row + columns).reverse();
  }
  return order;
}

function inverse(order: Int32Array): Int32Array {
  const position = new Int32Array(order.length);
  order.forEach((task, place) => {
    position[task] = place;
  });
  return position;
}
