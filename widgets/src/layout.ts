/**
 * Layered drawing of a directed acyclic graph, top to bottom: longest-path ranks, barycentre sweeps for the order in a
 * rank, then places by least squares with a minimum distance.
 *
 * Source: Sugiyama, Tagawa and Toda (1981); the places are an isotonic regression (pool adjacent violators).
 */

export interface Layout {
  /** Centres along the ranks, from the left end of the drawing. */
  readonly x: Float64Array;
  readonly rank: Int32Array;
  readonly width: number;
  /** The ways of edges that pass by other ranks, by the edge's number. */
  readonly ways: ReadonlyMap<number, readonly Passage[]>;
}

/** Where a long edge passes a rank. */
export interface Passage {
  readonly x: number;
  readonly rank: number;
}

/** The ranks under each other. */
export interface Rows {
  readonly tops: readonly number[];
  readonly bottoms: readonly number[];
  readonly height: number;
}

const SWEEPS = 8;
const SETTLE = 6;
/** Room that a passing edge takes in a rank, and the most passages that are worked out. */
const PASSAGE = 12;
const MOST_PASSAGES = 20_000;

/** Places of `n` nodes with the given widths; edge `e` goes from node `from[e]` to node `to[e]`. */
export function layered(n: number, from: Int32Array, to: Int32Array, wide: Float64Array, gap: number): Layout {
  const steps = layering(n, from, to, wide, gap);
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

/** The same in steps, so that large graphs can be worked out beside the frames of a page. */
export function* layering(
  n: number, from: Int32Array, to: Int32Array, wide: Float64Array, gap: number
): Generator<void, Layout> {
  const ranked = ranksOf(n, from, to);
  yield;
  const longer = withPassages(n, from, to, ranked, wide);
  const { rank, chains } = longer;
  const total = rank.length;
  const below = adjacency(total, longer.from, longer.to);
  const above = adjacency(total, longer.to, longer.from);
  yield;
  const rows = inRows(rank);
  const x = new Float64Array(total);
  const wish = new Float64Array(total);
  rows.forEach(row => spread(row, x, longer.wide, gap));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      order(row, down ? above : below, x, wish);
      spread(row, x, longer.wide, gap);
    }
    yield;
  }
  for (let pass = 0; pass < SETTLE; pass++) {
    const down = pass % 2 === 1; // the last pass is: what is made stands under the middle of what it is made from
    for (const row of down ? rows : [...rows].reverse()) {
      settle(row, down ? above : below, x, longer.wide, gap);
    }
    yield;
  }
  return finished(n, x, rank, longer.wide, chains);
}

/** The ranks of nodes with these heights under each other. */
export function stacked(rank: Int32Array, tall: Float64Array, gap: number): Rows {
  const heights: number[] = [];
  rank.forEach((row, node) => {
    heights[row] = Math.max(heights[row] ?? 0, tall[node]);
  });
  const tops: number[] = [];
  const bottoms: number[] = [];
  let top = 0;
  for (const height of Array.from(heights, h => h ?? 0)) {
    tops.push(top);
    bottoms.push(top + height);
    top += height + gap;
  }
  return { tops, bottoms, height: Math.max(0, top - gap) };
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

/** The neighbours of each node at the other end of its edges: `node[ptr[i]:ptr[i + 1]]`. */
export interface Adjacency {
  readonly ptr: Int32Array;
  readonly node: Int32Array;
}

/** Which nodes `to` each node `from` leads to, in the order of the edges. */
export function adjacency(n: number, from: Int32Array, to: Int32Array): Adjacency {
  const ptr = new Int32Array(n + 1);
  for (let e = 0; e < from.length; e++) {
    ptr[from[e] + 1] += 1;
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

/** The rank of each node: the longest path from a source; a source sits right above its first user. */
export function ranksOf(n: number, from: Int32Array, to: Int32Array): Int32Array {
  const below = adjacency(n, from, to);
  const above = adjacency(n, to, from);
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

function inRows(rank: Int32Array): Int32Array[] {
  const rows: number[][] = [];
  rank.forEach((r, node) => {
    (rows[r] ??= []).push(node);
  });
  return Array.from(rows, row => Int32Array.from(row ?? []));
}

/** Put the nodes of a row side by side in their order, around 0. */
function spread(row: Int32Array, x: Float64Array, wide: Float64Array, gap: number): void {
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
function order(row: Int32Array, near: Adjacency, x: Float64Array, wish: Float64Array): void {
  for (const node of row) {
    wish[node] = mean(node, near, x);
  }
  row.sort((a, b) => wish[a] - wish[b] || x[a] - x[b]);
}

/** The mean place of a node's neighbours; its own where it has none. */
function mean(node: number, near: Adjacency, x: Float64Array): number {
  const count = near.ptr[node + 1] - near.ptr[node];
  let sum = 0;
  for (let e = near.ptr[node]; e < near.ptr[node + 1]; e++) {
    sum += x[near.node[e]];
  }
  return count ? sum / count : x[node];
}

/** Move each node of a row to the middle of its neighbours, order and distances kept. */
function settle(row: Int32Array, near: Adjacency, x: Float64Array, wide: Float64Array, gap: number): void {
  const offsets = new Float64Array(row.length);
  const wish = new Float64Array(row.length);
  for (let i = 0; i < row.length; i++) {
    offsets[i] = i ? offsets[i - 1] + (wide[row[i - 1]] + wide[row[i]]) / 2 + gap : 0;
    wish[i] = mean(row[i], near, x) - offsets[i];
  }
  const level = monotone(wish);
  for (let i = 0; i < row.length; i++) {
    x[row[i]] = level[i] + offsets[i];
  }
}

/** The nondecreasing values nearest to `wish` by least squares: pool adjacent violators. */
export function monotone(wish: Float64Array): Float64Array {
  const level: number[] = [];
  const size: number[] = [];
  for (const value of wish) {
    level.push(value);
    size.push(1);
    while (level.length > 1 && level[level.length - 2] > level[level.length - 1]) {
      const [b, nb] = [level.pop()!, size.pop()!];
      const [a, na] = [level.pop()!, size.pop()!];
      level.push((a * na + b * nb) / (na + nb));
      size.push(na + nb);
    }
  }
  const found = new Float64Array(wish.length);
  let i = 0;
  level.forEach((value, block) => {
    found.fill(value, i, i + size[block]);
    i += size[block];
  });
  return found;
}

function finished(
  n: number, x: Float64Array, rank: Int32Array, wide: Float64Array, chains: ReadonlyMap<number, readonly number[]>
): Layout {
  let left = Infinity;
  let right = -Infinity;
  for (let node = 0; node < x.length; node++) {
    left = Math.min(left, x[node] - wide[node] / 2);
    right = Math.max(right, x[node] + wide[node] / 2);
  }
  const ways = new Map<number, Passage[]>();
  chains.forEach((chain, edge) => {
    ways.set(edge, chain.map(node => ({ x: x[node] - left, rank: rank[node] })));
  });
  return { x: x.slice(0, n).map(value => value - left), rank: rank.slice(0, n), width: n ? right - left : 0, ways };
}
