/** The kernels that this page knows: a store for each, and one link to it while somebody looks. */

import type { Question } from '../../widgets/src/host';
import { DEFAULTS } from '../../widgets/src/settings';
import type { Settings } from '../../widgets/src/settings';
import { Store } from '../../widgets/src/store';
import { t } from '../../widgets/src/translate';
import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { keepChoice } from './chosen_run';
import { KernelLink } from './service';

/** Somebody's hold on a kernel: while there is one, the page listens. */
export interface Held extends IDisposable {
  readonly store: Store;
  ask(question: Question): Promise<Record<string, unknown>>;
  fetch(run: number): Promise<void>;
}

/** One kernel. Any number of connections lead to it; the link uses one that has comms, if there is one. */
export class KernelSource {
  private readonly connections: Kernel.IKernelConnection[] = [];
  private readonly holders = new Set<object>();
  private link: KernelLink | null = null;

  constructor(
    readonly id: string, readonly store: Store, private readonly greet: (link: KernelLink) => void, private readonly emptied: () => void
  ) {}

  /** A connection of this page to the kernel. */
  get connection(): Kernel.IKernelConnection | null {
    return this.connections.find(kernel => kernel.handleComms) ?? this.connections[0] ?? null;
  }

  /** Use a connection from now on, as long as it lives. */
  offer(kernel: Kernel.IKernelConnection): void {
    if (kernel.isDisposed || this.connections.includes(kernel)) {
      return;
    }
    this.connections.push(kernel);
    kernel.statusChanged.connect(this.statusChanged, this);
    kernel.disposed.connect(() => {
      this.connections.splice(this.connections.indexOf(kernel), 1);
      this.relink();
      if (this.connections.length === 0) {
        this.emptied();
      }
    });
    this.relink();
  }

  hold(): Held {
    const holder = {};
    this.holders.add(holder);
    this.relink();
    const { holders } = this;
    return {
      store: this.store,
      ask: question => this.link ? this.link.ask(question) : Promise.reject(new Error(t('There is no kernel to ask'))),
      fetch: run => this.link?.fetch(run) ?? Promise.resolve(),
      get isDisposed(): boolean {
        return !holders.has(holder);
      },
      dispose: () => {
        this.holders.delete(holder);
        this.relink();
      }
    };
  }

  /** Tell the kernel again how it is to speak. */
  regreet(): void {
    if (this.link) {
      this.greet(this.link);
    }
  }

  /** Listen while somebody holds the kernel; stop when nobody does. */
  private relink(): void {
    const wanted = this.holders.size ? this.connection : null;
    if (wanted !== (this.link?.kernel ?? null)) {
      this.link?.dispose();
      this.link = wanted ? new KernelLink(wanted, this.store) : null;
      if (this.link) {
        this.link.refresh();
        this.greet(this.link);
      }
    }
  }

  private statusChanged(kernel: Kernel.IKernelConnection, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      if (kernel === this.link?.kernel) {
        this.link.dispose();
        this.link = null;
      }
      this.store.reset();
    } else if (status === 'idle' || status === 'busy') {
      this.relink();
    }
  }
}

/** All of them, by the kernel's id. */
export class Kernels {
  private readonly sources = new Map<string, KernelSource>();
  private settings: Settings = DEFAULTS;

  /** `made` is told of each new store. */
  constructor(private readonly made: (store: Store) => void) {}

  /** The kernel at the other end of a connection. */
  of(kernel: Kernel.IKernelConnection): KernelSource {
    const { id } = kernel;
    let source = this.sources.get(id);
    if (!source) {
      const store = new Store();
      this.made(store);
      keepChoice(store);
      source = new KernelSource(id, store, link => this.greet(link), () => this.sources.delete(id));
      this.sources.set(id, source);
    }
    source.offer(kernel);
    return source;
  }

  /** The stores of all kernels that this page has met. */
  stores(): Store[] {
    return [...this.sources.values()].map(source => source.store);
  }

  /** Have the kernels speak as the settings say. */
  set(settings: Settings): void {
    const before = this.settings;
    this.settings = settings;
    if (settings.messagesPerSecond !== before.messagesPerSecond || settings.sampling !== before.sampling) {
      this.sources.forEach(source => source.regreet());
    }
  }

  /** What a kernel is told when a page begins to listen. One without chunkscope does not answer; that is no error. */
  private greet(link: KernelLink): void {
    const { messagesPerSecond, sampling } = this.settings;
    link.ask({ ask: 'pace', per_second: messagesPerSecond, sampling }).catch(() => undefined);
  }
}
