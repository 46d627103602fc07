/** The panel around the views: gates, keys, the list of runs, what a cell made. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { compareWith, comparedWith, onCompare } from '../src/compare/choice';
import { Gate } from '../src/gate';
import { actOf } from '../src/keys';
import { madeBy, selectCell } from '../src/made';
import { MOUNTS } from '../src/mounts';
import { KEYED, ORDER, TITLES, isView } from '../src/view_names';
import { newestFirst, whenWords } from '../src/views/runs';
import { EDGES, WHOLE, ended, header, layer, rows, storeWith } from './sample';

const place = (cell: string, line: number) => ({ file: 'cell', line, text: '', instruction: 0, cell }) as never;

test('every view has a title and a mount, and no key twice', () => {
  assert.deepEqual(Object.keys(TITLES), [...ORDER]);
  assert.ok(Object.keys(MOUNTS).every(isView));
  assert.equal(new Set(KEYED).size, KEYED.length);
  assert.ok(!isView('toString'));
});

test('behind a closed gate nothing is told; opened, it tells each kind of change once', () => {
  const store = storeWith(WHOLE);
  const gate = new Gate();
  const heard: string[] = [];
  const leave = store.within(gate, () => store.on(change => heard.push(change)));
  const outside: string[] = [];
  store.on(change => outside.push(change));
  store.seek(1);
  assert.deepEqual(heard, ['time']);
  gate.open = false;
  store.seek(2);
  store.seek(3);
  store.select({ task: 1 });
  assert.deepEqual(heard, ['time']);
  assert.equal(outside.length, 4);
  gate.open = true;
  assert.deepEqual(heard, ['time', 'time', 'selection']);
  gate.open = false;
  store.seek(4);
  leave();
  gate.open = true;
  assert.equal(heard.length, 3);
});

test('a gate within a gate is its own', () => {
  const store = storeWith(WHOLE);
  const [outer, inner] = [new Gate(), new Gate()];
  const heard: string[] = [];
  store.within(outer, () => {
    store.within(inner, () => store.on(() => heard.push('inner')));
    store.on(() => heard.push('outer'));
  });
  inner.open = false;
  store.seek(2);
  assert.deepEqual(heard, ['outer']);
});

test('keys move the time, select nothing and go to views', () => {
  const store = storeWith(WHOLE);
  const went: string[] = [];
  const acts = { digits: [() => went.push('1'), null], help: () => went.push('?'), code: () => went.push('g') };
  const press = (key: string): boolean => {
    const act = actOf(key, store, acts);
    act?.();
    return act !== null;
  };
  store.select({ task: 3 });
  assert.deepEqual(['1', '2', '3', '?', 'g', 'x'].map(press), [true, false, false, true, true, false]);
  assert.deepEqual(went, ['1', '?', 'g']);
  press('Home');
  assert.equal(store.time, 0);
  press(']');
  assert.equal(store.time, 0.9);
  press('End');
  assert.equal(store.time, null);
  press('Escape');
  assert.equal(store.selection, null);
});

test('runs are dropped, and the newest that is left is shown', () => {
  const store = storeWith([...WHOLE, header(2), header(3)]);
  assert.equal(store.current?.number, 3);
  store.drop([3]);
  assert.deepEqual([store.current?.number, store.list().map(row => row.run)], [2, [1, 2]]);
  store.drop([1, 2]);
  assert.deepEqual([store.current, store.list()], [null, []]);
  assert.deepEqual(newestFirst([{ run: 1 }, { run: 3 }, { run: 2 }] as never).map(row => row.run), [3, 2, 1]);
});

test('a store that follows nothing keeps showing the chosen run, and keeps as many as it is told', () => {
  const store = storeWith([header(1)]);
  store.habits.follow = false;
  store.receive([header(2)]);
  assert.equal(store.current?.number, 1);
  store.habits.kept = 2;
  store.receive([ended(1), ended(2), header(3), ended(3), header(4)]);
  assert.ok(store.runs.has(1), 'the shown run is kept');
  assert.equal(store.runs.size, 2);
});

test('when a run began is the time of day, with the date of another day', () => {
  const noon = new Date(2024, 4, 3, 12, 0, 5);
  assert.equal(whenWords(0), '');
  assert.match(whenWords(noon.getTime() / 1000, new Date(2024, 4, 3, 18)), /^12:00:05/);
  assert.ok(whenWords(noon.getTime() / 1000, new Date(2024, 4, 4)).startsWith(noon.toLocaleDateString()));
});

test('a cell’s work is found in the newest run that knows it', () => {
  const made = [layer('x', 0, [2, 2], { origin: place('one', 1) }), layer('y', 4, [2]), layer('z', 6, [], { origin: place('two', 3) })];
  const store = storeWith([header(1, { layers: made }), EDGES, rows(0, [0]), ended(1), header(2, { origin: place('three', 1) })]);
  assert.equal(store.current?.number, 2);
  assert.ok(selectCell(store, 'one'));
  assert.deepEqual([store.current?.number, store.selection], [1, { cell: 'one', line: null }]);
  assert.ok(madeBy(store.current!, 'two'));
  assert.ok(selectCell(store, 'three'), 'a cell that only computed');
  assert.deepEqual([store.current?.number, store.selection], [2, null]);
  assert.ok(!selectCell(store, 'none'));
  assert.equal(store.current?.number, 2);
});

test('the run to compare with is chosen once for all views of a store', () => {
  const [store, other] = [storeWith(WHOLE), storeWith(WHOLE)];
  let told = 0;
  const leave = onCompare(store, () => { told += 1; });
  compareWith(store, 4);
  compareWith(store, 4);
  compareWith(other, 5);
  assert.deepEqual([comparedWith(store), comparedWith(other), told], [4, 5, 1]);
  leave();
  compareWith(store, null);
  assert.deepEqual([comparedWith(store), told], [null, 1]);
});
