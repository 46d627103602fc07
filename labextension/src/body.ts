/** The shared views in a widget, on the model's store: in the panel all of them, in the main area one. */

import { openExplorer } from '../../widgets/src/explorer';
import type { Explorer } from '../../widgets/src/explorer';
import { Gate } from '../../widgets/src/gate';
import type { RunActions } from '../../widgets/src/host';
import { DEFAULTS } from '../../widgets/src/settings';
import type { Store } from '../../widgets/src/store';
import type { ViewName } from '../../widgets/src/view_names';
import type { KeyRow } from '../../widgets/src/views/help';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { IPanelModel } from './tokens';

/** What a body can have done for it. */
export interface BodyActions extends RunActions {
  /** Shows a view in the main area; null where there is room for one document only. */
  readonly send: ((name: ViewName) => void) | null;
  /** Keys of commands as they are set now, with what they do. */
  keys(): readonly KeyRow[];
  /** Lets the pointer carry a view whose title is being dragged. */
  readonly drag: ((name: ViewName, event: PointerEvent) => void) | null;
}

export class ViewsBody extends Widget {
  private mounted: Store | null = null;
  private explorer: Explorer | null = null;
  private readonly gate = new Gate();

  /** With `alone`, that view and no other. */
  constructor(private readonly model: IPanelModel, private readonly actions: BodyActions, readonly alone: ViewName | null = null) {
    super();
    this.addClass('cks-panel-body');
    this.gate.open = false;
    model.changed.connect(this.onChanged, this);
  }

  /** Opens a view and gives it the focus. */
  reveal(name: ViewName): void {
    this.explorer?.show(name);
  }

  /** Shows or hides the help. */
  help(): void {
    this.explorer?.help();
  }

  /** Mount again, in another language or with other settings. */
  renew(): void {
    this.unmount();
    this.onChanged();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.changed.disconnect(this.onChanged, this);
      this.model.seen(this, false);
      this.unmount();
    }
    super.dispose();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    (this.node.querySelector<HTMLElement>('.cks-stage[tabindex="0"]') ?? this.node.querySelector<HTMLElement>('button, select'))?.focus();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.look(this.isVisible);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.look(true);
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.look(false);
  }

  protected override onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this.look(false);
  }

  /** What cannot be seen neither listens nor draws; views are there from the first look on. */
  private look(visible: boolean): void {
    this.model.seen(this, visible);
    this.gate.open = visible;
    if (visible) {
      this.onChanged();
    }
  }

  private onChanged(): void {
    const { store } = this.model;
    if (store === this.mounted || (!this.isVisible && !this.explorer)) {
      return;
    }
    this.unmount();
    this.mounted = store;
    const { model, actions, alone } = this;
    this.explorer = openExplorer(this.node, store, {
      host: {
        ask: question => model.ask(question),
        go: (cell, line) => model.go(cell, line),
        fetch: run => void model.fetch(run),
        runs: actions,
        insert: code => model.insert(code)
      },
      gate: this.gate,
      figures: () => model.figures(),
      ...(alone
        ? { views: [alone], alone: true }
        : {
          kept: true, open: usual(model.settings.openViews) ? null : model.settings.openViews, kernels: model.choice,
          send: actions.send, drag: actions.drag, keys: () => actions.keys()
        })
    });
  }

  private unmount(): void {
    this.explorer?.dispose();
    this.explorer = null;
    this.mounted = null;
  }
}

/** Whether nobody has set which views are open: then the height of the window decides too. */
function usual(views: readonly ViewName[]): boolean {
  return views.join() === DEFAULTS.openViews.join();
}
