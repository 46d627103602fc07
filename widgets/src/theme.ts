/** Colours of the page around us, read from CSS, and how each state of a task is painted. */

import { FAILED, PENDING, RELEASED, RUNNING, STORED } from './states';

export interface Theme {
  readonly dark: boolean;
  readonly ink: string;
  readonly dim: string;
  readonly page: string;
  readonly soft: string;
  readonly rule: string;
  readonly accent: string;
  readonly font: string;
  /** Line and fill colour of each state. */
  readonly states: readonly string[];
  /** Okabe and Ito's colours, for operations. */
  readonly operations: readonly string[];
}

// Okabe and Ito's eight colours less black and yellow, which vanish on a page; the order of the engine's own pictures.
export const OPERATIONS: readonly string[] = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a8a8a'];

/** The colour of each state, on light pages and on dark ones. */
export const STATE_COLOURS = {
  light: ['#858585', '#c47f00', '#0072b2', '#5f86a0', '#c64f00'],
  dark: ['#8c8c8c', '#f0ad1f', '#56b4e9', '#7d9fb5', '#ff7a3d']
} as const;

/** The colours in force at `element`. */
export function themeOf(element: Element): Theme {
  const style = getComputedStyle(element);
  const read = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  const page = read('--cks-page', '#ffffff');
  const dark = luminance(page) < 0.4;
  return {
    dark,
    ink: read('--cks-ink', '#1f1f1f'),
    dim: read('--cks-dim', '#5f5f5f'),
    page,
    soft: read('--cks-soft', '#f2f2f2'),
    rule: read('--cks-rule', '#d0d0d0'),
    accent: read('--cks-accent', '#1976d2'),
    font: read('--cks-font', 'system-ui, sans-serif'),
    states: dark ? STATE_COLOURS.dark : STATE_COLOURS.light,
    operations: OPERATIONS
  };
}

/** The colour of operation number `index`. */
export function operationColour(theme: Theme, index: number): string {
  return theme.operations[index % theme.operations.length];
}

/**
 * Paint one block in its state. Told apart without colour: pending is a dotted outline, running is hatched, stored is
 * solid, released is a thin outline, failed is crossed. Large blocks carry the state's glyph too.
 */
export function paintBlock(
  ctx: CanvasRenderingContext2D, theme: Theme, state: number, x: number, y: number, w: number, h: number
): void {
  const colour = theme.states[state];
  if (w < 5 || h < 5) {
    paintSmall(ctx, theme, state, x, y, w, h);
    return;
  }
  ctx.save();
  ctx.lineWidth = 1;
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  const [ax, ay, aw, ah] = [x + 0.5, y + 0.5, w - 1, h - 1];
  switch (state) {
    case PENDING:
      ctx.setLineDash([1, 2]);
      ctx.strokeRect(ax, ay, aw, ah);
      break;
    case RUNNING:
      ctx.globalAlpha = 0.22;
      ctx.fillRect(x, y, w, h);
      ctx.globalAlpha = 1;
      hatch(ctx, x, y, w, h, 4);
      ctx.lineWidth = 1.5;
      ctx.strokeRect(ax, ay, aw, ah);
      break;
    case STORED:
      ctx.fillRect(x, y, w, h);
      break;
    case RELEASED:
      ctx.globalAlpha = 0.12;
      ctx.fillRect(x, y, w, h);
      ctx.globalAlpha = 0.85;
      ctx.strokeRect(ax, ay, aw, ah);
      break;
    case FAILED:
      ctx.lineWidth = 2;
      ctx.strokeRect(x + 1, y + 1, w - 2, h - 2);
      ctx.beginPath();
      ctx.moveTo(x + 2, y + 2);
      ctx.lineTo(x + w - 2, y + h - 2);
      ctx.moveTo(x + w - 2, y + 2);
      ctx.lineTo(x + 2, y + h - 2);
      ctx.stroke();
      break;
    default:
      break;
  }
  ctx.restore();
}

function paintSmall(
  ctx: CanvasRenderingContext2D, theme: Theme, state: number, x: number, y: number, w: number, h: number
): void {
  ctx.fillStyle = theme.states[state];
  if (state === STORED || state === FAILED || state === RUNNING) {
    ctx.fillRect(x, y, w, h);
  } else {
    ctx.globalAlpha = state === RELEASED ? 0.35 : 0.14;
    ctx.fillRect(x, y, w, h);
    ctx.globalAlpha = 1;
  }
}

/** One pixel for each of very many small blocks, stretched over a rectangle. `state` gives -1 where there is none. */
export function paintMosaic(
  ctx: CanvasRenderingContext2D, theme: Theme, nx: number, ny: number, state: (i: number, j: number) => number,
  x: number, y: number, w: number, h: number
): void {
  const inks = theme.states.map((colour, number) => {
    const value = parseInt(colour.slice(1), 16);
    const alpha = number === RELEASED ? 90 : number === PENDING ? 36 : 255;
    return (alpha << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16);
  });
  paintPixels(ctx, nx, ny, (i, j) => {
    const one = state(i, j);
    return one < 0 ? 0 : inks[one];
  }, x, y, w, h);
}

/** A picture of `nx` × `ny` pixels, each `ink` as 0xaabbggrr, stretched over a rectangle. */
export function paintPixels(
  ctx: CanvasRenderingContext2D, nx: number, ny: number, ink: (i: number, j: number) => number, x: number, y: number, w: number, h: number
): void {
  const image = new ImageData(nx, ny);
  const pixels = new Uint32Array(image.data.buffer);
  for (let j = 0, at = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++, at++) {
      pixels[at] = ink(i, j);
    }
  }
  const sheet = new OffscreenCanvas(nx, ny);
  sheet.getContext('2d')?.putImageData(image, 0, 0);
  ctx.save();
  ctx.imageSmoothingEnabled = nx > 2 * w;
  ctx.drawImage(sheet, x, y, w, h);
  ctx.restore();
}

/** Diagonal lines over a rectangle. */
export function hatch(
  ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, gap: number
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  ctx.beginPath();
  const first = Math.floor((x - h - y) / gap) * gap;
  for (let at = first; at <= x + w - y; at += gap) {
    ctx.moveTo(at + y, y);
    ctx.lineTo(at + y + h, y + h);
  }
  ctx.stroke();
  ctx.restore();
}

/** A block on disk: the outline of a stored one around hatching that leans the other way, in the colour of what is out of memory. */
export function paintSpilled(ctx: CanvasRenderingContext2D, theme: Theme, x: number, y: number, w: number, h: number): void {
  ctx.save();
  ctx.fillStyle = theme.page;
  ctx.fillRect(x, y, w, h);
  if (w < 5 || h < 5) {
    ctx.fillStyle = theme.states[RUNNING];
    ctx.globalAlpha = 0.6;
    ctx.fillRect(x, y, w, h);
  } else {
    ctx.save();
    ctx.translate(x + w, y);
    ctx.scale(-1, 1); // hatched the other way than what runs
    ctx.strokeStyle = theme.states[RUNNING];
    ctx.lineWidth = 1.4;
    hatch(ctx, 0, 0, w, h, 5);
    ctx.restore();
    ctx.strokeStyle = theme.states[STORED];
    ctx.lineWidth = 1.5;
    ctx.strokeRect(x + 0.75, y + 0.75, w - 1.5, h - 1.5);
  }
  ctx.restore();
}

/** The name of an operation's colour swatch in text: cut to `room` pixels with an ellipsis. */
export function clipped(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) {
    return text;
  }
  let end = text.length;
  while (end > 0 && ctx.measureText(text.slice(0, end) + '…').width > room) {
    end -= 1;
  }
  return end > 0 ? text.slice(0, end) + '…' : '';
}

/** Black or white, whichever reads better on an operation's colour. */
export function inkOn(colour: string): string {
  const value = parseInt(colour.slice(1), 16);
  const light = (0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255)) / 255;
  return light > 0.55 ? '#000000' : '#ffffff';
}

/** Relative luminance, 0 to 1, of "#rgb", "#rrggbb" or "rgb(…)". */
export function luminance(colour: string): number {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour);
  let parts: number[];
  if (hex) {
    const wide = hex[1].length === 3 ? hex[1].replace(/./g, '$&$&') : hex[1];
    parts = [0, 2, 4].map(at => parseInt(wide.slice(at, at + 2), 16));
  } else {
    parts = (colour.match(/[\d.]+/g) ?? ['255', '255', '255']).slice(0, 3).map(Number);
  }
  const [r, g, b] = parts.map(value => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
