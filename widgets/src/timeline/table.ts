/** The time of the lanes as a table: the text twin of the time line. */

import { make } from '../dom';
import { seconds } from '../format';
import type { Store } from '../store';
import { t } from '../translate';
import { shownNotices } from './notices';
import { shareWords } from './totals';
import type { Totals } from './totals';

/** Decisions that are told below the times. */
const MOST_NOTICES = 50;

/** Fill `body` with a row for each operation, then what the lanes did beside their kernels. */
export function fillTotals(body: HTMLElement, store: Store, totals: Totals): void {
  const line = (name: Node | string, cells: readonly string[], className = ''): HTMLElement => make(
    'tr', className, {}, make('th', '', { scope: 'row' }, name), ...cells.map(text => make('td', '', {}, text))
  );
  const own = totals.operations.map(one => {
    const choose = make('button', 'cks-link', { type: 'button' }, one.reads ? t('{name} (reads)', { name: one.name }) : one.name);
    choose.addEventListener('click', () => store.select({ layer: one.layer }));
    const each = one.tasks ? seconds(one.seconds / one.tasks) : '';
    return line(choose, [one.tasks.toLocaleString('en-US'), seconds(one.seconds), each, shareWords(totals, one.seconds)]);
  });
  const told = store.current ? shownNotices(store.current, totals.from, totals.to) : [];
  const rest: [string, number][] = [[t('waiting: nothing is ready'), totals.waiting], [t('overhead: ready, not started'), totals.overhead]];
  if (totals.held > 0) {
    rest.push([t('held back for memory'), totals.held]);
  }
  if (totals.outside > 0) {
    rest.push([t('before the first task, after the last'), totals.outside]);
  }
  body.replaceChildren(
    ...own, ...rest.map(([name, size], i) => line(name, ['', seconds(size), '', shareWords(totals, size)], i ? '' : 'cks-sum')),
    line(t('spills'), [totals.spills.toLocaleString('en-US'), '', '', '']),
    ...told.slice(0, MOST_NOTICES).map((one, i) => make('tr', i ? '' : 'cks-sum', {},
      make('th', '', { scope: 'row' }, seconds(one.time)), make('td', 'cks-told', { colspan: 4 }, one.text)))
  );
}

/** The heads of the columns. */
export function totalsHead(): HTMLElement {
  const heads = [t('Operation'), t('Tasks'), t('Lane time'), t('Each'), t('Share')];
  return make('thead', '', {}, make('tr', '', {}, ...heads.map(text => make('th', '', { scope: 'col' }, text))));
}
