/** Small runs for the tests: a header and rows made by hand. */

import { blockAt } from '../src/grid';
import { Store } from '../src/store';
import type { Motion } from '../src/player';
import type { LayerInfo, Message, RowWindow, RunEnded, RunHeader, TaskEdges } from '../src/wire';

export const SESSION = 's';

export function layer(op: string, first_task: number, grid: number[], extra: Partial<LayerInfo> = {}): LayerInfo {
  const ntasks = grid.reduce((a, b) => a * b, 1);
  return {
    name: `${op}-0`, op, label: '', strategy: 'blockwise', grid, chunks: null, dtype: null, detail: '', first_task, ntasks,
    origin: null, nbytes: 8 * ntasks, scratch: 0, read_bytes: 0, frame: null, parts: [], token: '', uses: 1,
    ...extra
  };
}

/** Four blocks x, two partial sums y of two blocks each, their sum z: seven tasks. */
export function header(run = 1, extra: Partial<RunHeader> = {}): RunHeader {
  return {
    kind: 'header', session: SESSION, run, label: '', executor: 'threads', wall_started: 0, lanes: ['a', 'b'],
    layers: [layer('x', 0, [2, 2]), layer('y', 4, [2]), layer('z', 6, [])], layer_edges: [[0, 1], [1, 2]], ntasks: 7,
    nedges: 6, budget: null, forecast_peak: null, origin: null, forecast: new Float64Array(0), kept: Int32Array.of(6),
    part: new Int32Array(0), rewrites: [], written: 0, planned: 0, group: '', ...extra
  };
}

export const EDGES: TaskEdges = {
  kind: 'edges', session: SESSION, run: 1, ptr: Int32Array.of(0, 0, 0, 0, 0, 2, 4, 6), producer: Int32Array.of(0, 1, 2, 3, 4, 5)
};

/** Task t runs from t to t + 0.9 on lane t % 2, ready at the start of the second before. */
export function rows(cursor: number, tasks: readonly number[], run = 1): RowWindow {
  return {
    kind: 'rows', session: SESSION, run, cursor, task: Int32Array.from(tasks), lane: Int32Array.from(tasks, t => t % 2),
    ready: Float64Array.from(tasks, t => Math.max(0, t - 0.5)), start: Float64Array.from(tasks),
    stop: Float64Array.from(tasks, t => t + 0.9), bytes_out: Float64Array.from(tasks, () => 8), stored: Float64Array.from(tasks, () => 8),
    scratch: new Float64Array(0)
  };
}

export function ended(run = 1, extra: Partial<RunEnded> = {}): RunEnded {
  return { kind: 'ended', session: SESSION, run, state: 'finished', seconds: 7, nrows: 7, peak_bytes: 32, peak_block_bytes: 32, error: null, processor_seconds: null, preempted: 0, ...extra };
}

export const WHOLE: readonly Message[] = [header(), EDGES, rows(0, [0, 1, 2, 3, 4, 5, 6]), ended()];

/** Motion by hand: `tick` runs the frame that was asked for, `seconds` later. */
export class Frames implements Motion {
  time = 0;
  quiet = false;
  private pending: (() => void) | null = null;

  now(): number {
    return this.time;
  }
  frame(callback: () => void): number {
    this.pending = callback;
    return 1;
  }
  cancel(): void {
    this.pending = null;
  }
  calm(): boolean {
    return this.quiet;
  }
  tick(seconds: number): void {
    this.time += seconds;
    const callback = this.pending;
    this.pending = null;
    callback?.();
  }
}

export function storeWith(messages: readonly Message[], frames = new Frames()): Store {
  const store = new Store(() => frames.time, frames);
  store.receive(messages);
  return store;
}

/** The block of every task of a layer: a reminder that tasks count blocks in C order. */
export function blocks(one: LayerInfo): number[][] {
  return Array.from({ length: one.ntasks }, (_, i) => blockAt(one.grid, i));
}
