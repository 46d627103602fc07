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
  /** The ways of edges that pass by other ranks: x, top and bottom of each rank on the way, by the edge's number. */
  readonly ways: ReadonlyMap<number, readonly Passage[]>;
}

/** Where a long edge passes a rank. */
export interface Passage {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

const SWEEPS = 8;
const SETTLE = 6;
/** Room that a passing edge takes in a rank, and the most passages that are worked out. */
const PASSAGE = 12;
const MOST_PASSAGES = 20_000;

/** Places of `n` nodes with the given sizes; edge `e` goes from node `from[e]` to node `to[e]`. */
export function layered(
  n: number, from: Int32Array, to: Int32Array, wide: Float64Array, tall: Float64Array, gapX: number, gapY: number
): Layout {
  const ranked = ranks(n, adjacency(n, from, to), adjacency(n, to, from));
  const longer = withPassages(n, from, to, ranked, wide);
  const { rank, chains } = longer;
  wide = longer.wide;
  const total = rank.length;
  const below = adjacency(total, longer.from, longer.to);
  const above = adjacency(total, longer.to, longer.from);
  const rows = inRows(rank);
  const x = new Float64Array(total);
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
  return place(n, rows, rank, x, wide, tall, gapY, chains);
}

interface Longer {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly rank: Int32Array;
  readonly wide: Float64Array;
  /** The passages of each long edge, as nodes. */
  readonly chains: ReadonlyMap<number, readonly number[]>;
}

/** Each edge over more than one rank becomes a chain of short ones through narrow nodes of its own. */
function withPassages(n: number, from: Int32Array, to: Int32Array, rank: Int32Array, wide: Float64Array): Longer {
  const chains = new Map<number, number[]>();
  const sources: number[] = [];
  const targets: number[] = [];
  const ranks = [...rank];
  for (let e = 0; e < from.length; e++) {
    let node = from[e];
    const span = rank[to[e]] - rank[node];
    if (span > 1 && ranks.length - n + span <= MOST_PASSAGES) {
      const chain: number[] = [];
      for (let r = rank[node] + 1; r < rank[to[e]]; r++) {
        chain.push(ranks.length);
        sources.push(node);
        targets.push(ranks.length);
        node = ranks.length;
        ranks.push(r);
      }
      chains.set(e, chain);
    }
    sources.push(node);
    targets.push(to[e]);
  }
  const wider = new Float64Array(ranks.length).fill(PASSAGE);
  wider.set(wide.subarray(0, n));
  return { from: Int32Array.from(sources), to: Int32Array.from(targets), rank: Int32Array.from(ranks), wide: wider, chains };
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
  n: number, rows: number[][], rank: Int32Array, x: Float64Array, wide: Float64Array, tall: Float64Array, gapY: number,
  chains: ReadonlyMap<number, readonly number[]>
): Layout {
  const y = new Float64Array(n);
  const tops: number[] = [];
  const bottoms: number[] = [];
  let top = 0;
  let left = Infinity;
  let right = -Infinity;
  for (const row of rows) {
    let height = 0;
    for (const node of row) {
      height = Math.max(height, node < n ? tall[node] : 0);
      left = Math.min(left, x[node] - wide[node] / 2);
      right = Math.max(right, x[node] + wide[node] / 2);
    }
    for (const node of row) {
      if (node < n) {
        y[node] = top + height / 2;
      }
    }
    tops.push(top);
    bottoms.push(top + height);
    top += height + gapY;
  }
  for (let i = 0; i < x.length; i++) {
    x[i] -= left;
  }
  const ways = new Map<number, Passage[]>();
  chains.forEach((chain, edge) => {
    ways.set(edge, chain.map(node => ({ x: x[node], top: tops[rank[node]], bottom: bottoms[rank[node]] })));
  });
  return {
    x: x.slice(0, n), y, rank: rank.slice(0, n), width: n ? right - left : 0, height: Math.max(0, top - gapY), ways
  };
}
