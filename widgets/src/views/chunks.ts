/** The blocks of every operation, or of one beside those that it reads: chunks on their grids, partitions in a strip. */

import { arrange, blockUnder, cardAt } from '../chunks/cards';
import type { Card } from '../chunks/cards';
import { drawCard } from '../chunks/draw';
import { faceOf, heldAxes, moved, nextPair, showing, turned } from '../chunks/face';
import { SHADES, largest, valueWords } from '../chunks/magnitude';
import type { Shade } from '../chunks/magnitude';
import { drawArrow, drawBorders, drawFiles, markCards } from '../chunks/marks';
import { move } from '../chunks/move';
import { neighbourWords, neighboursOf } from '../chunks/neighbours';
import { bordersIn, differing, inputLayers, sourceWords } from '../chunks/source';
import { skew } from '../chunks/strip';
import { Cleanup, button, fill, make, relabel, say } from '../dom';
import { extent } from '../grid';
import type { Face } from '../grid';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface, place } from '../surface';
import type { Piece } from '../target';
import { operationColour } from '../theme';
import { t, tn } from '../translate';
import type { FrameInfo } from '../wire';
import { describe, layerName, operationNumbers, runSentence } from '../words';

/** Show the store's run as block grids in `element`. */
export function mountChunks(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const choose = make('select', 'cks-select', { 'aria-label': t('Operation whose blocks are shown') });
  const shades = make('select', 'cks-select cks-shade', { 'aria-label': t('What the colours of the blocks mean'), title: t('What the colours mean (c)') });
  const scale = make('span', 'cks-scale');
  const slicers = make('div', 'cks-slicers', { role: 'group', 'aria-label': t('Axes that are shown') });
  const said = make('div', 'cks-moment cks-dim', { 'data-chunks': 'said' });
  const columns = make('ul', 'cks-columns', { 'aria-label': t('Columns of the partitions') });
  const stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'chunks' });
  /** The operation that is shown alone, or -1 for all. */
  let shown = -1;
  /** What is seen of its grid; null where all of it is. */
  let face: Face | null = null;
  let shade: Shade = 'state';
  let aligned = true;
  let cards: Card[] = [];
  const align = button(t('inputs'), t('Show the blocks that the operation reads beside it (i)'), () => {
    aligned = !aligned;
    rebuild();
  }, 'cks-button cks-text');
  element.append(
    make('div', 'cks-bar', {}, choose, shades, scale, make('span', 'cks-space'), align),
    make('div', 'cks-chunks-body', {}, slicers, stage, columns, said)
  );

  const surface = new Surface(stage, (ctx, width, height, theme) => {
    const run = store.current;
    cards = run ? arrange(run, shown, face, width, height, aligned && shown >= 0 ? inputLayers(run, shown) : []) : [];
    if (!run) {
      return;
    }
    const paint = { shade, most: mostOf(run) };
    const colours = operationNumbers(run);
    for (const card of cards) {
      drawCard(ctx, theme, store, run, card, operationColour(theme, colours[card.layer]), cards.length > 1 && card.layer !== shown, paint);
    }
    const own = shown >= 0 ? cards[cards.length - 1] : null;
    if (own) {
      drawFiles(ctx, theme, run, own);
      drawArrow(ctx, theme, cards.slice(0, -1), own);
      const tiles = own.tiles;
      if (tiles) {
        drawBorders(ctx, theme, run, own, differing(run, shown).map(source => bordersIn(run, shown, source, face, tiles)));
      }
    }
    markCards(ctx, theme, run, cards, store);
    scaleWords(scale, shade, paint.most);
    relabel(stage, () => `${t('Chunks')}: ${runSentence(store)}. ${framesIn(run, cards)}${said.textContent}. ${t('Arrow keys move between blocks, comma and full stop between slices, Enter shows one operation alone.')}`);
  });
  cleanup.add(() => surface.dispose());

  let basis = '';
  let most = 0;
  /** The value of the brightest colour: looked for again when there are other rows or other cards. */
  const mostOf = (run: Run): number => {
    const key = `${run.number}/${run.columns.version}/${shade}/${cards.map(card => card.layer).join()}`;
    if (key !== basis) {
      basis = key;
      most = shade === 'state' ? 0 : largest(run, cards, shade);
    }
    return most;
  };

  const look = (next: Face): void => {
    face = next;
    rebuild();
  };
  const rebuild = (): void => {
    const run = store.current;
    const layers = run?.layers ?? [];
    if (shown >= layers.length) {
      shown = -1;
    }
    const rows = layers.map((layer, i) => [String(i), `${layerName(layer)}  ${extent(layer)}`] as const);
    const all = layers.length === 1 ? t('one operation') : t('all {n} operations', { n: layers.length });
    fill(choose, [['-1', all], ...rows], String(shown));
    fill(shades, SHADES.map(one => [one, t(one === 'state' ? 'states' : one === 'bytes' ? 'bytes' : 'seconds')] as const), shade);
    const grid = shown >= 0 ? layers[shown].grid : [];
    face = grid.length > 2 ? faceOf(grid, face) : null;
    axes(slicers, grid, face, look);
    dtypes(columns, shown >= 0 ? layers[shown].frame : null);
    align.hidden = !run || shown < 0 || inputLayers(run, shown).length === 0;
    align.setAttribute('aria-pressed', String(aligned));
    tell();
    surface.invalidate();
  };
  /** What is pointed at or selected, and what it hangs together with; else what is shown. */
  const tell = (): void => {
    const run = store.current;
    const target = store.hover ?? store.selection;
    const words = run && target && 'task' in target ? describe(store, target)?.title : '';
    const around = run ? neighbourWords(run, neighboursOf(run, target)) : '';
    const text = words ? [words, around].filter(Boolean).join('; ') : run && shown >= 0 ? sourceWords(run, shown) : '';
    say(said, text);
    said.title = text;
  };
  const focus = (layer: number): void => {
    shown = layer;
    face = null;
    rebuild();
  };
  choose.addEventListener('change', () => focus(Number(choose.value)));
  shades.addEventListener('change', () => {
    shade = shades.value as Shade;
    rebuild();
  });

  const hit = (event: MouseEvent): Piece | null => {
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
    focus(!card || card.layer === shown ? -1 : card.layer);
  });
  stage.addEventListener('keydown', event => {
    const run = store.current;
    const turn = face && event.key in TURNS ? TURNS[event.key](face, run!.layers[shown].grid) : null;
    if (turn) {
      look(turn);
    } else if (event.key === 'c') {
      shade = SHADES[(SHADES.indexOf(shade) + 1) % SHADES.length];
      rebuild();
    } else if (event.key === 'i' && shown >= 0) {
      aligned = !aligned;
      rebuild();
    } else if (!run || !move(run, store, cards, event.key, shown, focus)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  cleanup.add(store.on(change => {
    if (change === 'run') {
      shown = -1;
      face = null;
    }
    const run = store.current;
    const target = store.selection;
    if (change === 'selection' && run && face && target && 'task' in target && run.layerOf(target.task) === shown) {
      look(showing(face, run.layers[shown].grid, target.task - run.layers[shown].first_task)); // in whatever slice it lies
    } else if (change === 'run' || (change === 'data' && choose.options.length !== (run?.layers.length ?? 0) + 1)) {
      rebuild();
    } else if (change !== 'list' && change !== 'window') {
      tell();
      surface.invalidate();
    }
  }));
  rebuild();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

/** What keys do to the face of a grid of many axes. */
const TURNS: Readonly<Record<string, (face: Face, grid: readonly number[]) => Face>> = {
  ',': (face, grid) => held(face, grid, -1),
  '.': (face, grid) => held(face, grid, 1),
  x: face => nextPair(face)
};

/** The slice before or after: the last held axis first, and the one before it where that is at its end. */
function held(face: Face, grid: readonly number[], by: 1 | -1): Face {
  const order = heldAxes(face).reverse();
  let next = face;
  for (const axis of order) {
    const block = next.at[axis] + by;
    if (block >= 0 && block < grid[axis]) {
      return moved(next, grid, axis, block);
    }
    next = moved(next, grid, axis, by > 0 ? 0 : grid[axis] - 1);
  }
  return face;
}

/** Which axes are shown and where the others are held: choices for a grid of more than two. */
function axes(element: HTMLElement, grid: readonly number[], face: Face | null, look: (face: Face) => void): void {
  element.hidden = face === null;
  const key = JSON.stringify([grid, face]);
  if (!face || element.dataset.key === key) {
    return;
  }
  element.dataset.key = key;
  const focused = element.contains(document.activeElement) ? [...element.querySelectorAll('select, input')].indexOf(document.activeElement!) : -1;
  const role = (name: 'rows' | 'columns', word: string): HTMLElement => {
    const select = make('select', 'cks-select', { 'aria-label': word });
    fill(select, grid.map((n, axis) => [String(axis), t('axis {axis} ({n})', { axis, n })] as const), String(face[name]));
    select.addEventListener('change', () => look(turned(face, name, Number(select.value))));
    return make('label', 'cks-slicer', {}, word, select);
  };
  element.replaceChildren(
    role('rows', t('down')), role('columns', t('across')),
    ...heldAxes(face).map(axis => slicer(axis, face.at[axis], grid[axis], value => look(moved(face, grid, axis, value))))
  );
  if (focused >= 0) {
    ([...element.querySelectorAll('select, input')][focused] as HTMLElement | undefined)?.focus();
  }
}

function slicer(axis: number, at: number, n: number, change: (value: number) => void): HTMLElement {
  const input = make('input', 'cks-slice', {
    type: 'number', min: 0, max: n - 1, value: at, 'aria-label': t('Block along axis {axis}, 0 to {last}', { axis, last: n - 1 })
  });
  input.addEventListener('change', () => change(Number(input.value) || 0));
  return make('label', 'cks-slicer', {}, t('axis {axis}', { axis }), input, t('of {n}', { n }));
}

/** Each column of a frame with its dtype. */
function dtypes(element: HTMLElement, frame: FrameInfo | null): void {
  const key = JSON.stringify(frame?.columns ?? []);
  element.hidden = !frame?.columns.length;
  if (element.dataset.key === key) {
    return;
  }
  element.dataset.key = key;
  const own = (frame?.columns ?? []).map(([name, dtype]) => make('li', '', {}, name, ' ', make('span', 'cks-dim', {}, dtype)));
  const more = (frame?.ncolumns ?? 0) - own.length;
  element.replaceChildren(...own, ...(more > 0 ? [make('li', 'cks-dim', {}, tn('and one more', 'and {n} more', more))] : []));
}

/** The colours of sizes, from nothing to the largest. */
function scaleWords(element: HTMLElement, shade: Shade, most: number): void {
  element.hidden = shade === 'state';
  const text = shade === 'state' ? '' : `0 – ${valueWords(shade, most)}`;
  if (element.textContent !== text) {
    element.replaceChildren(make('i', 'cks-cividis', { 'aria-hidden': 'true' }), text);
  }
}

/** What is said of the frames that are shown. */
function framesIn(run: Run, cards: readonly Card[]): string {
  const parts = cards.filter(card => card.strip).slice(0, 3).map(card => {
    const { frame, ntasks } = run.layers[card.layer];
    const words = frame ? skew(frame) : '';
    return `${layerName(run.layers[card.layer])}: ${t('{n} partitions', { n: ntasks.toLocaleString('en-US') })}${words ? `, ${words}` : ''}. `;
  });
  return parts.join('');
}
