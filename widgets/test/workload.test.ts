import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueAt } from '../src/curves';
import { curvesHeight, laneHeight } from '../src/timeline/draw';
import type { WorkerLoad } from '../src/wire';
import { loadCurves, workersAt, workersSentence } from '../src/workload';
import { SESSION, WHOLE, storeWith } from './sample';

const LOAD: WorkerLoad = {
  kind: 'workload', session: SESSION, run: 1, names: ['w0', '<w1>'], limits: Float64Array.of(1000, 0),
  time: Float64Array.of(1, 1.1, 2, 2.1), worker: Int32Array.of(0, 1, 0, 1), own: Float64Array.of(100, 50, 300, 20),
  mapped: Float64Array.of(0, 0, 0, 0), processor: Float64Array.of(0, 0, 0.9, 0.5)
};

test('what workers took is known from their last look on', () => {
  const run = storeWith([...WHOLE, LOAD]).current!;
  assert.deepEqual(workersAt(run, 0.5).map(one => [one.name, one.own, one.most, one.limit]), [['w0', 0, 300, 1000], ['<w1>', 0, 50, null]]);
  assert.deepEqual(workersAt(run, 2.05).map(one => [one.own, one.cores]), [[300, 0.9], [50, 0]]);
  assert.equal(workersSentence(run, 7), 'At 7.00 s worker processes used 1.4 cores and held 320 B by themselves. ');
  const curves = loadCurves(run)!;
  assert.deepEqual([0, 1, 1.5, 2, 3].map(at => valueAt(curves.own, at)), [0, 100, 150, 350, 320]);
  assert.deepEqual([1.5, 2, 3].map(at => Math.round(10 * valueAt(curves.cores, at))), [0, 9, 14]);
  assert.equal(loadCurves(run), curves);
});

test('runs in threads have two curves, those in processes four', () => {
  const [threads, processes] = [storeWith(WHOLE).current!, storeWith([...WHOLE, LOAD]).current!];
  assert.equal(loadCurves(threads), null);
  assert.deepEqual(workersAt(threads, 1), []);
  assert.equal(workersSentence(threads, 1), '');
  assert.equal(curvesHeight(processes), 2 * curvesHeight(threads));
  assert.ok(laneHeight(120, 4, processes) < laneHeight(120, 4, threads));
});
