/** How far each operation is, in the order of the graph, and the whole run: bars, counts, time left. */

import { Cleanup, make, say } from '../dom';
import { bytes, seconds } from '../format';
import { operationWords, percent, progressBrief, progressOf, progressWords } from '../progress/pace';
import type { OperationProgress } from '../progress/pace';
import type { Store } from '../store';
import { concerns, layerOf } from '../target';
import { operationColour, themeOf } from '../theme';
import { t, tn } from '../translate';
import { operationNumbers } from '../words';

/** Operations that get a bar; the rest are counted. */
const MOST_ROWS = 200;
/** While the time moves, the bars are drawn at most this often. */
const REFRESH_SECONDS = 0.05;

interface Row {
  readonly element: HTMLElement;
  readonly bar: HTMLElement;
  readonly parts: readonly HTMLElement[];
  readonly counts: HTMLElement;
  readonly spent: HTMLElement;
  readonly left: HTMLElement;
  readonly made: HTMLElement;
}

/** Show the progress of the store's run in `element`. */
export function mountProgress(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const whole = make('span', 'cks-progress-whole', { 'data-progress': 'run' });
  const stage = make('div', 'cks-stage cks-progress-stage', { tabindex: 0, role: 'group', 'data-view': 'progress' });
  element.append(make('div', 'cks-bar', {}, whole), stage);
  let rows: Row[] = [];
  let shown = '';
  let handle = 0;
  let drawn = -Infinity;

  const build = (): void => {
    const run = store.current;
    const names = run?.layers.map(layer => layer.name).join() ?? '';
    const key = `${run?.number}:${names}:${themeOf(stage).dark}`;
    if (key === shown) {
      return;
    }
    shown = key;
    const operations = progressOf(store)?.operations ?? [];
    const colours = run ? operationNumbers(run) : [];
    const theme = themeOf(stage);
    rows = operations.slice(0, MOST_ROWS).map(one => makeRow(store, one, operationColour(theme, colours[one.layer])));
    const rest = operations.length - rows.length;
    stage.replaceChildren(...rows.map(row => row.element), ...(rest > 0 ? [make('div', 'cks-dim', {}, tn('and one more operation', 'and {n} more operations', rest))] : []));
  };
  const update = (): void => {
    handle = 0;
    drawn = store.clock();
    build();
    const progress = progressOf(store);
    say(whole, progress ? progressBrief(progress) : '');
    whole.title = progress ? progressWords(progress) : '';
    const label = progress ? t('Progress: {words}. Up and down choose an operation.', { words: progressWords(progress) }) : t('Progress');
    if (stage.getAttribute('aria-label') !== label) {
      stage.setAttribute('aria-label', label);
    }
    rows.forEach((row, i) => progress && fillRow(row, progress.operations[i]));
    mark();
  };
  const mark = (): void => {
    const run = store.current;
    rows.forEach((row, layer) => {
      row.element.classList.toggle('cks-chosen', run !== null && concerns(run, store.selection, layer));
      row.element.classList.toggle('cks-pointed', run !== null && concerns(run, store.hover, layer));
    });
  };
  const later = (): void => {
    handle ||= window.setTimeout(update, Math.max(0, (drawn + REFRESH_SECONDS - store.clock()) * 1000));
  };
  cleanup.add(() => window.clearTimeout(handle));
  stage.addEventListener('pointerleave', () => store.point(null));
  stage.addEventListener('keydown', event => {
    const run = store.current;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (run && step) {
      const now = layerOf(run, store.selection);
      const next = now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + step, 0), rows.length - 1);
      store.select({ layer: next });
      rows[next]?.element.scrollIntoView({ block: 'nearest' });
      event.preventDefault();
      event.stopPropagation();
    }
  });
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data' || change === 'time') {
      later();
    } else if (change === 'selection' || change === 'hover') {
      mark();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

function makeRow(store: Store, one: OperationProgress, colour: string): Row {
  const parts = ['done', 'running', 'failed'].map(kind => make('i', `cks-part cks-part-${kind}`));
  const bar = make('div', 'cks-progress-bar', {
    role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': one.total, 'aria-label': one.name
  }, ...parts);
  const swatch = make('i', 'cks-progress-swatch', { 'aria-hidden': 'true' });
  swatch.style.background = colour;
  const [counts, spent, left, made] = ['counts', 'spent', 'left', 'made'].map(kind => make('span', `cks-progress-${kind}`));
  const element = make('div', 'cks-progress-row', { 'data-layer': one.layer }, make('span', 'cks-progress-name', { title: one.name }, swatch, one.name),
    bar, counts, spent, left, made);
  element.addEventListener('pointerenter', () => store.point({ layer: one.layer }));
  element.addEventListener('click', () => store.select({ layer: one.layer }));
  return { element, bar, parts, counts, spent, left, made };
}

function fillRow(row: Row, one: OperationProgress): void {
  const words = operationWords(one);
  if (row.bar.getAttribute('aria-valuetext') !== words) {
    row.bar.setAttribute('aria-valuetext', words);
    row.bar.setAttribute('aria-valuenow', String(one.done));
  }
  [one.done, one.running, one.failed].forEach((n, i) => {
    row.parts[i].style.width = `${(100 * n) / Math.max(one.total, 1)}%`;
    row.parts[i].hidden = n === 0;
  });
  const signs = `${one.running ? ` ◐ ${one.running.toLocaleString('en-US')}` : ''}${one.failed ? ` ✖ ${one.failed.toLocaleString('en-US')}` : ''}`;
  const texts: [HTMLElement, string][] = [
    [row.counts, `${one.done.toLocaleString('en-US')}/${one.total.toLocaleString('en-US')}${signs}`],
    [row.spent, one.done ? seconds(one.seconds) : ''],
    [row.left, one.left === null ? `${percent(one.done, one.total)}%` : t('{time} left', { time: seconds(one.left) })],
    [row.made, one.done ? bytes(one.bytes) : '']
  ];
  for (const [element, text] of texts) {
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }
}
