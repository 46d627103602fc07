/** The views inside the panel: mounts the shared view library on the model's store. */

import { mountExplorer } from '../../widgets/src/explorer';
import type { Store } from '../../widgets/src/store';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { IPanelModel } from './tokens';

export class PanelBody extends Widget {
  private mounted: Store | null = null;
  private unmount: () => void = () => undefined;

  constructor(private readonly model: IPanelModel) {
    super();
    this.addClass('cks-panel-body');
    model.changed.connect(this.onChanged, this);
    this.onChanged();
  }

  override dispose(): void {
    this.unmount();
    super.dispose();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.querySelector<HTMLElement>('.cks-stage[tabindex="0"]')?.focus();
  }

  private onChanged(): void {
    const { store } = this.model;
    if (store === this.mounted) {
      return;
    }
    this.unmount();
    this.mounted = store;
    this.unmount = mountExplorer(this.node, store, {
      host: {
        ask: question => this.model.ask(question),
        go: (cell, line) => this.model.go(cell, line),
        fetch: run => this.model.fetch(run)
      },
      figures: () => this.model.figures(),
      kept: true
    });
  }
}
