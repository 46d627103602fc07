/** Where the time of the lanes went between two moments: kernels by operation, reading, waiting, overhead; and in words. */

import { freeTimes, spanAfter } from '../bars';
import { curvesOf } from '../curves';
import { count, seconds } from '../format';
import type { Run } from '../run';
import { t } from '../translate';
import { layerName } from '../words';
import { isSpill } from './notices';

/** The time of one operation. */
export interface OperationTime {
  readonly layer: number;
  readonly name: string;
  readonly tasks: number;
  readonly seconds: number;
  readonly reads: boolean;
}

/** Lane seconds between two moments. Their sum is that of all lanes. */
export interface Totals {
  readonly from: number;
  readonly to: number;
  readonly lanes: number;
  /** Kernels that read nothing from outside. */
  readonly kernels: number;
  /** Kernels of operations that read files or the user's own arrays. */
  readonly reads: number;
  /** Nothing was ready. */
  readonly waiting: number;
  /** A task was ready and had not started. */
  readonly overhead: number;
  /** All the time of lanes that ran no task of the run. */
  readonly unused: number;
  /** Blocks that were written to disk to make room. */
  readonly spills: number;
  /** The operations that took time, the longest first. */
  readonly operations: readonly OperationTime[];
}

/** Whether the tasks of an operation read files or the user's own arrays, alone or before they compute. */
export function isReading(run: Run, layer: number): boolean {
  return run.layers[layer].read_bytes > 0;
}

/** The totals of a run between two times. */
export function totalsOf(run: Run, from: number, to: number, clock: () => number): Totals {
  const { task, start, stop, present, end } = run.columns;
  const spent = new Float64Array(run.layers.length);
  const tasks = new Int32Array(run.layers.length);
  for (let row = 0; row < end; row++) {
    const inside = present[row] ? Math.min(stop[row], to) - Math.max(start[row], from) : -1;
    if (inside >= 0) {
      const layer = run.layerOf(task[row]);
      spent[layer] += inside;
      tasks[layer] += 1;
    }
  }
  const status = run.ended ? null : run.status;
  status?.task.forEach((one, i) => {
    const inside = run.rowOf[one] < 0 ? to - Math.max(status.start[i], from) : 0;
    spent[run.layerOf(one)] += Math.max(inside, 0);
  });
  const { queued } = curvesOf(run, clock);
  let [waiting, overhead, unused] = [0, 0, 0];
  run.rowsByLane().forEach((rows, lane) => {
    const running = status ? [...status.lane].indexOf(lane) : -1;
    const until = running >= 0 && run.rowOf[status!.task[running]] < 0 ? Math.max(from, Math.min(to, status!.start[running])) : to;
    if (!rows.length && running < 0) {
      unused += to - from;
      return;
    }
    freeTimes(run, rows, from, until, 0, (a, b) => {
      let ready = 0;
      for (let i = spanAfter(queued, a); i < queued.length && queued[i] < b; i += 2) {
        ready += Math.min(queued[i + 1], b) - Math.max(queued[i], a);
      }
      overhead += ready;
      waiting += b - a - ready;
    });
  });
  const operations = run.layers.map((layer, number) => ({
    layer: number, name: layerName(layer), tasks: tasks[number], seconds: spent[number], reads: isReading(run, number)
  }));
  const sum = (reads: boolean): number => operations.reduce((total, one) => total + (one.reads === reads ? one.seconds : 0), 0);
  return {
    from, to, lanes: run.header.lanes.length, kernels: sum(false), reads: sum(true), waiting, overhead, unused,
    spills: run.notices.all().filter(one => isSpill(one.topic) && one.time >= from && one.time <= to).length,
    operations: operations.filter(one => one.tasks > 0 || one.seconds > 0).sort((a, b) => b.seconds - a.seconds)
  };
}

/** "71%" of all lane seconds. */
export function share(totals: Totals, part: number): string {
  const all = totals.lanes * (totals.to - totals.from);
  return all > 0 ? `${Math.round((100 * part) / all)}%` : '0%';
}

/** The totals as a sentence. */
export function totalsWords(totals: Totals): string {
  const part = (word: string, size: number): string => `${word} ${seconds(size)} (${share(totals, size)})`;
  const parts = [part(t('kernels'), totals.kernels)];
  if (totals.reads > 0) {
    parts.push(part(t('reading'), totals.reads));
  }
  parts.push(part(t('waiting, nothing ready'), totals.waiting), part(t('overhead, ready but not started'), totals.overhead));
  if (totals.unused > 0) {
    parts.push(part(t('lanes not used'), totals.unused));
  }
  if (totals.spills) {
    parts.push(count(totals.spills, 'spill'));
  }
  return t('{time} on {lanes}: {parts}', {
    time: seconds(totals.to - totals.from), lanes: count(totals.lanes, 'lane'), parts: parts.join(', ')
  });
}

/** Keeps the totals of what is shown. */
export class TotalsCache {
  private basis = '';
  private kept: Totals | null = null;

  get(run: Run, from: number, to: number, clock: () => number): Totals {
    const basis = `${run.number}/${run.columns.version}/${run.state}/${from}/${to}/${run.notices.total}`;
    if (!this.kept || basis !== this.basis) {
      this.basis = basis;
      this.kept = totalsOf(run, from, to, clock);
    }
    return this.kept;
  }
}
