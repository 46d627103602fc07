/** The run as a table: what the pictures show, in words and numbers, one row for each operation. */

import { Cleanup, make } from '../dom';
import { bytes, count, seconds } from '../format';
import type { Run } from '../run';
import { STATES } from '../states';
import type { Store } from '../store';
import { mark, t } from '../translate';
import { layerName } from '../words';

const HEAD = [mark('Operation'), mark('Grid'), ...STATES.map(state => state.word), mark('Kernel time'), mark('Made')];
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
    if (stage.offsetParent !== null) {
      body.replaceChildren(...(run ? run.layers.map((_, number) => row(run, number, store)) : []));
    }
  };
  const later = (): void => {
    handle ||= window.setTimeout(update, REFRESH_SECONDS * 1000);
  };
  cleanup.add(() => window.clearTimeout(handle));
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data' || change === 'time') {
      later();
    }
  }));
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
  const cells = [layer.frame && layer.grid.length ? count(layer.ntasks, 'partition') : layer.grid.join(' × ') || '1', ...counts, seconds(busy), bytes(made)];
  return make('tr', '', {}, make('th', '', { scope: 'row' }, choose), ...cells.map(text => make('td', '', {}, text)));
}
