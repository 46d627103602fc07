/** What worker processes took while a run went on: their own memory and their processors, over time and at a moment. */

import type { Curve } from './curves';
import { bytes, seconds } from './format';
import type { Run } from './run';
import { t } from './translate';
import type { WorkerLoad } from './wire';

/** One worker at a moment. */
export interface WorkerMoment {
  readonly name: string;
  /** Bytes that it held by itself. */
  readonly own: number;
  /** The most that it was seen to hold by itself, all over the run. */
  readonly most: number;
  /** Bytes that it may hold; null is no limit. */
  readonly limit: number | null;
  /** Processor cores that it used. */
  readonly cores: number;
}

/** Both curves of a run's workers, all together. */
export interface LoadCurves {
  readonly cores: Curve;
  readonly own: Curve;
}

const KNOWN = new WeakMap<WorkerLoad, LoadCurves>();

/** The workers at a time, by their last look before it; before the first look nothing is known of one. */
export function workersAt(run: Run, time: number): WorkerMoment[] {
  const load = run.workload;
  if (!load) {
    return [];
  }
  const last = load.names.map(() => -1);
  const most = load.names.map(() => 0);
  load.time.forEach((at, i) => {
    const worker = load.worker[i];
    if (at <= time) {
      last[worker] = i;
    }
    most[worker] = Math.max(most[worker], load.own[i]);
  });
  return load.names.map((name, worker) => ({
    name, most: most[worker], limit: load.limits[worker] || null,
    own: last[worker] < 0 ? 0 : load.own[last[worker]], cores: last[worker] < 0 ? 0 : load.processor[last[worker]]
  }));
}

/** "At 1.2 s worker processes used 1.8 cores and held 126 MiB by themselves. "; empty where nobody looked. */
export function workersSentence(run: Run, time: number): string {
  const workers = workersAt(run, time);
  return workers.length ? `${t('At {time} worker processes used {cores} cores and held {size} by themselves.', {
    time: seconds(time), cores: sum(workers, one => one.cores).toFixed(1), size: bytes(sum(workers, one => one.own))
  })} ` : '';
}

function sum(workers: readonly WorkerMoment[], part: (worker: WorkerMoment) => number): number {
  return workers.reduce((total, worker) => total + part(worker), 0);
}

/** What all workers used and held by themselves, from look to look; null where nobody looked. */
export function loadCurves(run: Run): LoadCurves | null {
  const load = run.workload;
  if (!load?.time.length) {
    return null;
  }
  let known = KNOWN.get(load);
  if (!known) {
    known = { cores: summed(load, load.processor), own: summed(load, load.own) };
    KNOWN.set(load, known);
  }
  return known;
}

/** The sum of each worker's last value, at every look. */
function summed({ time, worker, names }: WorkerLoad, values: Float64Array): Curve {
  const last = names.map(() => 0);
  let now = 0;
  const sums = new Float64Array(time.length);
  time.forEach((_, i) => {
    now += values[i] - last[worker[i]];
    last[worker[i]] = values[i];
    sums[i] = Math.max(now, 0);
  });
  return { time, value: sums };
}
