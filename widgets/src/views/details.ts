/** What is pointed at, or else selected, or else the run itself, in words; and why, where a kernel can be asked. */

import { Cleanup, make } from '../dom';
import { bytes, count, seconds } from '../format';
import type { Run } from '../run';
import type { Store } from '../store';
import { codeLine, describe, failureLines } from '../words';
import type { Words } from '../words';

/** Asks the kernel why a task waits or ran when it did; resolves to one sentence, or to nothing. */
export type Why = (run: number, task: number) => Promise<string>;

/** Show words about the store's target in `element`. */
export function mountDetails(element: HTMLElement, store: Store, why: Why | null = null): () => void {
  const cleanup = new Cleanup();
  const title = make('div', 'cks-details-title');
  const body = make('div', 'cks-details-body');
  const code = make('div', 'cks-details-code');
  const reason = make('div', 'cks-details-why');
  element.append(title, body, code, reason);
  let asked = '';
  let handle = 0;

  const ask = (): void => {
    const run = store.current;
    const target = store.selection;
    const wanted = run && target && 'task' in target ? `${run.number}:${target.task}` : '';
    if (wanted === asked) {
      return;
    }
    asked = wanted;
    reason.textContent = '';
    if (why && run && target && 'task' in target) {
      why(run.number, target.task).then(
        sentence => {
          if (asked === wanted) {
            reason.textContent = sentence;
          }
        },
        () => undefined // a kernel that cannot answer now: the view stands without
      );
    }
  };
  const update = (): void => {
    handle = 0;
    const words = describe(store, store.hover ?? store.selection) ?? (store.current ? aboutRun(store.current, store) : null);
    title.textContent = words?.title ?? '';
    body.replaceChildren(...(words?.lines ?? []).map(line => make('div', 'cks-details-line', {}, line)));
    code.textContent = code.title = words?.code ?? '';
    reason.hidden = store.hover !== null && store.hover !== store.selection;
  };
  const later = (): void => {
    handle ||= requestAnimationFrame(update);
  };
  cleanup.add(() => cancelAnimationFrame(handle));
  cleanup.add(store.on(change => {
    if (change === 'selection' || change === 'run') {
      ask();
    }
    if (change !== 'list') {
      later();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

function aboutRun(run: Run, store: Store): Words {
  const { start, stop, present, end } = run.columns;
  let busy = 0;
  for (let row = 0; row < end; row++) {
    busy += present[row] ? stop[row] - start[row] : 0;
  }
  const total = run.now(store.clock());
  const lanes = run.header.lanes.length;
  const lines = [
    `${seconds(total)} on ${run.header.executor} · ${count(lanes, 'lane')}, ${(busy / (total || 1)).toFixed(1)} busy on average`
      + (run.ended ? ` · peak ${bytes(run.ended.peak_bytes)}` : '')
  ];
  if (run.ended?.error) {
    lines.push(...failureLines(run.ended.error));
  }
  const origin = run.header.origin;
  const title = `${count(run.ntasks, 'task')} in ${count(run.layers.length, 'operation')}`;
  return { title, lines, code: origin ? codeLine(origin) : '' };
}
