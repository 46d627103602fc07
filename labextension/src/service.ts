/** Talks to one kernel: takes in what it pushes, asks questions and waits for their answers. */

import { decode, isPacket } from '../../widgets/src/decode';
import type { Binary } from '../../widgets/src/decode';
import { Refusal } from '../../widgets/src/host';
import type { Question } from '../../widgets/src/host';
import type { Store } from '../../widgets/src/store';
import { t } from '../../widgets/src/translate';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { chosenRun } from './chosen_run';
import { openPort } from './ports';
import type { Port } from './ports';

/** What only looks something up. */
const ANSWER_MS = 10_000;
/** A check may look at a value that has to be made first; a forecast may simulate many runs. */
const PATIENT_MS = 60_000;
const QUICK: readonly string[] = ['runs', 'run', 'why', 'forget', 'pace'];

/** What is asked on purpose: a kernel that has not met chunkscope yet is introduced to it. */
const INTRODUCING: readonly string[] = ['cluster.start'];
/** One expression: it leaves no name behind. */
const INTRODUCTION = '__import__("chunkscope_widgets.bridge", fromlist=["attach"]).attach()';

interface Waiting {
  resolve(answer: JSONObject): void;
  reject(reason: Error): void;
  readonly timer: number;
}

export class KernelLink {
  private readonly port: Port;
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();
  private readonly fetching = new Set<number>();
  private disposed = false;

  constructor(readonly kernel: Kernel.IKernelConnection, private readonly store: Store) {
    this.port = openPort(kernel, message => this.take(message));
  }

  /** Ask for the list of runs, and for the newest one where the page lacks it; or for the one that was chosen before a reload. */
  refresh(): void {
    const fresh = this.store.current === null;
    this.send({ ask: 'runs' }).then(
      async () => {
        const { store } = this;
        const chosen = fresh ? chosenRun(store) : null;
        if (chosen !== null) {
          await this.fetch(chosen);
          store.show(chosen);
          return;
        }
        const newest = store.remembered[store.remembered.length - 1];
        if (newest && store.follow && !store.runs.get(newest.run)?.complete) {
          void this.fetch(newest.run);
        }
      },
      () => undefined // no chunkscope in this kernel, or it is too busy: the push channel will tell
    );
  }

  /** Ask for all of one run; resolves when it is here, or when it cannot be had. */
  async fetch(run: number): Promise<void> {
    if (this.fetching.has(run)) {
      return;
    }
    this.fetching.add(run);
    try {
      await this.send({ ask: 'run', run });
    } catch {
      // busy, or gone: the list still shows it, and another click asks again
    } finally {
      this.fetching.delete(run);
    }
  }

  /** Ask anything: the reply's JSON. Rejects with a Refusal, or where the kernel does not answer in time. */
  async ask(question: Question): Promise<Record<string, unknown>> {
    if (INTRODUCING.includes(question.ask) && !this.store.session) {
      await this.introduce();
    }
    const answer = await this.send(question as JSONObject);
    if (typeof answer.error === 'string' && answer.error) {
      throw new Refusal(answer.error);
    }
    const { reply } = answer;
    return typeof reply === 'object' && reply !== null && !Array.isArray(reply) ? reply : answer;
  }

  dispose(): void {
    this.disposed = true;
    this.port.dispose();
    for (const { reject, timer } of this.waiting.values()) {
      window.clearTimeout(timer);
      reject(new Error(t('The kernel is gone')));
    }
    this.waiting.clear();
  }

  /** Have the kernel listen to us; it waits for the cell that runs. Rejects where it has no chunkscope. */
  private async introduce(): Promise<void> {
    const reply = await this.kernel.requestExecute({ code: INTRODUCTION, silent: true, store_history: false }).done;
    if (reply.content.status === 'error') {
      throw new Refusal(t('chunkscope cannot be used in this kernel: {reason}', { reason: reply.content.evalue }));
    }
  }

  private send(question: JSONObject): Promise<JSONObject> {
    return new Promise((resolve, reject) => {
      if (this.disposed || this.kernel.isDisposed) {
        reject(new Error(t('The kernel is gone')));
        return;
      }
      const id = this.next++;
      const timer = window.setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error(t('The kernel did not answer in time')));
      }, QUICK.includes(String(question.ask)) ? ANSWER_MS : PATIENT_MS);
      this.waiting.set(id, { resolve, reject, timer });
      this.port.send({ ...question, id }).catch(reject);
    });
  }

  private take(message: KernelMessage.ICommMsgMsg): void {
    if (this.disposed) {
      return;
    }
    const data = message.content.data;
    if (isPacket(data)) {
      this.store.receive(decode(data, (message.buffers ?? []) as Binary[]));
      this.store.receiveTopics(data.topics ?? []);
    }
    const id = typeof data.id === 'number' ? data.id : 0;
    const waiting = this.waiting.get(id);
    if (waiting) {
      this.waiting.delete(id);
      window.clearTimeout(waiting.timer);
      waiting.resolve(data);
    }
  }
}
