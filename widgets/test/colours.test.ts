import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATIONS, STATE_COLOURS, luminance } from '../src/theme';

/** What people with and without colour blindness see. Source: Machado, Oliveira and Fernandes (2009), severity 1. */
const EYES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
};
const XYZ = [[0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505], [0.2126, 0.7152, 0.0722], [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089]];

function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map(row => row.reduce((sum, factor, i) => sum + factor * vector[i], 0));
}

/** CIELAB of a colour as an eye sees it. */
function lab(colour: string, eye: string): number[] {
  const linear = [1, 3, 5].map(at => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const seen = times(EYES[eye], linear).map(value => Math.min(1, Math.max(0, value)));
  const [x, y, z] = times(XYZ, seen).map(value => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(a: string, b: string, eye: string): number {
  const [p, q] = [lab(a, eye), lab(b, eye)];
  return Math.hypot(...p.map((value, i) => value - q[i]));
}

const PALETTES: Readonly<Record<string, readonly string[]>> = { light: STATE_COLOURS.light, dark: STATE_COLOURS.dark, operations: OPERATIONS };

for (const [name, colours] of Object.entries(PALETTES)) {
  test(`${name}: any two colours can be told apart by any eye`, () => {
    for (const eye of Object.keys(EYES)) {
      colours.forEach((a, i) => colours.slice(i + 1).forEach(b => {
        const far = distance(a, b, eye);
        assert.ok(far > 8, `${a} and ${b} are ${far.toFixed(1)} apart for ${eye}`);
      }));
    }
  });
}

test('states stand out from their page', () => {
  for (const [name, page] of [['light', '#ffffff'], ['dark', '#111111']] as const) {
    for (const colour of STATE_COLOURS[name]) {
      const [low, high] = [luminance(colour), luminance(page)].sort((a, b) => a - b);
      assert.ok((high + 0.05) / (low + 0.05) >= 3, `${colour} on ${page}`);
    }
  }
});
