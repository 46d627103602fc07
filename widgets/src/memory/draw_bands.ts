/** Paints who holds the memory: one band above the other, each with its name where there is room. */

import { concerns } from '../target';
import type { Target } from '../target';
import { clipped, hatch, inkOn, operationColour } from '../theme';
import type { Theme } from '../theme';
import { TEMPORARIES } from './bands';
import type { Band } from './bands';
import type { Plot } from './plot';

const FADED = 0.28;
const LABEL = 12;

/** The bands from the bottom up; all but the target's fade. */
export function drawBands(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, target: Target): void {
  const base = new Float64Array(plot.width);
  const meant = plot.bands.map(band => band.layer >= 0 && concerns(plot.run, target, band.layer));
  const any = meant.some(Boolean);
  plot.bands.forEach((band, g) => {
    const top = new Float64Array(plot.width);
    for (let i = 0; i < plot.width; i++) {
      top[i] = base[i] + plot.sampled.parts[i * plot.sampled.ngroups + g];
    }
    ctx.save();
    ctx.globalAlpha = any && !meant[g] ? FADED : 1;
    outline(ctx, plot, base, top);
    paintBand(ctx, theme, plot, band);
    if (g > 0) {
      edge(ctx, theme, plot, base, top);
    }
    nameBand(ctx, theme, plot, band, base, top);
    ctx.restore();
    base.set(top);
  });
  skyline(ctx, theme, plot, base);
}

/** A thin line over all bands: light colours end visibly on a light page. */
function skyline(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, top: Float64Array): void {
  ctx.save();
  ctx.beginPath();
  ctx.moveTo(plot.left, plot.y(0));
  for (let i = 0; i < plot.width; i++) {
    ctx.lineTo(plot.left + i, plot.y(top[i]));
    ctx.lineTo(plot.left + i + 1, plot.y(top[i]));
  }
  ctx.strokeStyle = theme.ink;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = 0.75;
  ctx.stroke();
  ctx.restore();
}

/** The path around a band, in steps of one pixel. */
function outline(ctx: CanvasRenderingContext2D, plot: Plot, base: Float64Array, top: Float64Array): void {
  ctx.beginPath();
  ctx.moveTo(plot.left, plot.y(base[0]));
  for (let i = 0; i < plot.width; i++) {
    const y = plot.y(top[i]);
    ctx.lineTo(plot.left + i, y);
    ctx.lineTo(plot.left + i + 1, y);
  }
  for (let i = plot.width - 1; i >= 0; i--) {
    const y = plot.y(base[i]);
    ctx.lineTo(plot.left + i + 1, y);
    ctx.lineTo(plot.left + i, y);
  }
  ctx.closePath();
}

/** A line of the page's colour along the bottom of a band, where it has one: moments of one pixel stay whole. */
function edge(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, base: Float64Array, top: Float64Array): void {
  ctx.fillStyle = theme.page;
  for (let i = 0; i < plot.width; i++) {
    if (base[i] > 0 && plot.y(base[i]) - plot.y(top[i]) >= 2) {
      ctx.fillRect(plot.left + i, plot.y(base[i]) - 0.75, 1, 0.75);
    }
  }
}

/** Fill the current path: a colour; temporaries and colours that come a second time are hatched too. */
function paintBand(ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, band: Band): void {
  const plain = band.colour >= 0;
  ctx.fillStyle = plain ? operationColour(theme, band.colour) : theme.dim;
  const alpha = ctx.globalAlpha;
  ctx.globalAlpha = plain ? alpha : alpha * 0.3;
  ctx.fill();
  ctx.globalAlpha = alpha;
  if (!plain || band.colour >= theme.operations.length) {
    ctx.save();
    ctx.clip();
    ctx.strokeStyle = band.layer === TEMPORARIES ? theme.dim : theme.page;
    ctx.lineWidth = 1;
    hatch(ctx, plot.left, plot.top, plot.width, plot.height, 5);
    ctx.restore();
  }
}

/** The band's name inside it, where there is room. */
function nameBand(
  ctx: CanvasRenderingContext2D, theme: Theme, plot: Plot, band: Band, base: Float64Array, top: Float64Array
): void {
  const needed = LABEL * (plot.most / plot.height);
  const wide = Math.ceil(ctx.measureText(band.name).width) + 6;
  const spot = [wide, 42].filter(size => size <= wide).map(size => roomiest(base, top, size)).find(found => found.high - found.low >= needed);
  if (!spot) {
    return;
  }
  const { middle, size, low, high } = spot;
  const text = clipped(ctx, band.name, size - 4);
  const half = Math.ceil(ctx.measureText(text).width / 2);
  ctx.textAlign = 'center';
  const x = plot.left + middle;
  const y = plot.y((low + high) / 2);
  if (band.colour >= 0) {
    ctx.fillStyle = inkOn(operationColour(theme, band.colour));
  } else {
    ctx.fillStyle = theme.page;
    ctx.fillRect(x - half - 2, y - 7, 2 * half + 4, 14);
    ctx.fillStyle = theme.ink;
  }
  ctx.fillText(text, x, y);
}

/** Where a patch of `size` pixels lies inside a band with most room above and below. */
function roomiest(
  base: Float64Array, top: Float64Array, size: number
): { readonly middle: number; readonly size: number; readonly low: number; readonly high: number } {
  let best = { middle: 0, size, low: 0, high: -Infinity };
  for (let at = 0; at + size <= base.length; at += 4) {
    let [low, high] = [0, Infinity];
    for (let i = at; i < at + size; i++) {
      low = Math.max(low, base[i]);
      high = Math.min(high, top[i]);
    }
    if (high - low > best.high - best.low) {
      best = { middle: at + (size >> 1), size, low, high };
    }
  }
  return best;
}
