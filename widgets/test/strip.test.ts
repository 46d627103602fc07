import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, blockUnder, boxOf } from '../src/chunks/cards';
import { beside, partitionAt, skew, stripOf } from '../src/chunks/strip';
import { extent } from '../src/grid';
import { frameLines } from '../src/words';
import type { FrameInfo } from '../src/wire';
import { header, layer, storeWith } from './sample';

function frame(rows: number[], extra: Partial<FrameInfo> = {}): FrameInfo {
  return { columns: [['year', 'int64'], ['name', 'str']], ncolumns: 2, rows, exact: true, divisions: [], places: [], ...extra };
}

/** Rows that differ, the same on any machine. */
function unequal(n: number): number[] {
  return Array.from({ length: n }, (_, i) => ((i * 7919) % 1000) + 1);
}

for (const n of [1, 2, 7, 105, 1999, 10_000]) {
  test(`${n} partitions: every bar lies in the box and is found where it lies`, () => {
    for (const rows of [unequal(n), new Array<number>(n).fill(50), [], [...new Array<number>(n - 1).fill(1), 10_000]]) {
      const strip = stripOf(n, rows, 10, 20, 330, 120);
      assert.equal(strip.line.length, n);
      for (let i = 0; i < n; i++) {
        const y = strip.top + strip.line[i] * strip.pitch;
        assert.ok(strip.from[i] >= 10 - 1e-9 && strip.to[i] <= 340 + 1e-9, `bar ${i}: ${strip.from[i]} to ${strip.to[i]}`);
        assert.ok(strip.to[i] > strip.from[i]);
        assert.ok(y >= 20 && y + strip.tall <= 140 + 1e-9);
        assert.equal(partitionAt(strip, (strip.from[i] + strip.to[i]) / 2, y + strip.tall / 2), i);
      }
    }
  });
}

test('width goes by rows, on all lines alike', () => {
  const strip = stripOf(4, [100, 200, 300, 0], 0, 0, 600, 30);
  const wide = [...strip.to].map((to, i) => to - strip.from[i]);
  assert.ok(Math.abs(wide[1] / wide[0] - 2) < 0.05 && Math.abs(wide[2] / wide[0] - 3) < 0.05);
  assert.ok(wide[3] > 0 && wide[3] < 2, 'an empty partition is thin, and there');
  const rows = unequal(500);
  const many = stripOf(500, rows, 0, 0, 300, 200);
  assert.ok(many.lines > 1);
  const each = rows.map((count, i) => (many.to[i] - many.from[i]) / (count + 150));
  assert.ok(Math.max(...each) < 1.6 * Math.min(...each));
});

test('one partition that has nearly everything stays on one line', () => {
  const strip = stripOf(50, [...new Array<number>(49).fill(1), 100_000], 0, 0, 300, 200);
  assert.equal(strip.lines, 1);
  assert.ok(strip.to[49] - strip.from[49] > 200);
});

test('keys move up and down to the bar that lies there', () => {
  const strip = stripOf(300, [], 0, 0, 300, 100);
  assert.ok(strip.lines >= 2);
  const below = beside(strip, 3, 1);
  assert.equal(strip.line[below], 1);
  assert.equal(beside(strip, below, -1), 3);
  assert.equal(beside(strip, 3, -1), 3);
  assert.equal(beside(strip, 299, 1), 299);
});

test('skew in words', () => {
  assert.equal(skew(frame([5, 5, 5])), '5 rows each');
  assert.equal(skew(frame([10, 1000, 20, 0, 2500])), 'rows 0 to 2,500, median 20; the largest has 125.0 × the median; 1 empty');
  assert.equal(skew(frame([10, 11, 12], { exact: false })), 'rows at most 10 to 12, median 11');
  assert.equal(skew(frame([])), '');
});

test('a partition in words: rows, index, file, columns', () => {
  const one = layer('read_csv', 0, [2], { frame: frame([10, 20], { divisions: ['a', 'c', 'f'], places: ['x.csv', 'y.csv'], exact: false, ncolumns: 30 }) });
  assert.deepEqual(frameLines(one, 1), ['partition 1 of 2 · at most 20 rows · index c to f · y.csv', '30 columns: year int64, name str, … 28 more']);
  assert.deepEqual(frameLines(one, -1)[0], 'rows at most 10 to 20, median 20');
  assert.equal(extent(one), '≤ 30 rows');
  assert.deepEqual(frameLines(layer('x', 0, [2]), 0), []);
});

test('frames and arrays stand beside each other, and what is drawn is what is pointed at', () => {
  const layers = [layer('read_csv', 0, [6], { frame: frame(unequal(6)) }), layer('x', 6, [2, 3])];
  const run = storeWith([header(1, { layers, ntasks: 12, layer_edges: [] })]).current!;
  for (const [shown, number] of [[-1, 2], [0, 1]]) {
    const cards = arrange(run, shown, null, 340, 160);
    assert.equal(cards.length, number);
    for (const card of cards) {
      assert.equal(card.strip !== null, card.layer === 0);
      for (let index = 0; index < 6; index++) {
        const box = boxOf(card, index)!;
        assert.equal(blockUnder(card, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2), index);
      }
    }
  }
});
