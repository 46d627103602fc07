import assert from 'node:assert/strict';
import { test } from 'node:test';
import { next } from '../src/player';
import { Frames, WHOLE, storeWith } from './sample';

test('stepping visits every start and stop, both ways', () => {
  const store = storeWith(WHOLE);
  store.seek(0);
  const forth: number[] = [];
  for (let i = 0; i < 4; i++) {
    store.player.step(1);
    forth.push(store.time ?? -1);
  }
  assert.deepEqual(forth, [0.9, 1, 1.9, 2]);
  store.player.step(-1);
  assert.equal(store.time, 1.9);
});

test('playing moves by speed and ends in now', () => {
  const frames = new Frames();
  const store = storeWith(WHOLE, frames);
  store.player.setSpeed(1 / 10);
  store.player.play();
  assert.equal(store.time, 0);
  frames.tick(10);
  assert.ok(Math.abs(store.time! - 1) < 1e-12);
  frames.tick(30);
  assert.ok(Math.abs(store.time! - 4) < 1e-12);
  frames.tick(100);
  assert.equal(store.time, null);
  assert.equal(store.player.playing, false);
});

test('speed 0 fits the run into ten seconds', () => {
  const frames = new Frames();
  const store = storeWith(WHOLE, frames);
  store.player.play();
  frames.tick(5);
  assert.ok(Math.abs(store.time! - 3.5) < 1e-12);
});

test('pausing and seeking stop the motion', () => {
  const frames = new Frames();
  const store = storeWith(WHOLE, frames);
  store.player.play();
  store.player.seek(2);
  frames.tick(5);
  assert.equal(store.time, 2);
});

test('with reduced motion playing goes in steps of a second', () => {
  const frames = new Frames();
  frames.quiet = true;
  const store = storeWith(WHOLE, frames);
  store.player.setSpeed(1);
  store.player.play();
  frames.tick(0.5);
  assert.equal(store.time, 0);
  frames.tick(0.6);
  assert.ok(Math.abs(store.time! - 1.1) < 1e-12);
});

test('next finds the neighbours of a time, and stays at the ends', () => {
  const events = Float64Array.of(0, 1, 1, 2);
  assert.equal(next(events, 1, 1), 2);
  assert.equal(next(events, 1, -1), 0);
  assert.equal(next(events, 2, 1), 2);
  assert.equal(next(events, 0, -1), 0);
  assert.equal(next(new Float64Array(0), 5, 1), 0);
});
