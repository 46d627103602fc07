/** How a lazy value stands: what the kernel answers, and what the page's own record of the run says while it goes on. */

import type { Run } from '../run';
import { FAILED, PENDING, RELEASED, STORED } from '../states';

/** States of a block of a value. The first five are those of tasks. */
export const SPILLED = 5;
export const LOST = 6;
/** Nothing is known of the block: it is computed when it is asked for. */
export const LAZY = 7;
const STATES = 8;

/** What becomes of the blocks that a run makes. */
export type How = 'kept' | 'given' | 'made' | 'inside';

export interface RunPart {
  readonly run: number;
  readonly state: string;
  readonly how: How;
  /** The operation that the value is made inside of. */
  readonly op: string;
  /** The task of each block, as [first task, how many blocks]; null where there is none, or they are too mixed. */
  readonly tasks: readonly (readonly [number, number])[] | null;
  /** The task of each call behind a delayed value, likewise. */
  readonly calls?: readonly (readonly [number, number])[] | null;
}

/** The kernel's answer. */
export interface Standing {
  readonly found: boolean;
  /** Whether this kernel once showed the value. */
  readonly known: boolean;
  /** The state of each stored block, as [code, how many]; null where nothing is kept. */
  readonly blocks: readonly (readonly [number, number])[] | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly nbytes: number;
  readonly run: RunPart | null;
  readonly changed: readonly string[];
  readonly nchanged: number;
  readonly renamed: string;
}

/** Codes of the kernel: none, pending, stored, spilled, lost, failed. */
const CODES = [LAZY, PENDING, STORED, SPILLED, LOST, FAILED];

/** Where a value is in its life. */
export type Phase = 'lazy' | 'live' | 'kept' | 'done' | 'failed' | 'gone';

/** Everything that is painted and said. */
export interface Fold {
  readonly phase: Phase;
  /** The state of each block; null where there is nothing to tell them apart. */
  readonly states: Uint8Array | null;
  /** The state of each call behind a delayed value while it is computed. */
  readonly calls: Uint8Array | null;
  /** How many blocks are in each state. */
  readonly tally: readonly number[];
  /** The run that makes it or made it, if the page or the kernel knows one. */
  readonly part: RunPart | null;
  /** How that run went on, or ended. */
  readonly runState: string;
  /** Tasks of that run that had finished at the shown moment. */
  readonly tasksDone: number;
  readonly tasks: number;
  readonly nbytes: number;
  /** The moment of the replay in seconds, or null: now. */
  readonly at: number | null;
}

const MOST_BLOCKS = 4_000_000;

/** The task of each block. */
export function tasksOf(part: RunPart | null, n: number): Int32Array | null {
  if (!part?.tasks || n > MOST_BLOCKS) {
    return null;
  }
  const found = new Int32Array(n).fill(-1);
  let at = 0;
  for (const [first, many] of part.tasks) {
    for (let i = 0; i < many && at < n; i++) {
      found[at++] = first + i;
    }
  }
  return at === n ? found : null;
}

/** The task of each call behind a delayed value; null where they are not followed one by one. */
export function callTasksOf(part: RunPart | null): Int32Array | null {
  const stretches = part?.calls ?? null;
  return stretches && Int32Array.from(stretches.flatMap(([first, many]) => Array.from({ length: many }, (_, i) => first + i)));
}

/** The block of a task, or -1. */
export function blockOf(part: RunPart | null, task: number): number {
  let at = 0;
  for (const [first, many] of part?.tasks ?? []) {
    if (task >= first && task < first + many) {
      return at + task - first;
    }
    at += many;
  }
  return -1;
}

/**
 * The state of every block. `run`: the run of the standing, where the page holds it; `tasks`: the task of each block;
 * `states`: of all tasks of the run at the moment `at` (null: now). While the run goes on, and in its replay, the run tells;
 * afterwards the kernel does.
 */
export function fold(
  standing: Standing | null, n: number, run: Run | null, tasks: Int32Array | null, states: Uint8Array | null, at: number | null
): Fold {
  const part = standing?.run ?? null;
  const runState = run?.state ?? part?.state ?? '';
  const base = {
    part, runState, at, nbytes: standing?.nbytes ?? 0, tasks: run?.ntasks ?? 0, tasksDone: run ? finishedBy(run, at) : 0,
    states: null as Uint8Array | null, calls: null, tally: tallied(null, n, LAZY)
  };
  if (!standing || (!standing.found && !standing.known)) {
    return { ...base, phase: 'lazy' };
  }
  if (!standing.found) {
    return { ...base, phase: 'gone' };
  }
  const going = runState === 'running';
  const told = part !== null && run !== null && states !== null && tasks !== null ? ofTasks(tasks, states) : null;
  const early = part?.state === 'running'; // the kernel's answer is older than the end of the run
  if (told && (going || early || at !== null)) {
    return { ...base, phase: 'live', states: told, tally: tallied(told, n, LAZY) };
  }
  if (part !== null && going) {
    return { ...base, phase: 'live', ...kept(standing, n) };
  }
  if (standing.blocks !== null || Object.keys(standing.counts).length) {
    return { ...base, phase: 'kept', ...kept(standing, n) };
  }
  if (part === null) {
    return { ...base, phase: 'lazy' };
  }
  if (runState !== 'finished') {
    return { ...base, phase: 'failed', states: told, tally: tallied(told, n, LAZY) };
  }
  const state = part.how === 'inside' ? LAZY : RELEASED;
  const all = n <= MOST_BLOCKS && state !== LAZY ? new Uint8Array(n).fill(state) : null;
  return { ...base, phase: 'done', states: all, tally: tallied(all, n, state) };
}

export function ofTasks(tasks: Int32Array, states: Uint8Array): Uint8Array {
  const found = new Uint8Array(tasks.length);
  for (let i = 0; i < tasks.length; i++) {
    found[i] = states[tasks[i]] ?? PENDING;
  }
  return found;
}

/** The stored blocks as the kernel has them; only their counts where they are too mixed. */
function kept(standing: Standing, n: number): Pick<Fold, 'states' | 'tally'> {
  if (standing.blocks === null || n > MOST_BLOCKS) {
    const words = ['none', 'pending', 'stored', 'spilled', 'lost', 'failed'];
    const tally = new Array<number>(STATES).fill(0);
    words.forEach((word, code) => {
      tally[CODES[code]] += standing.counts[word] ?? 0;
    });
    return { states: null, tally };
  }
  const found = new Uint8Array(n).fill(LAZY);
  let at = 0;
  for (const [code, many] of standing.blocks) {
    found.fill(CODES[code] ?? LAZY, at, at + many);
    at += many;
  }
  return { states: found, tally: tallied(found, n, LAZY) };
}

function tallied(states: Uint8Array | null, n: number, otherwise: number): number[] {
  const tally = new Array<number>(STATES).fill(0);
  if (states === null) {
    tally[otherwise] = n;
    return tally;
  }
  for (const state of states) {
    tally[state] += 1;
  }
  return tally;
}

/** Blocks that are made, in whatever place they are now. */
export function madeOf(tally: readonly number[]): number {
  return tally[STORED] + tally[RELEASED] + tally[SPILLED];
}

/** The kernel's answer as plain data, or null where it is none. */
export function standingOf(reply: Readonly<Record<string, unknown>>): Standing | null {
  if (typeof reply.found !== 'boolean') {
    return null;
  }
  return {
    found: reply.found, known: reply.known === true,
    blocks: (reply.blocks ?? null) as Standing['blocks'], counts: (reply.counts ?? {}) as Standing['counts'],
    nbytes: Number(reply.nbytes ?? 0), run: (reply.run ?? null) as RunPart | null,
    changed: (reply.changed ?? []) as string[], nchanged: Number(reply.nchanged ?? 0), renamed: String(reply.renamed ?? '')
  };
}

function finishedBy(run: Run, at: number | null): number {
  if (at === null) {
    return run.nfinished;
  }
  const { stop, present, end } = run.columns;
  let done = 0;
  for (let row = 0; row < end; row++) {
    done += present[row] && stop[row] <= at ? 1 : 0;
  }
  return done;
}
