/** Which run of which kernel is shown, how far it is, and the legend of states with their counts. */

import { Cleanup, button, fill, icon, make } from '../dom';
import { compareWith } from '../compare/choice';
import { entriesOf, foldState, foldWords } from '../folds';
import type { Entry } from '../folds';
import { count, seconds } from '../format';
import { NO_HOST } from '../host';
import type { ViewHost } from '../host';
import { STATES } from '../states';
import type { Store } from '../store';
import { t, tn } from '../translate';
import type { RunSummary } from '../wire';
import { mountKernels } from './kernels';
import type { KernelRows } from './kernels';
import { RUN_SIGNS, mountRuns } from './runs';

/** What the head offers besides the choice of the run. */
export interface HeadOptions {
  /** The kernels to choose from. */
  readonly kernels?: KernelRows | null;
  /** Only the choice of the run and the legend. */
  readonly alone?: boolean;
  /** Opens the view that compares two runs. */
  readonly compare?: (() => void) | null;
}

/** Show the choice of runs and the state counts in `element`. */
export function mountHead(element: HTMLElement, store: Store, host: ViewHost = NO_HOST, options: HeadOptions = {}): () => void {
  const cleanup = new Cleanup();
  const choose = make('select', 'cks-select cks-runs', { 'aria-label': t('Run that is shown') });
  const legend = make('div', 'cks-legend', { role: 'group', 'aria-label': t('Tasks in each state') });
  const counts = STATES.map((state, i) => {
    const number = make('b', '', {}, '0');
    legend.append(make(
      'span', 'cks-state', { title: t('{state}: {about}', { state: t(state.word), about: t(state.about) }), 'data-state': state.word },
      make('i', `cks-swatch cks-swatch-${i}`, { 'aria-hidden': 'true' }), number, ` ${t(state.word)}`
    ));
    return number;
  });
  let awaited: number | null = null; // was chosen, and is not here yet
  const show = (number: number): void => {
    if (store.runs.has(number)) {
      awaited = null;
      store.show(number);
    } else {
      awaited = number;
      host.fetch?.(number);
    }
  };
  element.classList.toggle('cks-head-alone', options.alone ?? false);
  const row = make('div', 'cks-head-row', {}, choose);
  element.append(row);
  if (!options.alone && (options.kernels || host.runs)) { // a recording or a report holds one run
    element.append(unfolding(row, store, host, options, show, cleanup));
  }
  element.append(legend);
  choose.addEventListener('change', () => show(Number(choose.value)));

  const list = (): void => {
    const rows = store.list().reverse();
    const shown = store.current?.number ?? -1;
    row.classList.toggle('cks-head-no-runs', rows.length === 0);
    fill(choose, entriesOf(rows).map(one => [String(chosenOf(one, shown)), line(one, shown)] as const), String(shown < 0 ? '' : shown));
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
    if (awaited !== null && store.runs.has(awaited)) {
      show(awaited);
    }
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

/** The list of runs and the choice of the kernel, behind a button beside the choice of the run. */
function unfolding(
  row: HTMLElement, store: Store, host: ViewHost, { kernels, compare }: HeadOptions, show: (run: number) => void, cleanup: Cleanup
): HTMLElement {
  const place = make('div', 'cks-runs-place', { role: 'group', 'aria-label': t('Runs and kernels') });
  place.hidden = true;
  const inside = new Cleanup();
  const fold = button(icon('list'), t('Runs and kernels: show or hide'), () => {
    set(place.hidden);
    place.querySelector<HTMLElement>('.cks-run-list')?.focus();
  });
  const set = (open: boolean): void => {
    place.hidden = !open;
    fold.setAttribute('aria-expanded', String(open));
    if (kernels) {
      kernels.unfolded = open;
    }
    inside.run();
    if (open) {
      if (kernels) {
        inside.add(mountKernels(place, kernels));
      }
      inside.add(mountRuns(place, store, {
        show,
        compare: compare ? run => {
          compareWith(store, run);
          compare();
        } : null,
        runs: host.runs ?? null
      }));
    }
  };
  set(kernels?.unfolded ?? false);
  row.append(fold);
  cleanup.add(() => inside.run());
  place.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      fold.click();
      fold.focus();
      event.stopPropagation();
    }
  });
  return place;
}

/** The run that an entry stands for: the shown one where it is in it, else the newest. */
function chosenOf({ rows }: Entry, shown: number): number {
  return (rows.find(row => row.run === shown) ?? rows[0]).run;
}

function line(entry: Entry, shown: number): string {
  const row: RunSummary = entry.rows[0];
  if (entry.fold) {
    const words = foldWords(entry);
    const which = entry.rows.some(one => one.run === shown) ? t('Run {run}', { run: shown }) : t('Runs {runs}', { runs: words.runs });
    return `${RUN_SIGNS[foldState(entry)] ?? ''} ${which} ${words.name} — ${t('{runs} of {tasks}', { runs: tn('{n} run', '{n} runs', entry.rows.length), tasks: words.tasks })}`;
  }
  const time = row.state === 'running' ? t('running') : seconds(row.seconds);
  const tasks = count(row.ntasks, 'task');
  const name = row.label ? t('Run {run} {name}', { run: row.run, name: row.label }) : t('Run {run}', { run: row.run });
  return `${RUN_SIGNS[row.state] ?? ''} ${name} — ${tasks}, ${time}`;
}
