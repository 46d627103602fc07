/** Paints the states of a value's blocks over its static picture. */

import { FAILED, PENDING, RELEASED, RUNNING, STORED } from '../states';
import { hatch, paintSpilled } from '../theme';
import type { Theme } from '../theme';
import { interval } from './picture';
import type { Face, Picture } from './picture';
import type { StripPlaces } from './spec';
import { LAZY, LOST, SPILLED } from './standing';

/** Cells of at least so many pixels are painted one by one, with their pattern. */
const PATTERN = 4;
/** What a bar that stands for several partitions shows first: the most telling of their states. */
const TELLING = [FAILED, LOST, RUNNING, SPILLED, PENDING, LAZY, RELEASED, STORED];

/** Paint all blocks. `scale`: device pixels of a pixel. */
export function paintPicture(
  ctx: CanvasRenderingContext2D, theme: Theme, picture: Picture, states: Uint8Array, scale: number
): void {
  if (picture.bars) {
    paintBars(ctx, theme, picture.bars, states);
    return;
  }
  for (const face of picture.faces) {
    ctx.save();
    if (smallest(face) >= PATTERN) {
      paintCells(ctx, theme, face, states);
    } else {
      paintSampled(ctx, theme, face, states, scale);
    }
    ctx.restore();
  }
}

/** Outline one block. */
export function markBlock(
  ctx: CanvasRenderingContext2D, theme: Pick<Theme, 'ink' | 'page'>, picture: Picture, block: number, width: number
): void {
  ctx.save();
  ctx.beginPath();
  if (picture.bars) {
    const { each, step, gap, base, heights } = picture.bars;
    const bar = Math.floor(block / each);
    ctx.rect(bar * step + gap / 2, base - (heights[bar] ?? 0), Math.max(step - gap, 1), heights[bar] ?? 0);
  }
  for (const face of picture.faces) {
    const found = cellOf(face, block);
    if (found) {
      const [i, j] = found;
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([p, q]) => point(face, face.x[p], face.y[q]));
      corners.forEach(([x, y], k) => (k ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
      ctx.closePath();
    }
  }
  ctx.lineJoin = 'round';
  ctx.strokeStyle = theme.page;
  ctx.lineWidth = width + 2;
  ctx.stroke();
  ctx.strokeStyle = theme.ink;
  ctx.lineWidth = width;
  ctx.stroke();
  ctx.restore();
}

/** Column and row of a block on a face; null where it lies elsewhere. */
function cellOf(face: Face, block: number): [number, number] | null {
  const first = face.at(0, 0);
  const right = face.nx > 1 ? face.at(1, 0) - first : 0;
  const down = face.ny > 1 ? face.at(0, 1) - first : 0;
  const offset = block - first;
  const [big, small] = right > down ? [right, down] : [down, right];
  const one = big ? Math.floor(offset / big) : 0;
  const two = small ? Math.floor((offset - one * big) / small) : 0;
  const [i, j] = right > down ? [one, two] : [two, one];
  return i >= 0 && j >= 0 && i < face.nx && j < face.ny && face.at(i, j) === block ? [i, j] : null;
}

function point({ a, b, c, d, e, f }: Face, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f];
}

/** The shorter side of the average cell, in pixels. */
function smallest(face: Face): number {
  return Math.min(Math.hypot(face.a, face.b) / face.nx, Math.hypot(face.c, face.d) / face.ny);
}

function paintCells(ctx: CanvasRenderingContext2D, theme: Theme, face: Face, states: Uint8Array): void {
  // pixels along both directions, so that patterns keep their size; the transform only shears
  const [wide, tall] = [Math.hypot(face.a, face.b), Math.hypot(face.c, face.d)];
  ctx.transform(face.a / wide, face.b / wide, face.c / tall, face.d / tall, face.e, face.f);
  for (let j = 0; j < face.ny; j++) {
    for (let i = 0; i < face.nx; i++) {
      const [x, y] = [face.x[i] * wide, face.y[j] * tall];
      const [w, h] = [face.x[i + 1] * wide - x, face.y[j + 1] * tall - y];
      paintCell(ctx, theme, states[face.at(i, j)] ?? LAZY, x + 0.5, y + 0.5, Math.max(w - 1, 0.5), Math.max(h - 1, 0.5));
    }
  }
}

/** One look-up for each device pixel: the cost does not grow with the number of blocks. */
function paintSampled(ctx: CanvasRenderingContext2D, theme: Theme, face: Face, states: Uint8Array, scale: number): void {
  const width = Math.max(1, Math.round(Math.hypot(face.a, face.b) * scale));
  const height = Math.max(1, Math.round(Math.hypot(face.c, face.d) * scale));
  const columns = Int32Array.from({ length: width }, (_, i) => interval(face.x, (i + 0.5) / width));
  const rows = Int32Array.from({ length: height }, (_, j) => interval(face.y, (j + 0.5) / height));
  const inks = inksOf(theme);
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let j = 0, at = 0; j < height; j++) {
    for (let i = 0; i < width; i++, at++) {
      pixels[at] = inks[states[face.at(columns[i], rows[j])] ?? LAZY];
    }
  }
  const sheet = new OffscreenCanvas(width, height);
  sheet.getContext('2d')?.putImageData(image, 0, 0);
  ctx.transform(face.a / width, face.b / width, face.c / height, face.d / height, face.e, face.f);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(sheet, 0, 0);
  ctx.globalAlpha = 0.45;
  ctx.fillStyle = theme.page; // the lines of the static picture
  lines(face.x).forEach(at => ctx.fillRect(at * width - scale / 4, 0, scale / 2, height));
  lines(face.y).forEach(at => ctx.fillRect(0, at * height - scale / 4, width, scale / 2));
}

const MOST_LINES = 32;

/** Every so many edges inside an axis, as many as the static picture draws. */
export function lines(edges: Float64Array): number[] {
  const n = edges.length - 1;
  let step = 1;
  for (let power = 1; n > MOST_LINES * step; power *= 10) {
    step = [1, 2, 5].map(factor => factor * power).find(size => n <= MOST_LINES * size) ?? 10 * power;
  }
  return [...edges].filter((_, i) => i > 0 && i < n && i % step === 0);
}

function paintBars(ctx: CanvasRenderingContext2D, theme: Theme, bars: StripPlaces, states: Uint8Array): void {
  bars.heights.forEach((high, bar) => {
    const x = bar * bars.step + bars.gap / 2;
    const w = Math.max(bars.step - bars.gap, 0.4);
    const some = states.subarray(bar * bars.each, (bar + 1) * bars.each);
    if (bars.each === 1) {
      paintCell(ctx, theme, some[0] ?? LAZY, x, bars.base - high, w, high);
      return;
    }
    const counts = TELLING.map(state => some.reduce((sum, one) => sum + (one === state ? 1 : 0), 0));
    let top = bars.base - high;
    TELLING.forEach((state, k) => {
      const part = (high * counts[k]) / Math.max(some.length, 1);
      if (part) {
        paintCell(ctx, theme, state, x, top, w, part);
        top += part;
      }
    });
  });
}

/** One block in its state, over the pale block of the static picture. Told apart by pattern too, where there is room. */
export function paintCell(
  ctx: CanvasRenderingContext2D, theme: Theme, state: number, x: number, y: number, w: number, h: number
): void {
  if (state === LAZY) {
    return;
  }
  const colour = theme.states[state === SPILLED ? STORED : state === LOST ? FAILED : state];
  const small = w < PATTERN || h < PATTERN;
  ctx.save();
  ctx.fillStyle = theme.page;
  ctx.fillRect(x, y, w, h);
  ctx.fillStyle = ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  switch (state) {
    case PENDING:
      ctx.globalAlpha = 0.1;
      ctx.fillRect(x, y, w, h);
      break;
    case RUNNING:
      ctx.globalAlpha = small ? 1 : 0.22;
      ctx.fillRect(x, y, w, h);
      ctx.globalAlpha = 1;
      if (!small) {
        hatch(ctx, x, y, w, h, 4);
      }
      break;
    case STORED:
      ctx.fillRect(x, y, w, h);
      break;
    case RELEASED:
      ctx.globalAlpha = 0.3;
      ctx.fillRect(x, y, w, h);
      break;
    case SPILLED:
      paintSpilled(ctx, theme, x, y, w, h);
      break;
    default: // failed and lost: a cross, a dash
      ctx.globalAlpha = small ? 1 : 0.2;
      ctx.fillRect(x, y, w, h);
      ctx.globalAlpha = 1;
      if (!small) {
        ctx.lineWidth = 1.5;
        ctx.beginPath();
        ctx.moveTo(x, y + h);
        ctx.lineTo(x + w, y);
        if (state === FAILED) {
          ctx.moveTo(x, y);
          ctx.lineTo(x + w, y + h);
        }
        ctx.stroke();
      }
  }
  ctx.restore();
}

/** Each state as a pixel. */
function inksOf(theme: Theme): Uint32Array {
  const page = channels(theme.page);
  const ink = (colour: string, share: number): number => {
    const own = channels(colour);
    const [r, g, b] = own.map((value, k) => Math.round(value * share + page[k] * (1 - share)));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  };
  const inks = new Uint32Array(8);
  const [pending, running, stored, released, failed] = theme.states;
  inks[PENDING] = ink(pending, 0.1);
  inks[RUNNING] = ink(running, 1);
  inks[STORED] = ink(stored, 1);
  inks[RELEASED] = ink(released, 0.3);
  inks[FAILED] = ink(failed, 1);
  inks[SPILLED] = ink(running, 0.6);
  inks[LOST] = ink(failed, 0.6);
  inks[LAZY] = 0;
  return inks;
}

/** Red, green and blue of "#rgb", "#rrggbb" or "rgb(…)". */
function channels(colour: string): number[] {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour.trim());
  if (hex) {
    const wide = hex[1].length === 3 ? hex[1].replace(/./g, '$&$&') : hex[1];
    return [0, 2, 4].map(at => parseInt(wide.slice(at, at + 2), 16));
  }
  return (colour.match(/[\d.]+/g) ?? ['255', '255', '255']).slice(0, 3).map(Number);
}
