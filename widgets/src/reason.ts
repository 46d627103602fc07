/**
 * Why a task is where it is at a moment, in one sentence: worked out from the recorded rows and edges alone, so that it
 * can be said of any moment of a recording. The words are those of `run.why(task)`.
 */

import { bytes, seconds } from './format';
import { inputsOf, isOutput, linked, usersOf } from './links';
import type { Run } from './run';
import { FAILED, PENDING, RELEASED, RUNNING, STORED } from './states';
import { t, tn } from './translate';
import { laneName, spelled, taskName } from './words';

/** How many tasks a sentence names before it counts the rest. */
const NAMED = 3;
/** What notices are about that tell why a task that is ready does not start. */
export const HOLDING: ReadonlySet<string> = new Set(['held', 'blocks']);
/** Inputs that are looked at one by one. */
const MOST_INPUTS = 10_000;

/** The sentence about a task at a moment (null is now), with the states of all tasks at that moment. */
export function reasonAt(run: Run, task: number, time: number | null, states: Uint8Array): string {
  const name = taskName(run, task);
  switch (states[task]) {
    case RUNNING:
      return `${name} ${running(run, task, time)}.`;
    case STORED:
      return `${name} ${stored(run, task, states)}.`;
    case RELEASED:
      return `${name} ${released(run, task)}.`;
    case FAILED:
      return `${name} ${t('failed: its kernel raised {error}', { error: run.ended?.error?.error.split('\n', 1)[0] ?? '' })}.`;
    default:
      return `${name} ${pending(run, task, time, states)}.`;
  }
}

/** "waiting" for inputs, or "ready" to start: what a task is that has not begun. */
export function phaseOf(run: Run, task: number, time: number | null, states: Uint8Array): 'waiting' | 'ready' {
  const row = run.rowOf[task];
  if (row >= 0 && time !== null) {
    return run.columns.ready[row] <= time ? 'ready' : 'waiting';
  }
  return inputsOf(run, task).some(input => !made(states[input])) ? 'waiting' : 'ready';
}

function pending(run: Run, task: number, time: number | null, states: Uint8Array): string {
  const row = run.rowOf[task];
  if (row < 0 && run.ended && run.ended.state !== 'running') {
    return never(run, task);
  }
  if (!linked(run)) {
    return row >= 0 && time !== null && run.columns.ready[row] <= time ? ready(run, task, time, states) : t('has not started');
  }
  const missing = inputsOf(run, task).slice(0, MOST_INPUTS).filter(input => !made(states[input]));
  if (missing.length) {
    const names = missing.slice(0, NAMED).map(input => `${taskName(run, input)} (${t(word(run, input, time, states))})`);
    const what = list(names, missing.length);
    return missing.length === 1
      ? t('waits for one of its inputs: {names}', { names: what })
      : t('waits for {n} of its inputs: {names}', { n: missing.length.toLocaleString('en-US'), names: what });
  }
  if (phaseOf(run, task, time, states) === 'waiting') {
    return t('has all its inputs, and is made ready'); // between its last input's end and its entry into the queue
  }
  return ready(run, task, time, states);
}

/** It could run: who keeps it from a lane, and what is started before it. */
function ready(run: Run, task: number, time: number | null, states: Uint8Array): string {
  const { start, present, end } = run.columns;
  const row = run.rowOf[task];
  const notice = run.notices.about(task).filter(one => HOLDING.has(one.topic) && (time === null || one.time <= time)).pop();
  if (notice) {
    return t('is ready, but: {text}', { text: spelled(run, task, notice.text).replace(/\.$/, '') });
  }
  let turn = '';
  if (row >= 0 && time !== null) {
    let before = 0;
    for (let other = 0; other < end; other++) {
      before += present[other] && start[other] > time && start[other] < start[row] ? 1 : 0;
    }
    turn = before
      ? tn('one task is started before it', '{n} tasks are started before it', before)
      : t('it is the next');
  }
  const busy = states.reduce((count, state) => count + (state === RUNNING ? 1 : 0), 0);
  const lanes = run.header.lanes.length;
  if (busy >= lanes) {
    const all = lanes === 1 ? t('the only lane is busy') : t('all {n} lanes are busy', { n: lanes });
    return `${t('waits for a lane: {lanes}', { lanes: all })}${turn ? `; ${turn}` : ''}`;
  }
  return turn ? t('is ready and starts when a lane asks: {turn}', { turn }) : t('is ready and starts when a lane asks');
}

function running(run: Run, task: number, time: number | null): string {
  const row = run.rowOf[task];
  const at = row < 0 ? (run.status?.task.indexOf(task) ?? -1) : -1;
  const users = purpose(run, task);
  if (row < 0 && at < 0) {
    return `${t('runs')}${users}`;
  }
  const lane = row >= 0 ? run.columns.lane[row] : run.status!.lane[at];
  const start = row >= 0 ? run.columns.start[row] : run.status!.start[at];
  const name = laneName(run, lane);
  const so = time === null ? '' : row >= 0
    ? `, ${t('{part} of {whole}', { part: seconds(Math.max(0, time - start)), whole: seconds(run.columns.stop[row] - start) })}`
    : `, ${t('for {part}', { part: seconds(Math.max(0, time - start)) })}`;
  return `${t('runs on {lane} since {start}', { lane: name, start: seconds(start) })}${so}${users}`;
}

function stored(run: Run, task: number, states: Uint8Array): string {
  const row = run.rowOf[task];
  const size = row >= 0 ? ` (${bytes(run.columns.bytes_out[row])})` : '';
  const head = t('has finished');
  if (!linked(run)) {
    return `${head}; ${t('its block is in memory')}${size}`;
  }
  const users = usersOf(run, task);
  const left = users.filter(user => !made(states[user]));
  if (left.length) {
    const names = list(left.slice(0, NAMED).map(user => taskName(run, user)), left.length);
    return `${head}; ${t('its block stays')}${size}: ${tn('{names} still needs it', '{names} still need it', left.length, { names })}`;
  }
  if (isOutput(run, task)) {
    return `${head}; ${t('its block is kept')}${size}: ${t('it is an output')}`;
  }
  return `${head}; ${t('its block is in memory')}${size}`;
}

function released(run: Run, task: number): string {
  const users = usersOf(run, task);
  const { stop } = run.columns;
  const rows = users.map(user => run.rowOf[user]).filter(row => row >= 0);
  if (!rows.length) {
    return `${t('has finished')}; ${t('what it made was freed at once: nothing reads it')}`;
  }
  const last = rows.reduce((best, row) => (stop[row] > stop[best] ? row : best));
  const user = taskName(run, run.columns.task[last]);
  const when = seconds(run.releasedAt[task]);
  return users.length === 1
    ? t('was released at {when}, because its only user {user} had finished', { when, user })
    : t('was released at {when}, because {user}, the last of its {n} users, had finished', { when, user, n: users.length.toLocaleString('en-US') });
}

/** A task of a run that ended before it: because of a failure below it, or because nothing new was started. */
function never(run: Run, task: number): string {
  const failed = run.ended?.error?.task ?? -1;
  if (failed >= 0 && dependsOn(run, task, failed)) {
    return t('will never run: {task} failed, and it depends on that', { task: taskName(run, failed) });
  }
  return failed >= 0
    ? t('will never run: {task} failed before it started', { task: taskName(run, failed) })
    : t('will never run: the run was cancelled before it started');
}

/** Whether a task needs another one, straight or through others. */
function dependsOn(run: Run, task: number, other: number): boolean {
  const seen = new Set([task]);
  const stack = [task];
  while (stack.length) {
    for (const input of inputsOf(run, stack.pop()!)) {
      if (input === other) {
        return true;
      }
      if (!seen.has(input)) {
        seen.add(input);
        stack.push(input);
      }
    }
  }
  return false;
}

/** Who needs it. */
function purpose(run: Run, task: number): string {
  const users = usersOf(run, task);
  if (users.length) {
    const names = list(users.slice(0, NAMED).map(user => taskName(run, user)), users.length);
    return `; ${tn('{names} needs it', '{names} need it', users.length, { names })}`;
  }
  return isOutput(run, task) ? `; ${t('it is an output')}` : '';
}

function word(run: Run, task: number, time: number | null, states: Uint8Array): string {
  return states[task] === RUNNING ? 'running' : states[task] === FAILED ? 'failed' : phaseOf(run, task, time, states);
}

function made(state: number): boolean {
  return state !== PENDING && state !== RUNNING && state !== FAILED;
}

/** "x, y and z", "x, y, z and 4 more". */
function list(names: readonly string[], total: number): string {
  if (total > names.length) {
    return t('{names} and {n} more', { names: names.join(', '), n: (total - names.length).toLocaleString('en-US') });
  }
  return names.length > 1 ? t('{names} and {last}', { names: names.slice(0, -1).join(', '), last: names[names.length - 1] }) : names[0];
}
