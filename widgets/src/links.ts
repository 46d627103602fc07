/** Who reads what: the inputs and the users of tasks, from the run's edges. */

import type { Run } from './run';

/** The users of each task: `user[ptr[t]:ptr[t + 1]]`. */
interface Users {
  readonly ptr: Int32Array;
  readonly user: Int32Array;
}

const KNOWN = new WeakMap<Int32Array, Users>();

/** Whether the page knows who reads what. */
export function linked(run: Run): boolean {
  return run.ptr !== null && run.producer !== null;
}

/** The tasks that a task reads from, each once, in the order of its arguments. */
export function inputsOf(run: Run, task: number): number[] {
  const { ptr, producer } = run;
  return ptr && producer ? [...new Set(producer.subarray(ptr[task], ptr[task + 1]))] : [];
}

/** The tasks that read from a task, each once, in order. */
export function usersOf(run: Run, task: number): number[] {
  const users = usersIn(run);
  return users ? [...new Set(users.user.subarray(users.ptr[task], users.ptr[task + 1]))] : [];
}

/** Whether the caller asked for what a task makes. */
export function isOutput(run: Run, task: number): boolean {
  return run.header.kept.includes(task);
}

function usersIn(run: Run): Users | null {
  const { ptr, producer, ntasks } = run;
  if (!ptr || !producer) {
    return null;
  }
  let users = KNOWN.get(producer);
  if (!users) {
    const first = new Int32Array(ntasks + 1);
    for (const task of producer) {
      first[task + 1] += 1;
    }
    for (let task = 0; task < ntasks; task++) {
      first[task + 1] += first[task];
    }
    const user = new Int32Array(producer.length);
    const filled = first.slice();
    for (let task = 0; task < ntasks; task++) {
      for (let edge = ptr[task]; edge < ptr[task + 1]; edge++) {
        user[filled[producer[edge]]++] = task;
      }
    }
    users = { ptr: first, user };
    KNOWN.set(producer, users);
  }
  return users;
}
