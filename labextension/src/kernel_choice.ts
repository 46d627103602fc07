/** The running kernels to choose from, and the one that was chosen instead of the notebook's in front. */

import { recall, remember } from '../../widgets/src/remember';
import type { KernelRow, KernelRows } from '../../widgets/src/views/kernels';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Kernel, ServiceManager } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { Kernels, KernelSource } from './kernels';

/** Under this name the tab keeps the choice. */
const CHOICE = 'chosen-kernel';

export class KernelChoice implements KernelRows {
  unfolded = false;
  private readonly listChanged = new Signal<this, void>(this);
  private chosenId: string | null = null;
  private chosenSource: KernelSource | null = null;
  /** A connection that was opened for the choice alone. */
  private own: Kernel.IKernelConnection | null = null;

  constructor(
    private readonly tracker: INotebookTracker, private readonly manager: ServiceManager.IManager,
    private readonly kernels: Kernels, private readonly changed: () => void
  ) {
    manager.sessions.runningChanged.connect(() => this.check());
    manager.kernels.runningChanged.connect(() => this.check());
    tracker.currentChanged.connect(() => this.listChanged.emit());
    const kept = recall(CHOICE, 'tab');
    if (typeof kept === 'string') {
      void manager.ready.then(() => this.restore(kept));
    }
  }

  /** The chosen kernel; null follows the notebook in front. */
  get source(): KernelSource | null {
    return this.chosenSource;
  }

  get chosen(): string | null {
    return this.chosenId;
  }

  /** What the chosen kernel runs. */
  get name(): string {
    return this.rows().find(row => row.id === this.chosenId)?.name ?? '';
  }

  /** The path of what the chosen kernel runs, or null. */
  get path(): string | null {
    return [...this.manager.sessions.running()].find(session => session.kernel?.id === this.chosenId)?.path ?? null;
  }

  get following(): string {
    return this.tracker.currentWidget?.title.label ?? '';
  }

  rows(): readonly KernelRow[] {
    const rows = new Map<string, KernelRow>();
    for (const session of this.manager.sessions.running()) {
      if (session.kernel) {
        const name = session.name || session.path.slice(session.path.lastIndexOf('/') + 1);
        rows.set(session.kernel.id, { id: session.kernel.id, name, detail: session.kernel.name });
      }
    }
    for (const { id, name } of this.manager.kernels.running()) {
      if (!rows.has(id)) {
        rows.set(id, { id, name: `${name} ${id.slice(0, 8)}`, detail: name });
      }
    }
    return [...rows.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  on(listener: () => void): () => void {
    this.listChanged.connect(listener);
    return () => this.listChanged.disconnect(listener);
  }

  choose(id: string | null): void {
    if (id === this.chosenId) {
      return;
    }
    const before = this.own;
    this.own = null;
    this.chosenId = id;
    remember(CHOICE, id, 'tab');
    this.chosenSource = id === null ? null : this.reach(id);
    this.changed();
    this.listChanged.emit();
    before?.dispose(); // after the panel has let go of it
  }

  /** Choose what was chosen before the page was loaded anew, where it still runs. */
  private restore(id: string): void {
    if (this.chosenId === null && [...this.manager.kernels.running()].some(one => one.id === id)) {
      this.choose(id);
    } else {
      remember(CHOICE, null, 'tab');
    }
  }

  /** The kernel, through a connection of one of the page's notebooks or through one of our own that takes no comms. */
  private reach(id: string): KernelSource | null {
    const panel = this.tracker.find(one => one.sessionContext.session?.kernel?.id === id);
    const theirs = panel?.sessionContext.session?.kernel;
    if (theirs) {
      return this.kernels.of(theirs);
    }
    const model = [...this.manager.kernels.running()].find(one => one.id === id);
    if (!model) {
      this.chosenId = null;
      return null;
    }
    this.own = this.manager.kernels.connectTo({ model, handleComms: false });
    return this.kernels.of(this.own);
  }

  /** A chosen kernel that has ended is chosen no more. */
  private check(): void {
    const ended = this.chosenId !== null && ![...this.manager.kernels.running()].some(({ id }) => id === this.chosenId);
    if (ended) {
      this.choose(null);
    } else {
      this.listChanged.emit();
    }
  }
}
