/** What a reader has chosen to see of a store's graph: it stays when the view is closed and opened, or moved elsewhere. */

import type { Run } from '../run';
import type { Store } from '../store';
import type { Camera } from './camera';

export class Choice {
  /** The run that `open` and `camera` are about. */
  run: Run | null = null;
  /** Operations that are opened into their tasks. */
  open: ReadonlySet<number> = new Set<number>();
  /** Null fits the whole diagram. */
  camera: Camera | null = null;
  /** Whether the critical path is shown. */
  path = false;
  /** Whether what was fused is shown everywhere: the graph before the rewrite. */
  unfused = false;
  /** Whether the list stands in place of the picture. */
  list = false;

  /** Forget what was about another run. */
  turn(run: Run | null): void {
    if (this.run !== run) {
      this.run = run;
      this.open = new Set();
      this.camera = null;
    }
  }

  /** Open an operation, or close it. */
  toggle(layer: number): void {
    const open = new Set(this.open);
    if (!open.delete(layer)) {
      open.add(layer);
    }
    this.open = open;
  }
}

const CHOICES = new WeakMap<Store, Choice>();

/** The choice of a store's readers. */
export function choiceOf(store: Store): Choice {
  let choice = CHOICES.get(store);
  if (!choice) {
    choice = new Choice();
    CHOICES.set(store, choice);
  }
  return choice;
}
