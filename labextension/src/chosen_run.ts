/** The run that a reader chose instead of the newest one, kept by the tab: a page that is loaded anew shows it again. */

import { recall, remember } from '../../widgets/src/remember';
import type { Store } from '../../widgets/src/store';

const CHOICE = 'chosen-run';

/** Keep a store's choice as it is made. */
export function keepChoice(store: Store): void {
  store.on(change => {
    if (change === 'run' && store.session) {
      const run = store.follow ? null : (store.current?.number ?? null);
      const kept = recall(CHOICE, 'tab') as { readonly session?: unknown } | null;
      if (run !== null) {
        remember(CHOICE, { session: store.session, run }, 'tab');
      } else if (store.current && kept?.session === store.session) {
        remember(CHOICE, null, 'tab');
      }
    }
  });
}

/** The run of a store that was chosen before, if the kernel still remembers it. */
export function chosenRun(store: Store): number | null {
  const kept = recall(CHOICE, 'tab') as { readonly session?: unknown; readonly run?: unknown } | null;
  const run = kept?.session === store.session ? kept.run : null;
  return typeof run === 'number' && store.remembered.some(row => row.run === run) ? run : null;
}
