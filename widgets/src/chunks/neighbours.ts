/** What a block is made of and what is made of it: how the grids of an operation and of its inputs hang together. */

import { inputsOf, usersOf } from '../links';
import type { Run } from '../run';
import type { Target } from '../target';
import { t } from '../translate';
import { taskName } from '../words';

/** The tasks around a target. */
export interface Neighbours {
  readonly reads: readonly number[];
  readonly readBy: readonly number[];
}

/** Neighbours that are drawn; of more the first. */
const MOST = 500;
const NAMED = 4;

/** The tasks that a task reads and that read it; none for what is no task. */
export function neighboursOf(run: Run, target: Target): Neighbours {
  if (target === null || !('task' in target) || target.task >= run.ntasks) {
    return { reads: [], readBy: [] };
  }
  return { reads: inputsOf(run, target.task).slice(0, MOST), readBy: usersOf(run, target.task).slice(0, MOST) };
}

/** "reads x [0, 1] and 3 more": the neighbours of a task in words. */
export function neighbourWords(run: Run, around: Neighbours): string {
  const named = (tasks: readonly number[]): string => {
    const names = tasks.slice(0, NAMED).map(task => taskName(run, task)).join(', ');
    return tasks.length > NAMED ? t('{names} and {n} more', { names, n: (tasks.length - NAMED).toLocaleString('en-US') }) : names;
  };
  const parts: string[] = [];
  if (around.reads.length) {
    parts.push(t('reads {names}', { names: named(around.reads) }));
  }
  if (around.readBy.length) {
    parts.push(t('read by {names}', { names: named(around.readBy) }));
  }
  return parts.join('; ');
}
