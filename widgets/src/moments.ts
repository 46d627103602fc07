/** One moment of a run: what is counted at it, what can be said of it, and the moments at which something happens to a target. */

import { curvesOf, valueAt } from './curves';
import { bytes, seconds } from './format';
import { HOLDING, reasonAt } from './reason';
import type { Run } from './run';
import type { Store } from './store';
import { layersOf } from './target';
import type { Target } from './target';
import { t, tn } from './translate';

/** A task that was held back so long ago, as a share of the run, no longer explains why a lane is free. */
const RECENT = 0.1;
/** Notices that are looked through for it. */
const LOOKED_AT = 20;

/** What is counted at a moment. */
export interface Moment {
  readonly time: number;
  /** Tasks that wait for inputs. */
  readonly waiting: number;
  /** Tasks that are ready and have not started. */
  readonly ready: number;
  readonly running: number;
  readonly stored: number;
  readonly released: number;
  readonly failed: number;
  /** Bytes in use, as measured when the last task before it ended; at the end of a run, what is left of it. */
  readonly bytes: number;
}

/** The shown moment of the shown run, or null. */
export function momentOf(store: Store): Moment | null {
  const run = store.current;
  if (!run) {
    return null;
  }
  const time = store.shownTime();
  const curves = curvesOf(run, store.clock);
  const [pending, running, stored, released, failed] = store.tally();
  const ready = Math.min(pending, Math.max(0, valueAt(curves.queue, time)));
  const live = store.time === null && !run.ended && run.status;
  const over = run.ended !== null && time >= run.now(0);
  const size = live ? live.stored + live.scratch : over ? bytesLeft(run) ?? valueAt(curves.memory, time) : valueAt(curves.memory, time);
  return { time, waiting: pending - ready, ready, running, stored, released, failed, bytes: size };
}

/**
 * Bytes of the blocks that are there after a run: what its last task has read is gone, what was asked for is handed over,
 * and a run that did not come to its end lets go of everything. Null where the edges are not known.
 */
function bytesLeft(run: Run): number | null {
  if (run.state !== 'finished') {
    return 0;
  }
  if (run.ptr === null) {
    return null;
  }
  const { bytes_out, present, end } = run.columns;
  let sum = 0;
  for (let row = 0; row < end; row++) {
    if (present[row] && run.leftAt(row) === Infinity) {
      sum += bytes_out[row];
    }
  }
  return sum;
}

/** "3 ready · 2 running · 120 of 200 done · 3.20 MiB in use": only what there is. */
export function countedWords(run: Run, moment: Moment): string {
  const done = moment.stored + moment.released;
  const figure = (n: number): string => n.toLocaleString('en-US');
  const told = ([[t('{n} waiting', { n: figure(moment.waiting) }), moment.waiting], [t('{n} ready', { n: figure(moment.ready) }), moment.ready],
    [t('{n} running', { n: figure(moment.running) }), moment.running]] as const).filter(([, n]) => n > 0).map(([words]) => words);
  return [
    ...told, t('{done} of {all} done', { done: figure(done), all: figure(run.ntasks) }),
    ...(moment.failed ? [t('{n} failed', { n: figure(moment.failed) })] : []),
    ...(moment.bytes > 0 ? [t('{size} in use', { size: bytes(moment.bytes) })] : [])
  ].join(' · ');
}

/** Why the run, or the selected task, is where it is at the shown moment: one sentence. */
export function momentReason(store: Store, moment: Moment): string {
  const run = store.current!;
  const target = store.selection;
  if (target && 'task' in target && target.task < run.ntasks) {
    return reasonAt(run, target.task, store.time, store.states());
  }
  const lanes = run.header.lanes.length;
  const free = lanes - moment.running;
  const queued = tn('one task is ready', '{n} tasks are ready', moment.ready);
  if (moment.waiting + moment.ready + moment.running === 0) {
    return moment.failed ? t('Over: a task has failed.') : t('Everything is done.');
  }
  const refusal = run.notices.all().find(one => one.topic === 'refused');
  if (refusal) {
    return t('Refused before anything ran: {reason}.', { reason: refusal.text });
  }
  if (run.ended && store.time === null) {
    return t('Over: {n} tasks never ran.', { n: (moment.waiting + moment.ready).toLocaleString('en-US') });
  }
  if (moment.running && free <= 0) {
    const all = lanes === 1 ? t('The only lane is busy') : t('All {n} lanes are busy', { n: lanes });
    return `${all}${moment.ready ? `; ${queued}` : ''}.`;
  }
  const notice = run.notices.before(store.time, LOOKED_AT).find(one => HOLDING.has(one.topic));
  const some = lanes === 1 ? t('The only lane is free') : t('{free} of {n} lanes free', { free, n: lanes });
  if (moment.ready) {
    return notice && moment.time - notice.time < RECENT * run.now(0) ? notice.text : `${some}: ${t('{queued}, and being handed out', { queued })}.`;
  }
  return moment.waiting
    ? `${some}: ${tn('nothing is ready, one task waits for inputs', 'nothing is ready, {n} tasks wait for inputs', moment.waiting)}.`
    : `${some}: ${t('nothing is left to start')}.`;
}

/** The moment as a spoken sentence. */
export function momentSentence(store: Store): string {
  const moment = momentOf(store);
  return moment ? `${seconds(moment.time)}: ${countedWords(store.current!, moment)}` : '';
}

/** When something happens to a target, in order: its tasks become ready, start, end, and their blocks are freed. */
export function momentsOf(run: Run, target: Target): Float64Array {
  if (target === null) {
    return run.events();
  }
  const { ready, start, stop } = run.columns;
  const times: number[] = [];
  const take = (task: number, all: boolean): void => {
    const row = run.rowOf[task];
    if (row >= 0) {
      times.push(start[row], stop[row]);
      if (all) {
        times.push(ready[row]);
        if (run.releasedAt[task] < Infinity) {
          times.push(run.releasedAt[task]);
        }
      }
    }
  };
  if ('task' in target) {
    take(target.task, true);
  } else {
    for (const number of layersOf(run, target)) {
      const { first_task, ntasks } = run.layers[number];
      for (let task = first_task; task < first_task + ntasks; task++) {
        take(task, false);
      }
    }
  }
  return Float64Array.from(times).sort();
}
