import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, blockUnder, boxOf } from '../src/chunks/cards';
import { faceOf, heldAxes, moved, nextPair, showing, turned } from '../src/chunks/face';
import { cividis, css, largest, pixel, valueOf, valueWords } from '../src/chunks/magnitude';
import { move } from '../src/chunks/move';
import { neighbourWords, neighboursOf } from '../src/chunks/neighbours';
import { bordersIn, differing, fileStarts, filesOf, inputLayers, sourceWords } from '../src/chunks/source';
import { indexOf, tiles } from '../src/grid';
import { EDGES, WHOLE, header, layer, rows, storeWith } from './sample';

const CUBE = [2, 3, 4];

test('a face shows two axes and holds the others', () => {
  const face = faceOf(CUBE);
  assert.deepEqual([face.rows, face.columns, heldAxes(face)], [1, 2, [0]]);
  assert.deepEqual(moved(face, CUBE, 0, 7).at, [1, 0, 0]);
  assert.deepEqual(turned(face, 'rows', 0), { rows: 0, columns: 2, at: [0, 0, 0] });
  assert.deepEqual(turned(face, 'rows', 2), { rows: 2, columns: 1, at: [0, 0, 0] }, 'they change places');
  assert.deepEqual(faceOf([2, 2, 2], moved(face, CUBE, 0, 1)).at, [1, 0, 0]);
  assert.deepEqual(faceOf([5, 5], face), { rows: 0, columns: 1, at: [0, 0] }, 'another grid begins anew');
});

test('every pair of axes comes once', () => {
  let face = faceOf([2, 2, 2, 2]);
  const pairs = new Set<string>();
  for (let i = 0; i < 6; i++) {
    pairs.add([face.rows, face.columns].join());
    face = nextPair(face);
  }
  assert.deepEqual([...pairs].sort(), ['0,1', '0,2', '0,3', '1,2', '1,3', '2,3']);
});

test('tiles of any face know their blocks, and find them', () => {
  const cube = layer('x', 0, CUBE);
  for (const [rowAxis, columnAxis] of [[0, 1], [1, 0], [0, 2], [2, 1]]) {
    const face = { rows: rowAxis, columns: columnAxis, at: [1, 1, 1] };
    const shown = tiles(cube, face, 0, 0, 100, 100);
    assert.deepEqual([shown.x.length - 1, shown.y.length - 1], [CUBE[columnAxis], CUBE[rowAxis]]);
    for (let j = 0; j < CUBE[rowAxis]; j++) {
      for (let i = 0; i < CUBE[columnAxis]; i++) {
        const block = [1, 1, 1];
        block[rowAxis] = j;
        block[columnAxis] = i;
        assert.equal(shown.at(i, j), indexOf(CUBE, block));
        assert.deepEqual(shown.find(shown.at(i, j)), [i, j]);
      }
    }
    assert.equal(shown.find(0) === null, ![rowAxis, columnAxis].every(axis => CUBE[axis] > 1) || heldAxes(face).some(axis => face.at[axis] !== 0));
  }
});

test('a block in another slice turns the face to it', () => {
  const face = faceOf(CUBE);
  assert.equal(showing(face, CUBE, 5), face);
  assert.deepEqual(showing(face, CUBE, indexOf(CUBE, [1, 2, 3])).at, [1, 2, 3]);
});

/** x in 2 × 2 chunks, rechunked to 1 × 3, added to a frame-like thing with another shape. */
const MIXED = header(1, {
  layers: [
    layer('x', 0, [2, 2], { chunks: [[3, 3], [6, 6]] }), layer('rechunk', 4, [1, 3], { chunks: [[6], [4, 4, 4]] }),
    layer('w', 7, [2], { chunks: [[5, 5]] })
  ],
  layer_edges: [[0, 1], [1, 2], [0, 2]], ntasks: 9
});

test('the borders of other chunks of the same array lie where they are, in elements', () => {
  const run = storeWith([MIXED]).current!;
  assert.deepEqual(inputLayers(run, 2), [0, 1]);
  assert.deepEqual([differing(run, 1), differing(run, 2), differing(run, 0)], [[0], [], []]);
  const shown = tiles(run.layers[1], null, 0, 0, 120, 60);
  const borders = bordersIn(run, 1, 0, null, shown);
  assert.equal(borders.x.length, 1);
  assert.ok(Math.abs(borders.x[0] - (shown.x[1] + shown.x[2]) / 2) < 1e-9, 'column 6 is in the middle of the second chunk');
  assert.ok(Math.abs(borders.y[0] - (shown.y[0] + shown.y[1]) / 2) < 1e-9);
  assert.equal(sourceWords(run, 1), 'reads x in 2 × 2 chunks');
  assert.equal(sourceWords(run, 2), '');
});

test('files of partitions are counted, and begin where they begin', () => {
  const frame = { columns: [], ncolumns: 0, rows: [1, 1, 1, 1], exact: true, divisions: [], places: ['a.csv', 'a.csv', 'b.csv', ''] };
  const run = storeWith([header(1, { layers: [layer('read_csv', 0, [4], { frame })], layer_edges: [], ntasks: 4 })]).current!;
  assert.equal(filesOf(run.layers[0]), 2);
  assert.deepEqual([...fileStarts(run.layers[0])], [1, 0, 1, 0]);
  assert.equal(sourceWords(run, 0), 'from 2 files');
});

test('inputs stand beside what is made of them, and every block is found where it lies', () => {
  const run = storeWith([MIXED]).current!;
  const cards = arrange(run, 2, null, 400, 200, inputLayers(run, 2));
  assert.deepEqual(cards.map(card => card.layer), [0, 1, 2]);
  for (const card of cards) {
    assert.ok(card.left + card.width <= 400 + 1e-9 && card.top + card.height <= 200 + 1e-9);
    for (let index = 0; index < run.layers[card.layer].ntasks; index++) {
      const box = boxOf(card, index)!;
      assert.equal(blockUnder(card, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2), index);
    }
  }
  assert.ok(cards[0].left + cards[0].width < cards[2].left);
});

test('a block hangs together with those that it reads and that read it', () => {
  const run = storeWith(WHOLE).current!;
  assert.deepEqual(neighboursOf(run, { task: 4 }), { reads: [0, 1], readBy: [6] });
  assert.deepEqual(neighboursOf(run, { layer: 1 }), { reads: [], readBy: [] });
  assert.equal(neighbourWords(run, neighboursOf(run, { task: 4 })), 'reads x [0, 0], x [0, 1]; read by z');
  assert.equal(neighbourWords(run, { reads: [0, 1, 2, 3, 4, 5], readBy: [] }), 'reads x [0, 0], x [0, 1], x [1, 0], x [1, 1] and 2 more');
});

test('sizes and times have colours once they are known', () => {
  const run = storeWith([header(), EDGES, { ...rows(0, [0, 1]), bytes_out: Float64Array.of(8, 16) }]).current!;
  assert.deepEqual([valueOf(run, 1, 'bytes', null), valueOf(run, 1, 'bytes', 1.5), valueOf(run, 2, 'bytes', null), valueOf(run, 0, 'state', null)], [16, -1, -1, -1]);
  assert.ok(Math.abs(valueOf(run, 0, 'seconds', null) - 0.9) < 1e-12);
  assert.equal(largest(run, [{ layer: 0 }, { layer: 1 }], 'bytes'), 16);
  assert.deepEqual([valueWords('bytes', 2048), valueWords('seconds', 0.5)], ['2.00 KiB', '500 ms']);
});

test('the scale goes from dark to light, so that its order is seen without colour', () => {
  const light = Array.from({ length: 21 }, (_, i) => cividis(i / 20)).map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
  light.slice(1).forEach((value, i) => assert.ok(value > light[i], `step ${i}`));
  assert.equal(css(cividis(0)), '#00224e');
  assert.equal(pixel([1, 2, 3]), 0xff030201);
  assert.deepEqual([cividis(-1), cividis(2)], [cividis(0), cividis(1)]);
});

test('arrows move as the picture shows the blocks, from slice to slice where all are shown', () => {
  const store = storeWith([header(1, { layers: [layer('x', 0, CUBE)], layer_edges: [], ntasks: 24 })]);
  const run = store.current!;
  const cards = arrange(run, -1, null, 400, 100);
  const go = (key: string): unknown => {
    assert.ok(move(run, store, cards, key, -1, () => undefined));
    return store.selection;
  };
  go('ArrowRight');
  assert.deepEqual([1, 2, 3].map(() => go('ArrowRight')), [{ task: 1 }, { task: 2 }, { task: 3 }]);
  assert.deepEqual(go('ArrowRight'), { task: 12 }, 'over the gap');
  assert.deepEqual(go('ArrowDown'), { task: 16 });
  const face = { rows: 0, columns: 1, at: [0, 0, 2] };
  const own = arrange(run, 0, face, 400, 100);
  store.select({ task: 2 });
  move(run, store, own, 'ArrowDown', 0, () => undefined);
  assert.deepEqual(store.selection, { task: 14 });
  move(run, store, own, 'ArrowRight', 0, () => undefined);
  assert.deepEqual(store.selection, { task: 18 });
  assert.ok(!move(run, store, own, 'q', 0, () => undefined));
});
