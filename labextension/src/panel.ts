/** The panel's frame: its title, its icon and its views. */

import { t } from '../../widgets/src/translate';
import { LabIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { BoxLayout, Widget } from '@lumino/widgets';
import type { ViewsBody } from './body';

export const PANEL_ID = 'chunkscope-panel';

/** Four blocks, three states: what the panel shows. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <g class="jp-icon3" fill="#616161">
    <path d="M1.5 1.5h6v6h-6z"/>
    <path d="M8.5 1.5h6v6h-6zm1 1v4h4v-4z" fill-rule="evenodd"/>
    <path d="M1.5 8.5h6v6h-6zm1 1v4h4v-4z" fill-rule="evenodd"/>
    <path d="M8.5 8.5h6v6h-6z"/>
  </g>
</svg>`;

export const panelIcon = new LabIcon({ name: 'chunkscope-lab:panel', svgstr: ICON });

export class ChunkscopePanel extends Widget {
  constructor(readonly body: ViewsBody) {
    super();
    this.id = PANEL_ID;
    this.addClass('cks-panel');
    this.title.icon = panelIcon;
    this.title.caption = t('chunkscope: what the cell just ran');
    this.title.closable = false;
    const layout = new BoxLayout({ direction: 'top-to-bottom', spacing: 0 });
    this.layout = layout;
    layout.addWidget(body);
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.body.activate();
  }
}
