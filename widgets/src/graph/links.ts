/** Who reads whom, both ways, and how often one operation's tasks read another's. Worked out once for each run. */

import { adjacency } from '../layout';
import type { Run } from '../run';

export interface Links {
  /** The operation of each task. */
  readonly owner: Int32Array;
  /** Task `t` reads from `producer[ptr[t]:ptr[t + 1]]`. */
  readonly ptr: Int32Array;
  readonly producer: Int32Array;
  /** Task `t` is read by `user[userPtr[t]:userPtr[t + 1]]`. */
  readonly userPtr: Int32Array;
  readonly user: Int32Array;
  /** Edges from tasks of operation `a` to tasks of `b`, under `a * noperations + b`. */
  readonly counts: ReadonlyMap<number, number>;
}

const KNOWN = new WeakMap<Int32Array, Links>();

/** The task edges of a run, or null where this page does not have them. */
export function linksOf(run: Run): Links | null {
  const { ptr, producer } = run;
  if (!ptr || !producer || ptr.length !== run.ntasks + 1) {
    return null;
  }
  let links = KNOWN.get(ptr);
  if (!links || links.owner.length !== run.ntasks) {
    links = worked(run, ptr, producer);
    KNOWN.set(ptr, links);
  }
  return links;
}

function worked(run: Run, ptr: Int32Array, producer: Int32Array): Links {
  const owner = new Int32Array(run.ntasks);
  run.layers.forEach((layer, number) => owner.fill(number, layer.first_task, layer.first_task + layer.ntasks));
  const reader = new Int32Array(producer.length);
  const counts = new Map<number, number>();
  const size = run.layers.length;
  let last = -1; // edges of one pair come in long runs: counted without asking the map for each
  let streak = 0;
  for (let task = 0; task < run.ntasks; task++) {
    reader.fill(task, ptr[task], ptr[task + 1]);
    for (let e = ptr[task]; e < ptr[task + 1]; e++) {
      const code = owner[producer[e]] * size + owner[task];
      if (code !== last) {
        if (streak) {
          counts.set(last, (counts.get(last) ?? 0) + streak);
        }
        last = code;
        streak = 0;
      }
      streak += 1;
    }
  }
  if (streak) {
    counts.set(last, (counts.get(last) ?? 0) + streak);
  }
  const users = adjacency(run.ntasks, producer, reader);
  return { owner, ptr, producer, userPtr: users.ptr, user: users.node, counts };
}
