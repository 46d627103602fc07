/** Paints the cards of the Chunks view: blocks in their states or sizes. */

import { countOnDisk, onDisk } from '../disk';
import { extent } from '../grid';
import type { Tiles } from '../grid';
import type { Run } from '../run';
import { PENDING, RELEASED, RUNNING, STATES, STORED } from '../states';
import type { Store } from '../store';
import { clipped, inkOn, paintBlock, paintMosaic, paintPixels, paintSpilled } from '../theme';
import type { Theme } from '../theme';
import { t } from '../translate';
import { layerName } from '../words';
import { boxOf } from './cards';
import type { Card } from './cards';
import { cividis, css, pixel, valueOf, valueWords } from './magnitude';
import type { Shade } from './magnitude';
import { skew } from './strip';
import type { Strip } from './strip';

/** What the blocks' colours say. */
export interface Paint {
  readonly shade: Shade;
  /** The value of the brightest colour. */
  readonly most: number;
}

interface Scene {
  readonly ctx: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly run: Run;
  readonly store: Store;
  readonly paint: Paint;
  readonly states: Uint8Array;
  /** Tasks whose blocks are on disk. */
  readonly disk: ReadonlySet<number>;
  /** The first task of the card's operation. */
  readonly first: number;
}

/** Draw one card; `small` where it shares the stage with others. */
export function drawCard(
  ctx: CanvasRenderingContext2D, theme: Theme, store: Store, run: Run, card: Card, colour: string, small: boolean, paint: Paint
): void {
  const layer = run.layers[card.layer];
  const states = store.states();
  const scene: Scene = { ctx, theme, run, store, paint, states, disk: onDisk(run, store.time), first: layer.first_task };
  drawTitle(scene, card, colour, small);
  if (card.strip) {
    drawStrip(scene, card.strip);
    const words = layer.frame ? skew(layer.frame) : '';
    const below = boxOf(card, null)![3] + 11;
    if (words && below + 5 <= card.top + card.height) {
      ctx.textAlign = 'left';
      ctx.fillStyle = theme.dim;
      ctx.fillText(clipped(ctx, words, card.width - 8), card.strip.left, below);
    }
  } else if (card.tiles) {
    drawTiles(scene, card.tiles);
  }
}

function drawTitle({ ctx, theme, run, store }: Scene, card: Card, colour: string, small: boolean): void {
  const layer = run.layers[card.layer];
  const tally = store.tally(card.layer);
  const disk = countOnDisk(run, card.layer, store.time);
  const done = `${disk ? `${t('{n} on disk', { n: disk.toLocaleString('en-US') })} · ` : ''}${(tally[2] + tally[3]).toLocaleString('en-US')}/${layer.ntasks.toLocaleString('en-US')}`;
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
}

function drawTiles(scene: Scene, t: Tiles): void {
  const { ctx, theme, states, first, paint } = scene;
  const [nx, ny] = [t.x.length - 1, t.y.length - 1];
  const gap = Math.min((t.x[nx] - t.x[0]) / nx, (t.y[ny] - t.y[0]) / ny) >= 5 ? 1 : 0;
  const box = [t.x[0], t.y[0], t.x[nx] - t.x[0], t.y[ny] - t.y[0]] as const;
  if (!gap && nx * ny > 400) {
    if (paint.shade === 'state') {
      paintMosaic(ctx, theme, nx, ny, (i, j) => {
        const index = t.at(i, j);
        return index < 0 ? -1 : states[first + index];
      }, ...box);
    } else {
      paintPixels(ctx, nx, ny, (i, j) => {
        const index = t.at(i, j);
        const value = index < 0 ? -1 : valueOf(scene.run, first + index, paint.shade, scene.store.time);
        return value < 0 ? 0 : pixel(cividis(value / (paint.most || 1)));
      }, ...box);
    }
    return;
  }
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const index = t.at(i, j);
      if (index >= 0) {
        drawBlock(scene, index, t.x[i], t.y[j], t.x[i + 1] - t.x[i] - gap, t.y[j + 1] - t.y[j] - gap, true);
      }
    }
  }
}

/** A bar for each partition. */
function drawStrip(scene: Scene, strip: Strip): void {
  for (let i = 0; i < strip.line.length; i++) {
    const wide = strip.to[i] - strip.from[i];
    drawBlock(scene, i, strip.from[i], strip.top + strip.line[i] * strip.pitch, wide >= 4 ? wide - 1 : wide, strip.tall, false);
  }
}

/** One block: its state, or how much it is; with a sign or a number where there is room. */
function drawBlock(scene: Scene, index: number, x: number, y: number, w: number, h: number, tile: boolean): void {
  const { ctx, theme, run, store, paint, states, first } = scene;
  const state = states[first + index];
  const value = valueOf(run, first + index, paint.shade, store.time);
  if (value < 0) {
    const spilled = state === STORED && scene.disk.has(first + index);
    if (spilled) {
      paintSpilled(ctx, theme, x, y, w, h);
    } else {
      paintBlock(ctx, theme, state, x, y, w, h);
    }
    const told = tile ? w >= 30 && h >= 24 : w >= 18 && h >= 14;
    if (told && state !== PENDING && state !== RELEASED) {
      const [cx, cy] = tile ? [x + 9, y + 9] : [x + w / 2, y + h / 2]; // of a tile the corner: its middle is for what is pointed at
      if (state === RUNNING || spilled) {
        ctx.fillStyle = theme.page; // a patch, so that the sign is seen on its hatching
        ctx.globalAlpha = 0.8;
        ctx.fillRect(cx - 6, cy - 6, 12, 12);
        ctx.globalAlpha = 1;
      }
      ctx.fillStyle = state === STORED && !spilled ? inkOn(theme.states[STORED]) : theme.ink;
      ctx.textAlign = 'center';
      ctx.fillText(spilled ? '▤' : STATES[state].glyph, cx, cy + 0.5);
    }
    return;
  }
  const colour = css(cividis(value / (paint.most || 1)));
  ctx.fillStyle = colour;
  ctx.fillRect(x, y, w, h);
  if (w >= 5 && h >= 5) {
    ctx.strokeStyle = theme.dim;
    ctx.lineWidth = 0.5;
    ctx.strokeRect(x + 0.25, y + 0.25, w - 0.5, h - 0.5);
  }
  const text = valueWords(paint.shade, value);
  if (h >= 13 && ctx.measureText(text).width + 6 <= w) {
    ctx.fillStyle = inkOn(colour);
    ctx.textAlign = 'center';
    ctx.fillText(text, x + w / 2, y + h / 2 + 0.5);
  }
}
