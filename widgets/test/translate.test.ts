/** Texts in the page's language. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { count, seconds } from '../src/format';
import { mark, setLanguage, t, tn } from '../src/translate';

test('without a language the texts are as they are written', () => {
  assert.equal(t('Show {view}', { view: 'Graph' }), 'Show Graph');
  assert.equal(tn('{n} task', '{n} tasks', 1), '1 task');
  assert.equal(tn('{n} task', '{n} tasks', 12_000), '12,000 tasks');
  assert.equal(mark('Graph'), 'Graph');
});

test('a place without a value stays, and a value is not read again', () => {
  assert.equal(t('{a} and {b}', { a: '{b}' }), '{b} and {b}');
  assert.equal(t('{toString}', {}), '{toString}');
});

test('a language gives the text, its plural, or nothing', t_ => {
  const asked: unknown[][] = [];
  setLanguage((...texts) => {
    asked.push(texts);
    return { 'Show {view}': '{view} zeigen', '{n} task': '{n} Aufgaben' }[texts[0]] ?? '';
  });
  t_.after(() => setLanguage(null));
  assert.equal(t('Show {view}', { view: 'Graph' }), 'Graph zeigen');
  assert.equal(count(3, 'task'), '3 Aufgaben');
  assert.equal(count(2, 'row'), '2 rows');
  assert.equal(seconds(7200), '2 h 00 min');
  assert.deepEqual(asked[1], ['{n} task', '{n} tasks', 3]);
});

test('every visible text of the sources is translated', () => {
  const { stderr, status } = spawnSync(process.execPath, ['maintain/strings.mjs'], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});
