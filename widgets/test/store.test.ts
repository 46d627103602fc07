import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Store, same } from '../src/store';
import type { Change } from '../src/store';
import { Frames, WHOLE, ended, header, rows, storeWith } from './sample';

test('the newest run is shown until another one is chosen, and again after the newest is chosen', () => {
  const store = storeWith([header(1), header(2)]);
  assert.equal(store.current?.number, 2);
  store.show(1);
  store.receive([header(3)]);
  assert.equal(store.current?.number, 1);
  store.show(3);
  store.receive([header(4)]);
  assert.equal(store.current?.number, 4);
});

test('another session forgets the runs', () => {
  const store = storeWith([header(1), header(2)]);
  store.receive([{ ...header(1), session: 'other' }]);
  assert.deepEqual([...store.runs.keys()], [1]);
  assert.equal(store.current?.number, 1);
});

test('rows of a run without its header are left out until the header comes', () => {
  const store = storeWith([rows(0, [0, 1])]);
  assert.equal(store.runs.size, 0);
  store.receive([header(1), rows(0, [0, 1])]);
  assert.equal(store.current?.columns.filled, 2);
});

test('views are told once for each kind of change', () => {
  const store = storeWith([]);
  const told: Change[] = [];
  const stop = store.on(change => told.push(change));
  store.receive(WHOLE);
  assert.deepEqual(told.sort(), ['data', 'list', 'run']);
  store.select({ task: 1 });
  store.select({ task: 1 });
  store.point({ layer: 0 });
  assert.deepEqual(told.slice(3), ['selection', 'hover']);
  stop();
  store.select(null);
  assert.equal(told.length, 5);
});

test('seeking stays within the run', () => {
  const store = storeWith(WHOLE);
  store.seek(99);
  assert.equal(store.time, 7);
  store.seek(-1);
  assert.equal(store.time, 0);
  assert.deepEqual([...store.states()], [1, 0, 0, 0, 0, 0, 0]);
  store.seek(null);
  assert.deepEqual([...store.states()], [3, 3, 3, 3, 3, 3, 2]);
});

test('the list joins what the kernel remembers with what the page holds', () => {
  const store = storeWith([...WHOLE, {
    kind: 'runs', session: 's',
    runs: [{ run: 0, label: 'old', executor: 'sync', state: 'finished', ntasks: 3, nfinished: 3, seconds: 1, wall_started: 0, group: '' }]
  }]);
  assert.deepEqual(store.list().map(row => [row.run, row.label, row.nfinished]), [[0, 'old', 3], [1, 'z', 7]]);
});

test('of runs of one group that follow each other quickly one is shown at a time, and the last for certain', async () => {
  let now = 0;
  const store = new Store(() => now, new Frames());
  const one = (run: number): void => store.receive([header(run, { group: 'futures' }), ended(run)]);
  store.receive([header(1), ended(1)]);
  one(2);
  assert.equal(store.current?.number, 2);
  now = 0.9;
  one(3);
  one(4);
  assert.equal(store.current?.number, 2);
  await new Promise(done => setTimeout(done, 250));
  assert.equal(store.current?.number, 4);
  now = 1.0;
  store.receive([header(5), ended(5)]);
  assert.equal(store.current?.number, 5, 'a run of another kind is shown at once');
  store.show(2);
  now = 9;
  one(6);
  assert.equal(store.current?.number, 2, 'who looks at an older run stays there');
});

test('only so many ended runs are kept, and the shown one always', () => {
  const store = storeWith([header(1), ended(1)]);
  store.show(1);
  store.follow = false;
  for (let run = 2; run < 90; run++) {
    store.receive([header(run), ended(run)]);
  }
  assert.ok(store.runs.size <= 51);
  assert.ok(store.runs.has(1) && store.runs.has(89));
});

test('targets are the same when they name the same thing', () => {
  assert.ok(same({ task: 1 }, { task: 1 }));
  assert.ok(!same({ task: 1 }, { layer: 1 }));
  assert.ok(!same(null, { layer: 1 }));
  assert.ok(same(null, null));
});
