/** What is pointed at, or else selected, or else the run itself, in words; its neighbours, its line of code, and why. */

import { Cleanup, make, say } from '../dom';
import { bytes, count, seconds } from '../format';
import { inputsOf, linked, usersOf } from '../links';
import { reasonAt } from '../reason';
import type { Run } from '../run';
import { same } from '../store';
import type { Store } from '../store';
import { t, tn } from '../translate';
import { codeLine, describe, failureLines, taskName } from '../words';
import type { Words } from '../words';
import type { Place } from '../wire';

/** Asks the kernel what the rows do not tell of a task: why it ran where it did, what was fused into it. */
export type Why = (run: number, task: number) => Promise<string>;

/** Goes to a cell of the notebook, and to a line of it. */
export type Go = (cell: string, line?: number) => void;

/** Inputs and users that are links; the rest are counted. */
const MOST_LINKS = 6;

/** Show words about the store's target in `element`. */
export function mountDetails(element: HTMLElement, store: Store, why: Why | null = null, go: Go | null = null): () => void {
  const cleanup = new Cleanup();
  const title = make('div', 'cks-details-title');
  const body = make('div', 'cks-details-body');
  const moment = make('div', 'cks-details-reason');
  const links = make('div', 'cks-details-links');
  const code = make('div', 'cks-details-code');
  const reason = make('div', 'cks-details-why');
  element.append(title, body, moment, links, code, reason);
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
    const run = store.current;
    const target = store.hover ?? store.selection;
    const passing = store.hover !== null && !same(store.hover, store.selection);
    hold(element, passing);
    const words = describe(store, target) ?? (run ? aboutRun(run, store) : null);
    title.textContent = words?.title ?? '';
    lines(body, words?.lines ?? []);
    const task = run && target && 'task' in target && target.task < run.ntasks ? target.task : -1;
    say(moment, run && task >= 0 ? reasonAt(run, task, store.time, store.states()) : '');
    moment.hidden = task < 0;
    neighbours(links, store, run, task);
    source(code, words, go);
    reason.hidden = passing;
  };
  const later = (): void => {
    handle ||= requestAnimationFrame(update);
  };
  cleanup.add(() => cancelAnimationFrame(handle));
  cleanup.add(store.on(change => {
    if (change === 'selection' || change === 'run') {
      ask();
    }
    if (change !== 'list' && change !== 'window') {
      later();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

/** What is only pointed at does not move the views: the box keeps its height, and grows to the words of what is selected. */
function hold(element: HTMLElement, passing: boolean): void {
  const height = passing ? element.style.height || `${element.offsetHeight}px` : '';
  if (element.style.height !== height) {
    element.style.height = height;
  }
}

/** One line below the other; nothing is touched where nothing changed, so that links keep the focus. */
function lines(element: HTMLElement, texts: readonly string[]): void {
  const text = texts.join('\n');
  if (element.dataset.text !== text) {
    element.dataset.text = text;
    element.replaceChildren(...texts.map(line => make('div', 'cks-details-line', {}, line)));
  }
}

/** The tasks that a task reads from, and those that read from it, as links that select them. */
function neighbours(element: HTMLElement, store: Store, run: Run | null, task: number): void {
  const shown = run !== null && task >= 0 && linked(run);
  const key = shown ? `${run.number}:${task}:${run.ntasks}` : '';
  element.hidden = !shown;
  if (element.dataset.key === key) {
    return;
  }
  element.dataset.key = key;
  const held = element.contains(document.activeElement); // a link that was followed by the keyboard
  element.replaceChildren();
  if (!shown) {
    return;
  }
  const row = (word: string, tasks: readonly number[], none: string): HTMLElement => {
    const own = tasks.slice(0, MOST_LINKS).map(other => link(taskName(run, other), () => store.select({ task: other })));
    const more = tasks.length - own.length;
    const parts: (Node | string)[] = own.flatMap((one, i) => (i ? [', ', one] : [one]));
    return make('span', 'cks-details-side', {}, make('span', 'cks-dim', {}, `${word} `), ...(parts.length ? parts : [none]),
      more > 0 ? ` ${tn('and one more', 'and {n} more', more)}` : '');
  };
  element.append(
    row(t('reads'), inputsOf(run, task), t('nothing')),
    row(t('read by'), usersOf(run, task), run.header.kept.includes(task) ? t('you: it is an output') : t('nobody'))
  );
  if (held) {
    element.querySelector('button')?.focus();
  }
}

function link(text: string, act: () => void): HTMLButtonElement {
  const element = make('button', 'cks-link', { type: 'button' }, text);
  element.addEventListener('click', act);
  return element;
}

/** The line of code: a link where there is a notebook to go to. */
function source(element: HTMLElement, words: Words | null, go: Go | null): void {
  const text = words?.code ?? '';
  const place: Place | null = words?.place ?? null;
  const cell = go !== null && place !== null && place.cell !== '' ? place.cell : '';
  const key = `${cell}:${place?.line ?? ''}:${text}`;
  if (element.dataset.key === key) {
    return;
  }
  element.dataset.key = key;
  element.title = text;
  if (cell && go && place) {
    const act = make('button', 'cks-link', { type: 'button', title: t('Go to this line of the notebook') }, text);
    act.addEventListener('click', () => go(cell, place.line));
    element.replaceChildren(act);
  } else {
    element.replaceChildren(text);
  }
}

/** The run as a whole, for when nothing is pointed at. */
function aboutRun(run: Run, store: Store): Words {
  const { start, stop, present, end } = run.columns;
  let busy = 0;
  for (let row = 0; row < end; row++) {
    busy += present[row] ? stop[row] - start[row] : 0;
  }
  const total = run.now(store.clock());
  const lanes = run.header.lanes.length;
  const now = Math.min(store.tally()[1], lanes); // of tasks that run their beginning is not known here
  const parts = [
    t('{time} on {executor}', { time: seconds(total), executor: run.header.executor }),
    run.ended
      ? t('{lanes}, {busy} busy on average', { lanes: count(lanes, 'lane'), busy: (busy / (total || 1)).toFixed(1) })
      : t('{lanes}, {busy} busy now', { lanes: count(lanes, 'lane'), busy: now })
  ];
  if (run.ended) {
    parts.push(t('peak {size}', { size: bytes(run.ended.peak_bytes) }));
  }
  const told = [parts.join(' · ')];
  if (run.ended?.error) {
    told.push(...failureLines(run.ended.error));
  }
  const origin = run.header.origin;
  const title = t('{tasks} in {operations}', { tasks: count(run.ntasks, 'task'), operations: count(run.layers.length, 'operation') });
  return { title, lines: told, code: origin ? codeLine(origin) : '', place: origin };
}
