/** A lane for each thread: what ran when, where it idled, where it waited although work was ready. */

import { LaneCache, rowAt } from '../bars';
import { Cleanup, button, icon, make, relabel } from '../dom';
import { seconds, ticks } from '../format';
import type { Run } from '../run';
import type { Store, Target } from '../store';
import { Surface, place } from '../surface';
import { layersOf } from '../target';
import { clipped, hatch, inkOn, operationColour } from '../theme';
import type { Theme } from '../theme';
import { operationNumbers, runSentence, taskName } from '../words';

const GUTTER = 64;
const AXIS = 18;

interface Window {
  readonly from: number;
  readonly to: number;
}

/** Show the store's run as lanes over time in `element`. */
export function mountTimeline(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'timeline' });
  /** The zoomed window; null shows the whole run. */
  let zoomed: Window | null = null;
  let dragged = false;
  const cache = new LaneCache();

  const whole = (): Window => ({ from: 0, to: Math.max(store.current?.now(store.clock()) ?? 0, 1e-9) });
  const shown = (): Window => zoomed ?? whole();
  const zoom = (factor: number, around: number): void => {
    const { from, to } = shown();
    const all = whole();
    const span = Math.max((to - from) * factor, all.to * 1e-7);
    const share = (around - from) / (to - from);
    zoomed = span >= all.to ? null : bounded({ from: around - share * span, to: around + (1 - share) * span }, all);
    surface.invalidate();
  };
  const pan = (by: number): void => {
    if (zoomed) {
      zoomed = bounded({ from: zoomed.from + by, to: zoomed.to + by }, whole());
      surface.invalidate();
    }
  };
  const fit = (): void => {
    zoomed = null;
    surface.invalidate();
  };
  const middle = (): number => (shown().from + shown().to) / 2;
  const bar = make(
    'div', 'cks-bar', {}, make('span', 'cks-key cks-key-idle', {}, 'idle'), make('span', 'cks-key cks-key-wait', {}, 'ready, not started'),
    make('span', 'cks-space'), button(icon('less'), 'Zoom out', () => zoom(2, middle())), button(icon('more'), 'Zoom in', () => zoom(0.5, middle())),
    button(icon('whole'), 'Show the whole run', fit)
  );
  element.append(bar, stage);

  const laneHeight = (height: number, lanes: number): number => Math.max(3, Math.min(24, (height - AXIS) / Math.max(lanes, 1)));
  const surface = new Surface(stage, (ctx, width, height, theme) => {
    const run = store.current;
    if (!run) {
      return;
    }
    const { from, to } = shown();
    const rows = run.rowsByLane();
    const lane = laneHeight(height, rows.length);
    const plot = { cache, ctx, theme, run, from, to, left: GUTTER, width: Math.max(1, width - GUTTER - 4), lane };
    drawAxis(plot, rows.length * lane);
    const colours = operationNumbers(run);
    rows.forEach((_, i) => drawLane(plot, i, colours));
    drawRunning(plot, store, colours);
    drawMarks(plot, store, rows.length * lane);
    relabel(stage, () => `Timeline: ${runSentence(store)}, ${rows.length} lanes. Arrow keys move between tasks.`);
  });
  cleanup.add(() => surface.dispose());

  const timeAt = (x: number): number => {
    const { from, to } = shown();
    return from + ((x - GUTTER) / Math.max(1, stage.clientWidth - GUTTER - 4)) * (to - from);
  };
  const hit = (event: MouseEvent): Target => {
    const run = store.current;
    const [x, y] = place(stage, event);
    if (!run || x < GUTTER) {
      return null;
    }
    const lanes = run.rowsByLane();
    const number = Math.floor(y / laneHeight(stage.clientHeight, lanes.length));
    if (number < 0 || number >= lanes.length) {
      return null;
    }
    const row = rowAt(run, lanes[number], timeAt(x));
    return row < 0 ? null : { task: run.columns.task[row] };
  };
  stage.addEventListener('pointermove', event => {
    if (event.buttons & 1 && zoomed) {
      dragged = dragged || Math.abs(event.movementX) > 0;
      pan((-event.movementX / Math.max(1, stage.clientWidth - GUTTER)) * (zoomed.to - zoomed.from));
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
  stage.addEventListener('dblclick', fit);
  stage.addEventListener('wheel', event => {
    event.preventDefault();
    const { from, to } = shown();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      pan(((event.deltaX || event.deltaY) / Math.max(1, stage.clientWidth)) * (to - from));
    } else {
      zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(place(stage, event)[0]));
    }
  }, { passive: false });
  stage.addEventListener('keydown', event => {
    const run = store.current;
    const acts: Record<string, () => void> = {
      '+': () => zoom(0.5, middle()), '-': () => zoom(2, middle()), '0': fit,
      ArrowLeft: () => run && move(store, run, -1, 0), ArrowRight: () => run && move(store, run, 1, 0),
      ArrowUp: () => run && move(store, run, 0, -1), ArrowDown: () => run && move(store, run, 0, 1)
    };
    const act = acts[event.key];
    if (act) {
      act();
      event.preventDefault();
      event.stopPropagation();
    }
  });

  cleanup.add(store.on(change => {
    if (change === 'run') {
      zoomed = null;
    }
    if (change === 'run' || change === 'data') {
      const lanes = Math.max(1, store.current?.rowsByLane().length ?? 1);
      stage.style.setProperty('--cks-lanes', String(Math.min(lanes, 12)));
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

interface Plot {
  readonly cache: LaneCache;
  readonly ctx: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly run: Run;
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly width: number;
  readonly lane: number;
}

function xAt(plot: Plot, time: number): number {
  return plot.left + ((time - plot.from) / (plot.to - plot.from)) * plot.width;
}

function bounded(wanted: Window, all: Window): Window {
  const span = wanted.to - wanted.from;
  const from = Math.min(Math.max(wanted.from, 0), Math.max(0, all.to - span));
  return { from, to: from + span };
}

function drawAxis(plot: Plot, bottom: number): void {
  const { ctx, theme } = plot;
  ctx.textAlign = 'center';
  for (const time of ticks(plot.from, plot.to, plot.width / 90)) {
    const x = Math.round(xAt(plot, time)) + 0.5;
    ctx.strokeStyle = theme.rule;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, 0);
    ctx.lineTo(x, bottom + 3);
    ctx.stroke();
    ctx.fillStyle = theme.dim;
    const text = seconds(time);
    const half = ctx.measureText(text).width / 2;
    ctx.fillText(text, Math.min(Math.max(x, plot.left + half), plot.left + plot.width - half), bottom + 11);
  }
}

function drawLane(plot: Plot, number: number, colours: readonly number[]): void {
  const { ctx, theme, run, from, to, lane } = plot;
  const top = number * lane + 1;
  const height = lane - (lane > 6 ? 3 : 1);
  if (lane >= 9) {
    ctx.textAlign = 'left';
    ctx.fillStyle = theme.dim;
    ctx.fillText(clipped(ctx, run.header.lanes[number] ?? `lane ${number}`, GUTTER - 8), 2, top + height / 2);
  }
  const perPixel = (to - from) / plot.width;
  const { bars, gaps } = plot.cache.lane(run, number, from, to, perPixel);
  for (const gap of gaps) {
    const [x0, x1] = [xAt(plot, gap.from), xAt(plot, gap.to)];
    if (gap.kind === 'idle') {
      ctx.save();
      ctx.globalAlpha = 0.3;
      ctx.strokeStyle = theme.dim;
      ctx.lineWidth = 1;
      hatch(ctx, x0, top, x1 - x0, height, 6);
      ctx.restore();
    } else {
      ctx.fillStyle = theme.dim;
      ctx.fillRect(x0, top + height / 2 - 1, x1 - x0, 2);
    }
  }
  for (const bar of bars) {
    const x0 = Math.max(xAt(plot, bar.from), plot.left);
    const x1 = Math.min(xAt(plot, bar.to), plot.left + plot.width);
    const wide = Math.max(1, x1 - x0 - (x1 - x0 > 4 ? 1 : 0));
    ctx.fillStyle = operationColour(theme, colours[bar.layer]);
    ctx.fillRect(x0, top, wide, height);
    if (wide > 34 && height >= 11 && bar.row >= 0) {
      ctx.fillStyle = inkOn(ctx.fillStyle);
      ctx.textAlign = 'left';
      ctx.fillText(clipped(ctx, taskName(run, run.columns.task[bar.row]), wide - 8), x0 + 4, top + height / 2);
    }
  }
}

/** Tasks that run right now have no row yet: drawn hatched up to now. */
function drawRunning(plot: Plot, store: Store, colours: readonly number[]): void {
  const { ctx, run, lane } = plot;
  const status = run.status;
  if (!status || run.ended || store.time !== null) {
    return;
  }
  const now = run.now(store.clock());
  status.task.forEach((task, i) => {
    if (run.rowOf[task] >= 0) {
      return;
    }
    const x0 = Math.max(xAt(plot, status.start[i]), plot.left);
    const x1 = Math.min(xAt(plot, now), plot.left + plot.width);
    const top = status.lane[i] * lane + 1;
    const colour = operationColour(plot.theme, colours[run.layerOf(task)]);
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.globalAlpha = 0.3;
    ctx.fillRect(x0, top, Math.max(1, x1 - x0), lane - 3);
    ctx.globalAlpha = 1;
    hatch(ctx, x0, top, Math.max(1, x1 - x0), lane - 3, 5);
    ctx.restore();
  });
}

/** The replay's time, and what is pointed at or selected. */
function drawMarks(plot: Plot, store: Store, bottom: number): void {
  const { ctx, theme, run, lane } = plot;
  for (const [target, width] of [[store.hover, 1.5], [store.selection, 2.5]] as const) {
    if (!target) {
      continue;
    }
    const tasks = 'task' in target ? [target.task] : layersOf(run, target).flatMap(number => {
      const { first_task, ntasks } = run.layers[number];
      return ntasks <= 2000 ? Array.from({ length: ntasks }, (_, i) => first_task + i) : [];
    });
    ctx.strokeStyle = theme.ink;
    ctx.lineWidth = 'task' in target ? width : 1;
    for (const task of tasks) {
      const row = run.rowOf[task];
      if (row >= 0 && run.columns.stop[row] >= plot.from && run.columns.start[row] <= plot.to) {
        const x0 = Math.max(xAt(plot, run.columns.start[row]), plot.left);
        const x1 = Math.min(xAt(plot, run.columns.stop[row]), plot.left + plot.width);
        ctx.strokeRect(x0 - 0.5, run.columns.lane[row] * lane + 0.5, Math.max(2, x1 - x0), lane - 2);
      }
    }
  }
  const time = store.time;
  if (time !== null && time >= plot.from && time <= plot.to) {
    const x = Math.round(xAt(plot, time)) + 0.5;
    ctx.save();
    ctx.globalAlpha = 0.62;
    ctx.fillStyle = theme.page;
    ctx.fillRect(x, 0, plot.left + plot.width - x, bottom);
    ctx.restore();
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(x, 0);
    ctx.lineTo(x, bottom + 4);
    ctx.stroke();
  }
}

/** Move the selection along its lane or to the task of a neighbouring lane at the same time. */
function move(store: Store, run: Run, along: number, across: number): void {
  const lanes = run.rowsByLane();
  const target = store.selection;
  const row = target && 'task' in target ? run.rowOf[target.task] : -1;
  if (row < 0) {
    const first = lanes.find(rows => rows.length);
    store.select(first ? { task: run.columns.task[first[0]] } : null);
    return;
  }
  const lane = run.columns.lane[row];
  let next = row;
  if (along) {
    const at = lanes[lane].indexOf(row);
    next = lanes[lane][Math.min(Math.max(at + along, 0), lanes[lane].length - 1)];
  } else {
    const other = lanes[Math.min(Math.max(lane + across, 0), lanes.length - 1)];
    const middle = (run.columns.start[row] + run.columns.stop[row]) / 2;
    const found = rowAt(run, other, middle);
    next = found >= 0 ? found : (other[0] ?? row);
  }
  store.select({ task: run.columns.task[next] });
}
