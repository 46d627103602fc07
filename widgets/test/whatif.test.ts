import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeAt, xAt } from '../src/whatif/draw';
import { chartRows, keyOf, moved, placeOf, sentence, tableRows, valueWords, values } from '../src/whatif/model';
import type { Case, Reply } from '../src/whatif/model';

const found = (workers: number, seconds: number | null, spread = 0.2): Case => ({
  workers, memory: null, ntasks: 10, block: 100, seconds, peak: 1000 * workers, floor: 0.5, spread
});

const reply: Reply = {
  run: 3, measured: { seconds: 2, peak: 2000, ntasks: 10 }, setting: { size: 1, workers: 2, memory: null }, sizes: [0.5, 1, 2],
  chunks: ['50', '100', '200'], workers: [1, 2, 4], cores: 2, levels: [500, 1000], case: found(4, 1), notes: [],
  curve: [found(1, 4), found(2, 2, 0), found(4, 1)]
};

test('each slider has its values, and memory ends with no limit', () => {
  assert.deepEqual(values(reply, 'size'), [0.5, 1, 2]);
  assert.deepEqual(values(reply, 'memory'), [500, 1000, null]);
});

test('a setting has a place on each slider, the nearest where its value is not there', () => {
  assert.equal(placeOf(reply, 'workers', { size: 1, workers: 4, memory: null }), 2);
  assert.equal(placeOf(reply, 'memory', { size: 1, workers: 4, memory: null }), 2);
  assert.equal(placeOf(reply, 'memory', { size: 1, workers: 4, memory: 900 }), 1);
  assert.deepEqual(moved(reply, reply.setting, 'size', 2), { size: 2, workers: 2, memory: null });
  assert.deepEqual(moved(reply, reply.setting, 'workers', 99), { size: 1, workers: 4, memory: null });
});

test('a curve is kept for all values of its own slider', () => {
  const [a, b] = [{ size: 1, workers: 2, memory: null }, { size: 1, workers: 4, memory: null }];
  assert.equal(keyOf(a, 'workers'), keyOf(b, 'workers'));
  assert.notEqual(keyOf(a, 'size'), keyOf(b, 'size'));
  assert.notEqual(keyOf(a, null), keyOf(b, null));
});

test('what is foretold stands beside what was measured', () => {
  assert.equal(sentence(reply, { size: 1, workers: 4, memory: null }), 'Foretold: 1.00 s, give or take 20%. It took 2.00 s: this is 2.0 times as fast.');
  assert.equal(sentence({ ...reply, case: found(2, 2.02, 0) }, reply.setting), 'As it ran: 2.00 s.');
  assert.match(sentence({ ...reply, case: { ...found(1, 8), ntasks: 20 } }, { size: 2, workers: 1, memory: null }), /4.0 times as long. It would have 20 tasks instead of 10./);
  assert.match(sentence({ ...reply, case: found(1, null) }, reply.setting), /refused: at least 1000 B/);
});

test('values have words', () => {
  assert.equal(valueWords(reply, 'size', 0.5), '½× (50)');
  assert.equal(valueWords(reply, 'size', 1), '1× (100)');
  assert.equal(valueWords({ ...reply, chunks: ['', '', ''] }, 'size', 2), '2×');
  assert.equal(valueWords(reply, 'memory', null), 'no limit');
});

test('the chart has a scale from nothing to the highest', () => {
  const { time, peak } = chartRows(reply);
  assert.deepEqual(time.points.map(point => point.high), [1, 2 / 4.8, 1.2 / 4.8]);
  assert.equal(time.points[0].level, 4 / 4.8);
  assert.equal(time.measured, 2 / 4.8);
  assert.deepEqual(peak.points.map(point => point.level), [0.25, 0.5, 1]);
  const refused = chartRows({ ...reply, curve: [found(1, null), found(2, 2)] });
  assert.equal(refused.time.points[0].level, null);
});

test('the table names the setting of the run', () => {
  const rows = tableRows(reply, 'workers', { size: 1, workers: 4, memory: null });
  assert.deepEqual(rows.map(row => row.measured), [false, true, false]);
  assert.deepEqual(rows[2].cells, ['4', '10 tasks', '1.00 s ± 20%', '3.91 KiB']);
});

test('a click finds the value that was drawn there', () => {
  for (let i = 0; i < 5; i++) {
    assert.equal(placeAt(400, 5, xAt(400, 5, i)), i);
  }
});
