import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientCode, startCode, wantedOf } from '../src/workers/start';
import { aboutWords, blocksWords, clustersOf, joinedOf, memoryBar, memoryWords, noneWords, partsWords, processorWords, tableOf, taskWords, totalWords, wholeWords, workerWords } from '../src/workers/model';

const WORKER = {
  name: 'worker-0', pid: 12, status: 'running', deaths: 1, threads: 2, processor: 1.5, memory: 60 * 2 ** 20, managed: 4 * 2 ** 20, shared: 2 ** 20, spilled: 0,
  limit: 10 ** 9, running: [{ run: 3, task: 4, name: 'load [4]', seconds: 1.2 }]
};
const CLUSTER = {
  name: 'x', kind: 'processes', status: 'running', started: 1_700_000_000, threads: 4, limit: 2 * 10 ** 9, managed: 2 ** 20, nworkers: 2,
  blocks: { shared: 2 ** 20, spilled: 3 * 2 ** 20, limit: 1.2 * 10 ** 9 },
  workers: [WORKER, { ...WORKER, name: 'worker-1', pid: 0, status: 'dead', deaths: 2, running: [] }]
};

test('a cluster is read and told in words', () => {
  const [cluster] = clustersOf({ clusters: [CLUSTER] });
  assert.equal(totalWords(cluster), '2 workers, 4 threads, 1.86 GiB');
  assert.match(aboutWords(cluster), /^processes · since \d\d:\d\d:\d\d · 1\.00 MiB in blocks$/);
  assert.equal(
    workerWords(cluster.workers[0]),
    'worker-0: running, process 12, 2 threads, processor 75%, memory 64.0 MiB of 954 MiB, 4.00 MiB of it blocks, 1.00 MiB of shared blocks read, died 1 time; runs load [4] for 1.20 s'
  );
  assert.equal(
    workerWords(cluster.workers[1]),
    'worker-1: dead, no process, 2 threads, processor 75%, memory 64.0 MiB of 954 MiB, 4.00 MiB of it blocks, 1.00 MiB of shared blocks read, died 2 times'
  );
});

test('of several clusters the sum is told, and of each its name; blocks are no part of one', () => {
  const other = { ...CLUSTER, name: 'y', current: true, limit: 10 ** 9, nworkers: 1, threads: 1 };
  const [x, y] = clustersOf({ clusters: [CLUSTER, other] });
  assert.equal(wholeWords([]), '');
  assert.equal(wholeWords([x]), totalWords(x));
  assert.equal(wholeWords([x, y]), '3 workers, 5 threads, 2.79 GiB');
  assert.equal(wholeWords([x, { ...y, limit: null }]), '3 workers, 5 threads, no memory limit');
  assert.match(aboutWords(x, true), /^x · processes · since \d\d:\d\d:\d\d$/);
  assert.match(aboutWords(y, true), /^y · new work goes here · processes · since/);
  assert.equal(clientCode(y), 'from chunkscope.futures import get_client\n\nclient = get_client()\nclient');
  assert.match(clientCode({ name: 'a"b', current: false }), /^from chunkscope\.futures import Client, clusters\n\nclient = Client\(next\(one for one in clusters\(\) if one\.name == "a\\"b"\)\)\nclient$/);
});

test('a kernel without a cluster of its own says whose it works on', () => {
  assert.deepEqual(joinedOf({ clusters: [], joined: ['unix:///x', 3, ''] }), ['unix:///x']);
  assert.deepEqual(joinedOf({ clusters: [] }), []);
  assert.match(noneWords([]), /^No cluster is open in this kernel\./);
  assert.match(noneWords(['unix:///x', 'unix:///y']), /a cluster of another process, `unix:\/\/\/x, unix:\/\/\/y`: its workers/);
});

test('workers that are threads have no processor of their own, and there may be no limit', () => {
  const thread = { ...WORKER, processor: null, limit: null, memory: 0, managed: 0, shared: 0, running: [] };
  const [cluster] = clustersOf({ clusters: [{ ...CLUSTER, kind: 'threads', limit: null, workers: [thread] }] });
  assert.equal(totalWords(cluster), '2 workers, 4 threads, no memory limit');
  const [worker] = cluster.workers;
  assert.deepEqual([worker.processor, processorWords(worker), memoryWords(worker)], [null, '', '0 B']);
  assert.deepEqual(memoryBar(worker, 1), [0, 0, 0, null]);
});

test('the memory bar is as long as the limit, or longer where that is exceeded', () => {
  const [{ workers: [worker] }] = clustersOf({ clusters: [CLUSTER] });
  const of = (memory: number, managed: number, spilled: number, limit: number | null): readonly (number | null)[] =>
    memoryBar({ ...worker, memory, managed, spilled, limit }, 200);
  assert.deepEqual(of(25, 50, 0, 100), [0.25, 0.5, 0, null]);
  assert.deepEqual(of(150, 0, 50, 100), [0.75, 0, 0.25, 0.5]);
  assert.deepEqual(of(50, 50, 0, null), [0.25, 0.25, 0, null]); // beside the largest worker
});

test('what scales a cluster, what waits, who has joined and why a worker pauses are told', () => {
  const [plain] = clustersOf({ clusters: [CLUSTER] });
  assert.deepEqual([plain.adaptive, plain.waiting, plain.guests, plain.address], [null, 0, 0, '']);
  const paused = { ...WORKER, status: 'paused', spilled: 3 * 2 ** 20, running: [] };
  const [cluster] = clustersOf({ clusters: [{ ...CLUSTER, adaptive: { minimum: 0, maximum: 4 }, waiting: 12, guests: 1, address: 'unix:///x', workers: [paused] }] });
  assert.match(aboutWords(cluster), / · adaptive: 0 to 4 workers · 12 tasks wait for a thread · 1 other process has joined$/);
  assert.match(workerWords(cluster.workers[0]), /^worker-0: paused, near its memory limit: it takes no new task, .*, 4\.00 MiB of it blocks, 3\.00 MiB on disk/);
  assert.equal(partsWords(cluster.workers[0]), '4.00 MiB of it blocks, 3.00 MiB on disk');
  assert.equal(partsWords({ managed: 0, spilled: 0 }), '');
});

test('what is typed for a new cluster is a question and the code that does the same', () => {
  assert.deepEqual(wantedOf('3', '', '1GB'), { workers: 3, threads: null, memory: '1GB' });
  assert.deepEqual(wantedOf('many', '-1', '"); evil("'), { workers: 2, threads: null, memory: '' });
  assert.deepEqual(wantedOf('0', '999', '1.5 GiB'), { workers: 1, threads: 64, memory: '1.5 GiB' });
  assert.equal(startCode(wantedOf('3', '2', '1GB')), 'from chunkscope import Client\n\nclient = Client(n_workers=3, threads_per_worker=2, memory_limit="1GB")\nclient');
  assert.equal(startCode(wantedOf('', '', '')), 'from chunkscope import Client\n\nclient = Client(n_workers=2)\nclient');
});

test('blocks that all workers read are in memory or on disk', () => {
  const [{ blocks }] = clustersOf({ clusters: [CLUSTER] });
  assert.equal(blocksWords(blocks!), '1.00 MiB of 1.12 GiB, 3.00 MiB on disk');
  assert.equal(blocksWords({ shared: 0, spilled: 0, limit: null }), '0 B');
  assert.equal(clustersOf({ clusters: [{ ...CLUSTER, blocks: null }] })[0].blocks, null);
});

test('the table has a cell for each figure', () => {
  const { heads, rows } = tableOf(clustersOf({ clusters: [CLUSTER] }));
  assert.ok(rows.every(row => row.length === heads.length));
  assert.deepEqual(rows[0], ['worker-0', '◐ running', '12', '2', '75%', '60.0 MiB', '4.00 MiB', '0 B', '1.00 MiB', '954 MiB', '1', 'load [4] for 1.20 s']);
  assert.deepEqual(rows[1].slice(1, 3), ['✖ dead', '–']);
});

test('what is no cluster is none, and what is missing does no harm', () => {
  for (const state of [null, 3, [], {}, { clusters: 'x' }, { clusters: [null, 3, {}, { name: 7 }] }]) {
    assert.deepEqual(clustersOf(state), []);
  }
  const [cluster] = clustersOf({ clusters: [{ name: 'x', workers: [{ name: 'y', status: '__proto__', running: [{}, { run: 1, task: 2 }] }, null] }] });
  assert.equal(cluster.nworkers, 1);
  assert.equal(cluster.workers[0].status, 'starting');
  assert.deepEqual(cluster.workers[0].running, [{ run: 1, task: 2, name: '', seconds: 0 }]);
  assert.equal(taskWords(cluster.workers[0].running[0]), 'task 2');
});
