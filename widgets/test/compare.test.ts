import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceOf, matched, usualNumber, usualOther } from '../src/compare/difference';
import { colours } from '../src/compare/draw';
import { Run } from '../src/run';
import type { Message, RowWindow } from '../src/wire';
import { WHOLE, ended, header, layer, rows } from './sample';

function runOf(number: number, messages: readonly Message[]): Run {
  const run = new Run({ ...(messages[0] as ReturnType<typeof header>), run: number });
  messages.forEach(message => run.receive({ ...message, run: number } as Message, 0));
  return run;
}

/** The same rows with all times multiplied. */
function scaled(window: RowWindow, by: number): RowWindow {
  const times = (values: Float64Array): Float64Array => values.map(value => value * by);
  return { ...window, ready: times(window.ready), start: times(window.start), stop: times(window.stop) };
}

const slow = runOf(4, WHOLE);
const fast = runOf(5, [header(), scaled(rows(0, [0, 1, 2, 3, 4, 5, 6]), 0.5), ended(1, { seconds: 3.5, peak_bytes: 64 })]);

test('the same work in half the time is twice as fast', () => {
  const found = differenceOf(slow, fast);
  assert.equal(found.sentences[0], 'Run 5 was 2.0 times as fast as run 4: 3.50 s instead of 7.00 s.');
  assert.match(found.sentences[1], /^Each lane spent 1.5[78] s less in kernels, 1.1[23] s less waiting for inputs, 750 ms less handing tasks over\.$/);
  assert.equal(found.sentences[2], '`x` differs most: 1.80 s in kernels instead of 3.60 s.');
  assert.equal(found.sentences.at(-1), 'Its peak of memory was 64 B instead of 32 B.');
  assert.equal(differenceOf(fast, slow).sentences[0], 'Run 4 took 2.0 times as long as run 5: 7.00 s instead of 3.50 s.');
});

test('a page that holds one run asks for the one before, else for the one after', () => {
  const listed = [{ run: 2 }, { run: 3 }, { run: 5 }, { run: 7 }];
  assert.deepEqual([5, 2, 9, 7].map(run => usualNumber(run, listed)), [3, 3, 7, 5]);
  assert.equal(usualNumber(4, [{ run: 4 }]), null);
});

test('equal runs are told to be equal, and nothing else', () => {
  assert.deepEqual(differenceOf(slow, runOf(6, WHOLE)).sentences, ['Run 6 took about as long as run 4: 7.00 s instead of 7.00 s.']);
});

test('figures stand side by side', () => {
  const table = Object.fromEntries(differenceOf(slow, fast).figures.map(figure => [figure.name, [figure.words(figure.a), figure.words(figure.b)]]));
  assert.deepEqual(table['Took'], ['7.00 s', '3.50 s']);
  assert.deepEqual(table['In kernels'], ['6.30 s', '3.15 s']);
  assert.deepEqual(table['Tasks'], ['7', '7']);
});

const place = (text: string): { readonly file: string; readonly line: number; readonly text: string; readonly cell: string } => ({ file: 'f', line: 1, text, cell: '' });

test('operations are matched by token, then by name and line, then by name', () => {
  const a = runOf(1, [header(1, { layers: [
    layer('add', 0, [1], { origin: place('u = x + 1') }), layer('add', 1, [1], { origin: place('v = x + 2') }), layer('sum', 2, [1], { token: 'T' }), layer('gone', 3, [1])
  ], ntasks: 4 })]);
  const b = runOf(2, [header(2, { layers: [
    layer('add', 0, [1], { origin: place('v = x + 2') }), layer('total', 1, [1], { token: 'T' }), layer('add', 2, [1], { origin: place('u = x + 3') }), layer('new', 3, [1])
  ], ntasks: 4 })]);
  const pairs = matched(a, b).map(one => [one.a, one.b]).sort((x, y) => x[0] - y[0]);
  assert.deepEqual(pairs, [[-1, 3], [0, 2], [1, 0], [2, 1], [3, -1]]);
});

test('matched operations have one colour', () => {
  const found = colours(slow, fast, matched(slow, fast));
  assert.deepEqual(found.a, [0, 1, 2]);
  assert.deepEqual(found.b, found.a);
});

test('the run before with most of the operations is the usual other one', () => {
  const unlike = runOf(7, [header(7, { layers: [layer('q', 0, [7])] })]);
  assert.equal(usualOther(fast, [slow, fast, unlike]), slow);
  assert.equal(usualOther(fast, [runOf(1, WHOLE), slow, runOf(9, WHOLE), fast]), slow);
  assert.equal(usualOther(fast, [fast]), null);
});

test('an operation that only one run has is told', () => {
  const more = runOf(8, [
    header(8, { layers: [...header().layers, layer('w', 7, [1])], ntasks: 8 }), rows(0, [0, 1, 2, 3, 4, 5, 6]),
    { ...rows(7, [7]), stop: Float64Array.of(17) }, ended(8, { seconds: 17 })
  ]);
  assert.ok(differenceOf(slow, more).sentences.includes('`w` is new: 10.0 s in kernels.'));
});
