import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeRecording } from '../src/decode';
import { share, spentOf } from '../src/spent';
import { Store } from '../src/store';
import { totalsOf } from '../src/timeline/totals';
import type { Message } from '../src/wire';
import { Frames } from './sample';

const FOLDER = join(__dirname, '../../../../../widgets/test/data');

/** The packets of a stream: each is laid out as a recording. */
function packets(data: Buffer): Message[][] {
  const found: Message[][] = [];
  for (let at = 0; at < data.length;) {
    const length = Number(data.readBigUInt64LE(at + 8));
    const header = JSON.parse(data.toString('utf8', at + 16, at + 16 + length)) as { sizes: number[] };
    const padded = (size: number): number => size + ((8 - (size % 8)) % 8);
    const end = at + 16 + padded(length) + header.sizes.reduce((sum, size) => sum + padded(size), 0);
    found.push(decodeRecording(data.subarray(at, end)));
    at = end;
  }
  return found;
}

function received(file: string): Store {
  const store = new Store(() => 0, new Frames());
  for (const messages of packets(readFileSync(join(FOLDER, file)))) {
    store.receive(messages);
  }
  return store;
}

type Sums = Record<'lanes' | 'seconds' | 'kernels' | 'waiting' | 'held' | 'overhead' | 'outside', number>;
const SPENT = JSON.parse(readFileSync(join(FOLDER, 'spent.json'), 'utf8')) as Record<string, Record<string, Sums>>;

for (const [name, expected] of Object.entries(SPENT)) {
  test(`the lanes of ${name}.stream spent their time as Python says, in every view`, () => {
    const store = received(`${name}.stream`);
    for (const [number, sums] of Object.entries(expected)) {
      const run = store.runs.get(Number(number))!;
      const spent = spentOf(run);
      const totals = totalsOf(run, 0, run.now(0));
      assert.equal(spent.lanes, sums.lanes);
      for (const part of ['kernels', 'waiting', 'held', 'overhead', 'outside'] as const) {
        assert.ok(Math.abs(spent[part] - sums[part]) < 1e-9, `${part} of run ${number}: ${spent[part]} is not ${sums[part]}`);
        assert.equal(totals[part], spent[part]);
      }
      const all = share(spent, spent.kernels + spent.waiting + spent.held + spent.overhead + spent.outside);
      assert.ok(Math.abs(all - 1) < 1e-9, `the shares add up to ${all}`);
    }
  });
}

for (const file of readdirSync(FOLDER).filter(name => name.endsWith('.stream'))) {
  test(`${file} folds to the states that Python finds`, () => {
    const store = received(file);
    const expected = JSON.parse(readFileSync(join(FOLDER, file.replace('.stream', '.states.json')), 'utf8')) as Record<
      string, { time: number | null; states: string }[]
    >;
    assert.deepEqual([...store.runs.keys()].map(String).sort(), Object.keys(expected).sort());
    for (const [number, entries] of Object.entries(expected)) {
      const run = store.runs.get(Number(number))!;
      for (const { time, states } of entries) {
        assert.equal([...run.states(time, new Uint8Array(run.ntasks))].join(''), states, `run ${number} at ${time}`);
      }
    }
  });
}
