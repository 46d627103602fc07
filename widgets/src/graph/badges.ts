/** Signs over the corner of an operation: how many were fused, how many read it, on the critical path. */

import { SIGNS } from './marks';
import type { Box } from './model';
import { pathColour, placeOf } from './scene';
import type { Scene } from './scene';

const OUTLINES = new Map<keyof typeof SIGNS, Path2D>();

/** Draw the signs of an operation, side by side. */
export function drawBadges(ctx: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { theme, path, camera: { scale } } = scene;
  const marks = scene.marks[box.layer];
  const signs: [keyof typeof SIGNS, string][] = [];
  if (marks?.parts.length > 1) {
    signs.push(['fused', String(marks.parts.length)]);
  }
  if (marks?.uses > 1) {
    signs.push(['shared', String(marks.uses)]);
  }
  if (path?.layers.includes(box.layer)) {
    signs.push(['critical', '']);
  }
  if (!signs.length || scale < 0.4) {
    return;
  }
  const { x, y, w } = placeOf(scene, box);
  ctx.font = `9px ${theme.font}`;
  ctx.textAlign = 'left';
  let right = x + w - 4;
  for (const [sign, text] of signs.reverse()) {
    const wide = 13 + (text ? ctx.measureText(text).width + 3 : 0);
    right -= wide;
    ctx.fillStyle = theme.page;
    ctx.fillRect(right, y - 11, wide, 12);
    ctx.strokeStyle = sign === 'critical' ? pathColour(theme) : theme.rule;
    ctx.lineWidth = 1;
    ctx.strokeRect(right + 0.5, y - 10.5, wide - 1, 11);
    paintSign(ctx, sign, right + 2, y - 9.5, 9, sign === 'critical' ? pathColour(theme) : theme.dim);
    if (text) {
      ctx.fillStyle = theme.ink;
      ctx.fillText(text, right + 13, y - 4.5);
    }
    right -= 3;
  }
}

/** One of the signs, filled. */
function paintSign(
  ctx: CanvasRenderingContext2D, sign: keyof typeof SIGNS, x: number, y: number, size: number, colour: string
): void {
  let outline = OUTLINES.get(sign);
  if (!outline) {
    outline = new Path2D(SIGNS[sign]);
    OUTLINES.set(sign, outline);
  }
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size / 16, size / 16);
  ctx.fillStyle = colour;
  ctx.fill(outline, 'evenodd');
  ctx.restore();
}
