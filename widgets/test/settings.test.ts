/** What a reader has set. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { DEFAULTS, readSettings } from '../src/settings';
import { ORDER } from '../src/view_names';

const schema = JSON.parse(readFileSync('schema/plugin.json', 'utf8')) as {
  properties: Record<string, { default: unknown; minimum?: number; maximum?: number; items?: { enum: string[] } }>;
};

test('the schema has the same settings, values and views', () => {
  const usual = Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, one.default]));
  assert.deepEqual(usual, DEFAULTS);
  assert.deepEqual(schema.properties.openViews.items?.enum, ORDER);
  assert.deepEqual(readSettings(usual), DEFAULTS);
});

test('what is of the wrong kind counts as not set, and numbers are held in bounds', () => {
  const read = readSettings({
    followRuns: 'no', sampling: false, keptRuns: 0.2, messagesPerSecond: 1000, speed: NaN, openViews: ['graph', 'nothing', 7]
  });
  assert.deepEqual(read, {
    ...DEFAULTS, sampling: false, keptRuns: schema.properties.keptRuns.minimum,
    messagesPerSecond: schema.properties.messagesPerSecond.maximum, openViews: ['graph']
  });
  assert.deepEqual(readSettings({ openViews: 'graph' }), DEFAULTS);
});
