/** How large each block is, or how long it took, as a colour: what the Chunks view can show instead of states. */

import { bytes, seconds } from '../format';
import type { Run } from '../run';
import type { Card } from './cards';

/** What the colour of a block means. */
export type Shade = 'state' | 'bytes' | 'seconds';

export const SHADES: readonly Shade[] = ['state', 'bytes', 'seconds'];

/** Cividis in nine steps: dark blue to yellow, the same order for every eye. Source: Nuñez and others, PLOS ONE 13(7), 2018. */
const CIVIDIS: readonly (readonly [number, number, number])[] = [
  [0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 156, 116], [195, 179, 105], [254, 232, 56]
];

/** The colour of a share of the largest value, 0 to 1. */
export function cividis(value: number): readonly [number, number, number] {
  const at = Math.min(Math.max(value, 0), 1) * (CIVIDIS.length - 1);
  const step = Math.min(Math.floor(at), CIVIDIS.length - 2);
  const [a, b] = [CIVIDIS[step], CIVIDIS[step + 1]];
  const mix = (i: 0 | 1 | 2): number => Math.round(a[i] + (at - step) * (b[i] - a[i]));
  return [mix(0), mix(1), mix(2)];
}

/** The value of a task at a time (null is now), or -1 where it has none yet. */
export function valueOf(run: Run, task: number, shade: Shade, time: number | null): number {
  const row = run.rowOf[task];
  const { start, stop, bytes_out } = run.columns;
  if (shade === 'state' || row < 0 || (time !== null && stop[row] > time)) {
    return -1;
  }
  return shade === 'bytes' ? bytes_out[row] : stop[row] - start[row];
}

/** The largest value that the shown operations have in the whole run. */
export function largest(run: Run, cards: readonly Pick<Card, 'layer'>[], shade: Shade): number {
  let most = 0;
  for (const { layer } of cards) {
    const { first_task, ntasks } = run.layers[layer];
    for (let task = first_task; task < first_task + ntasks; task++) {
      most = Math.max(most, valueOf(run, task, shade, null));
    }
  }
  return most;
}

/** A value for people. */
export function valueWords(shade: Shade, value: number): string {
  return shade === 'bytes' ? bytes(value) : seconds(value);
}

/** "rgb(…)" of a colour. */
export function css([r, g, b]: readonly [number, number, number]): string {
  return `#${[r, g, b].map(part => part.toString(16).padStart(2, '0')).join('')}`;
}

/** A colour as one pixel, 0xaabbggrr. */
export function pixel([r, g, b]: readonly [number, number, number]): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}
