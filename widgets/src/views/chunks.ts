/** The blocks of every operation, or of one, each in its state: chunks on their grids, partitions in a strip. */

import { arrange, blockUnder, cardAt } from '../chunks/cards';
import type { Card } from '../chunks/cards';
import { drawCard, markCards } from '../chunks/draw';
import { beside, skew } from '../chunks/strip';
import { Cleanup, fill, make, relabel } from '../dom';
import { blockAt, extent, indexOf } from '../grid';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface, place } from '../surface';
import { layerOf } from '../target';
import { operationColour } from '../theme';
import { layerName, operationNumbers, runSentence } from '../words';

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
    const colours = operationNumbers(run);
    for (const card of cards) {
      drawCard(ctx, theme, run, store, card, operationColour(theme, colours[card.layer]), cards.length > 1);
    }
    markCards(ctx, theme, run, cards, store);
    relabel(stage, () => `Chunks: ${runSentence(store)}. ${framesIn(run, cards)}Arrow keys move between blocks.`);
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
    const card = cardAt(cards, x, y);
    if (!run || !card) {
      return null;
    }
    const index = blockUnder(card, x, y);
    return index >= 0 ? { task: run.layers[card.layer].first_task + index } : { layer: card.layer };
  };
  stage.addEventListener('pointermove', event => store.point(hit(event)));
  stage.addEventListener('pointerleave', () => store.point(null));
  stage.addEventListener('click', event => store.select(hit(event)));
  stage.addEventListener('dblclick', event => {
    const [x, y] = place(stage, event);
    const card = cardAt(cards, x, y);
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

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]
};

/** Move the selection by a key; returns whether the key was one of ours. */
function move(
  run: Run, store: Store, cards: readonly Card[], key: string, shown: number, focus: (layer: number) => void
): boolean {
  const target = store.selection;
  const found = layerOf(run, target);
  const number = found >= 0 ? found : (cards[0]?.layer ?? 0);
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
  const card = cards.find(one => one.layer === number);
  if (card?.strip) {
    const next = step[0] ? beside(card.strip, index, step[0]) : index + step[1];
    store.select({ task: layer.first_task + Math.min(Math.max(next, 0), layer.ntasks - 1) });
    return true;
  }
  const t = card?.tiles;
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

/** What is said of the frames that are shown. */
function framesIn(run: Run, cards: readonly Card[]): string {
  const parts = cards.filter(card => card.strip).slice(0, 3).map(card => {
    const { frame, ntasks } = run.layers[card.layer];
    const words = frame ? skew(frame) : '';
    return `${layerName(run.layers[card.layer])}: ${ntasks.toLocaleString('en-US')} partitions${words ? `, ${words}` : ''}. `;
  });
  return parts.join('');
}

function slicer(axis: number, at: number, n: number, change: (value: number) => void): HTMLElement {
  const input = make('input', 'cks-slice', {
    type: 'number', min: 0, max: n - 1, value: at, 'aria-label': `Block along axis ${axis}, 0 to ${n - 1}`
  });
  input.addEventListener('input', () => change(Math.min(Math.max(Number(input.value) || 0, 0), n - 1)));
  return make('label', 'cks-slicer', {}, `axis ${axis}`, input, `of ${n}`);
}
