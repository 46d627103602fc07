/**
 * Edges of the graph. Those between few tasks are drawn one by one; those between many as one ribbon between their
 * operations, with single ones only at what is pointed at, selected, on the critical path, or near by.
 */

import type { Piece, Target } from '../target';
import { spot } from './model';
import type { Diagram, OperationEdge } from './model';
import { pathColour } from './scene';
import type { Scene } from './scene';

/** Most edges between the tasks of two operations that are drawn singly, and of all. */
const SINGLY = 400;
/** The same where the tasks fill a grid: their edges cross the others. */
const SINGLY_FROM_GRID = 24;
const ALTOGETHER = 2_500;
/** Most edges among the tasks of one operation that are drawn. */
const WOVEN = 5_000;
/** Most edges at one task in focus, and of one critical path. */
const FOCUSED = 300;
const PATH = 3_000;
/** Tasks of a critical path that are marked one by one even where they are small. */
const CROWD = 150;
/** With at most this many tasks in the stage the edges between them are drawn. */
const NEAR = 140;

/** Draw all edges but those of the focus. */
export function drawEdges(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { diagram, theme, found, path } = scene;
  const plain = new Path2D();
  const ribbons = new Path2D();
  let single = 0;
  let drawn = 0;
  for (const edge of diagram.edges) {
    const [a, b] = [diagram.boxes[edge.from], diagram.boxes[edge.to]];
    if (!a.inside && !b.inside) {
      drawn += curve(plain, scene, ends(scene, { layer: edge.from }, { layer: edge.to }), edge);
    } else if (edge.count && edge.count <= (a.inside?.grid || b.inside?.grid ? SINGLY_FROM_GRID : SINGLY) && single + edge.count <= ALTOGETHER) {
      single += edge.count;
      drawn += betweenTasks(plain, scene, edge);
    } else {
      curve(ribbons, scene, ends(scene, { layer: edge.from }, { layer: edge.to }), edge);
    }
  }
  drawn += amongNear(plain, scene);
  const fade = found ? 0.5 : path ? 0.6 : 1;
  ctx.save();
  ctx.strokeStyle = theme.dim;
  ctx.lineWidth = 5;
  ctx.lineCap = 'round';
  ctx.globalAlpha = 0.3 * fade;
  ctx.stroke(ribbons);
  ctx.lineWidth = 1;
  ctx.globalAlpha = (drawn > 600 ? 0.25 : drawn > 200 ? 0.4 : drawn > 60 ? 0.55 : 0.75) * fade;
  ctx.stroke(plain);
  ctx.restore();
}

/** Draw the edges at what is selected or pointed at, and the critical path. */
export function drawFocus(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { theme, path, selection, hover } = scene;
  ctx.save();
  if (path) {
    const line = new Path2D();
    pathEdges(line, scene);
    ctx.strokeStyle = pathColour(theme);
    ctx.lineWidth = crowded(scene) ? 1 : 3;
    ctx.lineJoin = 'round';
    ctx.stroke(line);
  }
  const strong = new Path2D();
  atTarget(strong, scene, selection ?? hover);
  ctx.strokeStyle = theme.ink;
  ctx.lineWidth = 1.75;
  ctx.stroke(strong);
  ctx.restore();
}

type Ends = readonly [number, number, number, number];

/** From below one piece to above another one, in pixels of the stage. */
function ends(scene: Scene, from: Piece, to: Piece): Ends {
  const { run, diagram, camera: { scale, x, y } } = scene;
  const [a, b] = [spot(run, diagram, from), spot(run, diagram, to)];
  const beside = a.y + a.height / 2 >= b.y - b.height / 2; // in one line, or wrapped: from middle to middle
  const [below, above] = beside ? [0, 0] : [a.height / 2, b.height / 2];
  return [a.x * scale + x, (a.y + below) * scale + y, b.x * scale + x, (b.y - above) * scale + y];
}

/** Add an edge to a path; 1 where it is in the stage. */
function curve(path: Path2D, scene: Scene, [x0, y0, x1, y1]: Ends, edge: OperationEdge | undefined): number {
  const { camera, stage } = scene;
  if (Math.max(y0, y1) < 0 || Math.min(y0, y1) > stage.height) {
    return 0;
  }
  let [x, y] = [x0, y0];
  const to = (nextX: number, nextY: number): void => {
    const bend = (nextY - y) * 0.5;
    path.bezierCurveTo(x, y + bend, nextX, nextY - bend, nextX, nextY);
    [x, y] = [nextX, nextY];
  };
  const way = edge?.way ?? [];
  if (!way.length && (Math.max(x0, x1) < 0 || Math.min(x0, x1) > stage.width)) {
    return 0;
  }
  path.moveTo(x0, y0);
  for (const passage of way) {
    to(passage.x * camera.scale + camera.x, passage.top * camera.scale + camera.y);
    y = passage.bottom * camera.scale + camera.y;
    path.lineTo(x, y);
  }
  if (way.length || y1 - y0 > 4) {
    to(x1, y1);
  } else {
    path.lineTo(x1, y1);
  }
  return 1;
}

/** The piece that shows a task: itself, or its closed operation. */
function shown(diagram: Diagram, owner: number, task: number): Piece {
  return diagram.boxes[owner].inside ? { task } : { layer: owner };
}

function betweenTasks(path: Path2D, scene: Scene, edge: OperationEdge): number {
  const { run, diagram } = scene;
  const links = diagram.links!;
  const seen = new Set<number>();
  const { first_task: first, ntasks } = run.layers[edge.to];
  let drawn = 0;
  for (let task = first; task < first + ntasks; task++) {
    for (let e = links.ptr[task]; e < links.ptr[task + 1]; e++) {
      const producer = links.producer[e];
      if (links.owner[producer] !== edge.from) {
        continue;
      }
      const [a, b] = [shown(diagram, edge.from, producer), shown(diagram, edge.to, task)];
      const code = ('task' in a ? producer + 1 : 0) * (run.ntasks + 1) + ('task' in b ? task + 1 : 0);
      if (!seen.has(code)) {
        seen.add(code);
        drawn += curve(path, scene, ends(scene, a, b), edge);
      }
    }
  }
  return drawn;
}

/** Edges inside opened operations, and at tasks in the stage where those are few. */
function amongNear(path: Path2D, scene: Scene): number {
  const { run, diagram, camera, stage } = scene;
  const { links } = diagram;
  if (!links) {
    return 0;
  }
  const ways = byPair(scene);
  let drawn = 0;
  let tasks = 0;
  const visible: number[] = [];
  for (const box of diagram.boxes) {
    const { inside } = box;
    const { first_task: first, ntasks } = run.layers[box.layer];
    if (!inside) {
      continue;
    }
    if (!inside.grid) {
      const among = links.counts.get(box.layer * diagram.boxes.length + box.layer) ?? 0;
      if (among && among <= WOVEN) {
        for (let task = first; task < first + ntasks; task++) {
          for (let e = links.ptr[task]; e < links.ptr[task + 1]; e++) {
            if (links.owner[links.producer[e]] === box.layer) {
              drawn += curve(path, scene, ends(scene, { task: links.producer[e] }, { task }), undefined);
            }
          }
        }
      }
      continue;
    }
    const step = inside.grid.pitch * camera.scale;
    const left = (box.x + box.insideX) * camera.scale + camera.x;
    const top = (box.y + box.insideY) * camera.scale + camera.y;
    const [c0, c1] = [Math.max(0, Math.floor(-left / step)), Math.min(inside.grid.columns - 1, Math.floor((stage.width - left) / step))];
    const [r0, r1] = [Math.max(0, Math.floor(-top / step)), Math.min(inside.grid.rows - 1, Math.floor((stage.height - top) / step))];
    tasks += Math.max(0, c1 - c0 + 1) * Math.max(0, r1 - r0 + 1);
    if (tasks > NEAR) {
      return drawn;
    }
    for (let row = r0; row <= r1; row++) {
      for (let place = row * inside.grid.columns + c0; place <= row * inside.grid.columns + c1 && place < ntasks; place++) {
        visible.push(first + (inside.grid.order ? inside.grid.order[place] : place));
      }
    }
  }
  for (const task of visible) {
    drawn += atTask(path, scene, task, ways, 40);
  }
  return drawn;
}

function byPair(scene: Scene): Map<number, OperationEdge> {
  const size = scene.diagram.boxes.length;
  return new Map(scene.diagram.edges.map(edge => [edge.from * size + edge.to, edge]));
}

/** The edges of one task, at most so many each way. */
function atTask(path: Path2D, scene: Scene, task: number, ways: ReadonlyMap<number, OperationEdge>, most: number): number {
  const { diagram } = scene;
  const links = diagram.links!;
  const size = diagram.boxes.length;
  const own = shown(diagram, links.owner[task], task);
  let drawn = 0;
  for (let e = links.ptr[task]; e < Math.min(links.ptr[task + 1], links.ptr[task] + most); e++) {
    const input = links.producer[e];
    const way = ways.get(links.owner[input] * size + links.owner[task]);
    drawn += curve(path, scene, ends(scene, shown(diagram, links.owner[input], input), own), way);
  }
  for (let e = links.userPtr[task]; e < Math.min(links.userPtr[task + 1], links.userPtr[task] + most); e++) {
    const user = links.user[e];
    const way = ways.get(links.owner[task] * size + links.owner[user]);
    drawn += curve(path, scene, ends(scene, own, shown(diagram, links.owner[user], user)), way);
  }
  return drawn;
}

function atTarget(path: Path2D, scene: Scene, target: Target): void {
  const { run, diagram } = scene;
  if (!target || 'cell' in target) {
    return;
  }
  const layer = 'task' in target ? run.layerOf(target.task) : target.layer;
  if ('task' in target && diagram.links && diagram.boxes[layer]?.inside) {
    atTask(path, scene, target.task, byPair(scene), FOCUSED);
    return;
  }
  for (const edge of diagram.edges) {
    if (edge.from === layer || edge.to === layer) {
      curve(path, scene, ends(scene, { layer: edge.from }, { layer: edge.to }), edge);
    }
  }
}

/** Whether so much of the critical path is in the stage that its marks would hide the tasks. */
export function crowded({ path, camera, diagram }: Scene): boolean {
  const smallest = diagram.boxes.reduce((size, box) => Math.min(size, box.inside?.dot ?? Infinity), Infinity);
  return path !== null && path.tasks.length > CROWD && smallest * camera.scale < 6;
}

function pathEdges(line: Path2D, scene: Scene): void {
  const { diagram, path } = scene;
  if (!path) {
    return;
  }
  const ways = byPair(scene);
  const size = diagram.boxes.length;
  const step = (a: number, b: number, from: Piece, to: Piece): void => {
    if (a !== b || diagram.boxes[a]?.inside) {
      curve(line, scene, ends(scene, from, to), ways.get(a * size + b));
    }
  };
  const { tasks, layers } = path;
  if (tasks.length && diagram.links) {
    const { owner } = diagram.links;
    for (let i = 1; i < Math.min(tasks.length, PATH); i++) {
      const [a, b] = [owner[tasks[i - 1]], owner[tasks[i]]];
      step(a, b, shown(diagram, a, tasks[i - 1]), shown(diagram, b, tasks[i]));
    }
  } else {
    layers.slice(1).forEach((b, i) => step(layers[i], b, { layer: layers[i] }, { layer: b }));
  }
}
