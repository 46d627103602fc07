/** One run as the page knows it: what it is, its rows so far, and every task's state at any time. */

import { Columns } from './columns';
import { NoticeLog } from './notices';
import { FAILED, RELEASED, RUNNING, STATES, STORED } from './states';
import type { Chapter, Keyframe, LayerInfo, Message, RunEnded, RunHeader, RunStatus, StackSamples, WorkerLoad } from './wire';

/** The rows of one lane, in the order of their starts. */
export type LaneRows = Int32Array;

export class Run {
  header: RunHeader;
  readonly columns = new Columns();
  status: RunStatus | null = null;
  keyframe: Keyframe | null = null;
  ended: RunEnded | null = null;
  /** Decisions with their reasons. */
  readonly notices = new NoticeLog();
  /** Where the kernels' time went by function; null where nothing was sampled. */
  stacks: StackSamples | null = null;
  /** What worker processes took over time; null where tasks ran in the kernel, or were over at once. */
  workload: WorkerLoad | null = null;
  /** The run in words, where a recording brings it. */
  account: readonly Chapter[] | null = null;
  /** Producers of each task, `producer[ptr[t]:ptr[t + 1]]`; null where the run has too many edges to send. */
  ptr: Int32Array | null = null;
  producer: Int32Array | null = null;
  /** The row of each task, or -1. */
  rowOf: Int32Array;
  /** When each task's block was freed; Infinity while it is kept. */
  releasedAt: Float64Array;
  /** When the last status came, on the page's clock. */
  private heard = 0;
  private uses: Int32Array = new Int32Array(0);
  private lastUse: Float64Array = new Float64Array(0);
  /** 1 for tasks whose outputs the caller asked for. */
  private keeps = new Uint8Array(0);
  private lanes: LaneRows[] = [];
  private lanesVersion = -1;
  private eventTimes = new Float64Array(0);
  private eventsVersion = -1;

  constructor(header: RunHeader) {
    this.header = header;
    this.rowOf = new Int32Array(header.ntasks).fill(-1);
    this.releasedAt = new Float64Array(header.ntasks).fill(Infinity);
  }

  get number(): number {
    return this.header.run;
  }
  get ntasks(): number {
    return this.header.ntasks;
  }
  get layers(): readonly LayerInfo[] {
    return this.header.layers;
  }
  /** "running", "finished", "failed" or "cancelled". */
  get state(): string {
    return this.ended ? this.ended.state : 'running';
  }
  /** Whether nothing is missing: no gap in the rows, and all of them where the run has ended. */
  get complete(): boolean {
    const wanted = this.ended ? this.ended.nrows : Math.max(this.columns.end, this.keyframe?.nrows ?? 0);
    return this.columns.complete && this.columns.end >= wanted;
  }
  /** Tasks known to have finished. */
  get nfinished(): number {
    return Math.max(this.columns.filled, this.status?.nfinished ?? 0, this.keyframe?.nrows ?? 0);
  }

  /** Take one message of this run in. */
  receive(message: Message, clock: number): void {
    switch (message.kind) {
      case 'header':
        this.takeHeader(message);
        break;
      case 'edges':
        if (message.ptr.length === this.ntasks + 1 && this.ptr?.length !== message.ptr.length) {
          this.ptr = message.ptr;
          this.producer = message.producer;
          this.countUses();
        }
        break;
      case 'rows':
        for (const row of this.columns.add(message)) {
          this.rowOf[this.columns.task[row]] = row;
          this.release(row);
        }
        break;
      case 'status':
        this.status = message;
        this.heard = clock;
        break;
      case 'keyframe':
        this.keyframe = message;
        this.heard = clock;
        break;
      case 'ended':
        this.ended = message;
        break;
      case 'notices':
        this.notices.add(message);
        break;
      case 'stacks':
        this.stacks = message;
        break;
      case 'workload':
        this.workload = message;
        break;
      case 'account':
        this.account = message.chapters;
        break;
      case 'runs':
        break;
    }
  }

  /** Seconds since the run began: the end of an ended run; else the last sample, carried on for at most a second. */
  now(clock: number): number {
    if (this.ended) {
      return Math.max(this.ended.seconds, this.columns.lastStop);
    }
    const heard = Math.max(this.status?.now ?? 0, this.keyframe?.now ?? 0);
    const virtual = this.header.executor === 'simulated';
    return Math.max(heard + (virtual ? 0 : Math.min(Math.max(clock - this.heard, 0), 1)), this.columns.lastStop);
  }

  /**
   * When the block of a row's task left the memory that the run counts: freed, or handed to the caller who asked for it,
   * whose it is then. Infinity while it is there. Simulated runs hand nothing over.
   */
  leftAt(row: number): number {
    const task = this.columns.task[row];
    if (this.ptr && this.keeps[task] && this.uses[task] === 1 && this.header.executor !== 'simulated') {
      return Math.max(this.columns.stop[row], this.lastUse[task]);
    }
    return this.releasedAt[task];
  }

  /** How the run stands: its state, or "refused" where nothing of it was started because it cannot keep its limit. */
  get ending(): string {
    return this.state === 'cancelled' && this.notices.all().some(one => one.topic === 'refused') ? 'refused' : this.state;
  }

  /** The state of every task at `time`, into `out`; null is now. */
  states(time: number | null, out: Uint8Array): Uint8Array {
    out.fill(0);
    const { task, start, stop, present, end } = this.columns;
    const at = time ?? Number.MAX_VALUE; // less than the Infinity of what is never released
    for (let row = 0; row < end; row++) {
      if (!present[row] || start[row] > at) {
        continue;
      }
      const t = task[row];
      out[t] = stop[row] > at ? RUNNING : this.releasedAt[t] <= at ? RELEASED : STORED;
    }
    if (time === null && !this.ended) {
      this.addSamples(out);
    }
    const error = this.ended?.error;
    if (error && error.task >= 0 && error.task < this.ntasks && at >= this.ended!.seconds) {
      out[error.task] = FAILED;
    }
    return out;
  }

  /** How many tasks of tasks `first` to `last` (not included) are in each state. */
  tally(states: Uint8Array, first: number, last: number): number[] {
    const counts = new Array<number>(STATES.length).fill(0);
    for (let task = first; task < last; task++) {
      counts[states[task]] += 1;
    }
    return counts;
  }

  /** The number of the layer that `task` belongs to. */
  layerOf(task: number): number {
    let low = 0;
    let high = this.layers.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.layers[middle].first_task <= task) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The rows of each lane, in the order of their starts. */
  rowsByLane(): readonly LaneRows[] {
    if (this.lanesVersion === this.columns.version) {
      return this.lanes;
    }
    const { lane, start, present, end } = this.columns;
    const sizes: number[] = this.header.lanes.map(() => 0);
    for (let row = 0; row < end; row++) {
      if (present[row]) {
        sizes[lane[row]] = (sizes[lane[row]] ?? 0) + 1;
      }
    }
    this.lanes = Array.from(sizes, size => new Int32Array(size ?? 0));
    const filled = this.lanes.map(() => 0);
    const sorted = this.lanes.map(() => true);
    for (let row = 0; row < end; row++) {
      if (present[row]) {
        const rows = this.lanes[lane[row]];
        const i = filled[lane[row]]++;
        rows[i] = row;
        if (i && start[rows[i - 1]] > start[row]) {
          sorted[lane[row]] = false;
        }
      }
    }
    sorted.forEach((ok, i) => ok || this.lanes[i].sort((a, b) => start[a] - start[b]));
    this.lanesVersion = this.columns.version;
    return this.lanes;
  }

  /** Every start and stop, in order: where stepping stops. */
  events(): Float64Array {
    if (this.eventsVersion !== this.columns.version) {
      const { start, stop, present, end } = this.columns;
      const times = new Float64Array(2 * this.columns.filled);
      for (let row = 0, i = 0; row < end; row++) {
        if (present[row]) {
          times[i++] = start[row];
          times[i++] = stop[row];
        }
      }
      this.eventTimes = times.sort();
      this.eventsVersion = this.columns.version;
    }
    return this.eventTimes;
  }

  private takeHeader(header: RunHeader): void {
    if (header.ntasks !== this.header.ntasks) {
      const rowOf = new Int32Array(header.ntasks).fill(-1);
      rowOf.set(this.rowOf.subarray(0, header.ntasks));
      this.rowOf = rowOf;
      this.releasedAt = new Float64Array(header.ntasks).fill(Infinity);
      this.ptr = this.producer = null;
    }
    this.header = header;
  }

  private addSamples(out: Uint8Array): void {
    const bits = this.keyframe?.finished;
    if (bits && !this.complete) {
      for (let task = 0; task < this.ntasks; task++) {
        if (!out[task] && bits[task >> 3] & (128 >> (task & 7))) {
          out[task] = STORED;
        }
      }
    }
    for (const task of this.status?.task ?? []) {
      if (!out[task]) {
        out[task] = RUNNING;
      }
    }
  }

  private countUses(): void {
    this.uses = new Int32Array(this.ntasks);
    this.lastUse = new Float64Array(this.ntasks);
    this.keeps = new Uint8Array(this.ntasks);
    this.releasedAt.fill(Infinity);
    for (const task of this.producer!) {
      this.uses[task] += 1;
    }
    for (const task of this.header.kept) {
      this.uses[task] += 1; // the caller's own hold, never given up
      this.keeps[task] = 1;
    }
    for (let row = 0; row < this.columns.end; row++) {
      if (this.columns.present[row]) {
        this.release(row);
      }
    }
  }

  /** A task has finished: its inputs have one user less. */
  private release(row: number): void {
    const { ptr, producer } = this;
    if (!ptr || !producer) {
      return;
    }
    const task = this.columns.task[row];
    const stop = this.columns.stop[row];
    if (this.uses[task] === 0) {
      this.releasedAt[task] = Math.max(stop, this.lastUse[task]);
    }
    for (let edge = ptr[task]; edge < ptr[task + 1]; edge++) {
      const input = producer[edge];
      this.lastUse[input] = Math.max(this.lastUse[input], stop);
      this.uses[input] -= 1;
      if (this.uses[input] === 0) {
        this.releasedAt[input] = this.lastUse[input];
      }
    }
  }
}
