import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curvesOf, highest, peakOf, valueAt } from '../src/curves';
import { countedWords, momentOf, momentReason, momentSentence, momentsOf } from '../src/moments';
import { EDGES, WHOLE, ended, header, rows, storeWith } from './sample';
import type { RunStatus } from '../src/wire';

const CLOCK = (): number => 0;

test('the queue holds a task from when it is ready until it starts', () => {
  const { queue } = curvesOf(storeWith(WHOLE).current!, CLOCK);
  assert.deepEqual([0.4, 0.5, 0.9, 1, 1.6, 6.5].map(time => valueAt(queue, time)), [0, 1, 1, 0, 1, 0]);
});

test('memory is what each end measured, temporaries of what ran included', () => {
  const own = { ...rows(0, [0, 1, 2, 3, 4, 5, 6]), stored: Float64Array.of(8, 16, 24, 32, 24, 16, 8), scratch: Float64Array.of(0, 0, 0, 100, 0, 0, 0) };
  const { memory } = curvesOf(storeWith([header(), EDGES, own, ended()]).current!, CLOCK);
  assert.deepEqual([0.5, 0.9, 3.5, 3.9, 4.5, 4.9].map(time => valueAt(memory, time)), [0, 8, 24, 132, 132, 24]);
  assert.deepEqual(peakOf(memory), { time: 3.9, value: 132 });
  assert.deepEqual([...highest(memory, 0, 7, 7)], [8, 16, 24, 132, 132, 24, 16]);
  assert.deepEqual([...highest(memory, 4, 5, 2)], [132, 132]);
});

test('an empty curve is zero everywhere', () => {
  const { queue, memory } = curvesOf(storeWith([header()]).current!, CLOCK);
  assert.equal(valueAt(memory, 3), 0);
  assert.deepEqual(peakOf(memory), { time: 0, value: 0 });
  assert.deepEqual([...highest(queue, 0, 1, 3)], [0, 0, 0]);
});

test('a run that goes on counts what is ready without a row', () => {
  const status: RunStatus = { kind: 'status', session: 's', run: 1, now: 2, nfinished: 2, stored: 16, scratch: 4, lane: Int32Array.of(0), task: Int32Array.of(2), start: Float64Array.of(1.95) };
  const store = storeWith([header(), EDGES, rows(0, [0, 1]), status]);
  const moment = momentOf(store)!;
  assert.deepEqual([moment.running, moment.ready, moment.waiting, moment.bytes], [1, 2, 2, 20]); // x [1, 1] and y [0]
});

test('a moment is counted, and said', () => {
  const store = storeWith(WHOLE);
  store.seek(4.5);
  const run = store.current!;
  const moment = momentOf(store)!;
  assert.equal(countedWords(run, moment), '1 waiting · 1 ready · 1 running · 4 of 7 done · 8 B in use');
  assert.match(momentSentence(store), /^4\.50 s: 1 waiting/);
  assert.equal(momentReason(store, moment), '1 of 2 lanes free: one task is ready, and being handed out.');
  store.select({ task: 6 });
  assert.equal(momentReason(store, moment), 'z waits for 2 of its inputs: y [0] (running) and y [1] (ready).');
  store.select(null);
  store.seek(4.95);
  store.seek(null);
  assert.equal(momentReason(store, momentOf(store)!), 'Everything is done.');
});

test('at the end of a run only what is left of it is in use', () => {
  const store = storeWith(WHOLE); // z is handed over, and what it was made of is gone
  assert.equal(momentOf(store)!.bytes, 0);
  assert.equal(countedWords(store.current!, momentOf(store)!), '7 of 7 done');
  store.seek(6.95);
  assert.ok(momentOf(store)!.bytes > 0);
});

test('a run that failed has let go of its blocks', () => {
  const store = storeWith([header(), EDGES, rows(0, [0, 1, 2, 3]), ended(1, { state: 'failed', nrows: 4, seconds: 4 })]);
  assert.equal(momentOf(store)!.bytes, 0);
  store.seek(3.9);
  assert.ok(momentOf(store)!.bytes > 0);
});

test('the moments of a task are ready, start, stop and release; those of an operation all starts and stops', () => {
  const run = storeWith(WHOLE).current!;
  assert.deepEqual([...momentsOf(run, { task: 2 })], [1.5, 2, 2.9, 5.9]);
  assert.deepEqual([...momentsOf(run, { layer: 1 })], [4, 4.9, 5, 5.9]);
  assert.deepEqual([...momentsOf(run, null)], [...run.events()]);
});

test('stepping through a selection visits its moments and stays at its ends', () => {
  const store = storeWith(WHOLE);
  store.select({ task: 2 });
  store.seek(0);
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    store.player.stepSelected(1);
    seen.push(store.time!);
  }
  assert.deepEqual(seen, [1.5, 2, 2.9, 5.9, 5.9]);
  store.player.stepSelected(-1);
  assert.equal(store.time, 2.9);
  store.player.peak();
  assert.equal(store.time, 0.9);
});

test('states are counted once for every operation and the run', () => {
  const store = storeWith(WHOLE);
  store.seek(4.5);
  assert.deepEqual([store.tally(0), store.tally(1), store.tally()], [[0, 0, 4, 0, 0], [1, 1, 0, 0, 0], [2, 1, 4, 0, 0]]);
  store.seek(null);
  assert.deepEqual(store.tally(), store.current!.tally(store.states(), 0, 7));
});
