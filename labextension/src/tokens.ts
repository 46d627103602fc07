/** The interfaces between the extension's parts. */

import type { Reply } from '../../widgets/src/lesson';
import type { Store } from '../../widgets/src/store';
import type { Figures } from '../../widgets/src/views/notice';
import { Token } from '@lumino/coreutils';
import type { JSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

/** How the panel stands with the kernel of the notebook in front. */
export type Link = 'none' | 'listening' | 'busy';

/** Talks to one kernel: listens to its push channel, asks on its request channel. */
export interface IKernelLink {
  /** Ask for the list of runs, and for the newest one where the page lacks it. */
  refresh(): void;
  /** Ask for all of one run. */
  fetch(run: number): void;
  /** One sentence on why a task is where it is; rejects where the kernel does not answer in time. */
  why(run: number, task: number): Promise<string>;
  /** Ask what a topic answers; rejects where the kernel does not answer in time. */
  question(asked: JSONObject): Promise<Reply>;
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
  why(run: number, task: number): Promise<string>;
  /** Ask the kernel about its lesson. */
  question(asked: JSONObject): Promise<Reply>;
  /** Bring a cell of the notebook into view and make it the active one. */
  go(cell: string): void;
  /** What the server sees of the kernel's processes; null where it cannot tell. */
  figures(): Promise<Figures | null>;
}

/** For other extensions: the panel's model. */
export const IPanelModel = new Token<IPanelModel>('chunkscope-lab:IPanelModel', 'The runs that the chunkscope panel shows.');
