/** The blocks of every operation, or of one, on their grids, each in its state. */

import { Cleanup, fill, make, relabel } from '../dom';
import { blockAt, extent, indexOf, tiles } from '../grid';
import type { Tiles } from '../grid';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface, place } from '../surface';
import { clipped, operationColour, paintBlock, paintMosaic } from '../theme';
import type { Theme } from '../theme';
import { layerName, operationNumbers, runSentence } from '../words';

interface Card {
  readonly layer: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly tiles: Tiles;
}

const MOST_CARDS = 30;
const TITLE = 16;

/** Show the store's run as block grids in `element`. */
export function mountChunks(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const choose = make('select', 'cks-select', { 'aria-label': 'Operation whose blocks are shown' });
  const slicers = make('span', 'cks-slicers');
  const stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'chunks' });
  element.append(make('div', 'cks-bar', {}, choose, slicers), stage);

  /** The layer that is shown alone, or -1 for all. */
  let shown = -1;
  let slice: number[] = [];
  let cards: Card[] = [];

  const surface = new Surface(stage, (ctx, width, height, theme) => {
    const run = store.current;
    cards = run ? arrange(run, shown, slice, width, height) : [];
    if (!run) {
      return;
    }
    const states = store.states();
    const colours = operationNumbers(run);
    for (const card of cards) {
      drawCard(ctx, theme, run, card, states, operationColour(theme, colours[card.layer]), cards.length > 1);
    }
    mark(ctx, theme, run, cards, store);
    relabel(stage, () => `Chunks: ${runSentence(store)}. Arrow keys move between blocks.`);
  });
  cleanup.add(() => surface.dispose());

  const rebuild = (): void => {
    const run = store.current;
    const layers = run?.layers ?? [];
    if (shown >= layers.length) {
      shown = -1;
    }
    const rows = layers.map((layer, i) => [String(i), `${layerName(layer)}  ${extent(layer)}`] as const);
    fill(choose, [['-1', layers.length === 1 ? 'one operation' : `all ${layers.length} operations`], ...rows], String(shown));
    const grid = shown >= 0 ? layers[shown].grid : [];
    slice = grid.slice(0, -2).map((n, axis) => Math.min(slice[axis] ?? 0, n - 1));
    slicers.replaceChildren(...slice.map((at, axis) => slicer(axis, at, grid[axis], value => {
      slice[axis] = value;
      surface.invalidate();
    })));
    surface.invalidate();
  };
  const focus = (layer: number): void => {
    shown = layer;
    slice = [];
    rebuild();
  };
  choose.addEventListener('change', () => focus(Number(choose.value)));

  const hit = (event: MouseEvent): { task: number } | { layer: number } | null => {
    const run = store.current;
    const [x, y] = place(stage, event);
    const card = cards.find(c => x >= c.left && x < c.left + c.width && y >= c.top && y < c.top + c.height);
    if (!run || !card) {
      return null;
    }
    const { tiles: t } = card;
    const inside = x >= t.x[0] && x < t.x[t.x.length - 1] && y >= t.y[0] && y < t.y[t.y.length - 1];
    const index = inside ? t.at(find(t.x, x), find(t.y, y)) : -1;
    return index >= 0 ? { task: run.layers[card.layer].first_task + index } : { layer: card.layer };
  };
  stage.addEventListener('pointermove', event => store.point(hit(event)));
  stage.addEventListener('pointerleave', () => store.point(null));
  stage.addEventListener('click', event => store.select(hit(event)));
  stage.addEventListener('dblclick', event => {
    const [x, y] = place(stage, event);
    const card = cards.find(c => x >= c.left && x < c.left + c.width && y >= c.top && y < c.top + c.height);
    focus(shown >= 0 || !card ? -1 : card.layer);
  });
  stage.addEventListener('keydown', event => {
    const run = store.current;
    if (run && move(run, store, cards, event.key, shown, focus)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });

  cleanup.add(store.on(change => {
    if (change === 'run') {
      shown = -1;
      slice = [];
    }
    if (change === 'run' || (change === 'data' && choose.options.length !== (store.current?.layers.length ?? 0) + 1)) {
      rebuild();
    } else if (change !== 'list') {
      surface.invalidate();
    }
  }));
  rebuild();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

/** Cards in as many columns as make them largest. */
function arrange(run: Run, shown: number, slice: readonly number[], width: number, height: number): Card[] {
  if (shown >= 0) {
    const box = { layer: shown, left: 0, top: 0, width, height };
    return [{ ...box, tiles: tiles(run.layers[shown], slice, 1, TITLE + 4, width - 2, height - TITLE - 6) }];
  }
  const n = Math.min(run.layers.length, MOST_CARDS);
  let columns = 1;
  let best = 0;
  for (let k = 1; k <= n; k++) {
    const score = Math.min(width / k, (height / Math.ceil(n / k)) * 1.3);
    if (score > best + 0.5) {
      best = score;
      columns = k;
    }
  }
  const [w, h] = [width / columns, height / Math.ceil(n / columns)];
  return Array.from({ length: n }, (_, layer) => {
    const left = (layer % columns) * w;
    const top = Math.floor(layer / columns) * h;
    const box = tiles(run.layers[layer], null, left + 2, top + TITLE + 3, w - 14, Math.max(4, h - TITLE - 12));
    return { layer, left, top, width: w, height: h, tiles: box };
  });
}

function drawCard(
  ctx: CanvasRenderingContext2D, theme: Theme, run: Run, card: Card, states: Uint8Array, colour: string, small: boolean
): void {
  const layer = run.layers[card.layer];
  const tally = run.tally(states, layer.first_task, layer.first_task + layer.ntasks);
  const done = `${(tally[2] + tally[3]).toLocaleString('en-US')}/${layer.ntasks.toLocaleString('en-US')}`;
  ctx.fillStyle = colour;
  ctx.fillRect(card.left + 2, card.top + 4, 8, 8);
  ctx.fillStyle = theme.dim;
  ctx.textAlign = 'right';
  const room = card.width - 24;
  const side = ctx.measureText(done).width;
  const right = small ? card.left + card.width - 12 : card.left + card.width - 2;
  const title = small ? layerName(layer) : `${layerName(layer)}  ${extent(layer)}`;
  const both = ctx.measureText(title).width + side + 8 <= room;
  const name = clipped(ctx, title, both ? room - side - 8 : room);
  if (both) {
    ctx.fillText(done, right, card.top + 8);
  }
  ctx.textAlign = 'left';
  ctx.fillStyle = theme.ink;
  ctx.fillText(name, card.left + 14, card.top + 8);
  drawTiles(ctx, theme, card.tiles, states, layer.first_task);
}

function drawTiles(ctx: CanvasRenderingContext2D, theme: Theme, t: Tiles, states: Uint8Array, first: number): void {
  const [nx, ny] = [t.x.length - 1, t.y.length - 1];
  const gap = Math.min((t.x[nx] - t.x[0]) / nx, (t.y[ny] - t.y[0]) / ny) >= 5 ? 1 : 0;
  if (!gap && nx * ny > 400) {
    paintMosaic(ctx, theme, nx, ny, (i, j) => {
      const index = t.at(i, j);
      return index < 0 ? -1 : states[first + index];
    }, t.x[0], t.y[0], t.x[nx] - t.x[0], t.y[ny] - t.y[0]);
    return;
  }
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const index = t.at(i, j);
      if (index >= 0) {
        paintBlock(ctx, theme, states[first + index], t.x[i], t.y[j], t.x[i + 1] - t.x[i] - gap, t.y[j + 1] - t.y[j] - gap);
      }
    }
  }
}

/** Outline what is pointed at and what is selected. */
function mark(ctx: CanvasRenderingContext2D, theme: Theme, run: Run, cards: readonly Card[], store: Store): void {
  for (const [target, width] of [[store.hover, 1.5], [store.selection, 2.5]] as const) {
    if (!target) {
      continue;
    }
    const number = 'task' in target ? run.layerOf(target.task) : target.layer;
    const card = cards.find(c => c.layer === number);
    if (!card) {
      continue;
    }
    const { tiles: t } = card;
    const at = 'task' in target ? t.find(target.task - run.layers[number].first_task) : null;
    const [x0, y0, x1, y1] = at
      ? [t.x[at[0]], t.y[at[1]], t.x[at[0] + 1], t.y[at[1] + 1]]
      : [t.x[0], t.y[0], t.x[t.x.length - 1], t.y[t.y.length - 1]];
    ctx.strokeStyle = theme.page;
    ctx.lineWidth = width + 2;
    ctx.strokeRect(x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1);
    ctx.strokeStyle = theme.ink;
    ctx.lineWidth = width;
    ctx.strokeRect(x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1);
  }
}

/** The interval of sorted `edges` that holds `value`. */
function find(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= value) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]
};

/** Move the selection by a key; returns whether the key was one of ours. */
function move(
  run: Run, store: Store, cards: readonly Card[], key: string, shown: number, focus: (layer: number) => void
): boolean {
  const target = store.selection;
  const number = target === null ? (cards[0]?.layer ?? 0) : 'task' in target ? run.layerOf(target.task) : target.layer;
  const layer = run.layers[number];
  if (key === 'Enter') {
    focus(shown >= 0 ? -1 : number);
    return true;
  }
  if (key === 'PageUp' || key === 'PageDown') {
    const next = Math.min(Math.max(number + (key === 'PageUp' ? -1 : 1), 0), run.layers.length - 1);
    store.select({ task: run.layers[next].first_task });
    if (shown >= 0) {
      focus(next);
    }
    return true;
  }
  const step = MOVES[key];
  if (!step) {
    return false;
  }
  if (target === null || !('task' in target)) {
    store.select({ task: layer.first_task });
    return true;
  }
  const index = target.task - layer.first_task;
  const t = cards.find(card => card.layer === number)?.tiles;
  const at = t?.find(index);
  if (layer.grid.length >= 2 || !t || !at) {
    const grid = layer.grid.length >= 2 ? layer.grid : [1, layer.ntasks];
    const block = blockAt(grid, index);
    const last = grid.length - 1;
    block[last] = Math.min(Math.max(block[last] + step[1], 0), grid[last] - 1);
    block[last - 1] = Math.min(Math.max(block[last - 1] + step[0], 0), grid[last - 1] - 1);
    store.select({ task: layer.first_task + indexOf(grid, block) });
  } else {
    const next = index + step[1] + step[0] * (t.x.length - 1);
    store.select({ task: layer.first_task + Math.min(Math.max(next, 0), layer.ntasks - 1) });
  }
  return true;
}

function slicer(axis: number, at: number, n: number, change: (value: number) => void): HTMLElement {
  const input = make('input', 'cks-slice', {
    type: 'number', min: 0, max: n - 1, value: at, 'aria-label': `Block along axis ${axis}, 0 to ${n - 1}`
  });
  input.addEventListener('input', () => change(Math.min(Math.max(Number(input.value) || 0, 0), n - 1)));
  return make('label', 'cks-slicer', {}, `axis ${axis}`, input, `of ${n}`);
}
