/** The list of runs, newest first: show one, compare it, save it, forget it. One tab stop; arrow keys move in it. */

import { Cleanup, button, make } from '../dom';
import { entriesOf, foldState, foldWords } from '../folds';
import type { Entry } from '../folds';
import { count, seconds } from '../format';
import type { RunActions } from '../host';
import type { Store } from '../store';
import { t, tn } from '../translate';
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
  let entries: Entry[] = [];
  const open = new Set<string>();
  let active = -1;

  const text = (words: string, name: string, act: (run: number) => void): HTMLButtonElement =>
    button(words, name, () => entries[active] && act(entries[active].rows[0].run), 'cks-button cks-text');
  const show = text(t('Show'), t('Show the chosen run'), acts.show);
  const compare = acts.compare ? text(t('Compare'), t('Compare the shown run with the chosen one'), acts.compare) : null;
  const { runs } = acts;
  const kept = runs ? [
    text(t('Save'), t('Save the chosen run as a recording'), run => runs.save(run, 'recording')),
    text(t('Report'), t('Save the chosen run as a page of HTML'), run => runs.save(run, 'html')),
    text(t('Forget'), t('Forget the chosen run'), () => runs.forget(entries[active].rows.map(row => row.run)))
  ] : [];
  const all = runs
    ? button(t('Clear'), t('Forget all runs that have ended'), () => runs.forget(ended()), 'cks-button cks-text') : null;
  bar.append(show, ...(compare ? [compare] : []), ...kept, ...(all ? [all] : []));
  const ended = (): number[] => rows.filter(row => row.state !== 'running').map(row => row.run);

  const move = (to: number): void => {
    active = Math.min(Math.max(to, 0), entries.length - 1);
    [...list.children].forEach((child, i) => child.classList.toggle('cks-active', i === active));
    const option = list.children[active];
    list.setAttribute('aria-activedescendant', option?.id ?? '');
    option?.scrollIntoView({ block: 'nearest' });
    const entry = entries[active];
    const row = entry?.rows[0];
    const shown = store.current?.number;
    show.disabled = !row || row.run === shown;
    if (compare) {
      compare.disabled = !row || row.run === shown || shown === undefined || entry.fold !== '';
    }
    kept.forEach((one, i) => {
      one.disabled = !row || row.state === 'running' || (entry.fold !== '' && i < kept.length - 1);
    });
    if (all) {
      all.disabled = ended().length === 0;
    }
  };
  const update = (): void => {
    const chosen = entries[active];
    const before = chosen?.rows[0].run ?? store.current?.number;
    rows = newestFirst(store.list());
    entries = entriesOf(rows, open);
    entries.forEach((entry, i) => {
      const option = list.children[i] ?? list.appendChild(make('div', 'cks-run', { role: 'option', id: `${base}-${i}` }));
      const words = wordsOf(entry, open);
      if (option.getAttribute('data-words') !== words.join()) {
        option.setAttribute('data-words', words.join());
        option.setAttribute('data-run', String(entry.rows[0].run));
        option.replaceChildren(...words.map((word, at) => make('span', `cks-run-${PARTS[at]}`, {}, word)));
      }
      option.classList.toggle('cks-run-inside', entry.inside);
      option.classList.toggle('cks-run-fold', entry.fold !== '');
      const own = entry.rows.some(row => row.run === store.current?.number);
      option.setAttribute('aria-selected', String(own && !open.has(entry.fold)));
    });
    while (list.children.length > entries.length) {
      list.lastElementChild!.remove();
    }
    const same = entries.findIndex(entry => entry.fold === (chosen?.fold ?? '') && entry.rows.some(row => row.run === before));
    move(Math.max(0, same < 0 ? entries.findIndex(entry => entry.rows.some(row => row.run === before)) : same));
  };
  /** Show the runs of a fold, or fold them; whether it was one. */
  const unfold = (wanted?: boolean): boolean => {
    const name = entries[active]?.fold ?? '';
    if (!name || wanted === open.has(name)) {
      return false;
    }
    if (open.has(name)) {
      open.delete(name);
    } else {
      open.add(name);
    }
    update();
    return true;
  };
  list.addEventListener('click', event => {
    const option = (event.target as HTMLElement).closest('.cks-run');
    if (option) {
      move([...list.children].indexOf(option));
    }
  });
  list.addEventListener('dblclick', () => unfold() || (entries[active] && acts.show(entries[active].rows[0].run)));
  list.addEventListener('keydown', event => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: entries.length - 1 }[event.key];
    const entry = entries[active];
    const row = entry?.rows[0];
    const turn = { ArrowRight: true, ArrowLeft: false }[event.key];
    if (to !== undefined) {
      move(to);
    } else if (turn !== undefined) {
      unfold(turn);
    } else if (event.key === 'Enter' && row) {
      if (!unfold()) {
        acts.show(row.run);
      }
    } else if (event.key === 'Delete' && row && row.state !== 'running' && runs) {
      runs.forget(entry.rows.map(one => one.run));
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

function wordsOf(entry: Entry, open: ReadonlySet<string>): string[] {
  const row = entry.rows[0];
  if (entry.fold) {
    const words = foldWords(entry);
    const when = whenWords(row.wall_started);
    const sign = open.has(entry.fold) ? '▾' : `▸${RUN_SIGNS[foldState(entry)] ?? ''}`;
    return [sign, words.runs, words.name, tn('{n} run', '{n} runs', entry.rows.length), words.tasks, when];
  }
  const time = row.state === 'running' ? t('running') : seconds(row.seconds);
  return [
    RUN_SIGNS[row.state] ?? '', String(row.run), row.label || runWord(row.state),
    count(row.ntasks, 'task'), time, whenWords(row.wall_started)
  ];
}

let serial = 0;
