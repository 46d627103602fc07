import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief } from '../src/format';
import { covered } from '../src/timeline/covered';
import { spansOf } from '../src/curves';
import { noticesNear, shownNotices } from '../src/timeline/notices';
import { shareWords, totalsOf, totalsWords } from '../src/timeline/totals';
import { EDGES, WHOLE, ended, header, layer, rows, storeWith } from './sample';

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;

test('the time of all lanes is kernels, reading, waiting and overhead, and nothing else', () => {
  const run = storeWith(WHOLE).current!;
  const totals = totalsOf(run, 0, 7);
  assert.ok(near(totals.kernels, 6.3) && totals.reading === 0);
  assert.ok(near(totals.kernels + totals.waiting + totals.overhead + totals.outside, 14));
  // one task is ready in the second half of each of the first six seconds, for one lane of two
  assert.ok(near(totals.overhead, 6 * 0.5), String(totals.overhead));
  assert.ok(near(totals.outside, 2 * 0.1), String(totals.outside));
  assert.equal(shareWords(totals, totals.kernels), '45%');
  assert.deepEqual(totals.operations.map(one => [one.name, one.tasks]), [['x', 4], ['y', 2], ['z', 1]]);
  assert.match(totalsWords(totals), /^7\.00 s on 2 lanes: kernels 6\.30 s \(45%\), waiting, nothing ready 4\.50 s \(32%\), overhead/);
});

test('shares are of the lanes that took part: one that ran no task has none', () => {
  const totals = totalsOf(storeWith([header(1, { lanes: ['a', 'b', 'c'] }), EDGES, rows(0, [0, 1, 2, 3, 4, 5, 6]), ended()]).current!, 0, 7);
  assert.equal(totals.lanes, 2);
  assert.equal(shareWords(totals, totals.kernels), '45%');
});

test('what stands still for long beside a budget was held back', () => {
  const totals = totalsOf(storeWith([header(1, { budget: 64 }), EDGES, rows(0, [0, 1, 2, 3, 4, 5, 6]), ended()]).current!, 0, 7);
  assert.ok(near(totals.held + totals.overhead, 3));
  assert.ok(totals.held > 0, String(totals.held));
  assert.match(totalsWords(totals), /held back for memory/);
});

test('a stretch counts what lies in it', () => {
  const totals = totalsOf(storeWith(WHOLE).current!, 4.5, 5.5);
  assert.ok(near(totals.kernels, 0.9) && near(totals.kernels + totals.waiting + totals.overhead, 2));
  assert.deepEqual(totals.operations.map(one => [one.name, one.tasks]), [['y', 2]]);
});

test('operations that read are told apart, and spills are counted', () => {
  const reads = header(1, { layers: [layer('x', 0, [2, 2], { read_bytes: 100 }), layer('y', 4, [2]), layer('z', 6, [])] });
  const spill = { kind: 'notices' as const, session: 's', run: 1, cursor: 0, total: 2, topics: ['spill', 'memory'], texts: ['a', 'b'],
    time: Float64Array.of(1, 2), task: Int32Array.of(0, 1) };
  const totals = totalsOf(storeWith([reads, EDGES, rows(0, [0, 1, 2, 3, 4, 5, 6]), spill, ended()]).current!, 0, 7);
  assert.ok(near(totals.reading, 3.6) && near(totals.kernels, 6.3));
  assert.equal(totals.spills, 1);
  assert.match(totalsWords(totals), /reading 3\.60 s .* 1 spill$/);
});

test('a run that goes on counts what runs now as kernels', () => {
  const status = { kind: 'status' as const, session: 's', run: 1, now: 3, nfinished: 2, stored: 16, scratch: 0, lane: Int32Array.of(0),
    task: Int32Array.of(2), start: Float64Array.of(2) };
  const totals = totalsOf(storeWith([header(), EDGES, rows(0, [0, 1]), status]).current!, 0, 3);
  assert.ok(near(totals.kernels, 2.8));
  assert.ok(near(totals.kernels + totals.waiting + totals.overhead, 6));
});

test('spans join what happens at one time', () => {
  const curve = { time: Float64Array.of(0, 1, 1, 2, 3), value: Float64Array.of(1, 0, 1, 0, 2) };
  assert.deepEqual([...spansOf(curve)], [0, 2, 3, Infinity]);
  assert.deepEqual([...spansOf({ time: new Float64Array(0), value: new Float64Array(0) })], []);
});

test('decisions are marked where they were made, those that hold a task back are not', () => {
  const told = { kind: 'notices' as const, session: 's', run: 1, cursor: 0, total: 3, topics: ['lane', 'held', 'lost'], texts: ['b joined', 'x waits', 'a is gone'],
    time: Float64Array.of(0.1, 1, 2), task: Int32Array.of(-1, 1, -1) };
  const run = storeWith([...WHOLE, told]).current!;
  assert.deepEqual(shownNotices(run, 0, 7).map(one => one.topic), ['lane', 'lost']);
  assert.deepEqual(shownNotices(run, 1, 7).map(one => one.text), ['a is gone']);
  assert.equal(noticesNear(run, 2.05, 0.1), 'a is gone');
  assert.equal(noticesNear(run, 3, 0.1), '');
});

test('a number that has little room is brief', () => {
  assert.deepEqual([0, 999, 1000, 1600, 9949, 9950, 123_456, 2e6].map(brief), ['0', '999', '1.0k', '1.6k', '9.9k', '10k', '123k', '2,000k']);
});

test('what is chosen is marked where its tasks ran, pixel by pixel', () => {
  const run = storeWith(WHOLE).current!; // x runs from 0 to 3.9, its tasks in turns on two lanes; y then; z at last
  const marks = (layers: readonly number[], from: number, to: number, pixels: number): string[] => {
    const found = covered(run, layers, 2, from, to, pixels);
    return [0, 1].map(lane => [...found.slice(lane * pixels, (lane + 1) * pixels)].join(''));
  };
  assert.deepEqual(marks([0], 0, 7, 7), ['1010000', '0101000']);
  assert.deepEqual(marks([0, 1, 2], 0, 7, 7), ['1010101', '0101010']);
  assert.deepEqual(marks([2], 0, 5, 5), ['00000', '00000']);
  assert.deepEqual(marks([0], 0, 70, 7), ['1000000', '1000000']); // less than a pixel is still seen
});
