/** Where the kernels' time went by function: sampled stacks as a flame graph, and as a table of functions. */

import { Cleanup, button, icon, make, relabel } from '../dom';
import { seconds } from '../format';
import type { ViewHost } from '../host';
import { ROW, drawFlame } from '../profile/draw';
import { boxAt, boxes, functions, matches, neighbour, rowsOf, sameCall, secondsFound, shortPlace, treeOf } from '../profile/flame';
import type { Box, Node } from '../profile/flame';
import type { Store } from '../store';
import { Surface, place } from '../surface';
import { concerns, layersOf } from '../target';
import { t, tn } from '../translate';
import type { StackSamples } from '../wire';
import { operationNumbers } from '../words';

const MOST_FUNCTIONS = 60;
/** Boxes thinner than this are left out. */
const LEAST_PIXELS = 0.7;

/** Show the sampled stacks of the store's run in `element`. */
export function mountProfile(element: HTMLElement, store: Store, host: ViewHost): () => void {
  const cleanup = new Cleanup();
  const stage = make('div', 'cks-stage cks-flame', { tabindex: 0, role: 'application', 'data-view': 'profile', 'aria-label': t('Profile') });
  const roll = make('div', 'cks-flame-roll');
  const chart = make('div', 'cks-flame-chart');
  const said = make('div', 'cks-flame-said');
  const words = make('span', '', { 'aria-live': 'polite' });
  const table = make('div', 'cks-table cks-flame-table', { id: `cks-profile-${serial++}` });
  const search = make('input', 'cks-search', { type: 'search', placeholder: t('find a function'), 'aria-label': t('Find a function or a file') });
  const state = make('div', 'cks-insight-none', { role: 'status' });
  let only = false;
  let held: StackSamples | null = null;
  let basis = '';
  let root: Node | null = null;
  let zoomed: Node | null = null;
  let cursor: Node | null = null;
  let pointed: Node | null = null;
  let all: readonly Box[] = [];

  const one = button(t('selected'), t('Show the selected operation alone'), () => {
    only = !only;
    one.setAttribute('aria-pressed', String(only));
    update();
  }, 'cks-button cks-text');
  one.setAttribute('aria-pressed', 'false');
  const whole = button(icon('whole'), t('Show the whole run'), () => zoom(root));
  const list = button(icon('list'), t('Functions as a table'), () => {
    table.hidden = !table.hidden;
    list.setAttribute('aria-expanded', String(!table.hidden));
    fillTable();
  });
  list.setAttribute('aria-expanded', 'false');
  list.setAttribute('aria-controls', table.id);
  const line = button('', t('Go to the line'), () => {
    const frame = (pointed ?? cursor)?.frame;
    if (frame?.cell && host.go) {
      host.go(frame.cell, frame.line);
    }
  }, 'cks-link cks-line');
  table.hidden = true;
  roll.append(chart);
  said.append(words, ' ', line);
  stage.append(roll);
  element.append(make('div', 'cks-bar', {}, make('span', 'cks-space'), search, one, whole, list), make('div', 'cks-flame-body', {}, state, stage, said, table));

  const surface = new Surface(chart, (ctx, width, _height, theme) => {
    const run = store.current;
    if (!run || !root || !zoomed) {
      all = [];
      return;
    }
    all = boxes(zoomed, LEAST_PIXELS / Math.max(width, 1));
    const tall = Math.max(rowsOf(all), 1) * ROW;
    if (chart.style.height !== `${tall}px`) {
      chart.style.height = `${tall}px`; // drawn again when it has that height
    }
    const target = store.hover ?? store.selection;
    const chosen = target === null ? null : (layer: number): boolean => concerns(run, target, layer);
    drawFlame(ctx, all, { theme, width, numbers: operationNumbers(run), search: search.value, cursor: document.activeElement === stage ? cursor : null, pointed, zoomed, chosen });
    relabel(stage, () => t('Profile: {n} samples, {words} Arrows move, Enter zooms, Backspace zooms out.', { n: held?.samples ?? 0, words: words.textContent ?? '' }));
  });
  cleanup.add(() => surface.dispose());

  const update = (): void => {
    const run = store.current;
    held = run?.stacks ?? null;
    const layers = run && only && store.selection !== null ? new Set(layersOf(run, store.selection)) : null;
    const key = [run?.number, held?.samples, layers ? [...layers].join('+') : ''].join();
    if (key !== basis) {
      basis = key;
      const [before, at] = [zoomed, cursor];
      root = run && held ? treeOf(run, held, layers) : null;
      zoomed = root && before ? sameCall(root, before) : root;
      cursor = root && at ? sameCall(root, at) : root;
      pointed = null;
    }
    state.textContent = root ? '' : excuse(store, held);
    state.hidden = root !== null;
    one.disabled = !only && store.selection === null;
    stage.hidden = said.hidden = search.hidden = one.hidden = whole.hidden = list.hidden = !root;
    whole.disabled = zoomed === root;
    tell();
    fillTable();
    surface.invalidate();
  };
  const tell = (): void => {
    const node = pointed ?? cursor ?? root;
    const found = search.value.trim() && root ? `${t('found: {share} of the time', { share: percent(secondsFound(root, search.value), root.seconds) })} · ` : '';
    const seen = node === root && held ? ` · ${tn('{n} sample', '{n} samples', held.samples)}` : '';
    words.textContent = node && root ? found + sentence(node, root) + seen : '';
    const frame = node?.frame;
    line.hidden = !(frame?.cell && host.go);
    line.textContent = frame ? t('line {line}', { line: frame.line }) : t('line');
    line.setAttribute('aria-label', frame ? t('Go to line {line}: {code}', { line: frame.line, code: frame.function }) : t('Go to the line'));
  };
  const zoom = (node: Node | null): void => {
    if (node) {
      zoomed = node;
      cursor = node;
      whole.disabled = zoomed === root;
      roll.scrollTop = Math.max(0, (node.depth - 2) * ROW);
      tell();
      surface.invalidate();
    }
  };
  const fillTable = (): void => {
    if (!table.hidden) {
      table.replaceChildren(root ? functionTable(root, search.value, node => zoom(node)) : '');
    }
  };

  const hit = (event: MouseEvent): Node | null => {
    const [x, y] = place(chart, event);
    return boxAt(all, x / Math.max(chart.clientWidth, 1), Math.floor(y / ROW))?.node ?? null;
  };
  const point = (node: Node | null): void => {
    if (node !== pointed) {
      pointed = node;
      store.point(node && node.layer >= 0 ? { layer: node.layer } : null);
      chart.title = node ? [node.name, node.place].filter(Boolean).join('\n') : '';
      tell();
      surface.invalidate();
    }
  };
  chart.addEventListener('pointermove', event => point(hit(event)));
  chart.addEventListener('pointerleave', () => point(null));
  chart.addEventListener('click', event => {
    const node = hit(event);
    if (node) {
      if (!node.frame && node.layer >= 0) {
        store.select({ layer: node.layer });
      }
      zoom(node);
    }
  });
  stage.addEventListener('focus', () => surface.invalidate());
  stage.addEventListener('blur', () => surface.invalidate());
  stage.addEventListener('keydown', event => {
    if (!root || !zoomed) {
      return;
    }
    const at = cursor ?? root;
    const next = neighbour(at, event.key);
    if (event.key.startsWith('Arrow')) {
      cursor = next ?? at;
      roll.scrollTop = Math.min(Math.max(roll.scrollTop, (cursor.depth + 1) * ROW - roll.clientHeight), cursor.depth * ROW);
      tell();
      surface.invalidate();
    } else if (event.key === 'Enter') {
      zoom(at);
    } else if (event.key === 'Backspace') {
      zoom(zoomed.parent ?? root);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  search.addEventListener('input', () => {
    tell();
    fillTable();
    surface.invalidate();
  });
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data' || change === 'selection') {
      update();
    } else if (change === 'hover') {
      surface.invalidate();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

let serial = 0;

/** Why there is no picture. */
function excuse(store: Store, held: StackSamples | null): string {
  if (!store.current) {
    return t('no run yet');
  }
  if (held && store.selection !== null) {
    return t('No sample fell into the selected operation.');
  }
  return store.current.ended
    ? t('No stacks were sampled: the run was too short, or sampling was off.')
    : t('Waiting for the first samples …');
}

/** "normal (generator.py:12): 120 ms, 62% of the time; 80.0 ms of it in itself" */
function sentence(node: Node, root: Node): string {
  const where = node.place ? ` (${shortPlace(node.place)})` : '';
  const total = t('{name}{where}: {time}, {share} of the time', { name: node.name, where, time: seconds(node.seconds), share: percent(node.seconds, root.seconds) });
  return node.frame ? `${total}; ${t('{own} of it in itself', { own: seconds(node.own) })}` : total;
}

function percent(part: number, whole: number): string {
  return `${Math.round(whole > 0 ? 100 * part / whole : 0)}%`;
}

function functionTable(root: Node, search: string, zoom: (node: Node) => void): HTMLElement {
  const wanted = search.trim();
  const shown = functions(root).filter(one => !wanted || matches(one.node, wanted));
  const rows = shown.slice(0, MOST_FUNCTIONS).map(one => {
    const link = make('button', 'cks-link', { type: 'button', title: one.place }, one.name);
    link.addEventListener('click', () => zoom(one.node));
    return make(
      'tr', '', {}, make('th', '', { scope: 'row' }, link), make('td', 'cks-flame-place', { title: one.place }, shortPlace(one.place)),
      make('td', '', {}, `${seconds(one.own)} · ${percent(one.own, root.seconds)}`), make('td', '', {}, `${seconds(one.total)} · ${percent(one.total, root.seconds)}`)
    );
  });
  if (shown.length > MOST_FUNCTIONS) {
    rows.push(make('tr', 'cks-sum', {}, make('th', '', { scope: 'row' }, tn('and {n} more', 'and {n} more', shown.length - MOST_FUNCTIONS)), make('td'), make('td'), make('td')));
  }
  const head = [t('Function'), t('Where'), t('In itself'), t('With calls')];
  return make(
    'table', '', { 'aria-label': t('Functions by time') },
    make('thead', '', {}, make('tr', '', {}, ...head.map(text => make('th', '', { scope: 'col' }, text)))), make('tbody', '', {}, ...rows)
  );
}
