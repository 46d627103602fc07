import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOnDisk, onDisk } from '../src/disk';
import type { Notices } from '../src/wire';
import { SESSION, WHOLE, storeWith } from './sample';

const told = (cursor: number, topics: string[], tasks: number[], times: number[]): Notices => ({
  kind: 'notices', session: SESSION, run: 1, cursor, total: cursor + topics.length, topics, texts: topics.map(topic => topic),
  time: Float64Array.from(times), task: Int32Array.from(tasks)
});

test('blocks are on disk from when they went there until they came back', () => {
  const store = storeWith([...WHOLE, told(0, ['spilled', 'spilled', 'spilled', 'returned'], [0, 4, -1, 0], [1, 2, 2, 3])]);
  const run = store.current!;
  assert.deepEqual([0.5, 1.5, 2.5, 3.5].map(time => [...onDisk(run, time)]), [[], [0], [0, 4], [4]]);
  assert.deepEqual([0, 1].map(layer => countOnDisk(run, layer, null)), [0, 1]);
  const before = onDisk(run, null);
  assert.equal(onDisk(run, null), before);
  store.receive([told(4, ['spilled'], [1], [4])]);
  assert.deepEqual([...onDisk(run, null)], [4, 1]);
});
