/** Paints how far the calls behind a delayed value are, over the boxes of its static picture. */

import { RUNNING } from '../states';
import { hatch } from '../theme';
import type { Theme } from '../theme';
import { madeOf } from './standing';

/** A box of the picture, in its pixels. */
export interface CallBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const TALL = 4;

/** The boxes of a picture's nodes, in the order of the calls that they stand for. */
export function boxesIn(stage: Element): CallBox[] {
  const base = stage.getBoundingClientRect();
  return [...stage.querySelectorAll('g.node')].map(node => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return { x: x - base.x, y: y - base.y, width, height };
  });
}

/** The box at a place, or -1. */
export function boxAt(boxes: readonly CallBox[], px: number, py: number): number {
  return boxes.findIndex(({ x, y, width, height }) => px >= x && px <= x + width && py >= y && py <= y + height);
}

/** The calls of a group that are made and that run now, as shares of it. */
export function shares(group: readonly number[], states: Uint8Array): readonly [number, number] {
  const tally = new Array<number>(8).fill(0);
  for (const call of group) {
    tally[states[call] ?? 0] += 1;
  }
  return [madeOf(tally) / group.length, tally[RUNNING] / group.length];
}

/** A bar at the foot of each box: what is made, what runs; a box with a running call is outlined. */
export function paintCalls(
  ctx: CanvasRenderingContext2D, theme: Theme, boxes: readonly CallBox[], groups: readonly (readonly number[])[], states: Uint8Array
): void {
  boxes.forEach(({ x, y, width, height }, i) => {
    const [made, running] = shares(groups[i] ?? [0], states);
    const [left, top, wide] = [x + 5, y + height - TALL - 2, width - 10];
    ctx.save();
    ctx.fillStyle = theme.states[2];
    ctx.fillRect(left, top, wide * made, TALL);
    if (running > 0) {
      ctx.strokeStyle = theme.states[RUNNING];
      ctx.lineWidth = 1;
      hatch(ctx, left + wide * made, top, wide * running, TALL, 3);
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.roundRect(x, y, width, height, 5);
      ctx.stroke();
    }
    ctx.restore();
  });
}

/** Outline one box. */
export function markBox(ctx: CanvasRenderingContext2D, theme: Theme, box: CallBox, width: number): void {
  for (const [colour, wide] of [[theme.page, width + 2], [theme.ink, width]] as const) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = wide;
    ctx.beginPath();
    ctx.roundRect(box.x, box.y, box.width, box.height, 5);
    ctx.stroke();
  }
}
