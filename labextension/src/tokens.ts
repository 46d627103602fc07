/** The interfaces between the extension's parts, and to other extensions. */

import type { Question } from '../../widgets/src/host';
import type { Settings } from '../../widgets/src/settings';
import type { Store } from '../../widgets/src/store';
import type { Figures } from '../../widgets/src/views/notice';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { Held } from './kernels';
import type { KernelChoice } from './kernel_choice';

/** What the panel shows: the runs of the notebook in front, or of a chosen kernel. */
export interface IPanelModel {
  readonly store: Store;
  /** The notebook's name, or an empty string. */
  readonly title: string;
  readonly changed: ISignal<IPanelModel, void>;
  readonly settings: Settings;
  readonly settingsChanged: ISignal<IPanelModel, Settings>;
  readonly choice: KernelChoice;
  /** Told by each place that shows views: while none can be seen, the page asks for nothing. */
  seen(viewer: object, visible: boolean): void;
  fetch(run: number): Promise<void>;
  /** Ask the kernel that is shown: the reply's JSON. Rejects with a Refusal, or where it does not answer in time. */
  ask(question: Question): Promise<Record<string, unknown>>;
  /** Bring a cell of a notebook into view and make it the active one; with a line (from 1), put the cursor there. */
  go(cell: string, line?: number): void;
  /** Put lines of code into a new cell of the shown kernel's notebook, below its active one. */
  insert(code: string): void;
  /** Brings a notebook to the front. */
  reveal: (panel: NotebookPanel) => void;
  /** Listen to a kernel, shown or not, until the result is disposed of. */
  hold(kernel: Kernel.IKernelConnection): Held;
  /** The store of a kernel's runs: the same one for every connection to it. */
  storeFor(kernel: Kernel.IKernelConnection): Store;
  /** What the server sees of the kernel's processes; null where it cannot tell. */
  figures(): Promise<Figures | null>;
  /** The folder of the shown kernel's notebook, below the server's root. */
  folder(): string;
}

/** For other extensions: the panel's model. */
export const IPanelModel = new Token<IPanelModel>('chunkscope-lab:IPanelModel', 'The runs that the chunkscope panel shows.');
