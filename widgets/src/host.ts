/** What a view may ask of the place that it is mounted in: the kernel, the notebook. Recordings and reports have neither. */

import type { Store } from './store';

/** A question: its name under `ask`, and whatever else it needs. */
export interface Question {
  readonly ask: string;
  readonly [key: string]: unknown;
}

/** What can be done with runs besides looking at them. */
export interface RunActions {
  /** Writes a run to a file beside the notebook. */
  save(run: number, format: 'recording' | 'html'): void;
  /** Has the kernel and the page forget runs. */
  forget(runs: readonly number[]): void;
}

export interface ViewHost {
  /** Asks the kernel: the reply's JSON. Rejects with an Error whose text can be shown: a Refusal, or no answer in time. */
  readonly ask: ((question: Question) => Promise<Record<string, unknown>>) | null;
  /** Goes to a cell of the notebook by its id, and to a line of it (from 1). */
  readonly go: ((cell: string, line?: number) => void) | null;
  /** Asks the kernel for a run that this page does not hold. */
  readonly fetch: ((run: number) => void) | null;
  /** Does something with runs; there is none without a kernel. */
  readonly runs?: RunActions | null;
  /** Puts lines of code into a new cell of the notebook, below the active one; there is none without a notebook. */
  readonly insert?: ((code: string) => void) | null;
}

/** The host of views that have no kernel and no notebook. */
export const NO_HOST: ViewHost = { ask: null, go: null, fetch: null };

/** The kernel has answered, and the answer is that it cannot: its reason is the message. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Puts a view into an element; the result takes it away. */
export type Mount = (element: HTMLElement, store: Store, host: ViewHost) => () => void;
