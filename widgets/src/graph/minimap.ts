/** A small picture of the whole diagram in a corner of the stage, with the part that is seen as a window in it. */

import type { Theme } from '../theme';
import { centred } from './camera';
import type { Camera, Extent } from './camera';
import type { Diagram } from './model';

const SHARE = 0.26;
const MOST = 130;
const MARGIN = 6;

/** Where the small picture lies in the stage: point of the stage = point of the diagram × scale + shift. */
export interface Minimap {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** The small picture's place, at the lower right; null where the stage is too small for one. */
export function minimapOf(diagram: Extent, stage: Extent): Minimap | null {
  const room = { width: Math.min(stage.width * SHARE, MOST), height: Math.min(stage.height * SHARE * 1.4, MOST) };
  if (room.width < 40 || room.height < 24 || !diagram.width || !diagram.height) {
    return null;
  }
  const scale = Math.min(room.width / diagram.width, room.height / diagram.height);
  const [width, height] = [Math.max(diagram.width * scale, 10), Math.max(diagram.height * scale, 10)];
  return { x: stage.width - width - MARGIN, y: stage.height - height - MARGIN, width, height, scale };
}

/** Whether a point of the stage is in the small picture. */
export function inMinimap(map: Minimap, x: number, y: number): boolean {
  return x >= map.x - 2 && y >= map.y - 2 && x <= map.x + map.width + 2 && y <= map.y + map.height + 2;
}

/** The camera that shows in the middle what is at a point of the small picture. */
export function aimed(map: Minimap, camera: Camera, x: number, y: number, stage: Extent): Camera {
  return centred(camera, (x - map.x) / map.scale, (y - map.y) / map.scale, stage);
}

/** The window's rectangle in the stage, inside the small picture. */
export function windowOf(map: Minimap, camera: Camera, stage: Extent): { x: number; y: number; width: number; height: number } {
  const [left, right] = [0, stage.width].map(x => clamp(((x - camera.x) / camera.scale) * map.scale, map.width) + map.x);
  const [top, bottom] = [0, stage.height].map(y => clamp(((y - camera.y) / camera.scale) * map.scale, map.height) + map.y);
  return { x: left, y: top, width: Math.max(right - left, 4), height: Math.max(bottom - top, 4) };
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

export function drawMinimap(
  ctx: CanvasRenderingContext2D, theme: Theme, diagram: Diagram, map: Minimap, camera: Camera, stage: Extent,
  colour: (layer: number) => string
): void {
  ctx.save();
  ctx.fillStyle = theme.page;
  ctx.globalAlpha = 0.92;
  ctx.fillRect(map.x - 3, map.y - 3, map.width + 6, map.height + 6);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.rule;
  ctx.lineWidth = 1;
  ctx.strokeRect(map.x - 2.5, map.y - 2.5, map.width + 5, map.height + 5);
  ctx.globalAlpha = 0.75;
  for (const box of diagram.boxes) {
    ctx.fillStyle = colour(box.layer);
    ctx.fillRect(map.x + box.x * map.scale, map.y + box.y * map.scale, Math.max(box.width * map.scale, 1.5), Math.max(box.height * map.scale, 1.5));
  }
  ctx.globalAlpha = 1;
  const view = windowOf(map, camera, stage);
  ctx.strokeStyle = theme.ink;
  ctx.lineWidth = 1.5;
  ctx.strokeRect(view.x, view.y, view.width, view.height);
  ctx.restore();
}
