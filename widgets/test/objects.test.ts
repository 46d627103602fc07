import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxAt, shares } from '../src/objects/calls';
import { lines } from '../src/objects/paint';
import { besideBlock, blockAtPlace, interval, pictureOf } from '../src/objects/picture';
import { blocksOf, edgesAlong, extentOf, sizesAlong, specOf } from '../src/objects/spec';
import type { ObjectSpec } from '../src/objects/spec';
import { LAZY, LOST, SPILLED, blockOf, callTasksOf, fold, ofTasks, standingOf, tasksOf } from '../src/objects/standing';
import type { Standing } from '../src/objects/standing';
import { blockWords, lineOf } from '../src/objects/words';
import { FAILED, PENDING, RELEASED, RUNNING, STORED } from '../src/states';
import { WHOLE, ended, header, rows, storeWith } from './sample';

const GRID = {
  version: 1, token: 's-1', kind: 'array', grid: [2, 2], sizes: [[[3, 1], [1, 1]], [[5, 2]]], itemsize: 8, dtype: 'float64', describe: '',
  places: { form: 'flat', box: [20, 1, 100, 80] }
};
const spec = specOf(GRID) as ObjectSpec;

function standing(extra: Record<string, unknown> = {}): Standing {
  return standingOf({ found: true, known: true, blocks: null, counts: {}, nbytes: 0, run: null, changed: [], nchanged: 0, renamed: '', ...extra })!;
}

function part(how: string, state = 'finished', tasks: unknown = [[0, 4]], op = ''): Record<string, unknown> {
  return { run: { run: 1, state, how, op, tasks } };
}

function line(told: Standing | null, store = storeWith(WHOLE), at: number | null = null): string {
  const run = told?.run ? (store.runs.get(told.run.run) ?? null) : null;
  const states = run ? run.states(at, new Uint8Array(run.ntasks)) : null;
  const folded = fold(told, 4, run, tasksOf(told?.run ?? null, 4), states, at);
  const { glyph, text, stale } = lineOf(spec, folded, told);
  return [glyph, text, stale].filter(Boolean).join(' | ');
}

test('data of another version, or none of ours, is no spec', () => {
  assert.equal(specOf({ ...GRID, version: 2 }), null);
  assert.equal(specOf(null), null);
  assert.equal(specOf({ ...GRID, grid: ['x'] }), null);
  assert.equal(blocksOf(spec), 4);
});

test('sizes come as stretches; unknown and missing ones leave even edges', () => {
  assert.deepEqual(sizesAlong(spec, 0), [3, 1]);
  assert.deepEqual([...edgesAlong(spec, 0)], [0, 0.75, 1]);
  assert.deepEqual([...edgesAlong({ ...spec, sizes: [[[null, 2]], []] }, 0)], [0, 0.5, 1]);
  assert.deepEqual([...edgesAlong({ ...spec, sizes: [] }, 1)], [0, 0.5, 1]);
  assert.equal(extentOf(spec, [1, 0]), '3:4, 0:5');
  assert.equal(extentOf({ ...spec, sizes: [] }, [1, 0]), '');
});

test('places of a grid lead to its blocks and back', () => {
  const picture = pictureOf(spec)!;
  assert.equal(blockAtPlace(picture, 21, 2), 0);
  assert.equal(blockAtPlace(picture, 119, 60), 1);
  assert.equal(blockAtPlace(picture, 119, 62), 3);
  assert.equal(blockAtPlace(picture, 10, 2), -1);
  assert.equal(interval(Float64Array.of(0, 0.75, 1), 0.8), 1);
});

test('a block of three axes shows the blocks of three faces', () => {
  const deep = { ...spec, grid: [2, 2, 3], sizes: [], places: { form: 'deep', box: [20, 40, 90, 60, 30, 20, 130], blocks: 1 } } as ObjectSpec;
  const picture = pictureOf(deep)!;
  assert.equal(picture.faces.length, 3);
  assert.equal(blockAtPlace(picture, 25, 45), 0); // front, top left
  assert.equal(blockAtPlace(picture, 105, 95), 5); // front, bottom right
  assert.equal(blockAtPlace(picture, 50, 22), 6); // top, at the back
  assert.equal(blockAtPlace(picture, 138, 30), 8); // right, top, at the back
  assert.equal(blockAtPlace(picture, 138, 90), -1);
});

test('bars stand for partitions, also for several', () => {
  const places = { form: 'strip', each: 10, step: 4, gap: 0.6, base: 44, heights: [44, 44, 20] };
  const picture = pictureOf({ ...spec, kind: 'DataFrame', grid: [25], places } as ObjectSpec)!;
  assert.equal(blockAtPlace(picture, 5, 10), 10);
  assert.equal(blockAtPlace(picture, 11, 43), 20);
  assert.equal(blockAtPlace(picture, 13, 43), -1);
  assert.equal(pictureOf({ ...spec, places: null }), null);
});

test('lines stand for as many chunks as in the static picture', () => {
  const even = (n: number): Float64Array => Float64Array.from({ length: n + 1 }, (_, i) => i / n);
  assert.deepEqual([4, 32, 33, 100, 200, 1000].map(n => lines(even(n)).length), [3, 31, 16, 19, 19, 19]);
});

test('boxes of delayed calls show the shares that are made and that run', () => {
  const delayedSpec = specOf({ ...GRID, kind: 'delayed', grid: [], sizes: [], places: { form: 'calls', groups: [[0, 1, 2, 3], [4]] } })!;
  assert.equal(pictureOf(delayedSpec), null);
  const part = { run: 1, state: 'running', how: 'given', op: '', tasks: [[9, 1]], calls: [[5, 3], [2, 1], [9, 1]] } as const;
  const tasks = callTasksOf(part)!;
  assert.deepEqual([...tasks], [5, 6, 7, 2, 9]);
  const states = Uint8Array.of(0, 0, RUNNING, 0, 0, STORED, RELEASED, PENDING, 0, PENDING);
  const calls = ofTasks(tasks, states);
  assert.deepEqual(shares([0, 1, 2, 3], calls), [0.5, 0.25]);
  assert.deepEqual(shares([4], calls), [0, 0]);
  assert.equal(callTasksOf({ ...part, calls: null }), null);
  const boxes = [{ x: 0, y: 0, width: 10, height: 10 }, { x: 20, y: 0, width: 10, height: 10 }];
  assert.deepEqual([boxAt(boxes, 25, 5), boxAt(boxes, 15, 5)], [1, -1]);
});

test('arrow keys stay inside the grid', () => {
  assert.equal(besideBlock([2, 2], [0, 0], [1, 0]), 2);
  assert.equal(besideBlock([2, 2], [1, 1], [0, 1]), 3);
  assert.equal(besideBlock([5], [3], [0, -1]), 2);
  assert.equal(besideBlock([], [], [0, 1]), 0);
});

test('tasks come as stretches, and lead back to blocks', () => {
  const told = standing(part('kept', 'running', [[4, 2], [9, 1], [0, 1]]));
  assert.deepEqual([...tasksOf(told.run, 4)!], [4, 5, 9, 0]);
  assert.deepEqual([5, 9, 0, 7].map(task => blockOf(told.run, task)), [1, 2, 3, -1]);
  assert.equal(tasksOf(told.run, 5), null);
  assert.equal(tasksOf(null, 4), null);
});

test('while the run goes on the run tells, afterwards the kernel', () => {
  const store = storeWith([header(), rows(0, [0, 1]), {
    kind: 'status', session: 's', run: 1, now: 2.5, nfinished: 2, stored: 16, scratch: 0,
    lane: Int32Array.of(0), task: Int32Array.of(2), start: Float64Array.of(2)
  }]);
  const run = store.runs.get(1)!;
  const told = standing({ ...part('kept', 'running'), blocks: [[1, 4]], counts: { pending: 4 } });
  const states = run.states(null, new Uint8Array(run.ntasks));
  const now = fold(told, 4, run, tasksOf(told.run, 4), states, null);
  assert.deepEqual([now.phase, [...now.states!]], ['live', [STORED, STORED, RUNNING, PENDING]]);
  store.receive([rows(2, [2, 3, 4, 5, 6]), ended()]);
  const ending = fold(told, 4, run, tasksOf(told.run, 4), run.states(null, states), null);
  assert.deepEqual([...ending.states!], [STORED, STORED, STORED, STORED]); // not yet what the kernel says: that is older
  const after = standing({ ...part('kept'), blocks: [[2, 2], [4, 1], [3, 1]], counts: { stored: 2, lost: 1, spilled: 1 }, nbytes: 48 });
  const later = fold(after, 4, run, tasksOf(after.run, 4), null, null);
  assert.deepEqual([later.phase, [...later.states!]], ['kept', [STORED, STORED, LOST, SPILLED]]);
});

test('without the run on this page the kernel tells alone', () => {
  const told = standing({ ...part('kept', 'running'), blocks: [[2, 1], [1, 3]], counts: { stored: 1, pending: 3 } });
  const found = fold(told, 4, null, tasksOf(told.run, 4), null, null);
  assert.deepEqual([found.phase, [...found.states!]], ['live', [STORED, PENDING, PENDING, PENDING]]);
  const mixed = standing({ blocks: null, counts: { stored: 3, failed: 1 } });
  const counts = fold(mixed, 4, null, null, null, null);
  assert.deepEqual([counts.states, counts.tally[STORED], counts.tally[FAILED]], [null, 3, 1]);
});

test('what is said of a value', () => {
  assert.equal(line(null), '');
  assert.equal(line(standing()), '');
  assert.equal(line(standing({ found: false, known: false })), '');
  assert.equal(line(standing({ found: false })), '∅ | Nothing in the notebook holds this value any more');
  assert.equal(line(standing(part('given'))), '○ | Computed in run 1, not kept');
  assert.equal(line(standing(part('made'))), '○ | Was made in run 1 on the way; not kept');
  assert.equal(line(standing(part('inside', 'finished', null, 'sum'))), '○ | Was made inside sum in run 1, never as a whole; not kept');
  assert.equal(line(standing(part('inside', 'finished', null))), '○ | Was used by run 1 in another form; not kept');
  assert.equal(line(standing(part('kept'))), '○ | Computed in run 1, kept by what persist returned');
  assert.equal(line(standing({ ...part('kept'), blocks: [[2, 4]], counts: { stored: 4 }, nbytes: 128 })), '● | All 4 chunks stored, 128 B');
  const mixed = standing({ blocks: [[2, 2], [4, 2]], counts: { stored: 2, lost: 2 }, nbytes: 64 });
  assert.equal(line(mixed), '● | 2 of 4 chunks stored, 64 B · ∅ 2 lost');
  const broken = standing({ blocks: [[2, 2], [5, 1], [0, 1]], counts: { stored: 2, failed: 1, none: 1 }, nbytes: 64 });
  assert.equal(line(broken), '✖ | 2 of 4 chunks stored, 64 B · ✖ 1 failed · ◌ 1 never made');
  assert.equal(line(standing({ changed: ['x.csv'], nchanged: 3 })), 'Stale: x.csv and 2 more changed since');
  assert.equal(line(standing({ renamed: 'x' })), 'Stale: x is another value now');
});

test('what is said during the run, in its replay, and after it failed', () => {
  const half = storeWith([header(), rows(0, [0, 1])]);
  assert.equal(line(standing(part('kept', 'running')), half), '◐ | 2 of 4 chunks stored · 2 of 7 tasks of run 1');
  assert.equal(line(standing(part('inside', 'running', null, 'sum')), half), '◐ | Made inside sum, never as a whole · 2 of 7 tasks of run 1');
  assert.match(line(standing(part('given')), storeWith(WHOLE), 1.5), /^◐ \| 1 of 4 chunks computed, 1 running · 1 of 7 tasks of run 1 at 1\.50 s$/);
  const broken = storeWith([header(), rows(0, [0, 1]), ended(1, { state: 'failed' })]);
  assert.equal(line(standing(part('given', 'failed')), broken), '✖ | Run 1 failed: 2 of 4 chunks were computed');
  const stopped = storeWith([header(), rows(0, [0]), ended(1, { state: 'cancelled' })]);
  assert.equal(line(standing(part('given', 'cancelled')), stopped), '✖ | Run 1 was cancelled: 1 of 4 chunks were computed');
});

test('a block is named with its place and its state', () => {
  assert.equal(blockWords(spec, [1, 0], '3:4, 0:5', RUNNING), 'chunk (1, 0) [3:4, 0:5] · ◐ running');
  assert.equal(blockWords({ ...spec, kind: 'Series' }, [7], '', RELEASED), 'partition 7 · ○ computed, not kept');
  assert.equal(blockWords(spec, [0, 0], '', LAZY), 'chunk (0, 0) · ◌ lazy');
});
