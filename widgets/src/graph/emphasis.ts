/** Outlines of what is found, on the critical path, pointed at, and selected: over everything else. */

import { concerns } from '../target';
import type { Target } from '../target';
import { crowded } from './edges';
import { spot } from './model';
import type { Box } from './model';
import { pathColour, placeOf, seen } from './scene';
import type { Scene } from './scene';

/** Draw all outlines of a frame. */
export function drawEmphasis(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { theme, found, path, run, diagram, camera, stage } = scene;
  ctx.save();
  const ring = (task: number, grow: number): void => {
    const place = spot(run, diagram, { task });
    if (!place.inside) {
      return;
    }
    const size = Math.max(place.width * camera.scale, 3) + grow;
    const [x, y] = [place.x * camera.scale + camera.x, place.y * camera.scale + camera.y];
    if (x > -size && y > -size && x < stage.width + size && y < stage.height + size) {
      ctx.strokeRect(x - size / 2, y - size / 2, size, size);
    }
  };
  if (path) {
    ctx.strokeStyle = pathColour(theme);
    ctx.lineWidth = 2;
    if (!crowded(scene)) {
      path.tasks.slice(0, 3_000).forEach(task => ring(task, 3));
    }
    path.layers.forEach(layer => diagram.boxes[layer]?.inside || outline(ctx, scene, diagram.boxes[layer], 2));
  }
  if (found) {
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 2;
    if (found.tasks.length <= 2_000) {
      found.tasks.forEach(task => ring(task, 4));
    }
    ctx.setLineDash([5, 3]);
    found.layers.slice(0, 500).forEach(layer => outline(ctx, scene, diagram.boxes[layer], 4));
    ctx.setLineDash([]);
  }
  ctx.strokeStyle = theme.ink;
  for (const [target, width] of [[scene.hover, 1.5], [scene.selection, 2.5]] as const) {
    ctx.lineWidth = width;
    meant(ctx, scene, target, ring);
  }
  ctx.restore();
}

function meant(ctx: CanvasRenderingContext2D, scene: Scene, target: Target, ring: (task: number, grow: number) => void): void {
  const { run, diagram } = scene;
  if (!target) {
    return;
  }
  if ('task' in target && diagram.boxes[run.layerOf(target.task)]?.inside) {
    ring(target.task, 5);
    return;
  }
  for (const box of diagram.boxes) {
    if (concerns(run, target, box.layer)) {
      outline(ctx, scene, box, 3);
    }
  }
}

function outline(ctx: CanvasRenderingContext2D, scene: Scene, box: Box | undefined, grow: number): void {
  if (box && seen(scene, box)) {
    const { x, y, w, h } = placeOf(scene, box);
    ctx.strokeRect(x - grow / 2, y - grow / 2, w + grow, h + grow);
  }
}
