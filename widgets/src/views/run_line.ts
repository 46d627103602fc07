/** One line about the shown run, for those who look at something else, and the way to its views. */

import { Cleanup, button, make } from '../dom';
import { count } from '../format';
import type { Store } from '../store';
import { t } from '../translate';
import { runWord } from '../words';

/** Show the line in `element`; `show` goes to the views. */
export function mountRunLine(element: HTMLElement, store: Store, show: () => void): () => void {
  const cleanup = new Cleanup();
  const words = make('span', 'cks-run-words');
  const bar = make('span', 'cks-run-bar', { 'aria-hidden': 'true' }, make('i'));
  element.append(words, bar, button(t('Show'), t('Show the run'), show, 'cks-button cks-text'));
  let handle = 0;
  const update = (): void => {
    handle = 0;
    const run = store.current;
    element.hidden = run === null;
    if (run) {
      const done = run.nfinished.toLocaleString('en-US');
      words.textContent = t('Run {run} {state}: {done} of {tasks}', {
        run: run.number, state: runWord(run.ending), done, tasks: count(run.ntasks, 'task')
      });
      (bar.firstElementChild as HTMLElement).style.width = `${run.ntasks ? (100 * run.nfinished) / run.ntasks : 0}%`;
    }
  };
  cleanup.add(() => cancelAnimationFrame(handle));
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data') {
      handle ||= requestAnimationFrame(update);
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}
