/** Which other run the shown one is compared with: a choice for each store, and who wants to know of it. */

import type { Store } from '../store';

interface Choice {
  run: number | null;
  listeners: (() => void)[];
}

const CHOICES = new WeakMap<Store, Choice>();

function choiceOf(store: Store): Choice {
  let choice = CHOICES.get(store);
  if (!choice) {
    choice = { run: null, listeners: [] };
    CHOICES.set(store, choice);
  }
  return choice;
}

/** The run that was chosen to compare with, or null. It may be one that this page has to fetch first. */
export function comparedWith(store: Store): number | null {
  return choiceOf(store).run;
}

/** Compare the shown run with another one. */
export function compareWith(store: Store, run: number | null): void {
  const choice = choiceOf(store);
  if (run !== choice.run) {
    choice.run = run;
    choice.listeners.forEach(listener => listener());
  }
}

/** Be told of another choice; the result ends that. */
export function onCompare(store: Store, listener: () => void): () => void {
  const choice = choiceOf(store);
  choice.listeners = [...choice.listeners, listener];
  return () => {
    choice.listeners = choice.listeners.filter(other => other !== listener);
  };
}
