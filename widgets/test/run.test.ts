import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Run } from '../src/run';
import type { Message } from '../src/wire';
import { EDGES, WHOLE, ended, header, rows } from './sample';

function runOf(messages: readonly Message[]): Run {
  const run = new Run(header());
  messages.forEach(message => run.receive(message, 0));
  return run;
}

function states(run: Run, time: number | null): number[] {
  return [...run.states(time, new Uint8Array(run.ntasks))];
}

test('a task is pending, running, stored, and released with its last user', () => {
  const run = runOf(WHOLE);
  assert.deepEqual(states(run, 0.5), [1, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(states(run, 3.95), [2, 2, 2, 2, 0, 0, 0]);
  assert.deepEqual(states(run, 4.95), [3, 3, 2, 2, 2, 0, 0]);
  assert.deepEqual(states(run, 6.5), [3, 3, 3, 3, 2, 2, 1]);
});

test('at the end only what the caller asked for is stored', () => {
  assert.deepEqual(states(runOf(WHOLE), null), [3, 3, 3, 3, 3, 3, 2]);
});

test('without edges nothing is said to be released', () => {
  assert.deepEqual(states(runOf(WHOLE.filter(m => m.kind !== 'edges')), null), [2, 2, 2, 2, 2, 2, 2]);
});

test('messages in any order give the same states', () => {
  const parts = [EDGES, rows(0, [0, 1]), rows(2, [2, 3, 4]), rows(5, [5, 6]), rows(1, [1, 2]), ended()];
  const forth = runOf(parts);
  const back = runOf([...parts].reverse());
  for (const time of [null, 0, 0.5, 2.2, 4.95, 6.95]) {
    assert.deepEqual(states(back, time), states(forth, time));
  }
  assert.ok(forth.complete && back.complete);
});

test('a page that joins late sees what has finished before it has the rows', () => {
  const run = runOf([
    { kind: 'keyframe', session: 's', run: 1, nrows: 3, now: 3.4, finished: Uint8Array.of(0b11100000) },
    { kind: 'status', session: 's', run: 1, now: 3.4, nfinished: 3, stored: 24, scratch: 0, lane: Int32Array.of(1), task: Int32Array.of(3), start: Float64Array.of(3) }
  ]);
  assert.deepEqual(states(run, null), [2, 2, 2, 1, 0, 0, 0]);
  assert.equal(run.complete, false);
  assert.equal(run.nfinished, 3);
  run.receive(rows(0, [0, 1, 2]), 0);
  assert.equal(run.complete, true);
});

test('a failed task is shown as failed from the end on', () => {
  const error = { task: 3, error: 'ValueError: x', origin: null, operation: 'y', variable: '', region: '', partition: '', file: '' };
  const run = runOf([EDGES, rows(0, [0, 1, 2]), ended(1, { state: 'failed', seconds: 3.5, nrows: 3, error })]);
  assert.deepEqual(states(run, 3.4), [2, 2, 2, 0, 0, 0, 0]);
  assert.deepEqual(states(run, null), [2, 2, 2, 4, 0, 0, 0]);
  assert.equal(run.state, 'failed');
});

test('lanes hold their rows in the order of starts', () => {
  const lanes = runOf([rows(3, [5, 6]), rows(0, [0, 1, 2])]).rowsByLane();
  assert.deepEqual(lanes.map(lane => [...lane]), [[0, 2, 4], [1, 3]]);
});

test('the layer of a task is found by its number', () => {
  const run = runOf([]);
  assert.deepEqual([0, 3, 4, 5, 6].map(task => run.layerOf(task)), [0, 0, 1, 1, 2]);
});

test('an added segment keeps what is known and shows the new tasks as pending', () => {
  const run = runOf([rows(0, [0, 1])]);
  run.receive(header(1, { ntasks: 9 }), 0);
  assert.deepEqual(states(run, null), [2, 2, 0, 0, 0, 0, 0, 0, 0]);
});

test('live time goes on between samples, for a second at most, and never in a simulation', () => {
  const run = runOf([]);
  run.receive({ kind: 'status', session: 's', run: 1, now: 2, nfinished: 0, stored: 0, scratch: 0, lane: new Int32Array(0), task: new Int32Array(0), start: new Float64Array(0) }, 10);
  assert.equal(run.now(10.5), 2.5);
  assert.equal(run.now(99), 3);
  run.receive(header(1, { executor: 'simulated' }), 10);
  assert.equal(run.now(10.5), 2);
});
