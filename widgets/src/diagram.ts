/** The run's graph as nodes and edges to draw: operations, those that are opened as their tasks. */

import { layered } from './layout';
import type { Layout } from './layout';
import type { Run } from './run';
import type { Piece, Target } from './target';

export const CARD_WIDTH = 132;
export const CARD_HEIGHT = 36;
export const DOT = 14;

/** Most tasks of one opened operation, and most edges in all, that are drawn. */
export const MOST_TASKS = 5_000;
export const MOST_EDGES = 60_000;

export interface Diagram {
  /** What each node is. */
  readonly nodes: readonly Piece[];
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly wide: Float64Array;
  readonly tall: Float64Array;
  readonly layout: Layout;
  /** The node that shows a target, or -1. */
  nodeOf(target: Target): number;
}

/** Why an operation cannot be opened, or nothing. */
export function refusal(run: Run, layer: number): string {
  const n = run.layers[layer].ntasks;
  if (n > MOST_TASKS) {
    return `${n.toLocaleString('en-US')} tasks are too many to draw one by one; at most ${MOST_TASKS.toLocaleString('en-US')}`;
  }
  return run.ptr ? '' : `this run's ${run.header.nedges.toLocaleString('en-US')} edges are not on this page`;
}

/** The diagram of a run with the operations in `open` shown as tasks. */
export function diagram(run: Run, open: ReadonlySet<number>): Diagram {
  const nodes: Piece[] = [];
  const first: number[] = [];
  run.layers.forEach((layer, number) => {
    first.push(nodes.length);
    if (open.has(number)) {
      for (let i = 0; i < layer.ntasks; i++) {
        nodes.push({ task: layer.first_task + i });
      }
    } else {
      nodes.push({ layer: number });
    }
  });
  const nodeOfTask = (task: number): number => {
    const layer = run.layerOf(task);
    return open.has(layer) ? first[layer] + task - run.layers[layer].first_task : first[layer];
  };
  const [from, to] = edges(run, open, first, nodeOfTask);
  const wide = Float64Array.from(nodes, node => ('task' in node ? DOT : CARD_WIDTH));
  const tall = Float64Array.from(nodes, node => ('task' in node ? DOT : CARD_HEIGHT));
  return {
    nodes, from, to, wide, tall,
    layout: stretched(layered(nodes.length, from, to, wide, tall, open.size ? 8 : 18, open.size ? 34 : 22)),
    nodeOf: target => {
      if (target === null || 'cell' in target) {
        return -1;
      }
      return 'task' in target ? nodeOfTask(target.task) : open.has(target.layer) ? -1 : (first[target.layer] ?? -1);
    }
  };
}

const ASPECT = 1.5;
const MOST_STRETCH = 12;

/** A flat, wide layout drawn out downwards, so that its edges can be told apart where it has to be made small. */
function stretched(layout: Layout): Layout {
  const factor = Math.min(Math.max(layout.width / ASPECT / Math.max(layout.height, 1), 1), MOST_STRETCH);
  const ways = new Map([...layout.ways].map(([edge, way]) => [
    edge, way.map(({ x, top, bottom }) => {
      const middle = ((top + bottom) / 2) * factor; // nodes keep their height
      return { x, top: middle - (bottom - top) / 2, bottom: middle + (bottom - top) / 2 };
    })
  ] as const));
  return { ...layout, y: layout.y.map(y => y * factor), height: layout.height * factor, ways };
}

/** Each pair of nodes once. */
function edges(
  run: Run, open: ReadonlySet<number>, first: readonly number[], nodeOfTask: (task: number) => number
): [Int32Array, Int32Array] {
  const from: number[] = [];
  const to: number[] = [];
  const { ptr, producer } = run;
  for (const [a, b] of run.header.layer_edges) {
    if (!open.has(a) && !open.has(b)) {
      from.push(first[a]);
      to.push(first[b]);
      continue;
    }
    if (!ptr || !producer) {
      continue;
    }
    const seen = new Set<number>();
    const layer = run.layers[b];
    for (let task = layer.first_task; task < layer.first_task + layer.ntasks; task++) {
      const target = nodeOfTask(task);
      for (let e = ptr[task]; e < ptr[task + 1]; e++) {
        if (run.layerOf(producer[e]) !== a) {
          continue;
        }
        const source = nodeOfTask(producer[e]);
        const code = source * 4_194_304 + target;
        if (!seen.has(code) && from.length < MOST_EDGES) {
          seen.add(code);
          from.push(source);
          to.push(target);
        }
      }
    }
  }
  return [Int32Array.from(from), Int32Array.from(to)];
}
