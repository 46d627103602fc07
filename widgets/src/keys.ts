/** The keyboard of all views together: one tab stop among the stages, and keys that hold anywhere in them. */

import type { Store } from './store';

/** What a key can do besides moving the shown time. */
export interface KeyActs {
  /** What the digits do, from 1. */
  readonly digits: readonly ((() => void) | null)[];
  help(): void;
  /** Goes to the code of what is selected. */
  code(): void;
}

/** Have keys act in `root`. Those of its part `page` hold there alone; "?" holds everywhere. */
export function listenToKeys(root: HTMLElement, page: HTMLElement, store: Store, acts: KeyActs): void {
  root.addEventListener('keydown', event => {
    const from = event.target as HTMLElement;
    const elsewhere = from.matches('select, textarea, input:not([type=range])') || (!page.contains(from) && event.key !== '?');
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || elsewhere) {
      return;
    }
    const pressing = from.matches('button') && event.key === ' ';
    const act = actOf(event.key, store, acts);
    if (act && !pressing) {
      act();
      event.preventDefault();
      event.stopPropagation();
    }
  });
}

/** What a key does, or null. */
export function actOf(key: string, store: Store, { digits, help, code }: KeyActs): (() => void) | null {
  if (key >= '1' && key <= '9') {
    return digits[Number(key) - 1] ?? null;
  }
  switch (key) {
    case '[':
      return () => store.player.step(-1);
    case ']':
      return () => store.player.step(1);
    case '{':
      return () => store.player.stepSelected(-1);
    case '}':
      return () => store.player.stepSelected(1);
    case 'p':
      return () => store.player.peak();
    case ' ':
      return () => store.player.toggle();
    case 'Home':
      return () => store.player.seek(0);
    case 'End':
    case 'l':
      return () => store.player.live();
    case 'g':
      return code;
    case 'Escape':
      return () => store.select(null);
    case '?':
      return help;
    default:
      return null;
  }
}

/** Makes one of the stages a tab stop: the one that had the focus last, or else the first. The result is to be called when views come and go. */
export function rove(sections: HTMLElement): () => void {
  const stages = (): HTMLElement[] => [...sections.querySelectorAll<HTMLElement>('.cks-stage[tabindex]')];
  const stop = (chosen: HTMLElement | undefined): void => {
    for (const stage of stages()) {
      stage.tabIndex = stage === chosen ? 0 : -1;
    }
  };
  const stageOf = (event: Event): HTMLElement | null => (event.target as HTMLElement).closest<HTMLElement>('.cks-stage[tabindex]');
  sections.addEventListener('focusin', event => {
    if (event.target === stageOf(event)) {
      stop(event.target as HTMLElement);
    }
  });
  sections.addEventListener('pointerdown', event => stageOf(event)?.focus({ preventScroll: true }));
  return () => {
    const all = stages().filter(stage => stage.getClientRects().length > 0); // without a run most of them cannot be seen
    if (all.filter(stage => stage.tabIndex === 0).length !== 1) {
      stop(all[0] ?? stages()[0]);
    }
  };
}
