/** Operations: closed ones as cards, opened ones as frames with a title, and the chain of what was fused into them. */

import { RELEASED, RUNNING, STORED } from '../states';
import { hatch, operationColour } from '../theme';
import type { Theme } from '../theme';
import { layerName } from '../words';
import { drawBadges } from './badges';
import { cut } from './cut';
import { PAD, PART_HEIGHT, PART_STEP, PART_WIDTH } from './model';
import type { Box } from './model';
import { placeOf } from './scene';
import type { Scene } from './scene';

/** The empty frame of an opened operation, under the edges. */
export function drawFrame(ctx: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { theme } = scene;
  const { x, y, w, h } = placeOf(scene, box);
  ctx.fillStyle = theme.soft;
  ctx.globalAlpha = 0.55;
  ctx.fillRect(x, y, w, h);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.rule;
  ctx.lineWidth = 1;
  ctx.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  ctx.fillStyle = operationColour(theme, scene.colours[box.layer]);
  ctx.fillRect(x, y, w, Math.min(3, Math.max(1.5, 3 * scene.camera.scale)));
}

/** A card, or what stands in a frame beside its tasks. */
export function drawOperation(ctx: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  ctx.save();
  if (scene.found && !scene.found.layers.includes(box.layer) && !holdsFound(scene, box)) {
    ctx.globalAlpha = 0.45;
  }
  if (box.inside || box.parts) {
    if (!box.inside) {
      drawFrame(ctx, scene, box);
    }
    drawTitle(ctx, scene, box);
    drawParts(ctx, scene, box);
  } else {
    drawCard(ctx, scene, box);
  }
  drawBadges(ctx, scene, box);
  ctx.restore();
}

function holdsFound(scene: Scene, box: Box): boolean {
  const mask = scene.found?.mask;
  const { first_task: first, ntasks } = scene.run.layers[box.layer];
  return mask ? mask.subarray(first, first + ntasks).includes(1) : false;
}

function drawCard(ctx: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { theme, run } = scene;
  const { x, y, w, h } = placeOf(scene, box);
  const layer = run.layers[box.layer];
  const tally = scene.tally(box.layer);
  ctx.fillStyle = theme.soft;
  ctx.fillRect(x, y, w, h);
  ctx.strokeStyle = theme.rule;
  ctx.lineWidth = 1;
  ctx.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  ctx.fillStyle = operationColour(theme, scene.colours[box.layer]);
  const side = Math.max(1.5, 4 * Math.min(1, w / 60));
  ctx.fillRect(x, y, side, h);
  const bar = Math.max(2, h * 0.17);
  stateBar(ctx, theme, tally, layer.ntasks, x + side, y + h - bar - 1, w - side - 1, bar);
  if (h < 14) {
    ctx.font = `10px ${theme.font}`;
    drawBeside(ctx, scene, box, x - 5, y + h / 2);
  } else {
    titleLine(ctx, scene, box, tally, x + side, y + (h - bar) / 2, w - side, Math.min(11, Math.max(9, Math.round(h / 3))));
  }
}

/** The title of an opened operation: in its own line, or as a label over the frame's corner where that is too low. */
function drawTitle(ctx: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { theme, run, camera: { scale } } = scene;
  const { x, y, w, h } = placeOf(scene, box);
  const layer = run.layers[box.layer];
  const tally = scene.tally(box.layer);
  const head = box.head * scale;
  if (head >= 11) {
    stateBar(ctx, theme, tally, layer.ntasks, x + PAD * scale, y + head - 4, w - 2 * PAD * scale, 2.5);
    titleLine(ctx, scene, box, tally, x + 2, y + (head - 3) / 2 + 1, w - 2, Math.min(11, Math.max(9, Math.round(head * 0.55))));
    return;
  }
  ctx.font = `10px ${theme.font}`;
  if (h < 18) {
    drawBeside(ctx, scene, box, x - 5, y + h / 2);
    return;
  }
  if (w < 34) {
    return;
  }
  const text = cut(ctx, layerName(layer), Math.min(w - 6, 150));
  const wide = ctx.measureText(text).width + 8;
  const at = { x: Math.min(Math.max(x, 0), Math.max(x, x + w - wide)), y: Math.max(y, Math.min(0, y + h - 14)) }; // kept in sight
  ctx.fillStyle = theme.page;
  const before = ctx.globalAlpha;
  ctx.globalAlpha = before * 0.88;
  ctx.fillRect(at.x + 1, at.y + 2, wide, 13);
  ctx.globalAlpha = before;
  ctx.fillStyle = theme.ink;
  ctx.textAlign = 'left';
  ctx.fillText(text, at.x + 5, at.y + 9);
}

/** The name of a low frame, before it, where nothing else is there. */
function drawBeside(ctx: CanvasRenderingContext2D, scene: Scene, box: Box, x: number, y: number): void {
  const { boxes } = scene.diagram;
  const free = boxes.length < 100 && !boxes.some(other => other.rank === box.rank && other.x < box.x);
  const text = free && x > 30 ? cut(ctx, layerName(scene.run.layers[box.layer]), Math.min(x - 4, 110)) : '';
  if (text) {
    ctx.fillStyle = scene.theme.dim;
    ctx.textAlign = 'right';
    ctx.fillText(text, x, y);
  }
}

/** Name at the left, how many are done at the right where there is room. */
function titleLine(
  ctx: CanvasRenderingContext2D, scene: Scene, box: Box, tally: readonly number[], x: number, y: number, w: number, size: number
): void {
  const { theme, run } = scene;
  const layer = run.layers[box.layer];
  ctx.font = `${size}px ${theme.font}`;
  const done = tally[STORED] + tally[RELEASED];
  const count = `${done.toLocaleString('en-US')}/${layer.ntasks.toLocaleString('en-US')}`;
  const name = (tally[4] ? '✖ ' : '') + layerName(layer);
  const side = ctx.measureText(count).width;
  const both = ctx.measureText(name).width + side + 24 <= w; // the name comes first, the bar tells the count
  if (both) {
    ctx.fillStyle = theme.dim;
    ctx.textAlign = 'right';
    ctx.fillText(count, x + w - 6, y);
  }
  ctx.fillStyle = theme.ink;
  ctx.textAlign = 'left';
  const text = cut(ctx, name, w - (both ? side + 18 : 10));
  if (box.inside) { // edges may pass behind it
    ctx.strokeStyle = theme.page;
    ctx.lineWidth = 3;
    ctx.strokeText(text, x + 6, y);
  }
  ctx.fillText(text, x + 6, y);
}

function stateBar(
  ctx: CanvasRenderingContext2D, theme: Theme, tally: readonly number[], ntasks: number, x: number, y: number, w: number, h: number
): void {
  const strength = ctx.globalAlpha;
  let at = x;
  for (const state of [RELEASED, STORED, RUNNING]) {
    const part = (tally[state] / ntasks) * w;
    if (part > 0) {
      ctx.fillStyle = ctx.strokeStyle = theme.states[state];
      ctx.globalAlpha = strength * (state === STORED ? 1 : 0.4);
      ctx.fillRect(at, y, part, h);
      ctx.globalAlpha = strength;
      if (state === RUNNING) {
        ctx.lineWidth = 1;
        hatch(ctx, at, y, part, h, 4);
      }
      at += part;
    }
  }
  if (tally[4]) {
    ctx.fillStyle = theme.states[4];
    ctx.fillRect(x, y, Math.max(3, (tally[4] / ntasks) * w), h);
  }
}

/** What was fused into an operation, as a chain of small cards. */
function drawParts(ctx: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { theme, camera: { scale } } = scene;
  const parts = scene.marks[box.layer]?.parts ?? [];
  if (!box.parts || !parts.length) {
    return;
  }
  const { x, y } = placeOf(scene, box);
  const [w, h] = [PART_WIDTH * scale, PART_HEIGHT * scale];
  const left = x + Math.max(0, (box.width - (Math.min(box.parts, parts.length) * PART_STEP - 16)) / 2) * scale;
  ctx.lineWidth = 1;
  ctx.font = `${Math.min(10, Math.max(8, Math.round(h * 0.55)))}px ${theme.font}`;
  ctx.textAlign = 'center';
  parts.forEach((part, i) => {
    const px = left + (i % box.parts) * PART_STEP * scale;
    const py = y + (box.head + Math.floor(i / box.parts) * (PART_HEIGHT + 6)) * scale;
    ctx.fillStyle = theme.page;
    ctx.fillRect(px, py, w, h);
    ctx.setLineDash([3, 2]);
    ctx.strokeStyle = theme.dim;
    ctx.strokeRect(px + 0.5, py + 0.5, w - 1, h - 1);
    ctx.setLineDash([]);
    if (h >= 9) {
      ctx.fillStyle = theme.ink;
      ctx.fillText(cut(ctx, part, w - 6), px + w / 2, py + h / 2);
    }
    if (i + 1 < parts.length && (i + 1) % box.parts) {
      const [from, to, middle] = [px + w + 2, px + PART_STEP * scale - 2, py + h / 2];
      ctx.strokeStyle = theme.dim;
      ctx.beginPath();
      ctx.moveTo(from, middle);
      ctx.lineTo(to, middle);
      ctx.moveTo(to - 3, middle - 3);
      ctx.lineTo(to, middle);
      ctx.lineTo(to - 3, middle + 3);
      ctx.stroke();
    }
  });
}
