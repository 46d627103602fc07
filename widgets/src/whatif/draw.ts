/** The small chart of the What-if view: time above, peak below, a mark for each value of the slider. */

import { hatch } from '../theme';
import type { Theme } from '../theme';
import { t } from '../translate';
import { chartRows, tickWords, values } from './model';
import type { Knob, Reply, Row } from './model';

export const GUTTER = 44;
const RIGHT = 10;
const AXIS = 18;
const HEAD = 16;
const GAP = 14;

/** The place of a value along the width. */
export function xAt(width: number, number: number, place: number): number {
  return GUTTER + ((place + 0.5) / number) * (width - GUTTER - RIGHT);
}

/** The value nearest to a place of the width. */
export function placeAt(width: number, number: number, x: number): number {
  return Math.min(number - 1, Math.max(0, Math.floor(((x - GUTTER) / (width - GUTTER - RIGHT)) * number)));
}

/** Draw a curve; `chosen` is the slider's place, `measured` that of the run, -1 where it is not on this curve. */
export function drawWhatif(
  ctx: CanvasRenderingContext2D, width: number, height: number, theme: Theme, reply: Reply, knob: Knob, chosen: number, measured: number
): void {
  const all = values(reply, knob);
  const rows = chartRows(reply);
  const tall = (height - AXIS - GAP - 2 * HEAD) / 2;
  const n = all.length;
  if (knob === 'workers') {
    beyond(ctx, theme, width, height - AXIS, all, reply.cores);
  }
  const x = xAt(width, n, chosen);
  ctx.fillStyle = theme.soft;
  ctx.fillRect(x - 0.4 * ((width - GUTTER - RIGHT) / n), 0, 0.8 * ((width - GUTTER - RIGHT) / n), height - AXIS + 2);
  drawRow(ctx, theme, rows.time, t('time'), theme.operations[theme.dark ? 4 : 0], width, HEAD, tall, chosen, measured);
  drawRow(ctx, theme, rows.peak, t('peak'), theme.operations[2], width, 2 * HEAD + GAP + tall, tall, chosen, measured);
  ctx.textAlign = 'center';
  let free = -Infinity;
  all.forEach((value, i) => {
    const text = tickWords(knob, value);
    const half = ctx.measureText(text).width / 2;
    const at = Math.min(xAt(width, n, i), width - half - 1);
    if (at - half > free) {
      ctx.fillStyle = i === chosen ? theme.ink : theme.dim;
      ctx.fillText(text, at, height - AXIS / 2);
      free = at + half + 6;
    }
  });
}

/** More workers than there are cores: hatched, as the model gives each a core of its own. */
function beyond(ctx: CanvasRenderingContext2D, theme: Theme, width: number, height: number, all: readonly (number | null)[], cores: number): void {
  const first = all.findIndex(value => value !== null && value > cores);
  if (first < 0) {
    return;
  }
  const from = xAt(width, all.length, first) - 0.5 * ((width - GUTTER - RIGHT) / all.length);
  ctx.save();
  ctx.globalAlpha = 0.25;
  ctx.strokeStyle = theme.dim;
  ctx.lineWidth = 1;
  hatch(ctx, from, 0, width - RIGHT - from, height, 9);
  ctx.restore();
}

function drawRow(
  ctx: CanvasRenderingContext2D, theme: Theme, row: Row, name: string, colour: string, width: number, top: number, tall: number,
  chosen: number, measured: number
): void {
  const n = row.points.length;
  const y = (level: number): number => top + tall * (1 - level);
  ctx.textAlign = 'left';
  ctx.fillStyle = theme.dim;
  ctx.fillText(name, 2, top + tall / 2);
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.rule;
  line(ctx, GUTTER, y(0) + 0.5, width - RIGHT, y(0) + 0.5);
  ctx.setLineDash([3, 3]);
  ctx.strokeStyle = theme.dim;
  line(ctx, GUTTER, Math.round(y(row.measured)) + 0.5, width - RIGHT, Math.round(y(row.measured)) + 0.5);
  ctx.setLineDash([]);
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  let down = false;
  row.points.forEach((point, i) => {
    if (point.level === null) {
      down = false;
      return;
    }
    const [px, py] = [xAt(width, n, i), y(point.level)];
    down ? ctx.lineTo(px, py) : ctx.moveTo(px, py);
    down = true;
  });
  ctx.stroke();
  row.points.forEach((point, i) => {
    const px = xAt(width, n, i);
    if (point.level === null) {
      ctx.textAlign = 'center';
      ctx.fillStyle = theme.states[4];
      ctx.fillText('✖', px, y(0) - 7);
      return;
    }
    ctx.fillStyle = colour;
    ctx.lineWidth = 1;
    if (point.high > point.low) {
      ctx.save();
      ctx.globalAlpha = 0.25;
      ctx.fillRect(px - 3, y(point.high), 6, y(point.low) - y(point.high));
      ctx.restore();
    }
    ctx.beginPath();
    ctx.arc(px, y(point.level), i === chosen ? 4.5 : 3, 0, 2 * Math.PI);
    ctx.fill();
    if (i === measured) {
      diamond(ctx, theme, px, y(row.measured));
    }
  });
  label(ctx, theme, row, width, top - HEAD / 2, chosen);
}

/** The chosen value in figures, above the row. */
function label(ctx: CanvasRenderingContext2D, theme: Theme, row: Row, width: number, at: number, chosen: number): void {
  const point = row.points[chosen];
  if (!point || point.level === null) {
    return;
  }
  const half = ctx.measureText(point.label).width / 2;
  const px = Math.min(Math.max(xAt(width, row.points.length, chosen), GUTTER + half), width - half - 2);
  ctx.textAlign = 'center';
  ctx.fillStyle = theme.ink;
  ctx.fillText(point.label, px, at);
}

/** What was measured: a hollow diamond. */
function diamond(ctx: CanvasRenderingContext2D, theme: Theme, x: number, y: number): void {
  ctx.save();
  ctx.strokeStyle = theme.ink;
  ctx.fillStyle = theme.page;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x, y - 5);
  ctx.lineTo(x + 5, y);
  ctx.lineTo(x, y + 5);
  ctx.lineTo(x - 5, y);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
