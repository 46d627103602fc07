import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Follower } from '../src/objects/follow';
import type { ObjectLink } from '../src/objects/follow';
import { specOf } from '../src/objects/spec';
import type { ObjectSpec } from '../src/objects/spec';
import type { Store } from '../src/store';
import { EDGES, SESSION, ended, header, rows, storeWith } from './sample';

Object.assign(globalThis, { window: globalThis }); // timers

const spec = specOf({ version: 1, token: 'k-1', kind: 'array', grid: [2, 2], sizes: [], itemsize: 8, dtype: '', describe: '', places: null }) as ObjectSpec;

type Reply = Record<string, unknown>;

/** A link whose answers are given by hand, in any order. */
class Wire implements ObjectLink {
  readonly waiting: { answer: (reply: Reply) => void; fail: () => void }[] = [];
  disposed = false;

  constructor(readonly store: Store) {}

  ask(question: { readonly ask: string; readonly [key: string]: unknown }): Promise<Reply> {
    assert.deepEqual(question, { ask: 'object', token: 'k-1' });
    return new Promise((resolve, reject) => this.waiting.push({ answer: resolve, fail: () => reject(new Error('no')) }));
  }
  async answer(number: number, reply: Reply): Promise<void> {
    this.waiting[number].answer(reply);
    await settled();
  }
  dispose(): void {
    this.disposed = true;
  }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
const LAZY = { found: true, known: true, blocks: null, counts: {} };

function told(state: string, extra: Reply = {}): Reply {
  return { ...LAZY, run: { run: 1, state, how: 'kept', op: '', tasks: [[0, 4]] }, ...extra };
}

function following(store: Store): { follower: Follower; wire: Wire; changes: string[] } {
  const changes: string[] = [];
  const follower = new Follower(spec, change => changes.push(change));
  const wire = new Wire(store);
  follower.follow(wire);
  return { follower, wire, changes };
}

function news(store: Store, n: number, version: number): void {
  store.receiveTopics([{ session: SESSION, name: 'objects', version, state: { news: { 'k-1': n } } }]);
}

test('the kernel is asked at once, and again when it says that something has changed', async () => {
  const store = storeWith([header()]);
  const { follower, wire } = following(store);
  assert.equal(wire.waiting.length, 1);
  await wire.answer(0, LAZY);
  assert.equal(follower.fold().phase, 'lazy');
  news(store, 1, 1);
  assert.equal(wire.waiting.length, 2);
  news(store, 1, 2); // another value's news
  assert.equal(wire.waiting.length, 2);
  follower.follow(null);
  assert.equal(wire.disposed, true);
});

test('an answer that was overtaken by a later one is let go', async () => {
  const store = storeWith([header(), EDGES, rows(0, [0, 1])]);
  const { follower, wire } = following(store);
  news(store, 1, 1);
  await wire.answer(1, told('running'));
  assert.equal(follower.fold().phase, 'live');
  await wire.answer(0, LAZY); // of the first question
  assert.equal(follower.fold().phase, 'live');
  follower.follow(null);
});

test('the run fills the value, and at its end the kernel is asked what became of it', async () => {
  const store = storeWith([header(), EDGES, rows(0, [0, 1])]);
  const { follower, wire } = following(store);
  await wire.answer(0, told('running', { blocks: [[1, 4]], counts: { pending: 4 } }));
  assert.deepEqual([...follower.fold().states!], [2, 2, 0, 0]);
  store.receive([rows(2, [2, 3, 4, 5, 6]), ended()]);
  assert.equal(wire.waiting.length, 2);
  assert.deepEqual([...follower.fold().states!].filter(state => state === 0), []); // the older answer is not believed
  await wire.answer(1, told('finished', { blocks: [[2, 4]], counts: { stored: 4 } }));
  assert.equal(follower.fold().phase, 'kept');
  follower.follow(null);
});

test('in the replay of its run the value goes back', async () => {
  const store = storeWith([header(), EDGES, rows(0, [0, 1, 2, 3, 4, 5, 6]), ended()]);
  const { follower, wire } = following(store);
  await wire.answer(0, told('finished', { blocks: [[2, 4]], counts: { stored: 4 } }));
  store.seek(1.5);
  const then = follower.fold();
  assert.deepEqual([then.at, ...then.states!], [1.5, 2, 1, 0, 0]);
  store.seek(null);
  assert.equal(follower.fold().phase, 'kept');
  follower.follow(null);
});

test('another kernel process knows nothing of the value until it is asked', async () => {
  const store = storeWith([header()]);
  const { follower, wire } = following(store);
  await wire.answer(0, told('finished', { blocks: [[2, 4]], counts: { stored: 4 } }));
  store.reset();
  assert.equal(follower.fold().phase, 'lazy');
  assert.ok(wire.waiting.length > 1);
  await wire.answer(wire.waiting.length - 1, { found: false, known: false });
  assert.equal(follower.fold().phase, 'lazy');
  follower.follow(null);
});

test('a kernel that does not answer is asked again when it speaks', async () => {
  const store = storeWith([]);
  const { follower, wire } = following(store);
  wire.waiting[0].fail();
  await settled();
  assert.equal(follower.standing, null);
  store.receive([header()]);
  assert.equal(wire.waiting.length, 2);
  follower.follow(null);
});
