import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layered, monotone, stacked } from '../src/layout';

test('layers go downwards, nodes of a rank do not overlap, a parent stands over the middle of its children', () => {
  const from = Int32Array.of(0, 1, 2, 3, 4, 5);
  const to = Int32Array.of(4, 4, 5, 5, 6, 6);
  const size = new Float64Array(7).fill(10);
  const { x, rank, width } = layered(7, from, to, size, 5);
  assert.deepEqual([...rank], [0, 0, 0, 0, 1, 1, 2]);
  const first = [0, 1, 2, 3].map(node => x[node]).sort((a, b) => a - b);
  first.slice(1).forEach((at, i) => assert.ok(at - first[i] >= 15 - 1e-9));
  assert.ok(Math.abs(x[4] - (x[0] + x[1]) / 2) < 1);
  assert.ok(Math.abs(x[6] - (x[4] + x[5]) / 2) < 1);
  assert.ok(width >= 55);
  const rows = stacked(rank, size, 20);
  assert.deepEqual([rows.tops, rows.bottoms, rows.height], [[0, 30, 60], [10, 40, 70], 70]);
});

test('an edge past other ranks has a way of its own', () => {
  const from = Int32Array.of(0, 1, 0);
  const to = Int32Array.of(1, 2, 2);
  const { x, ways } = layered(3, from, to, new Float64Array(3).fill(100), 10);
  assert.deepEqual([...ways.keys()], [2]);
  const [passage] = ways.get(2)!;
  assert.ok(Math.abs(passage.x - x[1]) >= 50, 'it does not cross the node between');
  assert.equal(passage.rank, 1);
});

test('the nearest nondecreasing values pool what is out of order', () => {
  assert.deepEqual([...monotone(Float64Array.of(1, 3, 2, 4))], [1, 2.5, 2.5, 4]);
  assert.deepEqual([...monotone(Float64Array.of(3, 2, 1))], [2, 2, 2]);
  assert.deepEqual([...monotone(new Float64Array(0))], []);
});
