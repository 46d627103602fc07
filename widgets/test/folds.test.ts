import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf, foldState, foldWords } from '../src/folds';
import type { RunSummary } from '../src/wire';

const row = (run: number, extra: Partial<RunSummary> = {}): RunSummary => ({
  run, label: 'inc', executor: 'cluster', state: 'finished', ntasks: 2, nfinished: 2, seconds: 0.5, wall_started: run, group: 'futures', ...extra
});
const alone = { group: '', label: 'mean' };

test('neighbours of one group are one entry, others stand alone', () => {
  const rows = [row(9), row(8), row(7, alone), row(6), row(5, { label: '<b>' }), row(4), row(3, alone)];
  const entries = entriesOf(rows);
  assert.deepEqual(entries.map(one => one.rows.map(found => found.run)), [[9], [8], [7], [6, 5, 4], [3]]);
  assert.deepEqual(entries.map(one => one.fold), ['', '', '', 'futures/4', '']);
  assert.deepEqual(foldWords(entries[3]), { runs: '4–6', name: 'futures: inc, <b>', tasks: '6 tasks', seconds: '2.50 s' });
});

test('an open fold shows its runs, and stays open while it grows', () => {
  const open = new Set(['futures/1']);
  assert.equal(entriesOf([row(3), row(2), row(1)], open).length, 4);
  const grown = entriesOf([row(4), row(3), row(2), row(1)], open);
  assert.deepEqual(grown.map(one => one.inside), [false, true, true, true, true]);
});

test('what took long stands alone', () => {
  assert.deepEqual(entriesOf([row(5), row(4, { seconds: 12 }), row(3), row(2), row(1)]).map(one => one.rows.length), [1, 1, 3]);
});

test('what runs now is no part of a fold, and a failure in one is seen', () => {
  const entries = entriesOf([row(5, { state: 'running' }), row(4), row(3, { state: 'failed' }), row(2, { state: 'cancelled' })]);
  assert.deepEqual(entries.map(one => one.rows.length), [1, 3]);
  assert.equal(foldState(entries[1]), 'failed');
  assert.equal(foldState(entriesOf([row(3), row(2), row(1)])[0]), 'finished');
});
