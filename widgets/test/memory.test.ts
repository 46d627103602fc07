import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandAt, makePlot } from '../src/memory/plot';
import { OTHER, TEMPORARIES, bandBytes, bandsOf, memorySentence, readout } from '../src/memory/bands';
import { orderOf } from '../src/memory/order';
import { Profile, forecastAt } from '../src/memory/profile';
import type { Message, RowWindow } from '../src/wire';
import { EDGES, WHOLE, ended, header, layer, rows, storeWith } from './sample';

/** Blocks of 8 bytes; the two partial sums use 100 bytes of temporaries while they run. */
const SCRATCH: RowWindow = {
  ...rows(0, [0, 1, 2, 3, 4, 5, 6]), scratch: Float64Array.of(0, 0, 0, 0, 100, 100, 0),
  stored: Float64Array.of(8, 16, 24, 32, 40, 32, 24)
};
const RUN: readonly Message[] = [header(), EDGES, SCRATCH, ended(1, { peak_bytes: 140, peak_block_bytes: 40 })];

function profileOf(messages: readonly Message[]): Profile {
  return new Profile(storeWith(messages).current!);
}

test('the order of numbers is that of a stable sort', () => {
  const values = Float64Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 613) / 7);
  const wanted = [...values.keys()].sort((a, b) => values[a] - values[b] || a - b);
  assert.deepEqual([...orderOf(values)], wanted);
  assert.deepEqual([...orderOf(new Float64Array(0))], []);
  assert.deepEqual([...orderOf(Float64Array.of(3, 0, 1e-300, 2.5))], [1, 2, 3, 0]);
});

test('each operation holds its blocks until the last user is done, and temporaries while they run', () => {
  const profile = profileOf(RUN);
  const told = [0.5, 3.95, 4.5, 4.95, 5.95, 6.95].map(time => [...profile.at(time).parts]);
  assert.deepEqual(told, [[0, 0, 0, 0], [32, 0, 0, 0], [32, 0, 0, 100], [16, 8, 0, 0], [0, 16, 0, 0], [0, 0, 0, 0]]);
  assert.deepEqual([0.5, 3.95, 6.95].map(time => profile.at(time).done), [0, 4, 7]);
});

test('a result is the caller’s once it is handed over, but in a simulated run', () => {
  const simulated = [header(1, { executor: 'simulated' }), ...RUN.slice(1)];
  assert.deepEqual([RUN, simulated].map(run => profileOf(run).at(6.95).total), [0, 8]);
  assert.deepEqual([...profileOf(RUN).peaks], [32, 16, 8, 100]);
});

test('at the peak a block is there together with what it was made of', () => {
  const { peak, peaks } = profileOf(RUN);
  assert.deepEqual([peak.time, peak.total, peak.done, [...peak.parts]], [4.9, 140, 5, [32, 8, 0, 100]]);
  assert.deepEqual([...peaks], [32, 16, 8, 100]);
});

test('measured is what the log stored and the temporaries of what ran then', () => {
  const profile = profileOf(RUN);
  assert.deepEqual([...profile.measured], [8, 16, 24, 32, 140, 132, 24]);
  assert.deepEqual(profile.measuredPeak, { time: 4.9, done: 5, bytes: 140 });
  assert.deepEqual([0, 0.9, 4.9, 99].map(time => profile.doneAt(time)), [0, 1, 5, 7]);
  assert.equal(profile.timeOf(5), 4.9);
});

test('without edges there is the measured sum and no operations', () => {
  const profile = profileOf(RUN.filter(message => message.kind !== 'edges'));
  assert.equal(profile.told, false);
  assert.deepEqual([...profile.measured], [8, 16, 24, 32, 140, 132, 24]);
  assert.deepEqual([...profile.peaks], [0, 0, 0, 100]);
  const run = storeWith(RUN.filter(message => message.kind !== 'edges')).current!;
  assert.match(readout(run, profile, [], 1), /6 edges are not on this page/);
});

test('a run that goes on counts the declared temporaries of what runs', () => {
  const layers = [layer('x', 0, [2, 2]), layer('y', 4, [2], { scratch: 50 }), layer('z', 6, [])];
  const status: Message = {
    kind: 'status', session: 's', run: 1, now: 4.5, nfinished: 4, stored: 32, scratch: 50, lane: Int32Array.of(0),
    task: Int32Array.of(4), start: Float64Array.of(4)
  };
  const profile = profileOf([header(1, { layers }), EDGES, rows(0, [0, 1, 2, 3]), status]);
  assert.deepEqual([...profile.at(4.5).parts], [32, 0, 0, 50]);
});

test('every pixel shows its highest moment, on both axes, and groups add up', () => {
  const profile = profileOf(RUN);
  const apart = Int32Array.of(0, 1, 2, 3);
  const seven = profile.sample('time', 7, 7, apart, 4);
  assert.deepEqual([...seven.total], [8, 16, 24, 32, 140, 132, 24]);
  assert.deepEqual([...seven.parts.subarray(16, 20)], [32, 8, 0, 100]);
  const one = profile.sample('time', 7, 7, Int32Array.of(0, 0, 0, 0), 1);
  assert.deepEqual([...one.total], [...seven.total]);
  assert.deepEqual([...one.parts], [...seven.total]);
  assert.deepEqual([...profile.sampleMeasured('time', 7, 14)], [-1, 8, -1, 16, -1, 24, -1, 32, -1, 140, -1, 132, -1, 24]);
  assert.equal(Math.max(...profile.sample('tasks', 7, 3, apart, 4).total), 140);
  assert.equal(Math.max(...profile.sampleMeasured('tasks', 7, 3)), 140);
});

test('bands are the operations in order, small ones as one, temporaries last', () => {
  const store = storeWith(RUN);
  const bands = bandsOf(store.current!, profileOf(RUN));
  assert.deepEqual(bands.map(band => [band.layer, band.name, band.peak]), [[0, 'x', 32], [1, 'y', 16], [2, 'z', 8], [TEMPORARIES, 'temporaries', 100]]);
  const n = 14;
  const many = storeWith([
    header(1, { layers: Array.from({ length: n }, (_, i) => layer(`f${i}`, i, [])), ntasks: n, layer_edges: [], kept: new Int32Array(0) }),
    { ...EDGES, ptr: new Int32Array(n + 1), producer: new Int32Array(0) },
    { ...rows(0, Array.from({ length: n }, (_, i) => i)), bytes_out: Float64Array.from({ length: n }, (_, i) => i + 1) }
  ]).current!;
  const profile = new Profile(many);
  const some = bandsOf(many, profile);
  assert.equal(some.length, 10);
  assert.deepEqual([some[9].layer, some[9].name], [OTHER, '5 smaller operations']);
  assert.equal(some.reduce((sum, band) => sum + band.series.length, 0), n);
  assert.equal(bandBytes(some[9], { time: 0, done: 0, total: 0, parts: new Float64Array(n + 1).fill(2) }), 10);
});

test('a place of the picture belongs to the band that is drawn there', () => {
  const store = storeWith(RUN);
  const profile = profileOf(RUN);
  const bands = bandsOf(store.current!, profile);
  const plot = makePlot(store.current!, { profile, bands }, 'time', 7, 768, 200);
  const x = plot.left + plot.shareOf(5.5) * plot.width;
  assert.equal(bandAt(plot, x, plot.y(5))?.name, 'x');
  assert.equal(bandAt(plot, x, plot.y(20))?.name, 'y');
  assert.equal(bandAt(plot, x, plot.y(100))?.name, 'temporaries');
  assert.equal(bandAt(plot, x, plot.y(125)), null);
  assert.equal(bandAt(plot, 3, plot.y(5)), null);
});

test('the forecast stands beside as many finished tasks, and no peak of it is lost', () => {
  const curve = Float64Array.of(1, 9, 2, 3);
  assert.deepEqual([[0, 0], [0.25, 0.25], [0.5, 1], [0, 1], [1, 1]].map(([a, b]) => forecastAt(curve, a, b)), [1, 9, 3, 9, 3]);
  const store = storeWith([header(1, { forecast: Float64Array.of(8, 16, 24, 32, 140, 132, 24), forecast_peak: 140, budget: 1000 }), ...RUN.slice(1)]);
  const profile = new Profile(store.current!);
  const plot = makePlot(store.current!, { profile, bands: bandsOf(store.current!, profile) }, 'time', 7, 768, 200);
  assert.equal(Math.max(...plot.forecast), 140);
  assert.ok(plot.most < 1000, 'a limit far above is told, not drawn');
  assert.ok(plot.y(140) > 0 && plot.y(0) <= 200);
});

test('the view in words', () => {
  const store = storeWith([header(1, { forecast_peak: 150, budget: 1000 }), ...RUN.slice(1)]);
  store.seek(4.5);
  const profile = new Profile(store.current!);
  const words = memorySentence(store, profile, bandsOf(store.current!, profile));
  assert.equal(words, 'measured peak 140 B at 4.90 s, forecast 150 B, limit 1000 B, at the peak: temporaries 100 B · x 32 B · y 8 B. '
    + 'Shown: at 4.50 s, 4 tasks done: 132 B — temporaries 100 B · x 32 B.');
});

test('a run of a hundred thousand tasks is profiled exactly', () => {
  const n = 100_000;
  const task = Int32Array.from({ length: n }, (_, i) => i);
  const big = storeWith([
    header(1, { layers: [layer('x', 0, [n])], ntasks: n, layer_edges: [], kept: new Int32Array(0) }),
    { ...EDGES, ptr: new Int32Array(n + 1), producer: new Int32Array(0) },
    { kind: 'rows', session: 's', run: 1, cursor: 0, task, lane: new Int32Array(n), ready: new Float64Array(n),
      start: Float64Array.from(task), stop: Float64Array.from(task, i => i + 1), bytes_out: new Float64Array(n).fill(3),
      stored: new Float64Array(n).fill(3), scratch: new Float64Array(n).fill(4) }
  ]).current!;
  const profile = new Profile(big);
  assert.equal(profile.peak.total, 7);
  assert.equal(profile.measured.length, n);
  assert.ok(profile.measured.every(size => size === 7));
  for (const time of [0, 1, 4096, 50_000.5, 99_999.5, 2 * n]) {
    assert.equal(profile.at(time).done, Math.min(n, Math.floor(time)));
    assert.deepEqual([...profile.at(time).parts], [0, time < n ? 4 : 0]);
  }
});

test('a stretch of time shows what the whole run shows there', () => {
  const store = storeWith(WHOLE);
  const profile = new Profile(store.current!);
  const groups = new Int32Array(profile.nseries);
  const all = profile.sample('time', 7, 70, groups, 1);
  const part = profile.sample('time', 5, 20, groups, 1, 3);
  assert.deepEqual([...part.total], [...all.total.subarray(30, 50)]);
  assert.deepEqual([...profile.sampleMeasured('time', 5, 20, 3)], [...profile.sampleMeasured('time', 7, 70).subarray(30, 50)]);
  const plot = makePlot(store.current!, { profile, bands: bandsOf(store.current!, profile) }, 'time', 7, 768, 200, { from: 3, to: 5 });
  assert.deepEqual([plot.begin, plot.end, plot.timeAt(0.5), plot.shareOf(4), plot.shareOf(1)], [3, 5, 4, 0.5, 0]);
});
