/** Where the blocks of a value lie in its picture, and which block is at a place. Pixels of the picture. */

import { indexOf } from '../grid';
import { edgesAlong } from './spec';
import type { ChunkPlaces, ObjectSpec, StripPlaces } from './spec';

/** A face of the picture that blocks lie on: a rectangle of `nx` by `ny` blocks, sheared where it is the side of a block. */
export interface Face {
  readonly nx: number;
  readonly ny: number;
  /** Edges from 0 to 1. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The block at column i and row j. */
  readonly at: (i: number, j: number) => number;
  /** From the unit square to pixels: x' = a x + c y + e, y' = b x + d y + f. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export interface Picture {
  readonly faces: readonly Face[];
  readonly bars: StripPlaces | null;
  /** Blocks that a bar, or the whole picture, stands for. */
  readonly n: number;
}

/** The picture of a value; null where nothing is drawn. */
export function pictureOf(spec: ObjectSpec): Picture | null {
  const { places, grid } = spec;
  const n = grid.reduce((a, b) => a * b, 1);
  if (!places || places.form === 'calls' || n === 0) {
    return null;
  }
  if (places.form === 'strip') {
    return { faces: [], bars: places, n };
  }
  return { faces: places.form === 'flat' ? flat(spec, places) : deep(spec, places), bars: null, n };
}

const WHOLE = Float64Array.of(0, 1);

function flat(spec: ObjectSpec, { box: [left, top, width, height] }: ChunkPlaces): Face[] {
  const { grid } = spec;
  const [ny, nx] = grid.length === 2 ? grid : [1, grid[0] ?? 1];
  const x = grid.length ? edgesAlong(spec, grid.length - 1) : WHOLE;
  const y = grid.length === 2 ? edgesAlong(spec, 0) : WHOLE;
  return [{ nx, ny, x, y, at: (i, j) => j * nx + i, a: width, b: 0, c: 0, d: height, e: left, f: top }];
}

/** Front, top and right face of each block: the depth goes to the right and up, the first chunk is in front. */
function deep(spec: ObjectSpec, { box: [left, top, width, height, dx, dy, pitch], blocks = 1 }: ChunkPlaces): Face[] {
  const axes = spec.grid.length;
  const [nz, ny, nx] = spec.grid.slice(-3);
  const [z, y, x] = [edgesAlong(spec, axes - 3), edgesAlong(spec, axes - 2), edgesAlong(spec, axes - 1)];
  return Array.from({ length: blocks }, (_, outer) => {
    const [e, f] = [left + outer * pitch, top];
    const at = (k: number, j: number, i: number): number => ((outer * nz + k) * ny + j) * nx + i;
    return [
      { nx, ny, x, y, at: (i: number, j: number) => at(0, j, i), a: width, b: 0, c: 0, d: height, e, f },
      { nx, ny: nz, x, y: z, at: (i: number, k: number) => at(k, 0, i), a: width, b: 0, c: dx, d: -dy, e, f },
      { nx: nz, ny, x: z, y, at: (k: number, j: number) => at(k, j, nx - 1), a: dx, b: -dy, c: 0, d: height, e: e + width, f }
    ];
  }).flat();
}

/** The block at a place, or -1. */
export function blockAtPlace(picture: Picture, px: number, py: number): number {
  if (picture.bars) {
    const { each, step, base, heights } = picture.bars;
    const bar = Math.floor(px / step);
    return bar >= 0 && bar < heights.length && py >= 0 && py <= base ? Math.min(bar * each, picture.n - 1) : -1;
  }
  for (const face of picture.faces) {
    const { a, b, c, d, e, f } = face;
    const det = a * d - b * c;
    const x = (d * (px - e) - c * (py - f)) / det;
    const y = (a * (py - f) - b * (px - e)) / det;
    if (x >= 0 && x < 1 && y >= 0 && y < 1) {
      return face.at(interval(face.x, x), interval(face.y, y));
    }
  }
  return -1;
}

/** The interval of sorted `edges` that holds `value`. */
export function interval(edges: Float64Array, value: number): number {
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

/** The index of a block beside another one, for a key: along the last axis, or the one before it. */
export function besideBlock(grid: readonly number[], block: readonly number[], step: readonly [number, number]): number {
  const moved = [...block];
  const last = grid.length - 1;
  if (last < 0) {
    return 0;
  }
  if (last === 0) {
    moved[0] += step[0] + step[1];
  } else {
    moved[last] += step[1];
    moved[last - 1] += step[0];
  }
  return indexOf(grid, moved.map((at, axis) => Math.min(Math.max(at, 0), grid[axis] - 1)));
}
