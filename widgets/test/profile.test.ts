import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixed, ownerOf } from '../src/profile/draw';
import { boxAt, boxes, functions, matches, neighbour, rowsOf, sameCall, secondsFound, shortPlace, treeOf } from '../src/profile/flame';
import type { Node } from '../src/profile/flame';
import type { StackSamples } from '../src/wire';
import { WHOLE, storeWith } from './sample';

const run = storeWith(WHOLE).current!;
const frame = (name: string, file: string, line: number, cell = ''): StackSamples['frames'][number] => ({ function: name, file, line, cell });

/** x: f 4 s, of which f (itself again) 1 s and g 2 s; y: g 1 s. */
const stacks: StackSamples = {
  kind: 'stacks', session: 's', run: 1, interval: 0.01, samples: 50,
  frames: [frame('f', 'the cell', 3, 'abc'), frame('g', '/lib/numpy/core.py', 12), frame('tiles', '/x/chunkscope/array/tiles.py', 5)],
  parent: Int32Array.of(-1, 0, 0, -1), frame: Int32Array.of(0, 1, 0, 1), layer: Int32Array.of(0, 0, 0, 1), seconds: Float64Array.of(1, 2, 1, 1)
};
const root = treeOf(run, stacks)!;
const names = (node: Node): unknown => [node.name, node.seconds, node.children.map(names)];

test('the run has its operations, and these their functions, the longest first', () => {
  assert.deepEqual(names(root), ['run 1', 5, [['x', 4, [['f', 4, [['g', 2, []], ['f', 1, []]]]]], ['y', 1, [['g', 1, []]]]]]);
  assert.equal(root.children[0].children[0].own, 1);
  assert.equal(root.own, 0);
  assert.equal(root.children[0].children[0].place, 'the cell:3');
});

test('the seconds of all nodes themselves are those of the run', () => {
  const every = boxes(root, 0).map(box => box.node);
  assert.equal(every.length, 7);
  assert.ok(Math.abs(every.reduce((sum, node) => sum + node.own, 0) - root.seconds) < 1e-12);
});

test('one operation alone', () => {
  assert.deepEqual(names(treeOf(run, stacks, new Set([1]))!), ['run 1', 1, [['y', 1, [['g', 1, []]]]]]);
  assert.equal(treeOf(run, stacks, new Set([2])), null);
});

test('boxes lie below their callers and beside each other', () => {
  const all = boxes(root, 0);
  assert.equal(rowsOf(all), 4);
  assert.equal(boxAt(all, 0.1, 0)?.node.name, 'run 1');
  assert.equal(boxAt(all, 0.79, 1)?.node.name, 'x');
  assert.equal(boxAt(all, 0.81, 1)?.node.name, 'y');
  assert.equal(boxAt(all, 0.39, 3)?.node.name, 'g');
  assert.equal(boxAt(all, 0.7, 3), null);
  assert.equal(boxes(root, 0.25).length, 4, 'what is too thin is left out with all that it called');
});

test('a zoomed function has the whole width, its callers stay above it', () => {
  const f = root.children[0].children[0];
  const all = boxes(f, 0);
  assert.deepEqual(all.slice(0, 3).map(box => [box.node.name, box.row, box.from, box.to]), [['run 1', 0, 0, 1], ['x', 1, 0, 1], ['f', 2, 0, 1]]);
  assert.deepEqual(boxAt(all, 0.49, 3)?.node.name, 'g');
  assert.equal(all.some(box => box.node.name === 'y'), false);
});

test('functions add up over all places; one that calls itself counts once', () => {
  assert.deepEqual(functions(root).map(one => [one.name, one.own, one.total]), [['g', 3, 3], ['f', 2, 4]]);
});

test('a search finds functions and files, and counts no second twice', () => {
  const f = root.children[0].children[0];
  assert.ok(matches(f, 'F') && matches(f.children[0], 'numpy') && !matches(f, '  ') && !matches(root, 'zzz'));
  assert.equal(secondsFound(root, 'f'), 4);
  assert.equal(secondsFound(root, 'g'), 3);
  assert.equal(secondsFound(root, ''), 0);
});

test('arrows lead to callers, to what was called, and to what lies beside', () => {
  const [x, y] = root.children;
  assert.equal(neighbour(root, 'ArrowDown'), x);
  assert.equal(neighbour(x, 'ArrowRight'), y);
  assert.equal(neighbour(y, 'ArrowLeft'), x);
  assert.equal(neighbour(y, 'ArrowRight'), null);
  assert.equal(neighbour(x.children[0], 'ArrowUp'), x);
  assert.equal(neighbour(root, 'ArrowUp'), null);
});

test('a call is found again in the next samples, or its nearest caller', () => {
  const more = treeOf(run, { ...stacks, seconds: Float64Array.of(6, 2, 1, 1) })!;
  const g = root.children[0].children[0].children[0];
  assert.equal(sameCall(more, g).name, 'g');
  assert.equal(sameCall(more, g).parent?.seconds, 9);
  assert.equal(sameCall(treeOf(run, stacks, new Set([1]))!, g).name, 'run 1');
});

test('the code of the notebook, of libraries and of the engine are told apart', () => {
  const frames = [0, 1, 2].map(number => ({ ...root.children[0].children[0], frame: stacks.frames[number] }));
  assert.deepEqual(frames.map(ownerOf), ['yours', 'library', 'engine']);
  assert.equal(mixed('#ff0000', '#ffffff', 0.5), '#ff8080');
  assert.equal(mixed('#f00', 'rgb(0, 0, 0)', 1), '#ff0000');
});

test('a place is told by its file alone', () => {
  assert.deepEqual(['a/b/c.py:3', 'C:\\x\\c.py:4', 'the cell:5'].map(shortPlace), ['c.py:3', 'c.py:4', 'the cell:5']);
});

test('no samples, no tree', () => {
  const none = { ...stacks, parent: new Int32Array(0), frame: new Int32Array(0), layer: new Int32Array(0), seconds: new Float64Array(0) };
  assert.equal(treeOf(run, none), null);
});
