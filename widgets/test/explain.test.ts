import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share, spentOf } from '../src/spent';
import { chaptersOf, computed, pieces, toldFor } from '../src/explain/story';
import type { Chapter } from '../src/explain/story';
import { WHOLE, header, rows, storeWith } from './sample';

const run = storeWith(WHOLE).current!;

test('the seconds of the lanes add up to what they had', () => {
  const spent = spentOf(run);
  const near = (value: number, wanted: number): void => assert.ok(Math.abs(value - wanted) < 1e-9, `${value} is not ${wanted}`);
  near(spent.kernels, 7 * 0.9);
  near(spent.outside, 2 * 0.1);
  near(spent.overhead, 6 * 0.5);
  near(spent.waiting, 2 * 6.9 - 7 * 0.9 - 3);
  near(share(spent, spent.kernels) + share(spent, spent.waiting) + share(spent, spent.overhead) + share(spent, spent.outside), 1);
  assert.equal(spentOf(run), spent, 'kept until there is news');
});

test('a run without rows has spent nothing', () => {
  const empty = storeWith([header()]).current!;
  assert.deepEqual(spentOf(empty).lanes, 0);
  assert.equal(share(spentOf(empty), 1), 0);
});

test('reading is told apart from computing', () => {
  const layers = header().layers.map((layer, i) => (i === 0 ? { ...layer, read_bytes: 100 } : layer));
  const reader = storeWith([header(1, { layers }), rows(0, [0, 1, 2, 3, 4])]).current!;
  assert.ok(Math.abs(spentOf(reader).reading - 4 * 0.9) < 1e-9);
});

const chapters: Chapter[] = [
  { topic: 'short', title: 'In short', remarks: [{ text: 'a', layer: -1, task: -1, reader: '' }, { text: 'b', layer: -1, task: -1, reader: 'learner' }] },
  { topic: 'bottleneck', title: 'Bound', remarks: [{ text: 'c', layer: 0, task: -1, reader: '' }, { text: 'd', layer: -1, task: -1, reader: 'expert' }] },
  { topic: 'next', title: 'Next', remarks: [{ text: 'e', layer: -1, task: -1, reader: 'learner' }] }
];

test('learners hear the story, experts the bottleneck first', () => {
  const texts = (told: readonly Chapter[]): string[] => told.flatMap(chapter => chapter.remarks.map(remark => remark.text));
  assert.deepEqual(texts(toldFor(chapters, 'learner')), ['a', 'b', 'c', 'e']);
  assert.deepEqual(texts(toldFor(chapters, 'expert')), ['c', 'd']);
});

test('an answer of another form has no chapters, and lacks become none', () => {
  assert.deepEqual(chaptersOf({}), []);
  assert.deepEqual(chaptersOf({ chapters: [{ topic: 'x', title: 'X', remarks: [{ text: 'y' }] }] }), [
    { topic: 'x', title: 'X', remarks: [{ text: 'y', layer: -1, task: -1, reader: '' }] }
  ]);
});

test('code that names an operation is found, its own one first', () => {
  const parts = pieces(run, { text: 'One of `y` reads `x`, see `x.sum()`.', layer: 1, task: -1, reader: '' });
  assert.deepEqual(parts.map(part => [part.text, part.code, part.layer]), [
    ['One of ', false, -1], ['y', true, 1], [' reads ', false, -1], ['x', true, 0], [', see ', false, -1], ['x.sum()', true, -1], ['.', false, -1]
  ]);
});

test('rows alone tell a little', () => {
  const told = computed(run);
  assert.deepEqual(told.map(chapter => chapter.topic), ['short', 'time', 'bottleneck', 'memory']);
  assert.equal(told[0].remarks[0].text, '7 tasks on 2 lanes: 7.00 s, finished.');
  assert.equal(told[1].remarks[0].text, 'Of the lanes’ time: 45% in kernels, 32% waiting for inputs, 21% handing tasks over.');
  assert.match(told[2].remarks[0].text, /`x` has most/);
  assert.equal(computed(storeWith([header()]).current!)[0].topic, 'short');
});
