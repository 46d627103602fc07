/** How far a run is at the shown moment, by operation and as a whole: the numbers of Python's progress bar. */

import { bytes, count, seconds } from '../format';
import { FAILED, RELEASED, RUNNING, STORED } from '../states';
import type { Store } from '../store';
import { t } from '../translate';
import { layerName, runWord } from '../words';

/** Ends of a run before all is done. */
const CUT_SHORT: ReadonlySet<string> = new Set(['failed', 'cancelled', 'refused']);

/** How far one operation is. */
export interface OperationProgress {
  readonly layer: number;
  readonly name: string;
  readonly total: number;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  /** Kernel seconds of its finished tasks. */
  readonly seconds: number;
  /** Bytes that its finished tasks made. */
  readonly bytes: number;
  /** Seconds until its tasks are done, lanes as busy as so far; null where there is no pace yet, or nothing is left. */
  readonly left: number | null;
}

/** How far the run is. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Since it began. */
  readonly seconds: number;
  /** "running", "finished", "failed", "cancelled" or "refused". */
  readonly state: string;
  readonly bytes: number;
  readonly left: number | null;
  /** In the order of the graph. */
  readonly operations: readonly OperationProgress[];
}

/** Whole percents; 100 only when everything is done. */
export function percent(done: number, total: number): number {
  return done >= total ? 100 : Math.min(Math.floor((100 * done) / total), 99);
}

/** The progress at the store's time, or null without a run. */
export function progressOf(store: Store): RunProgress | null {
  const run = store.current;
  if (!run) {
    return null;
  }
  const n = run.layers.length;
  const [counts, busy, made] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const { task, start, stop, bytes_out, present, end } = run.columns;
  const at = store.time ?? Infinity;
  for (let row = 0; row < end; row++) {
    if (present[row] && stop[row] <= at) {
      const layer = run.layerOf(task[row]);
      counts[layer] += 1;
      busy[layer] += stop[row] - start[row];
      made[layer] += bytes_out[row];
    }
  }
  const time = store.shownTime();
  const over = store.time === null || time >= run.now(store.clock());
  const state = over ? run.ending : 'running';
  const all = { counts: sum(counts), busy: sum(busy) };
  const average = all.counts ? all.busy / all.counts : 0;
  const going = state === 'running' && all.busy > 0 && time > 0;
  const operations = run.layers.map((layer, number) => {
    const tally = store.tally(number);
    const done = tally[STORED] + tally[RELEASED];
    const each = counts[number] ? busy[number] / counts[number] : average;
    const rest = layer.ntasks - done;
    return {
      layer: number, name: layerName(layer), total: layer.ntasks, done, running: tally[RUNNING], failed: tally[FAILED],
      seconds: busy[number], bytes: made[number], left: going && rest ? (rest * each / all.busy) * time : null
    };
  });
  const done = sum(operations.map(one => one.done));
  return {
    done, total: run.ntasks, failed: sum(operations.map(one => one.failed)), seconds: time, state, bytes: sum(made), operations,
    left: going && done < run.ntasks ? sum(operations.map(one => one.left ?? 0)) : null
  };
}

/** "46% · 1.15 s · 23 of 50 tasks, about 1.35 s left · 20 tasks/s · 1.20 MiB made". */
export function progressWords(progress: RunProgress): string {
  const { done, total, left } = progress;
  const counted = done >= total ? count(total, 'task') : t('{done} of {all}', { done: done.toLocaleString('en-US'), all: count(total, 'task') });
  const parts = [
    `${percent(done, total)}%`, seconds(progress.seconds),
    left === null ? counted : t('{counted}, about {time} left', { counted, time: seconds(left) })
  ];
  if (done && progress.seconds > 0) {
    parts.push(t('{pace} tasks/s', { pace: pace(done / progress.seconds) }), t('{size} made', { size: bytes(progress.bytes) }));
  }
  if (CUT_SHORT.has(progress.state)) {
    parts.push(runWord(progress.state));
  }
  return parts.join(' · ');
}

/** The same in brief, for a narrow head line: "46% · 23 of 50 · about 1.35 s left". */
export function progressBrief(progress: RunProgress): string {
  const { done, total, left } = progress;
  const counted = done >= total ? count(total, 'task')
    : t('{done} of {all}', { done: done.toLocaleString('en-US'), all: total.toLocaleString('en-US') });
  const parts = [`${percent(done, total)}%`, counted];
  if (left !== null) {
    parts.push(t('about {time} left', { time: seconds(left) }));
  } else if (CUT_SHORT.has(progress.state)) {
    parts.push(runWord(progress.state));
  } else {
    parts.push(seconds(progress.seconds));
  }
  return parts.join(' · ');
}

/** One operation in words, as a screen reader says it. */
export function operationWords(one: OperationProgress): string {
  const parts = [t('{done} of {all}', { done: one.done.toLocaleString('en-US'), all: count(one.total, 'task') })];
  if (one.running) {
    parts.push(t('{n} running', { n: one.running.toLocaleString('en-US') }));
  }
  if (one.failed) {
    parts.push(t('{n} failed', { n: one.failed.toLocaleString('en-US') }));
  }
  if (one.left !== null) {
    parts.push(t('about {time} left', { time: seconds(one.left) }));
  }
  return parts.join(', ');
}

function pace(tasks: number): string {
  return tasks >= 10 ? Math.round(tasks).toLocaleString('en-US') : String(Number(tasks.toPrecision(2)));
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total += values[i];
  }
  return total;
}
