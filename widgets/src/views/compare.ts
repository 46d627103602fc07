/** The shown run beside another: what differs in words, both over one time axis, and every figure and operation. */

import { comparedWith, compareWith, onCompare } from '../compare/choice';
import { differenceOf, usualNumber, usualOther } from '../compare/difference';
import type { Difference, Figure, Match } from '../compare/difference';
import { TwoTimelines, colours, heightOf } from '../compare/draw';
import { Cleanup, fill, make, relabel, say } from '../dom';
import { seconds } from '../format';
import type { ViewHost } from '../host';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface } from '../surface';
import { concerns } from '../target';
import { operationColour, themeOf } from '../theme';
import { t, tn } from '../translate';

const MOST_ROWS = 40;
const REFRESH_SECONDS = 0.5;

/** Show the store's run beside another one in `element`. */
export function mountCompare(element: HTMLElement, store: Store, host: ViewHost): () => void {
  const cleanup = new Cleanup();
  const choice = make('select', 'cks-select cks-compare-choice', { 'aria-label': t('Compare with') });
  const said = make('div', 'cks-insight-none', { role: 'status' });
  const beside = make('span', 'cks-insight-said', {}, t('with'));
  const stage = make('div', 'cks-stage cks-insight-body', { tabindex: 0, role: 'group', 'data-view': 'compare', 'aria-label': t('Compare') });
  const words = make('div', 'cks-compare-words');
  const chart = make('div', 'cks-compare-chart', { role: 'img', 'aria-label': t('Compare') });
  const tables = make('div', 'cks-table cks-compare-tables');
  stage.append(said, words, chart, tables);
  element.append(make('div', 'cks-bar', {}, beside, choice), stage);
  const lines = new TwoTimelines();
  let shown: Difference | null = null;
  let handle = 0;
  let fetched = -1;

  const other = (): Run | null => {
    const run = store.current;
    const wanted = comparedWith(store);
    if (!run) {
      return null;
    }
    const free = wanted === null || wanted === run.number;
    const found = free ? usualOther(run, [...store.runs.values()]) : store.runs.get(wanted) ?? null;
    const missing = found ? null : free ? usualNumber(run.number, store.list()) : wanted;
    if (missing !== null && host.fetch && fetched !== missing) {
      fetched = missing;
      host.fetch(missing);
    }
    return found;
  };
  const chosen = (): Match | null => {
    const target = store.hover ?? store.selection;
    return shown?.matches.find(one => one.b >= 0 && concerns(shown!.b, target, one.b)) ?? null;
  };
  const update = (): void => {
    window.clearTimeout(handle);
    handle = 0;
    const run = store.current;
    const a = other();
    const rows = store.list().filter(row => row.run !== run?.number).reverse();
    fill(choice, rows.map(row => [String(row.run), `${t('run {n}', { n: row.run })} ${row.label} · ${seconds(row.seconds)}`.trim()]), String(a?.number ?? comparedWith(store) ?? ''));
    choice.hidden = beside.hidden = !rows.length;
    shown = run && a ? differenceOf(a, run) : null;
    said.textContent = shown ? '' : rows.length && run ? t('asking for the other run …') : t('There is one run only: run something again, in other chunks or on other workers.');
    said.hidden = shown !== null;
    words.hidden = chart.hidden = tables.hidden = !shown;
    if (!shown) {
      return;
    }
    const sentences = shown.sentences.map(text => {
      const line = make('div');
      say(line, text);
      return line;
    });
    words.replaceChildren(...sentences);
    chart.style.height = `${heightOf(shown.a, shown.b)}px`;
    tables.replaceChildren(figures(shown), operations(store, stage, shown));
    surface.invalidate();
  };
  const later = (): void => {
    handle ||= window.setTimeout(update, REFRESH_SECONDS * 1000);
  };
  cleanup.add(() => window.clearTimeout(handle));
  const surface = new Surface(chart, (ctx, width, _height, theme) => {
    if (shown) {
      const found = shown;
      lines.draw(ctx, width, theme, found.a, found.b, found.matches, chosen());
      relabel(chart, () => t('Both runs over time. {sentences}', { sentences: found.sentences.join(' ').replaceAll('`', '') }));
    }
  });
  cleanup.add(() => surface.dispose());
  choice.addEventListener('change', () => compareWith(store, Number(choice.value)));
  stage.addEventListener('keydown', event => {
    const links = [...stage.querySelectorAll<HTMLElement>('button')];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (next !== undefined && links.length) {
      (next < 0 ? stage : links[Math.min(next, links.length - 1)]).focus();
      event.preventDefault();
      event.stopPropagation();
    }
  });
  cleanup.add(onCompare(store, update));
  cleanup.add(store.on(change => {
    if (change === 'run') {
      update();
    } else if (change === 'data' || change === 'list') {
      later();
    } else if (change === 'selection' || change === 'hover') {
      emphasise(tables, store);
      surface.invalidate();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

function head(difference: Difference, first: string): HTMLElement {
  const { a, b } = difference;
  const names = [first, t('run {n}', { n: a.number }), t('run {n}', { n: b.number }), t('difference')];
  return make('thead', '', {}, make('tr', '', {}, ...names.map(text => make('th', '', { scope: 'col' }, text))));
}

function figures(difference: Difference): HTMLElement {
  const row = ({ name, a, b, words }: Figure): HTMLElement => make(
    'tr', '', {}, make('th', '', { scope: 'row' }, name), make('td', '', {}, words(a)), make('td', '', {}, words(b)), make('td', '', {}, change(a, b, words))
  );
  return make('table', '', { 'aria-label': t('Figures of both runs') }, head(difference, t('Figure')), make('tbody', '', {}, ...difference.figures.map(row)));
}

/** "+12 ms (+5%)" */
function change(a: number, b: number, words: (value: number) => string): string {
  const part = b - a;
  if (part === 0) {
    return '–';
  }
  const sign = part > 0 ? '+' : '−';
  const share = a ? ` (${sign}${Math.round(100 * Math.abs(part) / a).toLocaleString('en-US')}%)` : '';
  return `${sign}${words(Math.abs(part))}${share}`;
}

function operations(store: Store, stage: HTMLElement, difference: Difference): HTMLElement {
  const theme = themeOf(stage);
  const numbers = colours(difference.a, difference.b, difference.matches);
  const most = Math.max(...difference.matches.map(one => Math.abs(one.secondsB - one.secondsA)), 1e-12);
  const rows = difference.matches.slice(0, MOST_ROWS).map(one => {
    const swatch = make('i', 'cks-swatch', { 'aria-hidden': 'true' });
    swatch.style.background = operationColour(theme, one.b >= 0 ? numbers.b[one.b] : numbers.a[one.a]);
    let name: HTMLElement = make('span', '', {}, one.name);
    if (one.b >= 0) {
      name = make('button', 'cks-link', { type: 'button', tabindex: -1 }, one.name);
      name.addEventListener('click', () => store.select({ layer: one.b }));
      name.addEventListener('pointerenter', () => store.point({ layer: one.b }));
      name.addEventListener('pointerleave', () => store.point(null));
    }
    const cell = (layer: number, time: number, tasks: number): HTMLElement => make(
      'td', '', layer < 0 ? {} : { title: tn('{n} task', '{n} tasks', tasks) }, layer < 0 ? t('none') : seconds(time)
    );
    const part = one.secondsB - one.secondsA;
    const bar = make('i', `cks-change ${part < 0 ? 'cks-change-less' : 'cks-change-more'}`, { 'aria-hidden': 'true' });
    bar.style.width = `${Math.round(26 * Math.abs(part) / most)}px`;
    return make(
      'tr', '', { 'data-layer': one.b }, make('th', '', { scope: 'row' }, swatch, name), cell(one.a, one.secondsA, one.tasksA),
      cell(one.b, one.secondsB, one.tasksB), make('td', 'cks-change-cell', {}, bar, change(one.secondsA, one.secondsB, seconds))
    );
  });
  return make('table', '', { 'aria-label': t('Operations of both runs, in kernel time') }, head(difference, t('Operation, in kernels')), make('tbody', '', {}, ...rows));
}

function emphasise(tables: HTMLElement, store: Store): void {
  const run = store.current;
  for (const row of tables.querySelectorAll<HTMLElement>('tr[data-layer]')) {
    const layer = Number(row.dataset.layer);
    row.classList.toggle('cks-chosen', run !== null && layer >= 0 && concerns(run, store.selection, layer));
  }
}
