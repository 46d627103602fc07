import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstAfter, laneBars, laneGaps, rowAt } from '../src/bars';
import { curvesOf } from '../src/curves';
import { bytes, count, seconds, ticks } from '../src/format';
import { blockAt, indexOf, region, tiles } from '../src/grid';
import { luminance } from '../src/theme';
import { describe, operationNumbers, runSentence, spelled, taskName } from '../src/words';
import { WHOLE, blocks, layer, storeWith } from './sample';

const run = storeWith(WHOLE).current!;

test('a size exactly between two is rounded to the even one, as Python rounds', () => {
  const kib = 1024;
  assert.deepEqual([31.25, 31.75, 562.5, 563.5, 7.125, 7.135].map(size => bytes(size * kib)),
    ['31.2 KiB', '31.8 KiB', '562 KiB', '564 KiB', '7.12 KiB', '7.13 KiB']);
});

test('bars of a lane are found by binary search and merged below a pixel', () => {
  const [lane] = run.rowsByLane();
  assert.equal(firstAfter(lane, run.columns.stop, 2.5), 1);
  assert.deepEqual(laneBars(run, lane, 0, 7, 0.01).map(bar => [bar.from, bar.to, bar.row]), [[0, 0.9, 0], [2, 2.9, 2], [4, 4.9, 4], [6, 6.9, 6]]);
  assert.equal(laneBars(run, lane, 0, 7, 7).length <= 2, true);
  assert.equal(rowAt(run, lane, 2.5), 2);
  assert.equal(rowAt(run, lane, 3.5), -1);
});

test('where many tasks share pixels, a bar knows how long its lane was busy', () => {
  const [lane] = run.rowsByLane();
  const bars = laneBars(run, lane, 0, 8, 4); // four tasks of 0.9 s, one every two seconds
  assert.ok(Math.abs(bars.reduce((sum, bar) => sum + bar.busy, 0) - 3.6) < 1e-9);
  assert.ok(bars.every(bar => bar.row < 0 && bar.busy < bar.to - bar.from));
  assert.ok(laneBars(run, lane, 0, 7, 0.01).every(bar => Math.abs(bar.busy - 0.9) < 1e-9));
});

test('a gap is idle while nothing is ready, and waits while any task is', () => {
  const [lane] = run.rowsByLane();
  const { queued } = curvesOf(run, () => 0);
  assert.deepEqual([...queued].slice(0, 4), [0.5, 1, 1.5, 2]);
  const gaps = laneGaps(run, lane, queued, 0, 3, 0.01);
  assert.deepEqual(gaps.map(gap => [gap.from, gap.to, gap.kind]), [
    [0.9, 1, 'wait'], [1, 1.5, 'idle'], [1.5, 2, 'wait'], [2.9, 3, 'wait']
  ]);
  assert.deepEqual(laneGaps(run, lane, queued, 0, 3, 0.3).map(gap => gap.kind), ['idle', 'wait']);
});

test('many tasks cost few bars', () => {
  const n = 20_000;
  const big = storeWith([
    { ...(WHOLE[0] as Extract<(typeof WHOLE)[number], { kind: 'header' }>), ntasks: n, layers: [layer('x', 0, [n])] },
    { kind: 'rows', session: 's', run: 1, cursor: 0, task: Int32Array.from({ length: n }, (_, i) => i), lane: new Int32Array(n),
      ready: new Float64Array(n), start: Float64Array.from({ length: n }, (_, i) => i), stop: Float64Array.from({ length: n }, (_, i) => i + 1),
      bytes_out: new Float64Array(n), stored: new Float64Array(n), scratch: new Float64Array(0) }
  ]).current!;
  const bars = laneBars(big, big.rowsByLane()[0], 0, n, n / 300);
  assert.ok(bars.length <= 301, `${bars.length} bars`);
  assert.equal(bars[0].from, 0);
  assert.ok(bars[bars.length - 1].to >= n - n / 300);
});

test('blocks count in C order, and tiles show the last two axes', () => {
  const cube = layer('x', 0, [2, 3, 4], { chunks: [[5, 5], [1, 1, 1], [2, 2, 2, 2]], dtype: 'float64' });
  assert.deepEqual(blocks(cube).map(block => indexOf(cube.grid, block)), Array.from({ length: 24 }, (_, i) => i));
  assert.deepEqual(blockAt([2, 3, 4], 23), [1, 2, 3]);
  assert.equal(region(cube, [1, 2, 3]), '[5:10, 2:3, 6:8]');
  const shown = tiles(cube, { rows: 1, columns: 2, at: [1, 0, 0] }, 0, 0, 100, 100);
  assert.equal(shown.at(3, 2), 23);
  assert.deepEqual(shown.find(23), [3, 2]);
  assert.equal(shown.find(0), null);
  assert.ok(shown.x[4] <= 100 + 1e-9 && shown.y[3] <= 100 + 1e-9);
});

test('a strip of many blocks is wrapped and stays inside its box', () => {
  const strip = tiles(layer('x', 0, [1000]), null, 0, 0, 200, 60);
  assert.ok(strip.y[strip.y.length - 1] <= 60 + 1e-9);
  assert.ok(strip.x[strip.x.length - 1] <= 200 + 1e-9);
  const [i, j] = strip.find(999)!;
  assert.equal(strip.at(i, j), 999);
});

test('uneven chunks are drawn in proportion', () => {
  const { x } = tiles(layer('x', 0, [1, 2], { chunks: [[10], [15, 5]] }), null, 0, 0, 80, 80);
  assert.ok(Math.abs((x[1] - x[0]) / (x[2] - x[1]) - 3) < 1e-9);
});

test('words about tasks, operations and runs', () => {
  const store = storeWith(WHOLE);
  assert.equal(taskName(store.current!, 3), 'x [1, 1]');
  assert.match(describe(store, { task: 3 })!.lines[0], /released · 900 ms on b · 8 B made/);
  assert.match(describe(store, { layer: 1 })!.title, /y: 2 tasks/);
  assert.equal(describe(store, { task: 99 }), null);
  assert.equal(runSentence(store), 'run 1, finished: 7 of 7 tasks done, 0 running');
  assert.deepEqual(operationNumbers(store.current!), [0, 1, 2]);
});

test('numbers read like those of the Python side', () => {
  assert.deepEqual([bytes(0), bytes(1023), bytes(8_000_000), bytes(2 ** 31)], ['0 B', '1023 B', '7.63 MiB', '2.00 GiB']);
  assert.deepEqual([seconds(2.5e-6), seconds(0.0123), seconds(4.56), seconds(3723)], ['2.50 µs', '12.3 ms', '4.56 s', '1 h 02 min']);
  assert.equal(count(12000, 'task'), '12,000 tasks');
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1].map((_, i) => i * 0.2));
});

test('a page knows dark from light', () => {
  assert.ok(luminance('#ffffff') > 0.99 && luminance('rgb(17, 17, 17)') < 0.01 && luminance('#fff') > 0.99);
});

test('what the kernel says of a task by its key is said by its name', () => {
  assert.equal(spelled(run, 3, 'x-0[1, 1] waits for memory; nothing overtakes it'), 'x [1, 1] waits for memory; nothing overtakes it');
  assert.equal(spelled(run, 6, 'z-0 is made again'), 'z is made again');
  assert.equal(spelled(run, 3, 'x-0[0, 1] is another'), 'x-0[0, 1] is another');
});
