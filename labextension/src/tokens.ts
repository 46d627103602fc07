/** The interfaces between the extension's parts. */

import type { Question } from '../../widgets/src/host';
import type { Store } from '../../widgets/src/store';
import type { Figures } from '../../widgets/src/views/notice';
import { Token } from '@lumino/coreutils';
import type { Kernel } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';

/** How the panel stands with the kernel of the notebook in front. */
export type Link = 'none' | 'listening' | 'busy';

/** Talks to one kernel: listens to its push channel, asks on its request channel. */
export interface IKernelLink {
  /** Ask for the list of runs, and for the newest one where the page lacks it. */
  refresh(): void;
  /** Ask for all of one run. */
  fetch(run: number): void;
  /** Ask anything: the reply's JSON. Rejects with a Refusal, or where the kernel does not answer in time. */
  ask(question: Question): Promise<Record<string, unknown>>;
  dispose(): void;
}

/** What the panel shows: the runs of the notebook in front. */
export interface IPanelModel {
  readonly store: Store;
  /** The notebook's name, or an empty string. */
  readonly title: string;
  readonly changed: ISignal<IPanelModel, void>;
  /** Told by the panel: a hidden panel asks for nothing. */
  setVisible(visible: boolean): void;
  fetch(run: number): void;
  /** Ask the kernel that is shown: the reply's JSON. Rejects with a Refusal, or where it does not answer in time. */
  ask(question: Question): Promise<Record<string, unknown>>;
  /** Bring a cell of the notebook into view and make it the active one; with a line (from 1), put the cursor there. */
  go(cell: string, line?: number): void;
  /** The store of a kernel's runs: the same one for every connection to it. */
  storeFor(kernel: Kernel.IKernelConnection): Store;
  /** What the server sees of the kernel's processes; null where it cannot tell. */
  figures(): Promise<Figures | null>;
}

/** For other extensions: the panel's model. */
export const IPanelModel = new Token<IPanelModel>('chunkscope-lab:IPanelModel', 'The runs that the chunkscope panel shows.');
