/** Two runs over one time axis, a thin lane for each thread: colours are those of the operations in both. */

import { laneBars } from '../bars';
import type { Bar } from '../bars';
import { seconds, ticks } from '../format';
import type { Run } from '../run';
import { clipped, operationColour } from '../theme';
import type { Theme } from '../theme';
import { t } from '../translate';
import type { Match } from './difference';
import { wall } from './difference';

const GUTTER = 52;
const RIGHT = 4;
const AXIS = 16;
const GAP = 8;
const MOST_LANES = 16;

/** The height of the picture of two runs. */
export function heightOf(a: Run, b: Run): number {
  return lanesOf(a) * laneHeight(a) + lanesOf(b) * laneHeight(b) + GAP + AXIS;
}

function lanesOf(run: Run): number {
  return Math.max(1, Math.min(run.rowsByLane().length, MOST_LANES));
}

function laneHeight(run: Run): number {
  return lanesOf(run) <= 2 ? 14 : lanesOf(run) <= 6 ? 9 : 5;
}

/** The colour numbers of both runs' operations: what was matched has the same. */
export function colours(a: Run, b: Run, matches: readonly Match[]): { readonly a: number[]; readonly b: number[] } {
  const found = { a: a.layers.map(() => 0), b: b.layers.map(() => 0) };
  const names = new Map<string, number>();
  for (const { name, a: i, b: j } of [...matches].sort((x, y) => (x.a < 0 ? 1e9 : x.a) - (y.a < 0 ? 1e9 : y.a))) {
    const number = names.get(name) ?? names.size;
    names.set(name, number);
    if (i >= 0) {
      found.a[i] = number;
    }
    if (j >= 0) {
      found.b[j] = number;
    }
  }
  return found;
}

/** Draws two runs; keeps the merged bars of each. */
export class TwoTimelines {
  private key = '';
  private kept = new Map<string, readonly Bar[]>();

  /** `chosen`: the operations that stand out, one of each run; -1 for none. */
  draw(ctx: CanvasRenderingContext2D, width: number, theme: Theme, a: Run, b: Run, matches: readonly Match[], chosen: Match | null): void {
    const end = Math.max(wall(a), wall(b), 1e-9);
    const numbers = colours(a, b, matches);
    const wide = Math.max(1, width - GUTTER - RIGHT);
    this.renew([a.number, a.columns.version, b.number, b.columns.version, end, wide].join());
    let top = 0;
    for (const [i, run, colour, layer] of [[0, a, numbers.a, chosen?.a ?? -1], [1, b, numbers.b, chosen?.b ?? -1]] as const) {
      const tall = lanesOf(run) * laneHeight(run);
      ctx.textAlign = 'left';
      ctx.fillStyle = theme.ink;
      ctx.fillText(clipped(ctx, t('run {n}', { n: run.number }), GUTTER - 6), 2, top + tall / 2);
      ctx.fillStyle = theme.soft;
      ctx.fillRect(GUTTER, top, (wall(run) / end) * wide, tall - 1);
      for (let lane = 0; lane < lanesOf(run); lane++) {
        for (const bar of this.bars(`${i}/${lane}`, run, lane, end, wide)) {
          const x = GUTTER + (bar.from / end) * wide;
          ctx.globalAlpha = layer < 0 || bar.layer === layer ? 1 : 0.25;
          ctx.fillStyle = operationColour(theme, colour[bar.layer]);
          ctx.fillRect(x, top + lane * laneHeight(run), Math.max(0.75, ((bar.to - bar.from) / end) * wide), laneHeight(run) - 1);
        }
      }
      ctx.globalAlpha = 1;
      ctx.strokeStyle = theme.ink;
      ctx.lineWidth = 1;
      ctx.beginPath();
      const x = Math.round(GUTTER + (wall(run) / end) * wide) - 0.5;
      ctx.moveTo(x, top - 1);
      ctx.lineTo(x, top + tall);
      ctx.stroke();
      top += tall + (i === 0 ? GAP : 0);
    }
    ctx.textAlign = 'center';
    ctx.fillStyle = theme.dim;
    for (const time of ticks(0, end, wide / 90)) {
      const text = seconds(time);
      const half = ctx.measureText(text).width / 2;
      const x = GUTTER + (time / end) * wide;
      ctx.fillRect(Math.round(x), top, 1, 3);
      ctx.fillText(text, Math.min(Math.max(x, GUTTER + half), width - half), top + AXIS / 2 + 1);
    }
  }

  private renew(key: string): void {
    if (key !== this.key) {
      this.key = key;
      this.kept.clear();
    }
  }

  private bars(name: string, run: Run, lane: number, end: number, wide: number): readonly Bar[] {
    const found = this.kept.get(name) ?? laneBars(run, run.rowsByLane()[lane] ?? new Int32Array(0), 0, end, end / wide);
    this.kept.set(name, found);
    return found;
  }
}
