/**
 * The tasks of opened operations, each in its state. Near by they are painted as everywhere, all of one state together;
 * from afar a frame of many is one image of a pixel for each task, made anew only where states changed.
 */

import { blockAt } from '../grid';
import { FAILED, PENDING, RELEASED, RUNNING, STATES, STORED } from '../states';
import type { Theme } from '../theme';
import type { Inside } from './inside';
import type { Box } from './model';
import type { Scene } from './scene';

/** Size of a task on the page, in pixels, from which it is painted on its own. */
const ALONE = 4.5;
/** Size from which a task says which block it makes. */
const LEGIBLE = 30;
const FAINT = 0.3;
/** Most outlines of one state that are dotted: dots are costly. */
const DOTTED = 400;

interface Kept {
  readonly inside: Inside;
  readonly sheet: OffscreenCanvas;
  readonly pixels: ImageData;
  version: string;
}

export class Blocks {
  private readonly kept = new Map<number, Kept>();

  /** Forget the images of operations that are not opened any more. */
  keep(open: ReadonlySet<number>): void {
    for (const layer of this.kept.keys()) {
      if (!open.has(layer)) {
        this.kept.delete(layer);
      }
    }
  }

  /** Draw a frame's tasks. `version` says which states they are in, for the images. */
  draw(ctx: CanvasRenderingContext2D, scene: Scene, box: Box, version: string): void {
    const { inside } = box;
    if (!inside) {
      return;
    }
    const { scale } = scene.camera;
    const left = (box.x + box.insideX) * scale + scene.camera.x;
    const top = (box.y + box.insideY) * scale + scene.camera.y;
    const { width, height } = scene.stage;
    if (left > width || top > height || left + inside.width * scale < 0 || top + inside.height * scale < 0) {
      return;
    }
    if (inside.grid && inside.dot * scale < ALONE) {
      ctx.save();
      ctx.imageSmoothingEnabled = inside.grid.pitch * scale < 1;
      ctx.drawImage(this.image(scene, box, version), left, top, inside.width * scale, inside.height * scale);
      ctx.restore();
      return;
    }
    paintNear(ctx, scene, box, inside, left, top);
  }

  private image(scene: Scene, box: Box, version: string): OffscreenCanvas {
    const inside = box.inside!;
    const { columns, rows, order } = inside.grid!;
    let kept = this.kept.get(box.layer);
    if (!kept || kept.inside !== inside) {
      kept = { inside, sheet: new OffscreenCanvas(columns, rows), pixels: new ImageData(columns, rows), version: '' };
      this.kept.set(box.layer, kept);
    }
    if (kept.version !== version) {
      const { first_task: first, ntasks } = scene.run.layers[box.layer];
      const pixels = new Uint32Array(kept.pixels.data.buffer);
      const [plain, faint] = [inks(scene.theme, 1), inks(scene.theme, FAINT)];
      const mask = scene.found?.mask ?? null;
      for (let place = 0; place < ntasks; place++) {
        const task = first + (order ? order[place] : place);
        pixels[place] = (!scene.found || mask?.[task] ? plain : faint)[scene.states[task]];
      }
      kept.sheet.getContext('2d')?.putImageData(kept.pixels, 0, 0);
      kept.version = version;
    }
    return kept.sheet;
  }
}

/** The pixel of each state, in the byte order of image data. */
function inks(theme: Theme, strength: number): Uint32Array {
  return Uint32Array.from(theme.states, (colour, state) => {
    const value = parseInt(colour.slice(1), 16);
    const alpha = Math.round((state === RELEASED ? 90 : state === PENDING ? 36 : 255) * strength);
    return ((alpha << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
  });
}

/** Tasks one by one: those in the stage, gathered by state. */
function paintNear(ctx: CanvasRenderingContext2D, scene: Scene, box: Box, inside: Inside, left: number, top: number): void {
  const { run, camera: { scale }, stage, states, theme, found } = scene;
  const { first_task: first, ntasks, grid: blocks } = run.layers[box.layer];
  const size = Math.max(inside.dot * scale, 2.5); // still seen where the whole graph is small
  const lots: number[][] = STATES.map(() => []);
  const faint: number[][] = STATES.map(() => []);
  const named: [number, number, number][] = [];
  const put = (task: number): void => {
    const x = left + inside.x(task) * scale - size / 2;
    const y = top + inside.y(task) * scale - size / 2;
    if (x < stage.width && y < stage.height && x + size > 0 && y + size > 0) {
      const state = states[first + task];
      (found && !found.mask?.[first + task] ? faint : lots)[state]?.push(x, y);
      if (size >= LEGIBLE) {
        named.push([task, x + size / 2, y + size / 2]);
      }
    }
  };
  const regular = inside.grid;
  if (regular) {
    const step = regular.pitch * scale;
    const [column0, column1] = [Math.max(0, Math.floor(-left / step)), Math.min(regular.columns - 1, Math.floor((stage.width - left) / step))];
    const [row0, row1] = [Math.max(0, Math.floor(-top / step)), Math.min(regular.rows - 1, Math.floor((stage.height - top) / step))];
    for (let row = row0; row <= row1; row++) {
      for (let place = row * regular.columns + column0; place <= row * regular.columns + column1 && place < ntasks; place++) {
        put(regular.order ? regular.order[place] : place);
      }
    }
  } else {
    for (let task = 0; task < ntasks; task++) {
      put(task);
    }
  }
  lots.forEach((places, state) => paintMany(ctx, theme, state, places, size, 1));
  faint.forEach((places, state) => paintMany(ctx, theme, state, places, size, FAINT));
  if (named.length) {
    ctx.save();
    ctx.font = `${size > 44 ? 10 : 9}px ${theme.font}`;
    ctx.textAlign = 'center';
    for (const [task, x, y] of named) {
      const text = blockAt(blocks, task).join(',') || '·';
      if (ctx.measureText(text).width < size - 3) {
        ctx.fillStyle = states[first + task] === STORED ? theme.page : theme.ink;
        ctx.fillText(text, x, y);
      }
    }
    ctx.restore();
  }
}

/** Equal squares, all in one state, with their corners at `places` x, y, x, y … Looks as `paintBlock` does. */
export function paintMany(
  ctx: CanvasRenderingContext2D, theme: Theme, state: number, places: readonly number[], size: number, strength: number
): void {
  if (!places.length) {
    return;
  }
  const small = size < 5;
  const squares = new Path2D();
  const inset = small || state === STORED ? 0 : 0.5;
  for (let i = 0; i < places.length; i += 2) {
    squares.rect(places[i] + inset, places[i + 1] + inset, size - 2 * inset, size - 2 * inset);
  }
  ctx.save();
  ctx.fillStyle = ctx.strokeStyle = theme.states[state];
  ctx.lineWidth = 1;
  const fill = (alpha: number): void => {
    ctx.globalAlpha = alpha * strength;
    ctx.fill(squares);
    ctx.globalAlpha = strength;
  };
  if (small) {
    fill(state === RELEASED ? 0.35 : state === PENDING ? 0.14 : 1);
  } else if (state === STORED) {
    fill(1);
  } else if (state === PENDING) {
    if (places.length / 2 <= DOTTED) {
      ctx.setLineDash([1, 2]);
      ctx.stroke(squares);
    } else {
      fill(0.16);
    }
  } else if (state === RELEASED) {
    fill(0.12);
    ctx.globalAlpha = 0.85 * strength;
    ctx.stroke(squares);
  } else if (state === RUNNING) {
    fill(0.22);
    ctx.stroke(hatching(places, size));
    ctx.lineWidth = 1.5;
    ctx.stroke(squares);
  } else if (state === FAILED) {
    ctx.lineWidth = 2;
    ctx.stroke(squares);
    ctx.stroke(crosses(places, size));
  }
  ctx.restore();
}

/** Diagonals of squares, four pixels apart. */
function hatching(places: readonly number[], size: number): Path2D {
  const path = new Path2D();
  for (let i = 0; i < places.length; i += 2) {
    const [x, y] = [places[i], places[i + 1]];
    for (let shift = 4 - size; shift < size; shift += 4) {
      path.moveTo(x + Math.max(shift, 0), y + Math.max(-shift, 0));
      path.lineTo(x + Math.min(size, size + shift), y + Math.min(size, size - shift));
    }
  }
  return path;
}

function crosses(places: readonly number[], size: number): Path2D {
  const path = new Path2D();
  for (let i = 0; i < places.length; i += 2) {
    const [x, y] = [places[i], places[i + 1]];
    path.moveTo(x + 2, y + 2);
    path.lineTo(x + size - 2, y + size - 2);
    path.moveTo(x + size - 2, y + 2);
    path.lineTo(x + 2, y + size - 2);
  }
  return path;
}
