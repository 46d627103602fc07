/**
 * Layered drawing of a directed acyclic graph, top to bottom: longest-path ranks, barycentre sweeps for the order in a
 * rank, then places by least squares with a minimum distance.
 *
 * Source: Sugiyama, Tagawa and Toda (1981); the places are an isotonic regression (pool adjacent violators).
 */

export interface Layout {
  /** Centres. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly rank: Int32Array;
  readonly width: number;
  readonly height: number;
}

const SWEEPS = 8;
const SETTLE = 6;

/** Places of `n` nodes with the given sizes; edge `e` goes from node `from[e]` to node `to[e]`. */
export function layered(
  n: number, from: Int32Array, to: Int32Array, wide: Float64Array, tall: Float64Array, gapX: number, gapY: number
): Layout {
  const below = adjacency(n, from, to);
  const above = adjacency(n, to, from);
  const rank = ranks(n, below, above);
  const rows = inRows(rank);
  const x = new Float64Array(n);
  rows.forEach(row => spread(row, x, wide, gapX));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      order(row, down ? above : below, x);
      spread(row, x, wide, gapX);
    }
  }
  for (let pass = 0; pass < SETTLE; pass++) {
    const down = pass % 2 === 1; // the last pass is: what is made stands under the middle of what it is made from
    for (const row of down ? rows : [...rows].reverse()) {
      settle(row, down ? above : below, x, wide, gapX);
    }
  }
  return place(rows, rank, x, wide, tall, gapY);
}

interface Adjacency {
  readonly ptr: Int32Array;
  readonly node: Int32Array;
}

function adjacency(n: number, from: Int32Array, to: Int32Array): Adjacency {
  const ptr = new Int32Array(n + 1);
  for (const node of from) {
    ptr[node + 1] += 1;
  }
  for (let i = 0; i < n; i++) {
    ptr[i + 1] += ptr[i];
  }
  const at = ptr.slice(0, n);
  const node = new Int32Array(from.length);
  for (let e = 0; e < from.length; e++) {
    node[at[from[e]]++] = to[e];
  }
  return { ptr, node };
}

/** Longest path from a source; a source sits right above its first user. */
function ranks(n: number, below: Adjacency, above: Adjacency): Int32Array {
  const rank = new Int32Array(n);
  const waits = new Int32Array(n);
  const queue: number[] = [];
  for (let i = 0; i < n; i++) {
    waits[i] = above.ptr[i + 1] - above.ptr[i];
    if (!waits[i]) {
      queue.push(i);
    }
  }
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head];
    for (let e = below.ptr[node]; e < below.ptr[node + 1]; e++) {
      const next = below.node[e];
      rank[next] = Math.max(rank[next], rank[node] + 1);
      if (--waits[next] === 0) {
        queue.push(next);
      }
    }
  }
  for (let i = 0; i < n; i++) {
    if (above.ptr[i] === above.ptr[i + 1] && below.ptr[i] < below.ptr[i + 1]) {
      let first = Infinity;
      for (let e = below.ptr[i]; e < below.ptr[i + 1]; e++) {
        first = Math.min(first, rank[below.node[e]]);
      }
      rank[i] = first - 1;
    }
  }
  return rank;
}

function inRows(rank: Int32Array): number[][] {
  const rows: number[][] = [];
  rank.forEach((r, node) => {
    (rows[r] ??= []).push(node);
  });
  return Array.from(rows, row => row ?? []);
}

/** Put the nodes of a row side by side in their order, around 0. */
function spread(row: number[], x: Float64Array, wide: Float64Array, gap: number): void {
  let total = -gap;
  for (const node of row) {
    total += wide[node] + gap;
  }
  let at = -total / 2;
  for (const node of row) {
    x[node] = at + wide[node] / 2;
    at += wide[node] + gap;
  }
}

/** Sort a row by the mean place of its neighbours; nodes without any keep their place. */
function order(row: number[], near: Adjacency, x: Float64Array): void {
  const wish = new Map<number, number>();
  for (const node of row) {
    wish.set(node, mean(node, near, x) ?? x[node]);
  }
  row.sort((a, b) => wish.get(a)! - wish.get(b)!);
}

function mean(node: number, near: Adjacency, x: Float64Array): number | null {
  const count = near.ptr[node + 1] - near.ptr[node];
  let sum = 0;
  for (let e = near.ptr[node]; e < near.ptr[node + 1]; e++) {
    sum += x[near.node[e]];
  }
  return count ? sum / count : null;
}

/** Move each node of a row to the middle of its neighbours, order and distances kept: least squares. */
function settle(row: number[], near: Adjacency, x: Float64Array, wide: Float64Array, gap: number): void {
  const offsets = new Float64Array(row.length);
  for (let i = 1; i < row.length; i++) {
    offsets[i] = offsets[i - 1] + (wide[row[i - 1]] + wide[row[i]]) / 2 + gap;
  }
  const level: number[] = [];
  const size: number[] = [];
  row.forEach((node, i) => {
    level.push((mean(node, near, x) ?? x[node]) - offsets[i]);
    size.push(1);
    while (level.length > 1 && level[level.length - 2] > level[level.length - 1]) {
      const [b, nb] = [level.pop()!, size.pop()!];
      const [a, na] = [level.pop()!, size.pop()!];
      level.push((a * na + b * nb) / (na + nb));
      size.push(na + nb);
    }
  });
  let i = 0;
  level.forEach((value, block) => {
    for (let k = 0; k < size[block]; k++, i++) {
      x[row[i]] = value + offsets[i];
    }
  });
}

function place(
  rows: number[][], rank: Int32Array, x: Float64Array, wide: Float64Array, tall: Float64Array, gapY: number
): Layout {
  const y = new Float64Array(x.length);
  let top = 0;
  let left = Infinity;
  let right = -Infinity;
  for (const row of rows) {
    let height = 0;
    for (const node of row) {
      height = Math.max(height, tall[node]);
      left = Math.min(left, x[node] - wide[node] / 2);
      right = Math.max(right, x[node] + wide[node] / 2);
    }
    for (const node of row) {
      y[node] = top + height / 2;
    }
    top += height + gapY;
  }
  for (let i = 0; i < x.length; i++) {
    x[i] -= left;
  }
  return { x, y, rank, width: x.length ? right - left : 0, height: Math.max(0, top - gapY) };
}
