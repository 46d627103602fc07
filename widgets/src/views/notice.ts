/** A line that says when the kernel has not spoken for a while, with what the server sees of its processes. */

import { Cleanup, make } from '../dom';
import { bytes, seconds } from '../format';
import type { Store } from '../store';
import { t } from '../translate';

/** What the server sees of a kernel: resident bytes and CPU seconds of all its processes. */
export interface Figures {
  readonly resident: number;
  readonly cpu: number;
}

/** Asks the server; resolves to null where it cannot tell. */
export type Ask = () => Promise<Figures | null>;

const SILENT_SECONDS = 3;
const LOOK_SECONDS = 2;

/** Show the notice in `element` while a run goes on and nothing is heard. */
export function mountNotice(element: HTMLElement, store: Store, ask: Ask): () => void {
  const cleanup = new Cleanup();
  const line = make('div', 'cks-notice', { role: 'status' });
  line.hidden = true;
  element.append(line);
  let heard = store.clock();
  let before: { readonly at: number; readonly cpu: number } | null = null;

  const look = async (): Promise<void> => {
    const run = store.current;
    const now = store.clock();
    if (!run || run.ended || now - heard < SILENT_SECONDS || element.offsetParent === null) {
      line.hidden = true;
      before = null;
      return;
    }
    const figures = await ask();
    const parts = [t('The kernel has said nothing for {time}', { time: seconds(Math.round(now - heard)) })];
    if (figures) {
      if (before && figures.cpu >= before.cpu) {
        parts.push(t('{share} % CPU', { share: Math.round((100 * (figures.cpu - before.cpu)) / (now - before.at)) }));
      }
      parts.push(t('{bytes} resident', { bytes: bytes(figures.resident) }));
      before = { at: now, cpu: figures.cpu };
    }
    line.textContent = parts.join(' · ');
    line.hidden = store.clock() - heard < SILENT_SECONDS;
  };
  const timer = window.setInterval(() => void look(), LOOK_SECONDS * 1000);
  cleanup.add(() => window.clearInterval(timer));
  cleanup.add(store.on(change => {
    if (change === 'data' || change === 'run') {
      heard = store.clock();
      line.hidden = true;
    }
  }));
  return () => {
    cleanup.run();
    line.remove();
  };
}
