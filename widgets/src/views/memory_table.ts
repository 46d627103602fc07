/** Memory by operation as a table: at most, and at the shown time. The text twin of the Memory view. */

import { Cleanup, make } from '../dom';
import { bytes, seconds } from '../format';
import { bandBytes } from '../memory/bands';
import type { Band } from '../memory/bands';
import type { Profiles } from '../memory/source';
import type { Store } from '../store';
import { operationColour, themeOf } from '../theme';
import { t } from '../translate';
import { workersAt } from '../workload';

const REFRESH_SECONDS = 0.25;

/** The mounted table: `update` fills it at once. */
export interface MemoryTable {
  update(): void;
  dispose(): void;
}

/** Show the table in `element`; nothing is worked out while it is hidden. */
export function mountMemoryTable(element: HTMLElement, store: Store, source: Profiles): MemoryTable {
  const cleanup = new Cleanup();
  const now = make('th', '', { scope: 'col' }, t('now'));
  const body = make('tbody');
  element.classList.add('cks-table');
  element.append(make(
    'table', '', { 'aria-label': t('Memory by operation') },
    make('thead', '', {}, make(
      'tr', '', {}, make('th', '', { scope: 'col' }, t('Operation')), now, make('th', '', { scope: 'col' }, t('At the peak')),
      make('th', '', { scope: 'col' }, t('Its own peak'))
    )), body
  ));
  const workers = make('tbody');
  const apart = make(
    'table', '', { 'aria-label': t('Worker processes by themselves') },
    make('thead', '', {}, make(
      'tr', '', {}, make('th', '', { scope: 'col' }, t('Worker, by itself')), make('th', '', { scope: 'col' }, t('Then')),
      make('th', '', { scope: 'col' }, t('At most')), make('th', '', { scope: 'col' }, t('Limit'))
    )), workers
  );
  element.append(apart);
  let handle = 0;
  const update = (): void => {
    handle = 0;
    const run = store.current;
    const held = element.offsetParent !== null && run ? source.get() : null;
    if (!run || !held) {
      return;
    }
    const time = store.shownTime();
    const moment = held.profile.at(time);
    const peak = held.profile.peak;
    now.textContent = store.time === null && run.ended ? t('At the end') : t('At {time}', { time: seconds(time) });
    const rows = [...held.bands].reverse().map(band => line(
      store, band, [bandBytes(band, moment), bandBytes(band, peak), band.peak], themed(element, band)
    ));
    const measured = run.ended?.peak_bytes ?? Math.max(held.profile.measuredPeak.bytes, 0);
    rows.push(sum(t('all'), [bytes(moment.total), bytes(peak.total), '']));
    const rest = measured - peak.total;
    if (Math.abs(rest) > 0.005 * measured) {
      rows.push(sum(t('measured'), ['', bytes(measured), '']));
    }
    body.replaceChildren(...rows);
    const processes = workersAt(run, time);
    apart.hidden = processes.length === 0;
    workers.replaceChildren(...processes.map(one => make(
      'tr', '', {}, make('th', '', { scope: 'row' }, one.name), make('td', '', {}, bytes(one.own)), make('td', '', {}, bytes(one.most)),
      make('td', '', {}, one.limit === null ? '–' : bytes(one.limit))
    )));
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
  const seen = new IntersectionObserver(update);
  seen.observe(element);
  cleanup.add(() => seen.disconnect());
  return { update, dispose: () => cleanup.run() };
}

function line(store: Store, band: Band, sizes: readonly number[], swatch: HTMLElement): HTMLElement {
  let name: HTMLElement = make('span', '', {}, band.name);
  if (band.layer >= 0) {
    name = make('button', 'cks-link', { type: 'button' }, band.name);
    name.addEventListener('click', () => store.select({ layer: band.layer }));
  }
  const cells = sizes.map(size => make('td', '', {}, bytes(size)));
  return make('tr', '', {}, make('th', '', { scope: 'row' }, swatch, name), ...cells);
}

function sum(name: string, cells: readonly string[]): HTMLElement {
  return make('tr', 'cks-sum', {}, make('th', '', { scope: 'row' }, name), ...cells.map(text => make('td', '', {}, text)));
}

function themed(element: HTMLElement, band: Band): HTMLElement {
  const theme = themeOf(element);
  const swatch = make('i', `cks-swatch ${band.colour < 0 ? 'cks-swatch-hatched' : ''}`, { 'aria-hidden': 'true' });
  if (band.colour >= 0) {
    swatch.style.background = operationColour(theme, band.colour);
  }
  return swatch;
}
