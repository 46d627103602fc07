/** The run as a table: what the pictures show, in words and numbers, one row for each operation. */

import { Cleanup, make } from '../dom';
import { bytes, count, seconds } from '../format';
import type { Run } from '../run';
import { STATES } from '../states';
import type { Store } from '../store';
import { concerns } from '../target';
import { mark, t } from '../translate';
import type { LayerInfo } from '../wire';
import { layerName } from '../words';

const HEAD = [mark('Operation'), mark('Grid'), ...STATES.map(state => state.word), mark('Kernel time'), mark('Made'), mark('Line')];
const REFRESH_SECONDS = 0.5;

/** Show the store's run as a table in `element`. */
export function mountTable(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const body = make('tbody');
  const head = make('tr', '', {}, ...HEAD.map(text => make('th', '', { scope: 'col' }, t(text))));
  const stage = make(
    'div', 'cks-stage cks-table', {}, make('table', '', { 'aria-label': t('Operations of the run') }, make('thead', '', {}, head), body)
  );
  element.append(make('div', 'cks-bar'), stage);
  let handle = 0;

  const update = (): void => {
    handle = 0;
    const run = store.current;
    if (stage.offsetParent === null) {
      return;
    }
    const links = [...body.querySelectorAll('button')];
    const focused = links.indexOf(document.activeElement as HTMLButtonElement);
    body.replaceChildren(...(run ? run.layers.map((_, number) => row(run, number, store)) : []));
    body.querySelectorAll('button')[focused]?.focus(); // who moves through the links stays where they are
    marks();
  };
  const marks = (): void => {
    const run = store.current;
    [...body.rows].forEach((one, number) => {
      one.classList.toggle('cks-chosen', run !== null && concerns(run, store.selection, number));
      one.classList.toggle('cks-pointed', run !== null && concerns(run, store.hover, number));
    });
  };
  const later = (): void => {
    handle ||= window.setTimeout(update, REFRESH_SECONDS * 1000);
  };
  cleanup.add(() => window.clearTimeout(handle));
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data' || change === 'time') {
      later();
    } else if (change === 'selection' || change === 'hover') {
      marks();
    }
  }));
  stage.addEventListener('pointerleave', () => store.point(null));
  const seen = new IntersectionObserver(update); // a section that is opened is filled at once
  seen.observe(stage);
  cleanup.add(() => seen.disconnect());
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

function row(run: Run, number: number, store: Store): HTMLElement {
  const layer = run.layers[number];
  const last = layer.first_task + layer.ntasks;
  let busy = 0;
  let made = 0;
  for (let task = layer.first_task; task < last; task++) {
    const at = run.rowOf[task];
    if (at >= 0) {
      busy += run.columns.stop[at] - run.columns.start[at];
      made += run.columns.bytes_out[at];
    }
  }
  const choose = make('button', 'cks-link', { type: 'button' }, layerName(layer));
  choose.addEventListener('click', () => store.select({ layer: number }));
  const counts = store.tally(number).map(n => n.toLocaleString('en-US'));
  const grid = layer.frame && layer.grid.length ? count(layer.ntasks, 'partition') : layer.grid.join(' × ') || '1';
  const cells = [grid, ...counts, seconds(busy), bytes(made)].map(text => make('td', '', {}, text));
  const found = make('tr', '', {}, make('th', '', { scope: 'row' }, choose), ...cells, make('td', '', {}, lineOf(layer, store)));
  found.addEventListener('pointerenter', () => store.point({ layer: number }));
  return found;
}

/** The line that made an operation: a link that selects all that it made, where the notebook's cell is known. */
function lineOf(layer: LayerInfo, store: Store): Node | string {
  const place = layer.origin;
  const text = place ? t('line {line} of {file}', { line: place.line, file: place.file }) : '';
  if (!place?.cell) {
    return text;
  }
  const { cell, line } = place;
  const choose = make('button', 'cks-link', { type: 'button', title: t('Select all that this line made') }, text);
  choose.addEventListener('click', () => store.select({ cell, line }));
  return choose;
}
