/**
 * The two comms to a kernel.
 *
 * The push comm has a fixed id and is never opened from here: this page only listens, which works while the kernel is
 * busy and after a reload. The request comm is opened by this page; kernels with subshells answer on one, so that a
 * busy kernel answers too.
 */

import { decode, isPacket } from '../../widgets/src/decode';
import type { Binary } from '../../widgets/src/decode';
import { Refusal } from '../../widgets/src/host';
import type { Question } from '../../widgets/src/host';
import type { Store } from '../../widgets/src/store';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IKernelLink } from './tokens';

export const PUSH_TARGET = 'chunkscope';
export const PUSH_ID = 'chunkscope-live';
export const CONTROL_TARGET = 'chunkscope.ctl';

const ANSWER_MS = 10_000;
/** A check may look at a value that has to be made first. */
const PATIENT_MS = 60_000;
const SUBSHELL_MS = 1_500;

interface Waiting {
  resolve(answer: JSONObject): void;
  reject(reason: Error): void;
  readonly timer: number;
}

export class KernelLink implements IKernelLink {
  private readonly push: Kernel.IComm;
  private control: Promise<Kernel.IComm> | null = null;
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();
  private readonly fetching = new Set<number>();
  private disposed = false;

  constructor(private readonly kernel: Kernel.IKernelConnection, private readonly store: Store) {
    this.push = kernel.createComm(PUSH_TARGET, PUSH_ID);
    this.push.onMsg = message => this.take(message);
  }

  refresh(): void {
    this.send({ ask: 'runs' }).then(
      () => {
        const newest = this.store.remembered[this.store.remembered.length - 1];
        if (newest && this.store.follow && !this.store.runs.get(newest.run)?.complete) {
          this.fetch(newest.run);
        }
      },
      () => undefined // no chunkscope in this kernel, or it is too busy: the push channel will tell
    );
  }

  fetch(run: number): void {
    if (this.fetching.has(run)) {
      return;
    }
    this.fetching.add(run);
    const done = (): void => {
      this.fetching.delete(run);
    };
    this.send({ ask: 'run', run }).then(done, done);
  }

  async ask(question: Question): Promise<Record<string, unknown>> {
    const quick = question.ask === 'why';
    const answer = await this.send(question as JSONObject, quick ? ANSWER_MS : PATIENT_MS);
    if (typeof answer.error === 'string' && answer.error) {
      throw new Refusal(answer.error);
    }
    const { reply } = answer;
    return typeof reply === 'object' && reply !== null && !Array.isArray(reply) ? reply : answer;
  }

  dispose(): void {
    this.disposed = true;
    this.push.dispose(); // says nothing to the kernel, which pushes to whoever listens
    const control = this.control;
    this.control = null;
    if (control && !this.kernel.isDisposed) {
      control.then(comm => comm.isDisposed || comm.close()).catch(() => undefined);
    }
    for (const { reject, timer } of this.waiting.values()) {
      window.clearTimeout(timer);
      reject(new Error('The kernel is gone'));
    }
    this.waiting.clear();
  }

  private send(question: JSONObject, patience = ANSWER_MS): Promise<JSONObject> {
    return new Promise((resolve, reject) => {
      if (this.disposed || this.kernel.isDisposed) {
        reject(new Error('The kernel is gone'));
        return;
      }
      const id = this.next++;
      const timer = window.setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error('The kernel did not answer in time'));
      }, patience);
      this.waiting.set(id, { resolve, reject, timer });
      this.channel().then(comm => comm.send({ ...question, id }), reject);
    });
  }

  /** The request comm, opened at the first use. */
  private channel(): Promise<Kernel.IComm> {
    this.control ??= this.openControl();
    return this.control;
  }

  private async openControl(): Promise<Kernel.IComm> {
    const comm = this.kernel.createComm(CONTROL_TARGET);
    comm.onMsg = message => this.take(message);
    comm.onClose = () => {
      this.control = null;
    };
    await settled(comm);
    comm.open({});
    return comm;
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

/** Waits for the comm's subshell, which kernels without subshells never start. */
async function settled(comm: Kernel.IComm): Promise<void> {
  const started: unknown = 'subshellStarted' in comm ? comm.subshellStarted : null;
  const timeout = new Promise<void>(resolve => window.setTimeout(resolve, SUBSHELL_MS));
  await Promise.race([started, timeout]);
}
