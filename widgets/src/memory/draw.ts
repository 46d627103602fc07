/** Paints the memory picture around the bands: axes, dots of what was measured, the plan's line, the limit, the time. */

import { bytes, seconds } from '../format';
import type { Store, Target } from '../store';
import { hatch } from '../theme';
import type { Theme } from '../theme';
import { t } from '../translate';
import { layerName } from '../words';
import { drawBands } from './draw_bands';
import type { Plot } from './plot';

/** Draw a plot; `pointed` is where the mouse is, as a share of the axis. */
export function drawMemory(
  ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, store: Store, pointed: number | null
): void {
  drawAxes(ctx, theme, plot);
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.left, 0, plot.width, plot.top + plot.height);
  ctx.clip();
  if (plot.profile.told) {
    drawBands(ctx, theme, plot, store.hover ?? store.selection);
  }
  drawMeasured(ctx, theme, plot);
  drawForecast(ctx, theme, plot);
  drawLimit(ctx, theme, plot);
  drawPeak(ctx, theme, plot);
  drawTime(ctx, theme, plot, store, pointed);
  ctx.restore();
  drawTask(ctx, theme, plot, store.hover ?? store.selection);
}

function drawAxes(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot): void {
  const bottom = plot.top + plot.height;
  ctx.lineWidth = 1;
  ctx.fillStyle = theme.dim;
  ctx.strokeStyle = theme.rule;
  ctx.textAlign = 'right';
  for (const [size, text] of plot.levels) {
    const y = Math.round(plot.y(size)) + 0.5;
    ctx.globalAlpha = 0.6;
    line(ctx, plot.left, y, plot.left + plot.width, y);
    ctx.globalAlpha = 1;
    ctx.fillText(text, plot.left - 5, Math.max(y, 7));
  }
  ctx.textAlign = 'center';
  for (const [share, text] of plot.marks) {
    const x = plot.left + share * plot.width;
    const half = ctx.measureText(text).width / 2;
    line(ctx, Math.round(x) + 0.5, bottom, Math.round(x) + 0.5, bottom + 3);
    ctx.fillText(text, Math.min(Math.max(x, plot.left + half), plot.left + plot.width - half), bottom + 11);
  }
  line(ctx, plot.left, bottom + 0.5, plot.left + plot.width, bottom + 0.5);
}

/** A dot for each pixel in which a task ended; a line where nothing is known of the operations. */
function drawMeasured(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot): void {
  const dots: [number, number][] = [];
  plot.measured.forEach((size, i) => {
    if (size >= 0) {
      dots.push([plot.left + i + 0.5, plot.y(size)]);
    }
  });
  if (!plot.profile.told && dots.length) {
    ctx.beginPath();
    ctx.moveTo(plot.left, plot.top + plot.height);
    let y = plot.top + plot.height;
    for (const [x, next] of dots) {
      ctx.lineTo(x, y);
      ctx.lineTo(x, next);
      y = next;
    }
    ctx.lineTo(dots[dots.length - 1][0], plot.top + plot.height);
    ctx.fillStyle = theme.states[2];
    ctx.globalAlpha = 0.3;
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  const radius = dots.length > plot.width / 3 ? 1 : 2;
  for (const [x, y] of dots) {
    ctx.fillStyle = theme.page;
    disc(ctx, x, y, radius + 1);
    ctx.fillStyle = theme.ink;
    disc(ctx, x, y, radius);
  }
}

/** The plan's line, and its peak as a rule across. */
function drawForecast(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot): void {
  if (plot.forecast.length) {
    ctx.beginPath();
    plot.forecast.forEach((size, i) => {
      ctx.lineTo(plot.left + i, plot.y(size));
      ctx.lineTo(plot.left + i + 1, plot.y(size));
    });
    twice(ctx, theme, theme.ink, [4, 3], 1.25);
  }
  const peak = plot.run.header.forecast_peak;
  if (peak !== null && peak <= plot.most) {
    const y = Math.round(plot.y(peak)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(plot.left, y);
    ctx.lineTo(plot.left + plot.width, y);
    twice(ctx, theme, theme.dim, [1, 3], 1);
    aside(ctx, theme, plot, t('forecast {bytes}', { bytes: bytes(peak) }), crowded(plot, y) ? y + 9 : y - 8, theme.dim);
  } else if (peak !== null) {
    aside(ctx, theme, plot, `${t('forecast {bytes}', { bytes: bytes(peak) })} ↑`, plot.top + 20, theme.dim);
  }
}

/** Whether words above a line would run into the top or into the limit's words. */
function crowded(plot: Plot, y: number): boolean {
  const limit = plot.run.header.budget;
  return y < plot.top + 18 || (limit !== null && limit <= plot.most && y - plot.y(limit) < 26 && y > plot.y(limit));
}

/** The limit as a line; what is above it is out of bounds. */
function drawLimit(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot): void {
  const limit = plot.run.header.budget;
  if (limit === null) {
    return;
  }
  const colour = theme.states[4];
  if (limit > plot.most) {
    aside(ctx, theme, plot, `${t('limit {bytes}', { bytes: bytes(limit) })} ↑`, plot.top + 3, colour);
    return;
  }
  const y = Math.round(plot.y(limit)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.45;
  ctx.lineWidth = 1;
  hatch(ctx, plot.left, 0, plot.width, y, 6);
  ctx.restore();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  line(ctx, plot.left, y, plot.left + plot.width, y);
  aside(ctx, theme, plot, t('limit {bytes}', { bytes: bytes(limit) }), y + 9, colour);
}

/** A mark at the highest measured moment. */
function drawPeak(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot): void {
  const size = plot.profile.measuredPeak.bytes;
  const share = peakShare(plot);
  if (size <= 0 || share < 0 || share > 1) {
    return;
  }
  const x = plot.left + share * plot.width;
  const y = plot.y(size);
  ctx.fillStyle = theme.ink;
  ctx.strokeStyle = theme.page;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(x, y - 3);
  ctx.lineTo(x - 5, y - 11);
  ctx.lineTo(x + 5, y - 11);
  ctx.closePath();
  ctx.stroke();
  ctx.fill();
  const text = bytes(size);
  const half = ctx.measureText(text).width;
  const right = x + half + 12 > plot.left + plot.width ? x - 9 : x + half + 10;
  tag(ctx, theme, text, right, y - 7, theme.ink);
}

/** The shown time, with what comes after it veiled, and the place of the mouse. */
function drawTime(
  ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, store: Store, pointed: number | null
): void {
  const bottom = plot.top + plot.height;
  if (store.time !== null) {
    const x = Math.round(plot.left + plot.shareOf(store.time) * plot.width) + 0.5;
    ctx.save();
    ctx.globalAlpha = 0.62;
    ctx.fillStyle = theme.page;
    ctx.fillRect(x, 0, plot.left + plot.width - x, bottom);
    ctx.restore();
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 2;
    line(ctx, x, 0, x, bottom);
  }
  if (pointed !== null) {
    const x = Math.round(plot.left + pointed * plot.width) + 0.5;
    ctx.save();
    ctx.strokeStyle = theme.ink;
    ctx.lineWidth = 1;
    ctx.setLineDash([2, 2]);
    line(ctx, x, 0, x, bottom);
    ctx.restore();
  }
}

/** How long the block of the meant task was kept: a bar on the axis, with its bytes. */
function drawTask(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, target: Target): void {
  const { run, profile } = plot;
  if (target === null || !('task' in target) || run.rowOf[target.task] < 0) {
    return;
  }
  const row = run.rowOf[target.task];
  const made = run.columns.stop[row];
  const gone = Math.min(run.leftAt(row), run.now(0));
  if (plot.shareOf(gone) <= 0 || plot.shareOf(made) >= 1 && plot.begin > 0) {
    return; // not in this stretch of time
  }
  const place = (time: number): number => plot.left + plot.shareOf(time) * plot.width;
  const [x0, x1] = [place(made), Math.max(place(gone), place(made) + 2)];
  const y = plot.top + plot.height;
  ctx.fillStyle = theme.ink;
  ctx.fillRect(x0, y - 4, x1 - x0, 4);
  const size = run.columns.bytes_out[row];
  const kept = profile.told ? `, ${t('{from} to {to}', { from: seconds(made), to: gone < run.now(0) ? seconds(gone) : t('the end') })}` : '';
  const text = `${layerName(run.layers[run.layerOf(target.task)])}: ${bytes(size)}${kept}`;
  const half = ctx.measureText(text).width / 2 + 3;
  const middle = Math.min(Math.max((x0 + x1) / 2, plot.left + half), plot.left + plot.width - half);
  tag(ctx, theme, text, middle + half - 3, y - 12, theme.ink);
}

/** Words at the side of the plot where the peak is not. */
function aside(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, text: string, y: number, colour: string): void {
  const right = peakShare(plot) < 0.5;
  tag(ctx, theme, text, right ? plot.left + plot.width - 3 : plot.left + ctx.measureText(text).width + 4, y, colour);
}

/** Where the highest measured moment lies, as a share of the axis: below 0 or above 1 where it is not in sight. */
function peakShare(plot: Plot): number {
  const { time, done } = plot.profile.measuredPeak;
  return ((plot.axis === 'time' ? time : done) - plot.begin) / (plot.end - plot.begin);
}

/** Words on a patch of the page, right-aligned at x. */
function tag(ctx: CanvasRenderingContext2D, theme: Theme, text: string, x: number, y: number, colour: string): void {
  const width = ctx.measureText(text).width;
  ctx.fillStyle = theme.page;
  ctx.globalAlpha = 0.85;
  ctx.fillRect(x - width - 3, y - 7, width + 6, 14);
  ctx.globalAlpha = 1;
  ctx.textAlign = 'right';
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

/** Stroke the current path on a wider one of the page's colour, so that it is seen on any band. */
function twice(ctx: CanvasRenderingContext2D, theme: Theme, colour: string, dash: number[], width: number): void {
  ctx.save();
  ctx.strokeStyle = theme.page;
  ctx.globalAlpha = 0.8;
  ctx.lineWidth = width + 2;
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.setLineDash(dash);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.stroke();
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
