/** Paints a flame graph: the user's own functions stand out, found ones are framed, the rest is quiet. */

import { clipped, inkOn, operationColour } from '../theme';
import type { Theme } from '../theme';
import { matches } from './flame';
import type { Box, Node } from './flame';

export const ROW = 18;

/** Shares of a box's colour in it; the rest is the page's. */
const FADED = 0.4;
const WASH = { own: 1, yours: 0.85, library: 0.34, engine: 0.12 };

export interface Look {
  readonly theme: Theme;
  readonly width: number;
  readonly numbers: readonly number[];
  readonly search: string;
  readonly cursor: Node | null;
  readonly pointed: Node | null;
  readonly zoomed: Node;
  /** Whether an operation stands out because it is selected or pointed at; null where none is. */
  readonly chosen: ((layer: number) => boolean) | null;
}

/** Whose code a function is: the notebook's, a library's, or the engine's own. */
export function ownerOf(node: Node): 'yours' | 'library' | 'engine' {
  if (!node.frame) {
    return 'engine';
  }
  if (node.frame.cell) {
    return 'yours';
  }
  return /(^|[\\/])chunkscope([\\/]|$)/.test(node.frame.file) ? 'engine' : 'library';
}

/** Paint all boxes. */
export function drawFlame(ctx: CanvasRenderingContext2D, all: readonly Box[], look: Look): void {
  const { theme, width } = look;
  for (const box of all) {
    const x = box.from * width;
    const w = Math.max(box.to * width - x - 1, 0.6);
    const y = box.row * ROW;
    const quiet = faded(box.node, look);
    const colour = quiet ? mixed(fill(box.node, look), theme.page, FADED) : fill(box.node, look);
    ctx.fillStyle = colour;
    ctx.fillRect(x, y, w, ROW - 1);
    if (ownerOf(box.node) === 'yours' && w > 3) {
      ctx.fillStyle = quiet ? theme.dim : theme.ink;
      ctx.fillRect(x, y, 2, ROW - 1);
    }
    if (w > 26) {
      ctx.fillStyle = quiet ? theme.dim : inkOn(colour);
      ctx.textAlign = 'left';
      ctx.fillText(clipped(ctx, box.node.name, w - 9), x + 5, y + ROW / 2);
    }
    frame(ctx, box, look, x, y, w);
  }
}

function faded(node: Node, look: Look): boolean {
  const above = node.depth < look.zoomed.depth;
  const other = look.chosen !== null && node.layer >= 0 && !look.chosen(node.layer);
  const lost = look.search.trim() !== '' && node.parent !== null && !matches(node, look.search);
  return above || other || lost;
}

function frame(ctx: CanvasRenderingContext2D, box: Box, look: Look, x: number, y: number, w: number): void {
  const found = matches(box.node, look.search);
  if (box.node === look.cursor || box.node === look.pointed || found) {
    ctx.strokeStyle = box.node === look.cursor ? look.theme.accent : look.theme.ink;
    ctx.lineWidth = box.node === look.cursor ? 2 : 1;
    ctx.setLineDash(found && box.node !== look.cursor ? [3, 2] : []);
    ctx.strokeRect(x + 1, y + 1, Math.max(w - 2, 1), ROW - 3);
    ctx.setLineDash([]);
  }
}

function fill(node: Node, { theme, numbers }: Look): string {
  if (node.layer < 0) {
    return mixed(theme.dim, theme.page, 0.25);
  }
  const colour = operationColour(theme, numbers[node.layer] ?? 0);
  return node.frame ? mixed(colour, theme.page, WASH[ownerOf(node)]) : mixed(colour, theme.page, WASH.own);
}

/** A colour laid thinly on another. */
export function mixed(colour: string, page: string, share: number): string {
  const [a, b] = [parts(colour), parts(page)];
  return `#${a.map((value, i) => Math.round(value * share + b[i] * (1 - share)).toString(16).padStart(2, '0')).join('')}`;
}

function parts(colour: string): number[] {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour);
  if (hex) {
    const wide = hex[1].length === 3 ? hex[1].replace(/./g, '$&$&') : hex[1];
    return [0, 2, 4].map(at => parseInt(wide.slice(at, at + 2), 16));
  }
  return (colour.match(/[\d.]+/g) ?? ['255', '255', '255']).slice(0, 3).map(Number);
}
