/** Follows the notebook in front, keeps a store for each kernel, and talks to the kernel only while it can be seen. */

import type { Question } from '../../widgets/src/host';
import { Store } from '../../widgets/src/store';
import type { Figures } from '../../widgets/src/views/notice';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { goToCell } from './go';
import { processFigures } from './processes';
import { KernelLink } from './service';
import type { IKernelLink, IPanelModel } from './tokens';

export class PanelModel implements IPanelModel {
  private _store = new Store();
  private _title = '';
  private readonly _changed = new Signal<this, void>(this);
  private readonly stores = new Map<string, Store>();
  private notebook: NotebookPanel | null = null;
  private context: ISessionContext | null = null;
  private kernel: Kernel.IKernelConnection | null = null;
  private link: IKernelLink | null = null;
  private visible = false;

  constructor(tracker: INotebookTracker) {
    tracker.currentChanged.connect((_, notebook) => this.follow(notebook));
    this.follow(tracker.currentWidget);
  }

  get store(): Store {
    return this._store;
  }
  get title(): string {
    return this._title;
  }
  /** Another store is shown, or the title has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  setVisible(visible: boolean): void {
    if (visible !== this.visible) {
      this.visible = visible;
      this.connect();
    }
  }

  fetch(run: number): void {
    this.link?.fetch(run);
  }

  ask(question: Question): Promise<Record<string, unknown>> {
    return this.link ? this.link.ask(question) : Promise.reject(new Error('There is no kernel to ask'));
  }

  go(cell: string, line?: number): void {
    if (this.notebook) {
      void goToCell(this.notebook.content, cell, line);
    }
  }

  figures(): Promise<Figures | null> {
    return this.kernel ? processFigures(this.kernel) : Promise.resolve(null);
  }

  private follow(notebook: NotebookPanel | null): void {
    if (notebook === null) {
      return; // the last notebook stays in view while other documents are in front
    }
    const context = notebook.sessionContext;
    this._title = notebook.title.label;
    this.notebook = notebook;
    if (context !== this.context) {
      this.context?.kernelChanged.disconnect(this.update, this);
      this.context?.statusChanged.disconnect(this.restarted, this);
      this.context = context;
      context.kernelChanged.connect(this.update, this);
      context.statusChanged.connect(this.restarted, this);
      notebook.disposed.connect(() => {
        if (this.context === context) {
          this.context = null;
          this.notebook = null;
          this.show(null);
        }
      });
    }
    this.update();
  }

  private update(): void {
    this.show(this.context?.session?.kernel ?? null);
  }

  private restarted(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      this.link?.dispose();
      this.link = null;
      this._store.reset();
    } else if (this.visible && !this.link && this.kernel && (status === 'idle' || status === 'busy')) {
      this.connect();
    }
  }

  /** Show the runs of one kernel connection. */
  private show(kernel: Kernel.IKernelConnection | null): void {
    if (kernel !== this.kernel) {
      this.link?.dispose();
      this.link = null;
      this.kernel = kernel;
      this._store.player.pause();
      this._store = kernel ? this.storeFor(kernel) : new Store();
      this.connect();
    }
    this._changed.emit();
  }

  storeFor(kernel: Kernel.IKernelConnection): Store {
    const known = this.stores.get(kernel.id);
    if (known) {
      return known;
    }
    const store = new Store();
    this.stores.set(kernel.id, store);
    kernel.disposed.connect(() => this.stores.delete(kernel.id));
    return store;
  }

  /** Listen to the kernel while the panel can be seen; stop when it is hidden. */
  private connect(): void {
    if (!this.visible) {
      this.link?.dispose();
      this.link = null;
    } else if (!this.link && this.kernel && !this.kernel.isDisposed && this.kernel.handleComms) {
      this.link = new KernelLink(this.kernel, this._store);
      this.link.refresh();
    }
  }
}
