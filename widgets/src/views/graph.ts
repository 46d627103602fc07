/** The graph of the run: operations and what they feed, any of them opened into its tasks, each in its state. */

import { diagram, refusal } from '../diagram';
import type { Diagram } from '../diagram';
import { Cleanup, button, icon, make, relabel } from '../dom';
import type { Run } from '../run';
import { RELEASED, RUNNING, STORED } from '../states';
import { same } from '../store';
import type { Store, Target } from '../store';
import { Surface, place } from '../surface';
import { concerns, layerOf } from '../target';
import type { Piece } from '../target';
import { clipped, hatch, operationColour, paintBlock } from '../theme';
import type { Theme } from '../theme';
import { layerName, operationNumbers, runSentence } from '../words';

/** How the diagram lies in the stage: page = diagram × scale + shift. */
interface Camera {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Show the store's run as a layered graph in `element`. */
export function mountGraph(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'graph' });
  const note = make('span', 'cks-note', { role: 'status' });
  let open = new Set<number>();
  let drawing: Diagram | null = null;
  let basis = '';
  /** Null fits the whole diagram. */
  let camera: Camera | null = null;
  let dragged = false;

  const surface = new Surface(stage, (ctx, width, height, theme) => {
    const run = store.current;
    if (!run) {
      drawing = null;
      return;
    }
    const wanted = `${run.number}/${run.layers.length}/${run.ptr?.length ?? 0}/${[...open].join()}`;
    if (!drawing || wanted !== basis) {
      drawing = diagram(run, open);
      basis = wanted;
    }
    const view = camera ?? fitted(drawing, width, height);
    drawEdges(ctx, theme, drawing, view, store);
    drawNodes(ctx, theme, drawing, view, store, run, width, height);
    relabel(
      stage, () => `Graph: ${run.layers.length} operations, ${runSentence(store)}. Arrow keys follow edges, Enter opens one.`
    );
  });
  cleanup.add(() => surface.dispose());

  const view = (): Camera | null => camera ?? (drawing && fitted(drawing, stage.clientWidth, stage.clientHeight));
  const zoom = (factor: number, x: number, y: number): void => {
    const now = view();
    if (now) {
      const scale = Math.min(Math.max(now.scale * factor, 0.02), 4);
      camera = { scale, x: x - ((x - now.x) * scale) / now.scale, y: y - ((y - now.y) * scale) / now.scale };
      surface.invalidate();
    }
  };
  const middle = (factor: number): void => zoom(factor, stage.clientWidth / 2, stage.clientHeight / 2);
  const fit = (): void => {
    camera = null;
    surface.invalidate();
  };
  const toggle = (layer: number): void => {
    const run = store.current;
    if (!run) {
      return;
    }
    const reason = open.has(layer) ? '' : refusal(run, layer);
    note.textContent = reason;
    if (!reason) {
      open = new Set(open);
      if (!open.delete(layer)) {
        open.add(layer);
      }
      fit();
    }
    surface.invalidate();
  };
  const toggleAll = (): void => {
    const run = store.current;
    if (!run) {
      return;
    }
    const all = open.size ? [] : run.layers.map((_, i) => i).filter(i => !refusal(run, i));
    let room = 8_000;
    open = new Set(all.filter(i => (room -= run.layers[i].ntasks) >= 0));
    note.textContent = '';
    fit();
  };
  element.append(
    make(
      'div', 'cks-bar', {}, button('tasks', 'Open all operations into tasks, or close them', toggleAll, 'cks-button cks-text'), note,
      make('span', 'cks-space'), button(icon('less'), 'Zoom out', () => middle(0.7)), button(icon('more'), 'Zoom in', () => middle(1.4)),
      button(icon('whole'), 'Show the whole graph', fit)
    ),
    stage
  );

  const hit = (event: MouseEvent): Target => {
    const now = view();
    if (!drawing || !now) {
      return null;
    }
    const [px, py] = place(stage, event);
    const [x, y] = [(px - now.x) / now.scale, (py - now.y) / now.scale];
    const { layout, wide, tall, nodes } = drawing;
    const slack = 2 / now.scale;
    for (let i = 0; i < nodes.length; i++) {
      if (Math.abs(layout.x[i] - x) <= wide[i] / 2 + slack && Math.abs(layout.y[i] - y) <= tall[i] / 2 + slack) {
        return nodes[i];
      }
    }
    return null;
  };
  stage.addEventListener('pointermove', event => {
    const now = view();
    if (event.buttons & 1 && now) {
      dragged = dragged || Math.abs(event.movementX) + Math.abs(event.movementY) > 0;
      camera = { ...now, x: now.x + event.movementX, y: now.y + event.movementY };
      surface.invalidate();
    } else {
      store.point(hit(event));
    }
  });
  stage.addEventListener('pointerleave', () => store.point(null));
  stage.addEventListener('pointerdown', () => {
    dragged = false;
  });
  stage.addEventListener('click', event => {
    if (!dragged) {
      store.select(hit(event));
    }
  });
  stage.addEventListener('dblclick', event => {
    const target = hit(event);
    if (target && store.current) {
      toggle(layerOf(store.current, target));
    } else {
      fit();
    }
  });
  stage.addEventListener('wheel', event => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 0.85 : 1.18, ...place(stage, event));
  }, { passive: false });
  stage.addEventListener('keydown', event => {
    const target = store.selection;
    const number = store.current ? layerOf(store.current, target) : -1;
    const acts: Record<string, () => void> = {
      '+': () => middle(1.4), '-': () => middle(0.7), '0': fit,
      Enter: () => number >= 0 && toggle(number),
      ArrowUp: () => drawing && store.select(follow(drawing, target, 'up')),
      ArrowDown: () => drawing && store.select(follow(drawing, target, 'down')),
      ArrowLeft: () => drawing && store.select(follow(drawing, target, 'left')),
      ArrowRight: () => drawing && store.select(follow(drawing, target, 'right'))
    };
    if (acts[event.key]) {
      acts[event.key]();
      event.preventDefault();
      event.stopPropagation();
    }
  });

  cleanup.add(store.on(change => {
    if (change === 'run') {
      open = new Set();
      drawing = null;
      camera = null;
      note.textContent = '';
    }
    if (change !== 'list') {
      surface.invalidate();
    }
  }));
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

function fitted(drawing: Diagram, width: number, height: number): Camera {
  const { layout } = drawing;
  const scale = Math.min((width - 16) / Math.max(layout.width, 1), (height - 12) / Math.max(layout.height, 1), 1.15);
  return { scale, x: (width - layout.width * scale) / 2, y: (height - layout.height * scale) / 2 };
}

function drawEdges(ctx: CanvasRenderingContext2D, theme: Theme, drawing: Diagram, view: Camera, store: Store): void {
  const { from, to, layout, tall } = drawing;
  const chosen = drawing.nodeOf(store.selection ?? store.hover);
  const plain = new Path2D();
  const strong = new Path2D();
  const straight = from.length > 3_000;
  for (let e = 0; e < from.length; e++) {
    const [a, b] = [from[e], to[e]];
    const path = a === chosen || b === chosen ? strong : plain;
    const x0 = layout.x[a] * view.scale + view.x;
    const y0 = (layout.y[a] + tall[a] / 2) * view.scale + view.y;
    const x1 = layout.x[b] * view.scale + view.x;
    const y1 = (layout.y[b] - tall[b] / 2) * view.scale + view.y;
    path.moveTo(x0, y0);
    if (straight) {
      path.lineTo(x1, y1);
      continue;
    }
    let [x, y] = [x0, y0];
    const curve = (nextX: number, nextY: number): void => {
      const bend = (nextY - y) * 0.5;
      path.bezierCurveTo(x, y + bend, nextX, nextY - bend, nextX, nextY);
      [x, y] = [nextX, nextY];
    };
    for (const passage of layout.ways.get(e) ?? []) {
      curve(passage.x * view.scale + view.x, passage.top * view.scale + view.y);
      y = passage.bottom * view.scale + view.y;
      path.lineTo(x, y);
    }
    curve(x1, y1);
  }
  ctx.save();
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.dim;
  ctx.globalAlpha = from.length > 2_000 ? 0.18 : from.length > 200 ? 0.4 : 0.75;
  ctx.stroke(plain);
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1.75;
  ctx.strokeStyle = theme.ink;
  ctx.stroke(strong);
  ctx.restore();
}

function drawNodes(
  ctx: CanvasRenderingContext2D, theme: Theme, drawing: Diagram, view: Camera, store: Store, run: Run,
  width: number, height: number
): void {
  const { nodes, layout, wide, tall } = drawing;
  const states = store.states();
  const colours = operationNumbers(run);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    const [w, h] = [wide[i] * view.scale, tall[i] * view.scale];
    const [x, y] = [layout.x[i] * view.scale + view.x - w / 2, layout.y[i] * view.scale + view.y - h / 2];
    if (x > width || y > height || x + w < 0 || y + h < 0) {
      continue;
    }
    if ('task' in node) {
      const size = Math.max(w, 2.5); // still seen where the whole graph is small
      paintBlock(ctx, theme, states[node.task], x + (w - size) / 2, y + (h - size) / 2, size, size);
    } else {
      drawCard(ctx, theme, run, node.layer, states, operationColour(theme, colours[node.layer]), x, y, w, h);
    }
    const mark = same(node, store.selection) || covers(run, node, store.selection) ? 2.5
      : same(node, store.hover) || covers(run, node, store.hover) ? 1.5 : 0;
    if (mark) {
      ctx.strokeStyle = theme.ink;
      ctx.lineWidth = mark;
      ctx.strokeRect(x - 1.5, y - 1.5, w + 3, h + 3);
    }
  }
}

/** Whether a collapsed operation holds the task that is meant, or the target is the operation or the line of a node. */
function covers(run: Run, node: Piece, target: Target): boolean {
  const layer = layerOf(run, node);
  return ('layer' in node || (target !== null && !('task' in target))) && concerns(run, target, layer);
}

/** One operation: its colour, name and count, and its tasks' states as a bar. */
function drawCard(
  ctx: CanvasRenderingContext2D, theme: Theme, run: Run, number: number, states: Uint8Array, colour: string,
  x: number, y: number, w: number, h: number
): void {
  const layer = run.layers[number];
  const tally = run.tally(states, layer.first_task, layer.first_task + layer.ntasks);
  ctx.fillStyle = theme.soft;
  ctx.fillRect(x, y, w, h);
  ctx.strokeStyle = theme.rule;
  ctx.lineWidth = 1;
  ctx.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  ctx.fillStyle = colour;
  ctx.fillRect(x, y, Math.max(2, 4 * Math.min(1, w / 60)), h);
  const bar = Math.max(2, h * 0.17);
  let at = x + 4;
  const room = w - 5;
  for (const state of [RELEASED, STORED, RUNNING]) {
    const part = (tally[state] / layer.ntasks) * room;
    if (part > 0) {
      ctx.fillStyle = ctx.strokeStyle = theme.states[state];
      ctx.globalAlpha = state === STORED ? 1 : 0.4;
      ctx.fillRect(at, y + h - bar - 1, part, bar);
      ctx.globalAlpha = 1;
      if (state === RUNNING) {
        hatch(ctx, at, y + h - bar - 1, part, bar, 4);
      }
      at += part;
    }
  }
  if (tally[4]) {
    ctx.fillStyle = theme.states[4];
    ctx.fillRect(x + 4, y + h - bar - 1, Math.max(3, (tally[4] / layer.ntasks) * room), bar);
  }
  if (h < 14) {
    return;
  }
  ctx.font = `${Math.min(11, Math.max(9, Math.round(h / 3)))}px ${theme.font}`;
  const count = layer.ntasks === 1 ? (tally[2] + tally[3] ? '1/1' : '0/1') : `${tally[2] + tally[3]}/${layer.ntasks}`;
  const line = y + (h - bar) / 2;
  ctx.fillStyle = theme.dim;
  ctx.textAlign = 'right';
  const side = ctx.measureText(count).width;
  const wide = ctx.measureText(layerName(layer)).width + side + 24 <= w; // the name comes first, the bar tells the count
  if (wide) {
    ctx.fillText(count, x + w - 6, line);
  }
  ctx.fillStyle = theme.ink;
  ctx.textAlign = 'left';
  ctx.fillText(clipped(ctx, (tally[4] ? '✖ ' : '') + layerName(layer), w - (wide ? side + 22 : 14)), x + 10, line);
}

/** The node next to a target: along an edge, or beside it in its rank. */
function follow(drawing: Diagram, target: Target, way: 'up' | 'down' | 'left' | 'right'): Target {
  const { from, to, layout, nodes } = drawing;
  const node = drawing.nodeOf(target);
  if (node < 0) {
    return nodes[0] ?? null;
  }
  let best = -1;
  let distance = Infinity;
  const consider = (other: number): void => {
    const d = Math.abs(layout.x[other] - layout.x[node]);
    if (d < distance) {
      best = other;
      distance = d;
    }
  };
  if (way === 'up' || way === 'down') {
    const [here, there] = way === 'up' ? [to, from] : [from, to];
    for (let e = 0; e < here.length; e++) {
      if (here[e] === node) {
        consider(there[e]);
      }
    }
  } else {
    const sign = way === 'left' ? -1 : 1;
    for (let other = 0; other < nodes.length; other++) {
      if (layout.rank[other] === layout.rank[node] && (layout.x[other] - layout.x[node]) * sign > 0) {
        consider(other);
      }
    }
  }
  return best < 0 ? target : nodes[best];
}
