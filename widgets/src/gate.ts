/** Holds changes back from views that nobody can see. What they missed is told when they are seen again, each kind once. */

import type { Change, Listener } from './store';

export class Gate {
  private readonly missed = new Map<Listener, Set<Change>>();
  private opened = true;

  get open(): boolean {
    return this.opened;
  }

  /** Let changes through, or hold them back. */
  set open(open: boolean) {
    this.opened = open;
    if (open) {
      const missed = [...this.missed];
      this.missed.clear();
      for (const [listener, changes] of missed) {
        for (const change of changes) {
          listener(change);
        }
      }
    }
  }

  /** The listener, behind this gate; with the way to take it away. */
  guard(listener: Listener): { readonly told: Listener; forget(): void } {
    return {
      told: change => {
        if (this.opened) {
          listener(change);
        } else {
          this.missed.set(listener, (this.missed.get(listener) ?? new Set<Change>()).add(change));
        }
      },
      forget: () => {
        this.missed.delete(listener);
      }
    };
  }
}
