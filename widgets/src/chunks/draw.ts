/** Paints the cards of the Chunks view. */

import { extent } from '../grid';
import type { Tiles } from '../grid';
import type { Run } from '../run';
import { PENDING, RELEASED, STATES, STORED } from '../states';
import type { Store } from '../store';
import { concerns } from '../target';
import { clipped, inkOn, paintBlock, paintMosaic } from '../theme';
import type { Theme } from '../theme';
import { layerName } from '../words';
import { boxOf } from './cards';
import type { Card } from './cards';
import { skew } from './strip';
import type { Strip } from './strip';

/** Draw one card; `small` where it shares the stage with others. */
export function drawCard(
  ctx: CanvasRenderingContext2D, theme: Theme, run: Run, store: Store, card: Card, colour: string, small: boolean
): void {
  const layer = run.layers[card.layer];
  const states = store.states();
  const tally = store.tally(card.layer);
  const done = `${(tally[2] + tally[3]).toLocaleString('en-US')}/${layer.ntasks.toLocaleString('en-US')}`;
  ctx.fillStyle = colour;
  ctx.fillRect(card.left + 2, card.top + 4, 8, 8);
  ctx.fillStyle = theme.dim;
  ctx.textAlign = 'right';
  const room = card.width - 24;
  const side = ctx.measureText(done).width;
  const right = small ? card.left + card.width - 12 : card.left + card.width - 2;
  const title = small && !layer.frame ? layerName(layer) : `${layerName(layer)}  ${extent(layer)}`;
  const both = ctx.measureText(title).width + side + 8 <= room;
  const name = clipped(ctx, title, both ? room - side - 8 : room);
  if (both) {
    ctx.fillText(done, right, card.top + 8);
  }
  ctx.textAlign = 'left';
  ctx.fillStyle = theme.ink;
  ctx.fillText(name, card.left + 14, card.top + 8);
  if (card.strip) {
    drawStrip(ctx, theme, card.strip, states, layer.first_task);
    const words = layer.frame ? skew(layer.frame) : '';
    const below = boxOf(card, null)![3] + 9;
    if (words && below + 5 <= card.top + card.height) {
      ctx.textAlign = 'left';
      ctx.fillStyle = theme.dim;
      ctx.fillText(clipped(ctx, words, card.width - 8), card.strip.left, below);
    }
  } else if (card.tiles) {
    drawTiles(ctx, theme, card.tiles, states, layer.first_task);
  }
}

function drawTiles(ctx: CanvasRenderingContext2D, theme: Theme, t: Tiles, states: Uint8Array, first: number): void {
  const [nx, ny] = [t.x.length - 1, t.y.length - 1];
  const gap = Math.min((t.x[nx] - t.x[0]) / nx, (t.y[ny] - t.y[0]) / ny) >= 5 ? 1 : 0;
  if (!gap && nx * ny > 400) {
    paintMosaic(ctx, theme, nx, ny, (i, j) => {
      const index = t.at(i, j);
      return index < 0 ? -1 : states[first + index];
    }, t.x[0], t.y[0], t.x[nx] - t.x[0], t.y[ny] - t.y[0]);
    return;
  }
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const index = t.at(i, j);
      if (index >= 0) {
        paintBlock(ctx, theme, states[first + index], t.x[i], t.y[j], t.x[i + 1] - t.x[i] - gap, t.y[j + 1] - t.y[j] - gap);
      }
    }
  }
}

/** A bar for each partition, with its state's sign where there is room. */
function drawStrip(ctx: CanvasRenderingContext2D, theme: Theme, strip: Strip, states: Uint8Array, first: number): void {
  for (let i = 0; i < strip.line.length; i++) {
    const state = states[first + i];
    const y = strip.top + strip.line[i] * strip.pitch;
    const wide = strip.to[i] - strip.from[i];
    const w = wide >= 4 ? wide - 1 : wide;
    paintBlock(ctx, theme, state, strip.from[i], y, w, strip.tall);
    if (w >= 18 && strip.tall >= 14 && state !== PENDING && state !== RELEASED) {
      ctx.fillStyle = state === STORED ? inkOn(theme.states[STORED]) : theme.ink;
      ctx.textAlign = 'center';
      ctx.fillText(STATES[state].glyph, strip.from[i] + w / 2, y + strip.tall / 2);
    }
  }
}

/** Outline what is pointed at and what is selected. */
export function markCards(
  ctx: CanvasRenderingContext2D, theme: Theme, run: Run, cards: readonly Card[], store: Store
): void {
  for (const [target, width] of [[store.hover, 1.5], [store.selection, 2.5]] as const) {
    for (const card of cards.filter(one => concerns(run, target, one.layer))) {
      const index = target && 'task' in target ? target.task - run.layers[card.layer].first_task : null;
      const [x0, y0, x1, y1] = boxOf(card, index) ?? boxOf(card, null)!;
      ctx.strokeStyle = theme.page;
      ctx.lineWidth = width + 2;
      ctx.strokeRect(x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1);
      ctx.strokeStyle = theme.ink;
      ctx.lineWidth = width;
      ctx.strokeRect(x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1);
    }
  }
}
