/** Paints the time line: the axis, the lanes, two thin curves below them, and the marks of time and target. */

import type { LaneCache } from '../bars';
import { curvesOf, highest } from '../curves';
import { brief, bytes, seconds, ticks } from '../format';
import type { Run } from '../run';
import type { Store } from '../store';
import { layersOf } from '../target';
import { clipped, hatch, inkOn, operationColour } from '../theme';
import type { Theme } from '../theme';
import { t } from '../translate';
import { laneName, taskName } from '../words';
import { loadCurves } from '../workload';
import { covered } from './covered';
import { isSpill, shownNotices } from './notices';
import { isReading } from './totals';

/** Room to the left: as wide as Memory's, so that the same time stands in the same place. */
export const GUTTER = 64;
export const RIGHT = 4;
export const AXIS = 18;
/** Height of one thin curve, with the room above it. */
export const CURVE = 19;

export interface Plot {
  readonly cache: LaneCache;
  readonly ctx: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly run: Run;
  readonly store: Store;
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** Height of a lane. */
  readonly lane: number;
  readonly lanes: number;
  /** Numbers of the operations' colours. */
  readonly colours: readonly number[];
}

/** The lowest bar of pixels that many tasks share, as a share of the lane: it can still be seen. */
const LOWEST = 0.25;

/** The height of a lane where so many share a stage. */
export function laneHeight(height: number, lanes: number, run: Run | null): number {
  return Math.max(3, Math.min(24, (height - AXIS - curvesHeight(run)) / Math.max(lanes, 1)));
}

/** Height of the thin curves: of the queue and the blocks, and of what worker processes took where that is known. */
export function curvesHeight(run: Run | null): number {
  return (run && loadCurves(run) ? 4 : 2) * CURVE;
}

/** Everything, from the back to the front. */
export function drawTimeline(plot: Plot): void {
  const bottom = plot.lanes * plot.lane;
  const foot = bottom + curvesHeight(plot.run);
  drawAxis(plot, foot);
  const { queued } = curvesOf(plot.run, plot.store.clock);
  for (let number = 0; number < plot.lanes; number++) {
    drawLane(plot, number, queued);
  }
  drawRunning(plot);
  drawCurves(plot, bottom);
  drawTargets(plot);
  drawTime(plot, foot);
  drawNotices(plot, bottom);
}

export function xAt(plot: Pick<Plot, 'from' | 'to' | 'width'>, time: number): number {
  return GUTTER + ((time - plot.from) / (plot.to - plot.from)) * plot.width;
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
    ctx.fillText(text, Math.min(Math.max(x, GUTTER + half), GUTTER + plot.width - half), bottom + 11);
  }
}

function drawLane(plot: Plot, number: number, queued: Float64Array): void {
  const { ctx, theme, run, from, to, lane } = plot;
  const top = number * lane + 1;
  const height = lane - (lane > 6 ? 3 : 1);
  if (lane >= 9) {
    ctx.textAlign = 'left';
    ctx.fillStyle = theme.dim;
    ctx.fillText(clipped(ctx, shortLane(ctx, laneName(run, number)), GUTTER - 8), 2, top + height / 2);
  }
  const { bars, gaps } = plot.cache.lane(run, number, queued, from, to, (to - from) / plot.width);
  for (const gap of gaps) {
    const [x0, x1] = [xAt(plot, gap.from), xAt(plot, gap.to)];
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = theme.dim;
    ctx.lineWidth = 1;
    if (gap.kind === 'idle') {
      ctx.globalAlpha = 0.3;
      hatch(ctx, x0, top, x1 - x0, height, 5);
    } else {
      paintOverhead(ctx, x0, top, x1 - x0, height);
    }
    ctx.restore();
  }
  for (const bar of bars) {
    const x0 = Math.max(xAt(plot, bar.from), GUTTER);
    const x1 = Math.min(xAt(plot, bar.to), GUTTER + plot.width);
    const wide = Math.max(1, x1 - x0 - (x1 - x0 > 4 ? 1 : 0));
    const colour = operationColour(theme, plot.colours[bar.layer]);
    ctx.fillStyle = colour;
    const tall = bar.row < 0 ? height * Math.max(LOWEST, Math.min(1, bar.busy / (bar.to - bar.from))) : height;
    ctx.fillRect(x0, top + height - tall, wide, tall);
    if (isReading(run, bar.layer) && wide >= 3) {
      paintReading(ctx, inkOn(colour), x0, top, wide, height);
    }
    if (wide > 34 && height >= 11 && bar.row >= 0) {
      ctx.textAlign = 'left';
      const text = clipped(ctx, taskName(run, run.columns.task[bar.row]), wide - 8);
      if (text && isReading(run, bar.layer)) {
        ctx.fillStyle = colour;
        ctx.fillRect(x0 + 2, top + 1, ctx.measureText(text).width + 4, height - 3);
      }
      ctx.fillStyle = inkOn(colour);
      ctx.fillText(text, x0 + 4, top + height / 2);
    }
  }
}

/** A lane's name as it fits: of "worker-1-0" the numbers say more than the word. */
function shortLane(ctx: CanvasRenderingContext2D, name: string): string {
  return ctx.measureText(name).width <= GUTTER - 8 ? name : name.replace(/^(\p{L})\p{L}+-(?=\d)/u, '$1');
}

/** Ready, but not started: a band of dots in the middle of the lane. */
function paintOverhead(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number): void {
  const middle = Math.round(y + h / 2);
  ctx.beginPath();
  ctx.setLineDash([2, 2]);
  for (const dy of h >= 12 ? [-3, 0, 3] : [0]) {
    ctx.moveTo(x, middle + dy + 0.5);
    ctx.lineTo(x + w, middle + dy + 0.5);
  }
  ctx.stroke();
}

/** A task that reads from outside: comb teeth along its lower edge, whatever its colour. */
function paintReading(ctx: CanvasRenderingContext2D, ink: string, x: number, y: number, w: number, h: number): void {
  ctx.save();
  ctx.globalAlpha = 0.8;
  ctx.fillStyle = ink;
  const tall = Math.max(2, Math.min(5, h * 0.3));
  for (let at = x + 1; at < x + w - 1; at += 4) {
    ctx.fillRect(at, y + h - tall, 1.5, tall);
  }
  ctx.restore();
}

/** Tasks that run right now have no row yet: drawn hatched up to now. */
function drawRunning(plot: Plot): void {
  const { ctx, run, lane, store } = plot;
  const status = run.status;
  if (!status || run.ended || store.time !== null) {
    return;
  }
  const now = run.now(store.clock());
  status.task.forEach((task, i) => {
    if (run.rowOf[task] >= 0) {
      return;
    }
    const x0 = Math.max(xAt(plot, status.start[i]), GUTTER);
    const x1 = Math.min(xAt(plot, now), GUTTER + plot.width);
    if (x1 <= x0) {
      return;
    }
    const top = status.lane[i] * lane + 1;
    const colour = operationColour(plot.theme, plot.colours[run.layerOf(task)]);
    ctx.save();
    ctx.fillStyle = plot.theme.page;
    ctx.fillRect(x0, top, x1 - x0, lane - 3);
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.globalAlpha = 0.3;
    ctx.fillRect(x0, top, Math.max(1, x1 - x0), lane - 3);
    ctx.globalAlpha = 1;
    hatch(ctx, x0, top, Math.max(1, x1 - x0), lane - 3, 5);
    ctx.restore();
  });
}

/** The queue's length and the blocks, the processors and own memory of workers: each on its own scale, with its highest value. */
function drawCurves(plot: Plot, top: number): void {
  const { ctx, theme, run, store, from, to, width } = plot;
  const curves = curvesOf(run, store.clock);
  const n = Math.max(1, Math.floor(width));
  const load = loadCurves(run);
  const rows: [Float64Array, (most: number) => string, string][] = [
    [highest(curves.queue, from, to, n), (most: number) => t('queue {n}', { n: brief(most) }), theme.dim],
    [highest(curves.memory, from, to, n), (most: number) => bytes(most), theme.states[2]],
    ...load ? [
      [highest(load.cores, from, to, n), (most: number) => t('{n} cores', { n: most.toFixed(1) }), theme.accent],
      [highest(load.own, from, to, n), (most: number) => bytes(most), theme.dim]
    ] satisfies [Float64Array, (most: number) => string, string][] : []
  ];
  rows.forEach(([values, label, colour], i) => {
    const most = values.reduce((high, value) => Math.max(high, value), 0);
    const bottom = top + (i + 1) * CURVE - 1;
    const y = (value: number): number => bottom - (value / Math.max(most, 1e-9)) * (CURVE - 5);
    ctx.beginPath();
    ctx.moveTo(GUTTER, bottom);
    values.forEach((value, x) => {
      ctx.lineTo(GUTTER + x, y(value));
      ctx.lineTo(GUTTER + x + 1, y(value));
    });
    ctx.lineTo(GUTTER + n, bottom);
    ctx.closePath();
    ctx.fillStyle = ctx.strokeStyle = colour;
    ctx.lineWidth = 1;
    ctx.globalAlpha = 0.22;
    ctx.fill();
    ctx.globalAlpha = 0.9;
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.fillStyle = theme.dim;
    ctx.textAlign = 'left';
    ctx.font = `10px ${theme.font}`;
    ctx.fillText(clipped(ctx, label(most), GUTTER - 4), 2, bottom - 6);
    ctx.font = `11px ${theme.font}`;
  });
}

/** Marks at the moments of decisions: a triangle in the memory for what went to disk, a diamond on the axis for the others. */
function drawNotices(plot: Plot, bottom: number): void {
  const { ctx, theme, run, from, to } = plot;
  for (const notice of shownNotices(run, from, to)) {
    const x = xAt(plot, notice.time);
    const spill = isSpill(notice.topic);
    const y = bottom + (spill ? CURVE + 3 : curvesHeight(run));
    ctx.beginPath();
    for (const [dx, dy] of spill ? [[-4, 0], [4, 0], [0, 7]] : [[0, -4], [4, 0], [0, 4], [-4, 0]]) {
      ctx.lineTo(x + dx, y + dy);
    }
    ctx.closePath();
    ctx.fillStyle = spill ? theme.states[4] : theme.ink;
    ctx.strokeStyle = theme.page;
    ctx.lineWidth = 1.5;
    ctx.stroke();
    ctx.fill();
  }
}

const MOST_OUTLINES = 2_000;
/** A frame around fewer pixels would hide what it frames. */
const WORTH_AN_OUTLINE = 6;
/** Height of the line under the tasks of what is chosen. */
const UNDER = 3;

/** Outlines of what is pointed at and what is selected. */
function drawTargets(plot: Plot): void {
  const { ctx, theme, run, store } = plot;
  for (const [target, width] of [[store.hover, 1.5], [store.selection, 2.5]] as const) {
    if (!target) {
      continue;
    }
    ctx.strokeStyle = ctx.fillStyle = theme.ink;
    if ('task' in target) {
      ctx.lineWidth = width;
      outline(plot, target.task, 0);
      continue;
    }
    const layers = layersOf(run, target);
    ctx.lineWidth = 1;
    for (const number of layers) {
      const { first_task, ntasks } = run.layers[number];
      for (let task = first_task; ntasks <= MOST_OUTLINES && task < first_task + ntasks; task++) {
        outline(plot, task, WORTH_AN_OUTLINE);
      }
    }
    underline(plot, layers);
  }
}

/** A frame around a task that is at least so many pixels wide. */
function outline(plot: Plot, task: number, least: number): void {
  const { ctx, run, lane, from, to, width } = plot;
  const row = run.rowOf[task];
  if (row < 0 || run.columns.stop[row] < from || run.columns.start[row] > to) {
    return;
  }
  const x0 = Math.max(xAt(plot, run.columns.start[row]), GUTTER);
  const x1 = Math.min(xAt(plot, run.columns.stop[row]), GUTTER + width);
  if (x1 - x0 >= least) {
    ctx.strokeRect(x0 - 0.5, run.columns.lane[row] * lane + 0.5, Math.max(2, x1 - x0), lane - 2);
  }
}

/** A line under the tasks of operations, however small they are. */
function underline({ ctx, run, lane, lanes, from, to, width }: Plot, layers: readonly number[]): void {
  const pixels = Math.max(1, Math.floor(width));
  const marks = covered(run, layers, lanes, from, to, pixels);
  for (let number = 0; number < lanes; number++) {
    for (let x = 0; x < pixels; x++) {
      const begin = x;
      while (x < pixels && marks[number * pixels + x]) {
        x++;
      }
      if (x > begin) {
        ctx.fillRect(GUTTER + begin, (number + 1) * lane - UNDER, x - begin, UNDER);
      }
    }
  }
}

/** The replay's time: what comes after it is pale. */
function drawTime(plot: Plot, bottom: number): void {
  const { ctx, theme, store } = plot;
  const time = store.time;
  if (time === null || time > plot.to) {
    return;
  }
  const x = Math.max(Math.round(xAt(plot, time)) + 0.5, GUTTER);
  ctx.save();
  ctx.globalAlpha = 0.62;
  ctx.fillStyle = theme.page;
  ctx.fillRect(x, 0, GUTTER + plot.width - x, bottom);
  ctx.restore();
  if (time >= plot.from) {
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(x, 0);
    ctx.lineTo(x, bottom + 4);
    ctx.stroke();
  }
}
