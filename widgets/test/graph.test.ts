import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centred, fitted, revealed, shows, zoomed } from '../src/graph/camera';
import { criticalPath } from '../src/graph/critical';
import { follow } from '../src/graph/follow';
import { linksOf } from '../src/graph/links';
import { marksOf, markWords, partsOf, rewriteWords } from '../src/graph/marks';
import { aimed, minimapOf, windowOf } from '../src/graph/minimap';
import { arranged, arranging, pieceAt, spot, tooMany } from '../src/graph/model';
import type { Diagram } from '../src/graph/model';
import { search, total } from '../src/graph/search';
import { pathSteps, pathWords } from '../src/graph/twin';
import type { Run } from '../src/run';
import type { Message, RunHeader } from '../src/wire';
import { EDGES, WHOLE, ended, header, layer, rows, storeWith } from './sample';

const store = storeWith(WHOLE);
const run = store.current!;
const NONE = new Set<number>();
const STAGE = { width: 420, height: 260 };

function opened(one: Run, ...open: number[]): Diagram {
  return arranged(one, { open: new Set(open), parts: NONE, stage: STAGE });
}

/** `n` tasks of one operation and `m` of another that reads them, each task of the second an equal share. */
function wide(n: number, m: number, grid: number[] = [n]): Run {
  const ptr = Int32Array.from({ length: n + m + 1 }, (_, i) => (i <= n ? 0 : Math.round(((i - n) * n) / m)));
  const producer = Int32Array.from({ length: n }, (_, i) => i);
  const messages: Message[] = [
    header(1, { layers: [layer('load', 0, grid), layer('mean', n, [m])], layer_edges: [[0, 1]], ntasks: n + m, nedges: n, kept: new Int32Array(0) }),
    { ...EDGES, ptr, producer }
  ];
  return storeWith(messages).current!;
}

test('closed, each operation is a card and edges join them; a task is where its card is', () => {
  const diagram = opened(run);
  assert.deepEqual(diagram.boxes.map(box => [box.layer, box.rank, box.inside]), [[0, 0, null], [1, 1, null], [2, 2, null]]);
  assert.deepEqual(diagram.edges.map(edge => [edge.from, edge.to, edge.count]), [[0, 1, 4], [1, 2, 2]]);
  const at = spot(run, diagram, { task: 5 });
  assert.deepEqual([at.x, at.y], [diagram.boxes[1].x + diagram.boxes[1].width / 2, diagram.boxes[1].y + diagram.boxes[1].height / 2]);
  assert.deepEqual(pieceAt(run, diagram, at.x, at.y, 1), { layer: 1 });
  assert.equal(pieceAt(run, diagram, -50, -50, 1), null);
});

test('an opened operation shows its tasks in place, under what they are made from', () => {
  const diagram = opened(run, 0, 1, 2);
  for (let task = 0; task < run.ntasks; task++) {
    const at = spot(run, diagram, { task });
    assert.ok(at.inside);
    assert.deepEqual(pieceAt(run, diagram, at.x, at.y, 0), { task });
    const box = diagram.boxes[run.layerOf(task)];
    assert.ok(at.x > box.x && at.x < box.x + box.width && at.y > box.y && at.y < box.y + box.height);
  }
  const x = (task: number): number => spot(run, diagram, { task }).x;
  assert.ok(Math.abs(x(4) - (x(0) + x(1)) / 2) < 1e-6);
  assert.ok(Math.abs(x(6) - (x(4) + x(5)) / 2) < 1e-6);
  const box = diagram.boxes[1];
  assert.deepEqual(pieceAt(run, diagram, box.x + 3, box.y + 3, 0), { layer: 1 }, 'the title is the operation');
});

test('boxes of a rank do not overlap, and a rank is above the next', () => {
  const big = wide(300, 20);
  for (const diagram of [opened(big), opened(big, 0), opened(big, 0, 1)]) {
    const [a, b] = diagram.boxes;
    assert.ok(a.y + a.height <= b.y);
    assert.ok(diagram.boxes.every(box => box.x >= -1e-9 && box.x + box.width <= diagram.width + 1e-9));
  }
});

test('many tasks stand in the rows of their block grid, and a point finds its task by arithmetic', () => {
  const big = wide(2_000, 10, [50, 40]);
  const diagram = opened(big, 0);
  const { inside } = diagram.boxes[0];
  assert.deepEqual([inside!.grid!.columns % 40, inside!.grid!.columns * inside!.grid!.rows], [0, 2_000]);
  for (const task of [0, 39, 40, 777, 1_999]) {
    const at = spot(big, diagram, { task });
    assert.deepEqual(pieceAt(big, diagram, at.x, at.y, 0), { task });
  }
});

test('a hundred thousand tasks are placed in steps, none of them long', () => {
  const big = wide(100_000, 1_000);
  linksOf(big);
  const steps = arranging(big, { open: new Set([0, 1]), parts: NONE, stage: STAGE });
  let count = 0;
  let step = steps.next();
  while (!step.done) {
    count += 1;
    step = steps.next();
  }
  assert.ok(count >= 4);
  const { boxes, width, height } = step.value;
  assert.equal(boxes[0].inside!.grid!.columns * boxes[0].inside!.grid!.rows >= 100_000, true);
  assert.ok(width < 3_000 && height < 3_000, 'it is no wider than a page can show');
  assert.equal(tooMany(big, new Set([0, 1]), 0), false);
  assert.equal(tooMany(wide(300_000, 200_000), new Set([0]), 1), true);
});

test('tasks that read tasks of the same operation lie in layers, or by depth where they are many', () => {
  const chain = (n: number): Run => storeWith([
    header(1, { layers: [layer('step', 0, [n])], layer_edges: [], ntasks: n, nedges: n - 1, kept: new Int32Array(0) }),
    { ...EDGES, ptr: Int32Array.from({ length: n + 1 }, (_, i) => Math.max(0, i - 1)), producer: Int32Array.from({ length: n - 1 }, (_, i) => i) }
  ]).current!;
  const short = opened(chain(5), 0);
  const y = [0, 1, 2, 3, 4].map(task => short.boxes[0].inside!.y(task));
  y.slice(1).forEach((at, i) => assert.ok(at > y[i]));
  const long = opened(chain(5_000), 0).boxes[0].inside!;
  assert.ok(long.grid!.order !== null && long.width < 1_500);
  assert.deepEqual([...long.grid!.order.subarray(0, 3)], [0, 1, 2]);
  for (let task = 1; task < 4_000; task++) { // wrapped as a serpent: each task beside the one that it reads
    const apart = Math.abs(long.x(task) - long.x(task - 1)) + Math.abs(long.y(task) - long.y(task - 1));
    assert.ok(Math.abs(apart - long.grid!.pitch) < 1e-9);
  }
});

test('the critical path is measured by kernel seconds once a run has ended, and counted until then', () => {
  const slow = { ...rows(0, [0, 1, 2, 3, 4, 5, 6]), stop: Float64Array.of(0.1, 1.1, 3.9, 3.1, 4.1, 5.1, 6.5) };
  const measured = criticalPath(storeWith([header(), EDGES, slow, ended()]).current!)!;
  assert.deepEqual([...measured.tasks], [2, 5, 6]);
  assert.ok(measured.measured && Math.abs(measured.seconds - (1.9 + 0.1 + 0.5)) < 1e-9);
  assert.deepEqual(measured.layers, [0, 1, 2]);
  const live = storeWith([header(), EDGES, rows(0, [0])]).current!;
  const predicted = criticalPath(live)!;
  assert.deepEqual([predicted.tasks.length, predicted.measured, predicted.seconds], [3, false, 0]);
  assert.match(pathWords(predicted), /predicted by counting tasks: 3 tasks/);
  assert.deepEqual(pathSteps(live, predicted), ['x [0, 0]', 'y [0]', 'z']);
  const coarse = criticalPath(storeWith([header(), slow, ended()]).current!)!;
  assert.deepEqual([coarse.tasks.length, coarse.layers], [0, [0, 1, 2]]);
});

test('a critical path is the longest also where tasks are numbered against their edges', () => {
  const turned = storeWith([
    header(1, { layers: [layer('a', 0, [3])], layer_edges: [], ntasks: 3, nedges: 2, kept: new Int32Array(0) }),
    { ...EDGES, ptr: Int32Array.of(0, 1, 2, 2), producer: Int32Array.of(1, 2) }
  ]).current!;
  assert.deepEqual([...criticalPath(turned)!.tasks], [2, 1, 0]);
});

test('a search finds operations by their texts and tasks by key, number, file and state', () => {
  const frame = { columns: [['price', 'float64']] as const, ncolumns: 1, rows: [3, 4], exact: true, divisions: [], places: ['one.csv', 'two.csv'] };
  const layers = [layer('read', 0, [2], { frame }), layer('sum-partial', 2, [2, 3], { label: 'totals' }), layer('sum', 8, [])];
  const one = storeWith([header(1, { layers, layer_edges: [[0, 1], [1, 2]], ntasks: 9, kept: new Int32Array(0) }), rows(0, [0, 1])]).current!;
  const states = one.states(null, new Uint8Array(9));
  const found = (query: string): [number[], number[]] => {
    const answer = search(one, query, states)!;
    return [[...answer.layers], [...answer.tasks]];
  };
  assert.equal(search(one, '  ', states), null);
  assert.deepEqual(found('SUM'), [[1, 2], []]);
  assert.deepEqual(found('totals'), [[1], []]);
  assert.deepEqual(found('price'), [[0], []]);
  assert.deepEqual(found('two.csv'), [[], [1]]);
  assert.deepEqual(found('totals[1,2]'), [[], [7]]);
  assert.deepEqual(found('sum-partial [0, 1]'), [[], [3]]);
  assert.deepEqual(found('sum[9,9]'), [[], []]);
  assert.deepEqual(found('task 4'), [[], [4]]);
  assert.deepEqual(found('pending'), [[], [2, 3, 4, 5, 6, 7, 8]]);
  assert.equal(search(one, 'pending', states)!.timely, true);
  const answer = search(one, 'sum', states)!;
  assert.equal(total(answer), 2);
  assert.deepEqual([...answer.mask!], [0, 0, 1, 1, 1, 1, 1, 1, 1]);
});

test('arrow keys follow edges, go into opened operations, and to neighbours', () => {
  const closed = opened(run);
  assert.deepEqual(follow(run, closed, null, 'down'), { layer: 0 });
  assert.deepEqual(follow(run, closed, { layer: 0 }, 'down'), { layer: 1 });
  assert.deepEqual(follow(run, closed, { layer: 1 }, 'up'), { layer: 0 });
  assert.deepEqual(follow(run, closed, { layer: 2 }, 'down'), { layer: 2 });
  const open = opened(run, 0, 1);
  assert.deepEqual(follow(run, open, { layer: 0 }, 'down'), { task: 0 });
  assert.deepEqual(follow(run, open, { task: 2 }, 'right'), { task: 3 });
  assert.deepEqual(follow(run, open, { task: 2 }, 'left'), { task: 1 });
  assert.deepEqual(follow(run, open, { task: 3 }, 'down'), { task: 5 });
  assert.deepEqual(follow(run, open, { task: 5 }, 'down'), { layer: 2 });
  assert.deepEqual(follow(run, open, { task: 4 }, 'up'), { task: 0 });
});

test('what was fused and what is shared is marked, and said', () => {
  const parts = ['add', 'mul'].map(op => ({ op, origin: null }));
  const extra: Partial<RunHeader> = {
    layers: [layer('x', 0, [2, 2], { parts, uses: 2 }), layer('y', 4, [2]), layer('z', 6, [])], layer_edges: [[0, 1], [0, 2], [1, 2]],
    written: 5, planned: 3, rewrites: [
      { rule: 'fuse', before: 'mul(add(x, 1), 2)', after: 'fused', refused: false, reason: '', op: 'mul', origin: null, others: [] },
      { rule: 'fuse', before: 'z', after: '', refused: true, reason: 'it is shared', op: 'z', origin: null, others: [] }
    ]
  };
  const one = storeWith([header(1, extra)]).current!;
  const marks = marksOf(one);
  assert.deepEqual(marks[0], { parts: ['add', 'mul'], readers: [1, 2], uses: 2 });
  assert.equal(markWords(one, 0, marks[0]), 'x: fused from 2: add → mul; shared, read by y, z');
  assert.equal(markWords(one, 1, marks[1]), '');
  assert.deepEqual(partsOf(layer('x', 0, [2], { detail: 'full → add → sum' })), ['full', 'add', 'sum']);
  assert.deepEqual(partsOf(layer('x', 0, [2], { detail: 'needs all blocks' })), []);
  assert.equal(rewriteWords(one), '5 operations as written, 3 after rewriting: fuse');
  const chain = arranged(one, { open: NONE, parts: new Set([0]), stage: STAGE });
  assert.equal(chain.boxes[0].parts, 2);
  assert.ok(chain.boxes[0].width > opened(one).boxes[0].width);
});

test('the camera fits, zooms about a point, and brings a place into sight', () => {
  const stage = { width: 200, height: 100 };
  const diagram = { width: 1_000, height: 200 };
  const camera = fitted(diagram, stage);
  assert.ok(shows(camera, diagram, stage));
  const near = zoomed(camera, 4, 50, 50, 8);
  assert.ok(Math.abs((50 - near.x) / near.scale - (50 - camera.x) / camera.scale) < 1e-9);
  assert.ok(!shows(near, diagram, stage));
  assert.equal(zoomed(camera, 1_000, 0, 0, 8).scale, 8);
  const moved = revealed(near, 990, 100, stage);
  const x = 990 * moved.scale + moved.x;
  assert.ok(x >= 28 && x <= 172);
  assert.equal(revealed(moved, 990, 100, stage), moved);
  assert.equal(centred(near, 500, 100, stage).x, 100 - 500 * near.scale);
});

test('the small picture shows the part that is seen, and aims the camera', () => {
  const stage = { width: 400, height: 300 };
  const diagram = { width: 1_000, height: 500 };
  const map = minimapOf(diagram, stage)!;
  assert.ok(map.x + map.width <= 400 && map.y + map.height <= 300);
  const camera = { scale: 2, x: -400, y: -200 };
  const seen = windowOf(map, camera, stage);
  assert.ok(Math.abs(seen.width - 200 * map.scale) < 1e-9 && Math.abs(seen.x - map.x - 200 * map.scale) < 1e-9);
  const there = aimed(map, camera, map.x + map.width, map.y + map.height, stage);
  assert.deepEqual([there.x, there.y], [200 - 2_000, 150 - 1_000]);
  assert.equal(minimapOf(diagram, { width: 60, height: 40 }), null);
});
