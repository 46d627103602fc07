/** Which run is shown, how far it is, and the legend of states with their counts. */

import { Cleanup, fill, make } from '../dom';
import { count, seconds } from '../format';
import { STATES } from '../states';
import type { Store } from '../store';
import type { RunSummary } from '../wire';

/** Called when a run is chosen that this page does not hold. */
export type Fetch = (run: number) => void;

const SIGNS: Readonly<Record<string, string>> = { running: '◐', finished: '●', failed: '✖', cancelled: '◌' };

/** Show the choice of runs and the state counts in `element`. */
export function mountHead(element: HTMLElement, store: Store, fetch: Fetch | null = null): () => void {
  const cleanup = new Cleanup();
  const choose = make('select', 'cks-select cks-runs', { 'aria-label': 'Run that is shown' });
  const legend = make('div', 'cks-legend', { role: 'group', 'aria-label': 'Tasks in each state' });
  const counts = STATES.map((state, i) => {
    const number = make('b', '', {}, '0');
    legend.append(make(
      'span', 'cks-state', { title: `${state.word}: ${state.about}`, 'data-state': state.word },
      make('i', `cks-swatch cks-swatch-${i}`, { 'aria-hidden': 'true' }), number, ` ${state.word}`
    ));
    return number;
  });
  element.append(choose, legend);
  choose.addEventListener('change', () => {
    const number = Number(choose.value);
    if (store.runs.has(number)) {
      store.show(number);
    } else {
      fetch?.(number);
    }
  });

  const list = (): void => {
    const rows = store.list().reverse();
    choose.hidden = rows.length === 0;
    fill(choose, rows.map(row => [String(row.run), line(row)] as const), String(store.current?.number ?? ''));
  };
  const tally = (): void => {
    const run = store.current;
    const sums = run ? run.tally(store.states(), 0, run.ntasks) : STATES.map(() => 0);
    sums.forEach((n, i) => {
      const text = n.toLocaleString('en-US');
      if (counts[i].textContent !== text) {
        counts[i].textContent = text;
        counts[i].parentElement?.classList.toggle('cks-none', n === 0);
      }
    });
  };
  let handle = 0;
  const later = (): void => {
    handle ||= requestAnimationFrame(() => {
      handle = 0;
      tally();
    });
  };
  cleanup.add(() => cancelAnimationFrame(handle));
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'list') {
      list();
    }
    if (change === 'run' || change === 'data' || change === 'time') {
      later();
    }
  }));
  counts.forEach(number => number.parentElement?.classList.add('cks-none'));
  list();
  tally();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

function line(row: RunSummary): string {
  const name = row.label ? ` ${row.label}` : '';
  const time = row.state === 'running' ? 'running' : seconds(row.seconds);
  return `${SIGNS[row.state] ?? ''} Run ${row.run}${name} — ${count(row.ntasks, 'task')}, ${time}`;
}
