/** The memory profile of the run that is shown, made when somebody looks, and anew when the run has news. */

import type { Run } from '../run';
import type { Store } from '../store';
import { bandsOf } from './bands';
import type { Band } from './bands';
import { Profile } from './profile';

/** A profile and the bands that it is drawn in. */
export interface Held {
  readonly profile: Profile;
  readonly bands: readonly Band[];
}

/** While rows come in, the profile is made anew at most this often, and never for more than a tenth of the time. */
const REFRESH_SECONDS = 0.25;
const BUSY_SHARE = 10;
/** Keeps a run's profile and its bands, and makes them anew when the run has news. */
export class Profiles {
  private run: Run | null = null;
  private version = -1;
  private state = '';
  private edges: unknown = null;
  private made = -Infinity;
  private cost = 0;
  private held: Held | null = null;

  constructor(private readonly store: Store) {}

  /** The profile of the shown run, as fresh as it may be. */
  get(): Held | null {
    const run = this.store.current;
    if (!run) {
      return null;
    }
    const now = this.store.clock();
    const fresh = run === this.run && run.columns.version === this.version && run.state === this.state && run.ptr === this.edges
      && (run.ended !== null || now - this.made < REFRESH_SECONDS);
    const early = run === this.run && run.state === this.state && now - this.made < Math.max(REFRESH_SECONDS, BUSY_SHARE * this.cost);
    if (!this.held || !(fresh || early)) {
      const profile = new Profile(run);
      this.held = { profile, bands: bandsOf(run, profile) };
      this.run = run;
      this.version = run.columns.version;
      this.state = run.state;
      this.edges = run.ptr;
      this.made = now;
      this.cost = this.store.clock() - now;
    }
    return this.held;
  }
}

