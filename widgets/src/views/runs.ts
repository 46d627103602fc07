/** The list of runs, newest first: show one, compare it, save it, forget it. One tab stop; arrow keys move in it. */

import { Cleanup, button, make } from '../dom';
import { count, seconds } from '../format';
import type { RunActions } from '../host';
import type { Store } from '../store';
import { t } from '../translate';
import type { RunSummary } from '../wire';
import { runWord } from '../words';

/** The sign and the word of each state of a run. */
export const RUN_SIGNS: Readonly<Record<string, string>> = { running: '◐', finished: '●', failed: '✖', cancelled: '◌' };

/** What the list can do. */
export interface RunListActs {
  /** Shows a run, wherever it is kept. */
  show(run: number): void;
  /** Compares the shown run with another one. */
  readonly compare: ((run: number) => void) | null;
  readonly runs: RunActions | null;
}

const REFRESH_MS = 500;

/** When a run began: the time of day, with the date where that is another one. */
export function whenWords(wallStarted: number, now: Date = new Date()): string {
  if (!wallStarted) {
    return '';
  }
  const began = new Date(wallStarted * 1000);
  const time = began.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return began.toDateString() === now.toDateString() ? time : `${began.toLocaleDateString()} ${time}`;
}

/** The rows in the order of the list. */
export function newestFirst(rows: readonly RunSummary[]): RunSummary[] {
  return [...rows].sort((a, b) => b.run - a.run);
}

/** Show the list in `element`. */
export function mountRuns(element: HTMLElement, store: Store, acts: RunListActs): () => void {
  const cleanup = new Cleanup();
  const base = `cks-runs-${serial++}`;
  const list = make('div', 'cks-run-list', { role: 'listbox', tabindex: 0, 'aria-label': t('Runs, newest first') });
  const bar = make('div', 'cks-run-acts', { role: 'group', 'aria-label': t('The chosen run') });
  element.append(list, bar);
  let rows: RunSummary[] = [];
  let active = -1;

  const text = (words: string, name: string, act: (run: number) => void): HTMLButtonElement =>
    button(words, name, () => rows[active] && act(rows[active].run), 'cks-button cks-text');
  const show = text(t('Show'), t('Show the chosen run'), acts.show);
  const compare = acts.compare ? text(t('Compare'), t('Compare the shown run with the chosen one'), acts.compare) : null;
  const { runs } = acts;
  const kept = runs ? [
    text(t('Save'), t('Save the chosen run as a recording'), run => runs.save(run, 'recording')),
    text(t('Report'), t('Save the chosen run as a page of HTML'), run => runs.save(run, 'html')),
    text(t('Forget'), t('Forget the chosen run'), run => runs.forget([run]))
  ] : [];
  const all = runs
    ? button(t('Clear'), t('Forget all runs that have ended'), () => runs.forget(ended()), 'cks-button cks-text') : null;
  bar.append(show, ...(compare ? [compare] : []), ...kept, ...(all ? [all] : []));
  const ended = (): number[] => rows.filter(row => row.state !== 'running').map(row => row.run);

  const move = (to: number): void => {
    active = Math.min(Math.max(to, 0), rows.length - 1);
    [...list.children].forEach((child, i) => child.classList.toggle('cks-active', i === active));
    const option = list.children[active];
    list.setAttribute('aria-activedescendant', option?.id ?? '');
    option?.scrollIntoView({ block: 'nearest' });
    const row = rows[active];
    const shown = store.current?.number;
    show.disabled = !row || row.run === shown;
    if (compare) {
      compare.disabled = !row || row.run === shown || shown === undefined;
    }
    kept.forEach(one => {
      one.disabled = !row || row.state === 'running';
    });
    if (all) {
      all.disabled = ended().length === 0;
    }
  };
  const update = (): void => {
    const before = rows[active]?.run ?? store.current?.number;
    rows = newestFirst(store.list());
    rows.forEach((row, i) => {
      const option = list.children[i] ?? list.appendChild(make('div', 'cks-run', { role: 'option', id: `${base}-${i}` }));
      const words = wordsOf(row);
      if (option.getAttribute('data-words') !== words.join()) {
        option.setAttribute('data-words', words.join());
        option.setAttribute('data-run', String(row.run));
        option.replaceChildren(...words.map((word, at) => make('span', `cks-run-${PARTS[at]}`, {}, word)));
      }
      option.setAttribute('aria-selected', String(row.run === store.current?.number));
    });
    while (list.children.length > rows.length) {
      list.lastElementChild!.remove();
    }
    move(Math.max(0, rows.findIndex(row => row.run === before)));
  };
  list.addEventListener('click', event => {
    const option = (event.target as HTMLElement).closest('.cks-run');
    if (option) {
      move([...list.children].indexOf(option));
    }
  });
  list.addEventListener('dblclick', () => rows[active] && acts.show(rows[active].run));
  list.addEventListener('keydown', event => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[active];
    if (to !== undefined) {
      move(to);
    } else if (event.key === 'Enter' && row) {
      acts.show(row.run);
    } else if (event.key === 'Delete' && row && row.state !== 'running' && runs) {
      runs.forget([row.run]);
    } else if (event.key === 'c' && row && compare && !compare.disabled && !event.ctrlKey && !event.metaKey) {
      acts.compare?.(row.run);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  let handle = 0;
  cleanup.add(() => window.clearTimeout(handle));
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'list') {
      update();
    } else if (change === 'data') {
      handle ||= window.setTimeout(() => {
        handle = 0;
        update();
      }, REFRESH_MS);
    }
  }));
  update();
  return () => {
    cleanup.run();
    list.remove();
    bar.remove();
  };
}

const PARTS = ['sign', 'number', 'name', 'tasks', 'seconds', 'when'] as const;

function wordsOf(row: RunSummary): string[] {
  const time = row.state === 'running' ? t('running') : seconds(row.seconds);
  return [
    RUN_SIGNS[row.state] ?? '', String(row.run), row.label || runWord(row.state),
    count(row.ntasks, 'task'), time, whenWords(row.wall_started)
  ];
}

let serial = 0;
