/** The graph as a list: each operation with what it reads and who reads it, the critical path, what was rewritten. */

import { make } from '../dom';
import { count, seconds } from '../format';
import type { Run } from '../run';
import type { Store } from '../store';
import { t } from '../translate';
import { layerName, tallyWords, taskName } from '../words';
import { kernelSeconds } from './critical';
import type { CriticalPath } from './critical';
import { chain, marksOf, rewriteWords } from './marks';

const MOST_LINES = 500;
const MOST_STEPS = 40;

/** "measured: 4 tasks, 1.2 s in kernels": what a critical path is. */
export function pathWords(path: CriticalPath): string {
  const size = path.tasks.length ? count(path.tasks.length, 'task') : count(path.layers.length, 'operation');
  return path.measured
    ? t('critical path, measured: {size}, {time} in kernels', { size, time: seconds(path.seconds) })
    : t('critical path, predicted by counting tasks: {size}', { size });
}

/** The steps of a critical path; steps of one operation that follow each other are one. */
export function pathSteps(run: Run, path: CriticalPath): string[] {
  if (!path.tasks.length) {
    return path.layers.map(layer => layerName(run.layers[layer]));
  }
  const said: string[] = [];
  let at = 0;
  while (at < path.tasks.length) {
    const layer = run.layerOf(path.tasks[at]);
    let end = at;
    let time = 0;
    while (end < path.tasks.length && run.layerOf(path.tasks[end]) === layer) {
      time += kernelSeconds(run, path.tasks[end]);
      end += 1;
    }
    const name = end - at > 1 ? `${layerName(run.layers[layer])} ×${end - at}` : taskName(run, path.tasks[at]);
    said.push(path.measured ? `${name} ${seconds(time)}` : name);
    at = end;
  }
  return said;
}

/** Fill `element` with the list. */
export function fillList(element: HTMLElement, store: Store, run: Run, path: CriticalPath | null): void {
  const marks = marksOf(run);
  const inputs = run.layers.map((): number[] => []);
  for (const [a, b] of run.header.layer_edges) {
    inputs[b]?.push(a);
  }
  const names = (numbers: readonly number[]): string => numbers.map(number => layerName(run.layers[number])).join(', ');
  const items = run.layers.slice(0, MOST_LINES).map((layer, number) => {
    const choose = make('button', 'cks-link', { type: 'button' }, layerName(layer));
    choose.addEventListener('click', () => store.select({ layer: number }));
    const said = [
      `${count(layer.ntasks, 'task')}: ${tallyWords(store.tally(number))}`,
      inputs[number].length ? t('reads {names}', { names: names(inputs[number]) }) : t('reads no other operation'),
      marks[number].readers.length ? t('read by {names}', { names: names(marks[number].readers) }) : t('a result')
    ];
    if (marks[number].parts.length > 1) {
      said.push(t('fused from {n}: {chain}', { n: marks[number].parts.length, chain: chain(marks[number].parts) }));
    }
    if (marks[number].uses > 1) {
      said.push(t('shared'));
    }
    if (path?.layers.includes(number)) {
      said.push(t('on the critical path'));
    }
    return make('li', '', {}, choose, ` ${said.join('; ')}`);
  });
  if (run.layers.length > MOST_LINES) {
    items.push(make('li', '', {}, t('and {n} more', { n: (run.layers.length - MOST_LINES).toLocaleString('en-US') })));
  }
  const nodes: Node[] = [make('ol', '', { 'aria-label': t('Operations, inputs first') }, ...items)];
  if (path) {
    const steps = pathSteps(run, path);
    const shown = steps.slice(0, MOST_STEPS).map(step => make('li', '', {}, step));
    if (steps.length > MOST_STEPS) {
      shown.push(make('li', '', {}, t('and {n} more', { n: (steps.length - MOST_STEPS).toLocaleString('en-US') })));
    }
    nodes.push(make('p', '', {}, pathWords(path)), make('ol', '', { 'aria-label': t('Critical path') }, ...shown));
  }
  if (run.header.rewrites?.length) {
    const steps = run.header.rewrites.map(step => make(
      'li', '', {}, make('b', '', {}, step.rule), ' ',
      step.refused ? t('not done for {what}: {reason}', { what: step.before || step.op, reason: step.reason }) : `${step.before} → ${step.after}`
    ));
    nodes.push(make('p', '', {}, rewriteWords(run) || t('What was rewritten')), make('ol', '', { 'aria-label': t('What was rewritten') }, ...steps));
  }
  element.replaceChildren(...nodes);
}
