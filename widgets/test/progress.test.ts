import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationWords, percent, progressBrief, progressOf, progressWords } from '../src/progress/pace';
import { EDGES, WHOLE, ended, header, rows, storeWith } from './sample';

test('at a moment each operation has its tasks, seconds and bytes, and the time that is left', () => {
  const store = storeWith(WHOLE);
  store.seek(3.5); // x: three of four done in 0.9 s each, the fourth runs
  const progress = progressOf(store)!;
  assert.deepEqual(progress.operations.map(one => [one.name, one.done, one.running, one.total]), [['x', 3, 1, 4], ['y', 0, 0, 2], ['z', 0, 0, 1]]);
  const [x, y, z] = progress.operations.map(one => one.left!);
  // what did not begin is thought to cost what the others did; lanes as busy as so far
  assert.ok([x, y / 2, z].every(left => Math.abs(left - 3.5 / 3) < 1e-12));
  assert.ok(Math.abs(progress.left! - (4 * 3.5) / 3) < 1e-9);
  assert.equal(progressWords(progress), '42% · 3.50 s · 3 of 7 tasks, about 4.67 s left · 0.86 tasks/s · 24 B made');
  assert.equal(progressBrief(progress), '42% · 3 of 7 · about 4.67 s left');
  assert.equal(operationWords(progress.operations[0]), '3 of 4 tasks, 1 running, about 1.17 s left');
});

test('at the end nothing is left', () => {
  const progress = progressOf(storeWith(WHOLE))!;
  assert.equal(progress.left, null);
  assert.equal(progressWords(progress), '100% · 7.00 s · 7 tasks · 1 tasks/s · 56 B made');
  assert.equal(progressBrief(progress), '100% · 7 tasks · 7.00 s');
  assert.ok(progress.operations.every(one => one.left === null && one.done === one.total));
});

test('before the first task has ended there is no pace', () => {
  const store = storeWith(WHOLE);
  store.seek(0.5);
  const progress = progressOf(store)!;
  assert.equal(progress.left, null);
  assert.equal(progressWords(progress), '0% · 500 ms · 0 of 7 tasks');
  assert.equal(progressBrief(progress), '0% · 0 of 7 · 500 ms');
});

test('a run that was refused is not told to be cancelled', () => {
  const refusal = { kind: 'notices' as const, session: 's', run: 1, cursor: 0, total: 1, topics: ['refused'], texts: ['too small'], time: Float64Array.of(0), task: Int32Array.of(-1) };
  const over = ended(1, { state: 'cancelled', nrows: 0, seconds: 0 });
  assert.match(progressWords(progressOf(storeWith([header(), EDGES, refusal, over]))!), / · refused$/);
  assert.match(progressBrief(progressOf(storeWith([header(), EDGES, over]))!), / · cancelled$/);
});

test('a failed run says so, and its operation too', () => {
  const error = { task: 4, error: 'no', origin: null, operation: 'y', variable: '', region: '', partition: '', file: '' };
  const progress = progressOf(storeWith([header(), EDGES, rows(0, [0, 1, 2, 3]), ended(1, { state: 'failed', nrows: 4, error })]))!;
  assert.equal(progress.failed, 1);
  assert.match(progressWords(progress), /^57% .* · failed$/);
  assert.match(progressBrief(progress), /^57% · 4 of 7 · failed$/);
  assert.equal(operationWords(progress.operations[1]), '0 of 2 tasks, 1 failed');
});

test('percents are whole, and a hundred only at the end', () => {
  assert.deepEqual([percent(0, 3), percent(999, 1000), percent(9999, 10000), percent(3, 3), percent(0, 0)], [0, 99, 99, 100, 100]);
});
