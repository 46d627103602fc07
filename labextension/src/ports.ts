/**
 * The two channels to a kernel: its push channel, which is only listened to, and our request channel.
 *
 * The push comm has a fixed id and is never opened from here, which works while the kernel is busy and after a reload.
 * The request comm is opened by this page, on a subshell where the kernel has them, so that a busy kernel answers too.
 * Of several connections of a page to one kernel only one may have comms; another one reads and writes their messages
 * itself, so that a kernel can be watched without taking its comms away from its notebook.
 */

import { KernelMessage } from '@jupyterlab/services';
import type { Kernel } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import type { JSONObject } from '@lumino/coreutils';

export const PUSH_TARGET = 'chunkscope';
export const PUSH_ID = 'chunkscope-live';
export const CONTROL_TARGET = 'chunkscope.ctl';

const SUBSHELL_MS = 1_500;

export type Take = (message: KernelMessage.ICommMsgMsg) => void;

export interface Port {
  /** Send a question; opens the request channel at the first. */
  send(question: JSONObject): Promise<void>;
  dispose(): void;
}

/** The port that a connection allows. */
export function openPort(kernel: Kernel.IKernelConnection, take: Take): Port {
  return kernel.handleComms ? new CommPort(kernel, take) : new MessagePort(kernel, take);
}

/** Through the connection's own comms. */
class CommPort implements Port {
  private readonly push: Kernel.IComm;
  private control: Promise<Kernel.IComm> | null = null;

  constructor(private readonly kernel: Kernel.IKernelConnection, private readonly take: Take) {
    this.push = kernel.createComm(PUSH_TARGET, PUSH_ID);
    this.push.onMsg = take;
  }

  async send(question: JSONObject): Promise<void> {
    this.control ??= this.open();
    (await this.control).send(question);
  }

  dispose(): void {
    this.push.dispose(); // says nothing to the kernel, which pushes to whoever listens
    const { control } = this;
    this.control = null;
    if (control && !this.kernel.isDisposed) {
      control.then(comm => comm.isDisposed || comm.close()).catch(() => undefined);
    }
  }

  private async open(): Promise<Kernel.IComm> {
    const comm = this.kernel.createComm(CONTROL_TARGET);
    comm.onMsg = this.take;
    comm.onClose = () => {
      this.control = null;
    };
    const started: unknown = 'subshellStarted' in comm ? comm.subshellStarted : null;
    await Promise.race([started, later()]); // kernels without subshells never start one
    comm.open({});
    return comm;
  }
}

/** Through the messages of a connection that has no comms of its own. */
class MessagePort implements Port {
  private readonly id = UUID.uuid4();
  private opened: Promise<void> | null = null;
  private subshell: string | null = null;

  constructor(private readonly kernel: Kernel.IKernelConnection, private readonly take: Take) {
    kernel.iopubMessage.connect(this.heard, this);
  }

  async send(question: JSONObject): Promise<void> {
    this.opened ??= this.open();
    await this.opened;
    this.say('comm_msg', { comm_id: this.id, data: question });
  }

  dispose(): void {
    this.kernel.iopubMessage.disconnect(this.heard, this);
    const { opened, kernel, subshell } = this;
    if (opened && !kernel.isDisposed && kernel.connectionStatus === 'connected') {
      this.say('comm_close', { comm_id: this.id, data: {} });
      if (subshell) {
        kernel.requestDeleteSubshell({ subshell_id: subshell }, true);
      }
    }
  }

  private heard(_: Kernel.IKernelConnection, message: KernelMessage.IIOPubMessage): void {
    if (KernelMessage.isCommMsgMsg(message)) {
      const { comm_id } = message.content;
      if (comm_id === PUSH_ID || comm_id === this.id) {
        this.take(message);
      }
    } else if (KernelMessage.isCommCloseMsg(message) && message.content.comm_id === this.id) {
      this.opened = null; // nobody there knows our target yet: the next question asks again
    }
  }

  private async open(): Promise<void> {
    await this.kernel.info;
    if (this.kernel.supportsSubshells) {
      const made = this.kernel.requestCreateSubshell({}).done;
      const reply = await Promise.race([made, later()]);
      this.subshell = reply?.content.subshell_id ?? null;
    }
    this.say('comm_open', { comm_id: this.id, target_name: CONTROL_TARGET, data: {} });
  }

  private say(
    msgType: 'comm_open' | 'comm_msg' | 'comm_close', content: { comm_id: string; data: JSONObject; target_name?: string }
  ): void {
    const { kernel } = this;
    kernel.sendShellMessage(KernelMessage.createMessage({
      msgType, channel: 'shell', session: kernel.clientId, username: kernel.username,
      subshellId: this.subshell ?? kernel.subshellId, content
    } as KernelMessage.IOptions<KernelMessage.ICommMsgMsg<'shell'>>), false, true);
  }
}

function later(): Promise<undefined> {
  return new Promise(resolve => window.setTimeout(() => resolve(undefined), SUBSHELL_MS));
}
