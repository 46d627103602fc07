import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode, decodeRecording, isPacket } from '../src/decode';
import { Store } from '../src/store';
import { VERSION } from '../src/wire';
import { Frames } from './sample';

/** Written by tests/widgets/test_typescript.py, which also keeps it current. */
const SAMPLE = readFileSync(join(__dirname, '../../../../../widgets/test/data/sample.chunkscope'));

test('the page reads what Python writes', () => {
  const messages = decodeRecording(SAMPLE);
  assert.deepEqual(messages.map(message => message.kind), ['header', 'edges', 'rows', 'notices', 'ended']);
  const frames = new Frames();
  const store = new Store(() => frames.time, frames);
  store.receive(messages);
  const run = store.current!;
  assert.equal(run.header.label, 'sample');
  assert.equal(run.header.budget, 4096);
  assert.equal(run.layers[1].label, '<b>ünïcode</b>');
  assert.deepEqual(run.layers[0].chunks, [[3, 2], [4, 4]]);
  assert.deepEqual([...run.columns.start.subarray(0, 6)], [0, 1, 2, 3, 4, 5]);
  assert.equal(run.columns.bytes_out[5], 2 ** 40 + 5);
  assert.deepEqual([...run.producer!], [0, 1, 2, 3]);
  assert.deepEqual([...store.states()], [3, 3, 3, 3, 2, 2]);
  assert.ok(run.complete);
  assert.deepEqual(run.notices.about(5), [{ topic: 'held', text: 'y-1[1] waits for memory', time: 2.5, task: 5 }]);
});

test('buffers may start at any offset', () => {
  const bytes = new Uint8Array(1 + 24);
  new DataView(bytes.buffer).setFloat64(1 + 16, 2.5, true);
  const packet = { chunkscope: VERSION, messages: [{ kind: 'status', session: 's', run: 1, now: 0, nfinished: 0, stored: 0 }] };
  const [status] = decode(packet, [new DataView(bytes.buffer, 1, 4), new DataView(bytes.buffer, 5, 4), new DataView(bytes.buffer, 17, 8)]);
  assert.equal(status.kind === 'status' && status.start[0], 2.5);
});

test('strange data is refused', () => {
  assert.throws(() => decodeRecording(new Uint8Array(4)), /not a recording/);
  assert.throws(() => decode({ chunkscope: VERSION, messages: [{ kind: 'pie' }] }, []), /unknown message pie/);
  assert.throws(() => decode({ chunkscope: VERSION, messages: [{ kind: 'edges' }] }, []), /lacks its ptr/);
  assert.equal(isPacket({ chunkscope: 99, messages: [] }), false);
  assert.equal(isPacket(null), false);
});
