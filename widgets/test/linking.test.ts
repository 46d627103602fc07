import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputsOf, usersOf } from '../src/links';
import { phaseOf, reasonAt } from '../src/reason';
import type { Change } from '../src/store';
import { concerns, layerOf, layersOf, same } from '../src/target';
import { describe } from '../src/words';
import type { Place, RunHeader } from '../src/wire';
import { EDGES, WHOLE, ended, header, layer, rows, storeWith } from './sample';

function place(cell: string, line: number): Place {
  return { file: 'the cell', line, text: `line ${line}`, cell };
}

const SOURCED: RunHeader = header(1, {
  layers: [
    layer('x', 0, [2, 2], { origin: place('one', 1) }),
    layer('y', 4, [2], { origin: place('two', 2), parts: [{ op: 'w', origin: place('one', 3) }] }),
    layer('z', 6, [], { origin: place('two', 2) })
  ]
});

test('a cell concerns the operations that its lines made, and those that took a part in', () => {
  const run = storeWith([SOURCED]).current!;
  assert.deepEqual(layersOf(run, { cell: 'one', line: null }), [0, 1]);
  assert.deepEqual(layersOf(run, { cell: 'one', line: 3 }), [1]);
  assert.deepEqual(layersOf(run, { cell: 'two', line: 2 }), [1, 2]);
  assert.deepEqual(layersOf(run, { cell: 'three', line: null }), []);
  assert.deepEqual(layersOf(run, { cell: '', line: null }), []);
  assert.equal(layerOf(run, { cell: 'two', line: null }), 1);
  assert.equal(layerOf(run, { cell: 'three', line: null }), -1);
  assert.deepEqual([0, 1, 2].map(number => concerns(run, { task: 5 }, number)), [false, true, false]);
  assert.ok(!concerns(run, null, 0));
});

test('targets of three kinds are told apart', () => {
  assert.ok(same({ cell: 'a', line: 1 }, { cell: 'a', line: 1 }));
  assert.ok(!same({ cell: 'a', line: 1 }, { cell: 'a', line: null }));
  assert.ok(!same({ cell: 'a', line: 1 }, { layer: 1 }));
  assert.ok(!same({ task: 1 }, { cell: 'a', line: 1 }));
});

test('a selected line is described by what it made, with its code', () => {
  const store = storeWith([SOURCED]);
  const words = describe(store, { cell: 'two', line: 2 })!;
  assert.equal(words.title, 'What line 2 made: 2 operations');
  assert.equal(words.lines[0], 'y, z');
  assert.deepEqual([words.code, words.place?.cell], ['line 2 of the cell: line 2', 'two']);
  assert.equal(describe(store, { cell: 'three', line: null }), null);
  assert.equal(describe(store, { layer: 0 })!.place?.cell, 'one');
});

test('the stretch of time that is shown stays in the run, and is told once', () => {
  const store = storeWith(WHOLE);
  const told: Change[] = [];
  store.on(change => told.push(change));
  store.zoom({ from: -1, to: 1 });
  assert.deepEqual(store.window, { from: 0, to: 2 });
  store.zoom({ from: 6, to: 8 });
  assert.deepEqual(store.shownWindow(), { from: 5, to: 7 });
  store.zoom({ from: 5, to: 7 });
  store.zoom({ from: 0, to: 70 });
  assert.equal(store.window, null);
  assert.deepEqual(store.shownWindow(), { from: 0, to: 7 });
  assert.deepEqual(told, ['window', 'window', 'window']);
});

test('inputs and users come from the edges', () => {
  const run = storeWith(WHOLE).current!;
  assert.deepEqual(inputsOf(run, 6), [4, 5]);
  assert.deepEqual(usersOf(run, 1), [4]);
  assert.deepEqual(usersOf(run, 6), []);
  assert.deepEqual(usersOf(storeWith([header()]).current!, 1), []);
});

function said(messages: Parameters<typeof storeWith>[0], task: number, time: number | null): string {
  const store = storeWith(messages);
  store.seek(time);
  return reasonAt(store.current!, task, store.time, store.states());
}

test('the reason at a moment comes from the rows and the edges', () => {
  assert.equal(said(WHOLE, 4, 0.5), 'y [0] waits for 2 of its inputs: x [0, 0] (running) and x [0, 1] (ready).');
  assert.equal(said(WHOLE, 6, 5), 'z waits for one of its inputs: y [1] (running).');
  assert.equal(said(WHOLE, 2, 1.7), 'x [1, 0] is ready and starts when a lane asks: it is the next.');
  assert.equal(said(WHOLE, 3, 2.95), 'x [1, 1] is ready and starts when a lane asks: it is the next.');
  assert.equal(said(WHOLE, 4, 4.3), 'y [0] runs on a since 4.00 s, 300 ms of 900 ms; z needs it.');
  assert.equal(said(WHOLE, 0, 2), 'x [0, 0] has finished; its block stays (8 B): y [0] still needs it.');
  assert.equal(said(WHOLE, 0, null), 'x [0, 0] was released at 4.90 s, because its only user y [0] had finished.');
  assert.equal(said(WHOLE, 6, null), 'z has finished; its block is kept (8 B): it is an output.');
});

test('a busy lane, a notice, a failure and a cancelled run are reasons too', () => {
  const late = rows(0, [0, 1]);
  const queued = [header(1, { lanes: ['a'] }), EDGES, { ...late, lane: Int32Array.of(0, 0), ready: Float64Array.of(0, 0) }];
  assert.equal(said(queued, 1, 0.5), 'x [0, 1] waits for a lane: the only lane is busy; it is the next.');
  const held = { kind: 'notices' as const, session: 's', run: 1, cursor: 0, total: 1, topics: ['held'], texts: ['x [0, 1] waits for memory.'],
    time: Float64Array.of(0.2), task: Int32Array.of(1) };
  assert.match(said([...queued, held], 1, 0.5), /is ready, but: x \[0, 1\] waits for memory\.$/);
  const store = storeWith([...queued, held]);
  store.seek(0.1);
  assert.ok(!describe(store, { task: 1 })!.lines.some(line => line.includes('waits for memory')), 'not yet');
  store.seek(0.5);
  assert.ok(describe(store, { task: 1 })!.lines.includes('at 200 ms: x [0, 1] waits for memory.'));
  const error = { task: 4, error: 'ValueError: no\nmore', origin: null, operation: 'y', variable: '', region: '', partition: '', file: '' };
  const failed = [header(), EDGES, rows(0, [0, 1, 2, 3]), ended(1, { state: 'failed', nrows: 4, error })];
  assert.equal(said(failed, 4, null), 'y [0] failed: its kernel raised ValueError: no.');
  assert.equal(said(failed, 6, null), 'z will never run: y [0] failed, and it depends on that.');
  assert.equal(said(failed, 5, null), 'y [1] will never run: y [0] failed before it started.');
  assert.match(said([header(), EDGES, ended(1, { state: 'cancelled', nrows: 0 })], 0, null), /will never run: the run was cancelled before it started\.$/);
});

test('without edges only what the rows tell is said', () => {
  assert.equal(said([header(), rows(0, [0, 1])], 4, 0.5), 'y [0] has not started.');
  assert.equal(said([header(), rows(0, [0, 1])], 0, null), 'x [0, 0] has finished; its block is in memory (8 B).');
});

test('who has not begun waits or is ready', () => {
  const store = storeWith(WHOLE);
  store.seek(1.6);
  assert.deepEqual([2, 4].map(task => phaseOf(store.current!, task, store.time, store.states())), ['ready', 'waiting']);
});
