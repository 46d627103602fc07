/** One worker as a card: its status, its processor, its memory, and what it runs. Filled again and again, never rebuilt. */

import { button, make } from '../dom';
import { t, tn } from '../translate';
import { confirming } from './confirm';
import { MemoryBar, percent, put } from './memory_bar';
import { MOST_NAMED, PAUSED, WORKER_STATES, memoryWords, partsWords, processorWords, taskWords, workerWords } from './model';
import type { RunningTask, Worker } from './model';

/** What can be done from a card. */
export interface CardActs {
  kill(worker: string): void;
  show(task: RunningTask): void;
}

export class Card {
  readonly element: HTMLElement;
  private readonly glyph = make('span', 'cks-worker-glyph', { 'aria-hidden': 'true' });
  private readonly word = make('span', 'cks-worker-word');
  private readonly pid = make('span', 'cks-worker-pid');
  private readonly died = make('span', 'cks-worker-died');
  private readonly threads = make('span', 'cks-dim');
  private readonly processor = make('div', 'cks-worker-row', {});
  private readonly busy = make('i', 'cks-worker-busy');
  private readonly share = make('span', 'cks-worker-number');
  private readonly memory = new MemoryBar(t('Memory'));
  private readonly parts = make('div', 'cks-worker-parts');
  private readonly runs = make('div', 'cks-worker-runs');
  private readonly links: { readonly element: HTMLButtonElement; task: RunningTask }[] = [];
  private readonly nothing = make('span', 'cks-dim', {}, t('runs nothing'));
  private readonly more = make('span', 'cks-dim');

  constructor(readonly name: string, processes: boolean, private readonly acts: CardActs) {
    this.processor.append(make('span', 'cks-dim', {}, t('Processor')), make('div', 'cks-worker-bar', {}, this.busy), this.share);
    this.runs.append(this.nothing, this.more);
    const foot = make('div', 'cks-worker-foot', {}, this.threads);
    if (processes) {
      foot.append(confirming(t('Kill'), t('Kill {worker}', { worker: name }), t('Kill its process?'), () => acts.kill(name)));
    }
    this.element = make(
      'div', 'cks-worker', { role: 'group', tabindex: -1, 'data-worker': name },
      make('div', 'cks-worker-head', {}, this.glyph, make('span', 'cks-worker-name', { title: name }, name), this.word, this.died, this.pid),
      this.processor,
      this.memory.row, this.parts,
      this.runs, foot
    );
  }

  /** Show the worker as it is now; `largest`: bytes of the largest one, where there is no limit. */
  fill(worker: Worker, largest: number): void {
    const state = WORKER_STATES[worker.status];
    const words = workerWords(worker);
    if (this.element.getAttribute('aria-label') !== words) {
      this.element.setAttribute('aria-label', words);
    }
    this.element.dataset.status = worker.status;
    put(this.glyph, state.glyph);
    put(this.word, t(state.word));
    put(this.pid, worker.pid ? String(worker.pid) : '–');
    this.pid.title = worker.pid ? t('process {pid}', { pid: worker.pid }) : t('no process');
    this.died.hidden = worker.deaths === 0;
    put(this.died, worker.deaths ? tn('died {n} time', 'died {n} times', worker.deaths) : '');
    put(this.threads, tn('{n} thread', '{n} threads', worker.threads));
    this.processor.hidden = worker.processor === null;
    this.busy.style.width = percent((worker.processor ?? 0) / Math.max(worker.threads, 1));
    put(this.share, processorWords(worker));
    this.memory.fill(worker, largest, memoryWords(worker));
    const parts = [worker.status === 'paused' ? t('paused: {why}', { why: t(PAUSED) }) : '', partsWords(worker)].filter(Boolean).join('; ');
    this.parts.hidden = !parts;
    put(this.parts, parts);
    this.fillRuns(worker.running);
  }

  private fillRuns(running: readonly RunningTask[]): void {
    const named = running.slice(0, MOST_NAMED);
    while (this.links.length > named.length) {
      const { element } = this.links.pop()!;
      if (element === document.activeElement) {
        this.element.focus(); // the task is over: the keyboard stays on its worker
      }
      element.remove();
    }
    named.forEach((task, i) => {
      if (!this.links[i]) {
        const element = button('', '', () => this.acts.show(this.links[i].task), 'cks-link cks-worker-task');
        element.tabIndex = -1;
        this.links.push({ element, task });
        this.runs.insertBefore(element, this.more);
      }
      const link = this.links[i];
      link.task = task;
      const words = taskWords(task);
      put(link.element, words);
      if (link.element.title !== words) {
        link.element.title = words;
        link.element.setAttribute('aria-label', t('Show {task}', { task: words }));
      }
    });
    this.nothing.hidden = running.length > 0;
    const rest = running.length - named.length;
    put(this.more, rest > 0 ? tn('and one more', 'and {n} more', rest) : '');
  }
}
