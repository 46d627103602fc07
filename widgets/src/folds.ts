/** Runs that belong together, as one entry of a list: a client's futures are many runs, most of one task. */

import { count, seconds } from './format';
import { t } from './translate';
import type { RunSummary } from './wire';

/** So many neighbours of one group are shown as one. */
export const LEAST_FOLDED = 3;

/** One entry of a list of runs: a run, or several that are folded; newest first. */
export interface Entry {
  readonly rows: readonly RunSummary[];
  /** Names a fold as long as it grows: the group, and its oldest run. Empty for a run by itself. */
  readonly fold: string;
  /** Whether it is a run of an open fold. */
  readonly inside: boolean;
}

/** Longer runs stand alone, whatever they are one of. */
const QUICK_SECONDS = 2;

/** The entries of runs that are listed newest first; `open` names the folds that show their runs. What goes on stands alone. */
export function entriesOf(rows: readonly RunSummary[], open: ReadonlySet<string> = new Set()): Entry[] {
  const found: Entry[] = [];
  for (let at = 0; at < rows.length;) {
    const { group } = rows[at];
    let end = at + 1;
    while (group && isQuick(rows[at]) && rows[end]?.group === group && isQuick(rows[end])) {
      end++;
    }
    const part = rows.slice(at, end);
    if (group && part.length >= LEAST_FOLDED) {
      const fold = `${group}/${part[part.length - 1].run}`;
      found.push({ rows: part, fold, inside: false });
      if (open.has(fold)) {
        found.push(...part.map(row => ({ rows: [row], fold: '', inside: true })));
      }
    } else {
      found.push(...part.map(row => ({ rows: [row], fold: '', inside: false })));
    }
    at = end;
  }
  return found;
}

function isQuick({ state, seconds: time }: RunSummary): boolean {
  return state !== 'running' && time < QUICK_SECONDS;
}

/** A fold in words: which runs, what they are, how many, their tasks, the time from the first to the last. */
export function foldWords({ rows }: Entry): { readonly runs: string; readonly name: string; readonly tasks: string; readonly seconds: string } {
  const [newest, oldest] = [rows[0], rows[rows.length - 1]];
  const names = new Map<string, number>();
  for (const row of rows) {
    names.set(row.label, (names.get(row.label) ?? 0) + 1);
  }
  const often = [...names].filter(([name]) => name).sort((a, b) => b[1] - a[1]).slice(0, 2).map(([name]) => name);
  const span = newest.wall_started + newest.seconds - oldest.wall_started;
  return {
    runs: `${oldest.run}–${newest.run}`,
    name: t('{group}: {names}', { group: groupWord(newest.group), names: often.join(', ') + (names.size > often.length ? ' …' : '') }),
    tasks: count(rows.reduce((sum, row) => sum + row.ntasks, 0), 'task'),
    seconds: seconds(Math.max(span, 0))
  };
}

/** The state that a fold shows: a failure in it is not hidden. */
export function foldState({ rows }: Entry): string {
  return ['failed', 'cancelled'].find(state => rows.some(row => row.state === state)) ?? rows[0].state;
}

/** The name of a group, as people meet it. */
function groupWord(group: string): string {
  return group === 'futures' ? t('futures') : group;
}
