/** Which blocks of a run lie on disk: told one by one by the kernel, as they go there and as they come back. */

import type { Run } from './run';

interface Known {
  readonly total: number;
  readonly time: number | null;
  readonly tasks: ReadonlySet<number>;
}

const KNOWN = new WeakMap<Run, Known>();

/** The tasks whose blocks were on disk at a time; null is now. Of very many only the first are told of one by one. */
export function onDisk(run: Run, time: number | null): ReadonlySet<number> {
  const { total } = run.notices;
  const known = KNOWN.get(run);
  if (known?.total === total && known.time === time) {
    return known.tasks;
  }
  const tasks = new Set<number>();
  for (const notice of run.notices.all()) {
    if (time !== null && notice.time > time) {
      break;
    }
    if (notice.task >= 0 && notice.topic === 'spilled') {
      tasks.add(notice.task);
    } else if (notice.topic === 'returned') {
      tasks.delete(notice.task);
    }
  }
  KNOWN.set(run, { total, time, tasks });
  return tasks;
}

/** How many tasks of an operation have their blocks on disk. */
export function countOnDisk(run: Run, layer: number, time: number | null): number {
  const tasks = onDisk(run, time);
  const { first_task, ntasks } = run.layers[layer];
  let count = 0;
  for (const task of tasks) {
    count += Number(task >= first_task && task < first_task + ntasks);
  }
  return count;
}
