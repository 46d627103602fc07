/** Block geometry: which block a task makes, where it lies in the array, and how people write that. */

import { count } from './format';
import type { LayerInfo } from './wire';

/** The block coordinates of task number `index` of a grid, in C order. */
export function blockAt(grid: readonly number[], index: number): number[] {
  const block = new Array<number>(grid.length);
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    block[axis] = index % grid[axis];
    index = Math.floor(index / grid[axis]);
  }
  return block;
}

/** The C-order number of a block. */
export function indexOf(grid: readonly number[], block: readonly number[]): number {
  let index = 0;
  for (let axis = 0; axis < grid.length; axis++) {
    index = index * grid[axis] + block[axis];
  }
  return index;
}

/** The elements of a block along each axis, "[0:100, 200:300]", or nothing where the layer makes no array. */
export function region(layer: LayerInfo, block: readonly number[]): string {
  const chunks = layer.chunks;
  if (!chunks || chunks.length !== block.length || !block.length) {
    return '';
  }
  const parts = chunks.map((sizes, axis) => {
    let start = 0;
    for (let i = 0; i < block[axis]; i++) {
      start += sizes[i];
    }
    return `${start}:${start + sizes[block[axis]]}`;
  });
  return `[${parts.join(', ')}]`;
}

/** The shape of the array that a layer makes, "600 × 400", the rows of a frame, or the number of blocks. */
export function extent(layer: LayerInfo): string {
  if (layer.frame) {
    const { rows, exact } = layer.frame;
    const total = rows.reduce((sum, one) => sum + one, 0);
    return rows.length ? `${exact ? '' : '≤ '}${count(total, 'row')}` : count(layer.ntasks, 'partition');
  }
  if (layer.chunks && layer.chunks.length) {
    return layer.chunks.map(sizes => sizes.reduce((a, b) => a + b, 0).toLocaleString('en-US')).join(' × ');
  }
  return count(layer.ntasks, 'block');
}

/** Where the tiles of a block grid lie in a rectangle: edges of columns and rows, and which task is at each place. */
export interface Tiles {
  /** nx + 1 edges in CSS pixels. */
  readonly x: Float64Array;
  /** ny + 1 edges in CSS pixels. */
  readonly y: Float64Array;
  /** The task's number within its layer at column i, row j, or -1. */
  at(i: number, j: number): number;
  /** Column and row of a task's number, or null where it is in another slice. */
  find(index: number): [number, number] | null;
}

/** Which two axes of a grid are shown, and at which block the others are held (`at` has an entry for each axis). */
export interface Face {
  readonly rows: number;
  readonly columns: number;
  readonly at: readonly number[];
}

/**
 * Tiles of a layer in a box of at most `width` × `height`, from (`left`, `top`).
 * Of many axes two are shown, as `face` says; with null the slices along all but the last two lie side by side.
 * A strip of many blocks is wrapped like text.
 */
export function tiles(
  layer: LayerInfo, face: Face | null, left: number, top: number, width: number, height: number
): Tiles {
  const grid = layer.grid;
  if (grid.length < 2) {
    return strip(grid.length ? grid[0] : 1, left, top, width, height, layer);
  }
  if (face === null) {
    const count = grid.slice(0, -2).reduce((a, b) => a * b, 1);
    if (count > 1) {
      return slices(grid, count, left, top, width, height);
    }
    face = { rows: grid.length - 2, columns: grid.length - 1, at: grid.map(() => 0) };
  }
  const { rows, columns, at } = face;
  const [ny, nx] = [grid[rows], grid[columns]];
  const sizes = layer.chunks && layer.chunks.length === grid.length ? layer.chunks : null;
  const wide = sizes ? sizes[columns] : null;
  const tall = sizes ? sizes[rows] : null;
  const total = (parts: readonly number[] | null, n: number): number => (parts ? parts.reduce((a, b) => a + b, 0) : n);
  const ratio = Math.min(Math.max(total(wide, nx) / total(tall, ny), 1 / 2), 2.5);
  const fit = Math.min(width, height * ratio);
  const held = at.map((block, axis) => Math.min(block, grid[axis] - 1));
  return {
    x: edges(nx, wide, left, fit),
    y: edges(ny, tall, top, fit / ratio),
    at: (i, j) => {
      held[rows] = j;
      held[columns] = i;
      return indexOf(grid, held);
    },
    find: index => {
      const block = blockAt(grid, index);
      const here = block.every((place, axis) => axis === rows || axis === columns || place === Math.min(at[axis], grid[axis] - 1));
      return here ? [block[columns], block[rows]] : null;
    }
  };
}

/** The largest side of a block in CSS pixels where slices lie side by side. */
const LARGEST = 40;

/** All slices of a grid of three axes and more, side by side with a gap: a gap is a column (or row) without tasks. */
function slices(
  grid: readonly number[], count: number, left: number, top: number, width: number, height: number
): Tiles {
  const [ny, nx] = grid.slice(-2);
  let across = 1;
  let size = 0;
  for (let k = 1; k <= count; k++) {
    const fit = Math.min(width / (k * (nx + 0.5)), height / (Math.ceil(count / k) * (ny + 0.5)), LARGEST);
    if (fit > size) {
      size = fit;
      across = k;
    }
  }
  const down = Math.ceil(count / across);
  const line = (n: number, repeat: number, from: number): Float64Array => {
    const out = new Float64Array(repeat * (n + 1));
    for (let part = 0; part < repeat; part++) {
      for (let i = 0; i <= n; i++) {
        out[part * (n + 1) + i] = from + (part * (n + 0.5) + i) * size;
      }
    }
    return out;
  };
  return {
    x: line(nx, across, left),
    y: line(ny, down, top),
    at: (i, j) => {
      const part = Math.floor(j / (ny + 1)) * across + Math.floor(i / (nx + 1));
      const [x, y] = [i % (nx + 1), j % (ny + 1)];
      return x < nx && y < ny && part < count ? (part * ny + y) * nx + x : -1;
    },
    find: index => {
      const part = Math.floor(index / (nx * ny));
      const local = index % (nx * ny);
      return [(part % across) * (nx + 1) + (local % nx), Math.floor(part / across) * (ny + 1) + Math.floor(local / nx)];
    }
  };
}

/** Edges of `n` parts over `length`, proportional to `sizes`, none thinner than a third of its even share. */
function edges(n: number, sizes: readonly number[] | null, from: number, length: number): Float64Array {
  const out = new Float64Array(n + 1);
  const total = sizes ? sizes.reduce((a, b) => a + b, 0) : 0;
  let at = from;
  for (let i = 0; i < n; i++) {
    out[i] = at;
    const share = sizes && total > 0 ? sizes[i] / total : 1 / n;
    at += (Math.max(share, 1 / (3 * n)) * length);
  }
  out[n] = at;
  const scale = length / (at - from || 1);
  for (let i = 0; i <= n; i++) {
    out[i] = from + (out[i] - from) * scale;
  }
  return out;
}

function strip(n: number, left: number, top: number, width: number, height: number, layer: LayerInfo): Tiles {
  const size = Math.max(1, Math.min(22, Math.floor(Math.sqrt((width * height) / n))));
  let columns = n * 9 <= width ? n : Math.max(1, Math.floor(width / size)); // in one row where that can be read
  while (columns < n && Math.ceil(n / columns) * size > height) {
    columns += 1;
  }
  columns = Math.min(columns, n);
  const rows = Math.ceil(n / columns);
  const wide = Math.min(width / columns, n === 1 ? 44 : 22);
  const sizes = rows === 1 && layer.chunks && layer.chunks.length === 1 ? layer.chunks[0] : null;
  return {
    x: edges(columns, sizes, left, wide * columns),
    y: edges(rows, null, top, Math.min(22, height / rows) * rows),
    at: (i, j) => (j * columns + i < n ? j * columns + i : -1),
    find: index => [index % columns, Math.floor(index / columns)]
  };
}
