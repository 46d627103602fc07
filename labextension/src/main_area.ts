/** Views in the main area: sent there by command or button, or dragged there by their titles; restored after a reload. */

import { isView, title } from '../../widgets/src/view_names';
import type { ViewName } from '../../widgets/src/view_names';
import { t } from '../../widgets/src/translate';
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';
import { ViewsBody } from './body';
import type { BodyActions } from './body';
import { COMMANDS } from './commands';
import { panelIcon } from './panel';
import type { IPanelModel } from './tokens';

/** What a dock panel takes a new widget from. */
const FACTORY_MIME = 'application/vnd.lumino.widget-factory';

export type ViewWidget = MainAreaWidget<ViewsBody>;

export class MainArea {
  private readonly tracker = new WidgetTracker<ViewWidget>({ namespace: 'chunkscope-view' });
  private dragging: Drag | null = null;

  /** `roomy`: whether the main area holds several documents, as JupyterLab's does. */
  constructor(
    private readonly app: JupyterFrontEnd, readonly roomy: boolean, private readonly model: IPanelModel, private readonly actions: () => BodyActions
  ) {}

  /** All views that are open there. */
  bodies(): ViewsBody[] {
    const found: ViewsBody[] = [];
    this.tracker.forEach(widget => found.push(widget.content));
    return found;
  }

  /** Bring back the views that were open. */
  restore(restorer: ILayoutRestorer): void {
    void restorer.restore(this.tracker, {
      command: COMMANDS.view,
      args: widget => ({ view: widget.content.alone }),
      name: widget => widget.content.alone ?? ''
    });
  }

  /**
   * Show a view there: the one that is open already, or a new one. Without a `mode` the first stands beside what is in
   * front, the second below the first, and more behind them: none is too narrow to be read.
   */
  open(name: ViewName, mode?: string): ViewWidget {
    const there = this.tracker.find(widget => widget.content.alone === name);
    if (there) {
      this.app.shell.activateById(there.id);
      return there;
    }
    const open: ViewWidget[] = [];
    this.tracker.forEach(one => one.isAttached && open.push(one));
    const widget = this.make(name);
    const usual = open.length === 0 ? 'split-right' : open.length === 1 ? 'split-bottom' : 'tab-after';
    this.app.shell.add(widget, 'main', { mode: (mode ?? usual) as 'split-right', ref: mode ? undefined : open.at(-1)?.id });
    this.app.shell.activateById(widget.id);
    return widget;
  }

  /** Have the pointer carry a view, to be dropped in the main area. */
  drag(name: ViewName, event: PointerEvent): void {
    if (this.dragging) {
      return;
    }
    const mimeData = new MimeData();
    mimeData.setData(FACTORY_MIME, () => this.tracker.find(widget => widget.content.alone === name) ?? this.make(name));
    const image = document.createElement('div');
    image.className = 'cks-drag';
    image.textContent = title(name);
    const drag = new Drag({ document, mimeData, dragImage: image, proposedAction: 'move', supportedActions: 'move', source: this });
    this.dragging = drag;
    void drag.start(event.clientX, event.clientY).then(() => {
      this.dragging = null;
      drag.dispose();
    });
  }

  private make(name: ViewName): ViewWidget {
    const content = new ViewsBody(this.model, this.actions(), name);
    const widget = new MainAreaWidget({ content });
    widget.id = `chunkscope-view-${name}`;
    widget.title.icon = panelIcon;
    widget.title.closable = true;
    widget.toolbar.hide();
    const label = (): void => {
      widget.title.label = title(name);
      widget.title.caption = this.model.title
        ? t('{view} of {notebook}', { view: title(name), notebook: this.model.title }) : title(name);
    };
    label();
    this.model.changed.connect(label);
    widget.disposed.connect(() => this.model.changed.disconnect(label));
    void this.tracker.add(widget);
    return widget;
  }
}

/** The view that a command's arguments name. Raises an error for any other text. */
export function viewOf(value: unknown): ViewName {
  if (typeof value === 'string' && isView(value)) {
    return value;
  }
  throw new Error(t('There is no view {name}', { name: JSON.stringify(value) ?? 'undefined' }));
}
