/** What the panel shows: the runs of the notebook in front, or of a kernel that was chosen. Listens only while somebody looks. */

import type { Question } from '../../widgets/src/host';
import { DEFAULTS } from '../../widgets/src/settings';
import type { Settings } from '../../widgets/src/settings';
import { Store } from '../../widgets/src/store';
import { t } from '../../widgets/src/translate';
import type { Figures } from '../../widgets/src/views/notice';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, ServiceManager } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { goToCell } from './go';
import { KernelChoice } from './kernel_choice';
import { Kernels } from './kernels';
import type { Held, KernelSource } from './kernels';
import { processFigures } from './processes';
import type { IPanelModel } from './tokens';

export class PanelModel implements IPanelModel {
  /** Which kernel is looked at: the notebook's in front, or a chosen one. */
  readonly choice: KernelChoice;
  private _store: Store;
  private _title = '';
  private _settings: Settings = DEFAULTS;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _set = new Signal<this, Settings>(this);
  private readonly kernels = new Kernels(store => this.apply(store));
  private readonly viewers = new Set<object>();
  private notebook: NotebookPanel | null = null;
  private context: ISessionContext | null = null;
  private source: KernelSource | null = null;
  private held: Held | null = null;

  constructor(private readonly tracker: INotebookTracker, manager: ServiceManager.IManager) {
    this._store = this.fresh();
    this.choice = new KernelChoice(tracker, manager, this.kernels, () => this.update());
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
  get settings(): Settings {
    return this._settings;
  }
  /** Other settings are in force. */
  get settingsChanged(): ISignal<this, Settings> {
    return this._set;
  }

  set(settings: Settings): void {
    this._settings = settings;
    new Set([this._store, ...this.kernels.stores()]).forEach(store => this.apply(store));
    this.kernels.set(settings);
    this._set.emit(settings);
  }

  seen(viewer: object, visible: boolean): void {
    if (visible) {
      this.viewers.add(viewer);
    } else {
      this.viewers.delete(viewer);
    }
    this.listen();
  }

  hold(kernel: Kernel.IKernelConnection): Held {
    return this.kernels.of(kernel).hold();
  }

  storeFor(kernel: Kernel.IKernelConnection): Store {
    return this.kernels.of(kernel).store;
  }

  fetch(run: number): Promise<void> {
    return this.held?.fetch(run) ?? Promise.resolve();
  }

  ask(question: Question): Promise<Record<string, unknown>> {
    return this.held ? this.held.ask(question) : Promise.reject(new Error(t('There is no kernel to ask')));
  }

  go(cell: string, line?: number): void {
    const holds = (panel: NotebookPanel): boolean => panel.content.widgets.some(widget => widget.model.id === cell);
    const front = this.notebook && !this.notebook.isDisposed && holds(this.notebook) ? this.notebook : null;
    const panel = front ?? this.tracker.find(holds);
    if (panel) {
      if (line !== undefined || panel !== this.notebook || !panel.isVisible) {
        this.reveal(panel); // takes the focus: a cell that is only shown leaves it where it is
      }
      void goToCell(panel.content, cell, line);
    }
  }

  insert(code: string): void {
    const { source, path } = this.choice;
    const panel = source ? this.tracker.find(one => one.context.path === path) : this.notebook;
    if (!panel || panel.isDisposed || !panel.model) {
      return;
    }
    const index = panel.content.activeCellIndex + 1;
    const cell = panel.model.sharedModel.insertCell(index, { cell_type: 'code', source: code });
    this.reveal(panel);
    void goToCell(panel.content, cell.id);
  }

  /** Brings a notebook to the front: the host sets how. */
  reveal: (panel: NotebookPanel) => void = () => undefined;

  figures(): Promise<Figures | null> {
    const kernel = this.source?.connection;
    return kernel ? processFigures(kernel) : Promise.resolve(null);
  }

  /** The folder that the shown kernel's notebook is in, below the server's root. */
  folder(): string {
    const path = this.choice.path ?? this.context?.path ?? '';
    return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  }

  private follow(notebook: NotebookPanel | null): void {
    if (notebook === null) {
      return; // the last notebook stays in view while other documents are in front
    }
    const context = notebook.sessionContext;
    this.notebook = notebook;
    if (context !== this.context) {
      this.context?.kernelChanged.disconnect(this.update, this);
      this.context = context;
      context.kernelChanged.connect(this.update, this);
      notebook.disposed.connect(() => {
        if (this.context === context) {
          this.context = this.notebook = null;
          this.update();
        }
      });
    }
    this.update();
  }

  private update(): void {
    const kernel = this.context?.session?.kernel ?? null;
    const chosen = this.choice.source;
    this._title = chosen ? this.choice.name : (this.notebook?.title.label ?? '');
    this.show(chosen ?? (kernel ? this.kernels.of(kernel) : null));
  }

  /** Show the runs of one kernel. */
  private show(source: KernelSource | null): void {
    if (source !== this.source || (!source && this._store.session)) {
      this._store.player.pause();
      this.source = source;
      this._store = source?.store ?? this.fresh();
      this.held?.dispose();
      this.held = null;
      this.listen();
    }
    this._changed.emit();
  }

  /** Listen to the kernel while a viewer can be seen; stop when all are hidden. */
  private listen(): void {
    const wanted = this.viewers.size > 0 && this.source !== null;
    if (wanted && !this.held) {
      this.held = this.source!.hold();
    } else if (!wanted && this.held) {
      this.held.dispose();
      this.held = null;
    }
  }

  private fresh(): Store {
    const store = new Store();
    this.apply(store);
    return store;
  }

  private apply(store: Store): void {
    const { followRuns, keptRuns, speed } = this._settings;
    store.habits.follow = followRuns;
    store.habits.kept = keptRuns;
    store.player.setSpeed(speed);
  }
}
