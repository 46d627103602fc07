/** Where the time of the lanes went between two moments: kernels by operation, reading, waiting, overhead; and in words. */

import { count, seconds } from '../format';
import type { Run } from '../run';
import { kernelsBetween, share, spentBetween } from '../spent';
import type { Spent } from '../spent';
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

/** Where the lane seconds between two moments went, by operation too. */
export interface Totals extends Spent {
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
export function totalsOf(run: Run, from: number, to: number): Totals {
  const { task, start, stop, present, end } = run.columns;
  const tasks = new Int32Array(run.layers.length);
  for (let row = 0; row < end; row++) {
    if (present[row] && Math.min(stop[row], to) >= Math.max(start[row], from)) {
      tasks[run.layerOf(task[row])] += 1;
    }
  }
  const busy = kernelsBetween(run, from, to);
  const operations = run.layers.map((layer, number) => ({
    layer: number, name: layerName(layer), tasks: tasks[number], seconds: busy[number], reads: isReading(run, number)
  }));
  return {
    ...spentBetween(run, from, to),
    spills: run.notices.all().filter(one => isSpill(one.topic) && one.time >= from && one.time <= to).length,
    operations: operations.filter(one => one.tasks > 0 || one.seconds > 0).sort((a, b) => b.seconds - a.seconds)
  };
}

/** "71%" of the time of the lanes that took part. */
export function shareWords(totals: Totals, part: number): string {
  return `${Math.round(100 * share(totals, part))}%`;
}

/** The totals as a sentence. */
export function totalsWords(totals: Totals): string {
  const part = (word: string, size: number): string => `${word} ${seconds(size)} (${shareWords(totals, size)})`;
  const parts = [part(t('kernels'), totals.kernels - totals.reading)];
  if (totals.reading > 0) {
    parts.push(part(t('reading'), totals.reading));
  }
  parts.push(part(t('waiting, nothing ready'), totals.waiting), part(t('overhead, ready but not started'), totals.overhead));
  if (totals.held > 0) {
    parts.push(part(t('held back for memory'), totals.held));
  }
  if (totals.outside > 0) {
    parts.push(part(t('before the first task, after the last'), totals.outside));
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

  get(run: Run, from: number, to: number): Totals {
    const basis = `${run.number}/${run.columns.version}/${run.state}/${from}/${to}/${run.notices.total}`;
    if (!this.kept || basis !== this.basis) {
      this.basis = basis;
      this.kept = totalsOf(run, from, to);
    }
    return this.kept;
  }
}
