/** The anywidget that shows a run in a cell's output: JupyterLab, Notebook 7, VS Code, Colab, marimo. */

import { decode, decodeRecording, isPacket } from './decode';
import type { Binary } from './decode';
import { mountExplorer } from './explorer';
import type { ViewName } from './view_names';
import { Store } from './store';

/** The part of anywidget's model that is used. */
export interface CellModel {
  get(name: 'recording'): DataView;
  get(name: 'views'): ViewName[];
  get(name: 'height'): number;
  on(name: 'msg:custom', callback: (content: unknown, buffers: Binary[]) => void): void;
  off(name: 'msg:custom', callback: (content: unknown, buffers: Binary[]) => void): void;
}

function render({ model, el }: { model: CellModel; el: HTMLElement }): () => void {
  const store = new Store();
  const host = document.createElement('div');
  host.className = 'cks-cell';
  host.style.height = `${model.get('height')}px`;
  el.append(host);
  store.receive(decodeRecording(model.get('recording')));
  const dispose = mountExplorer(host, store, { views: model.get('views') });
  const take = (content: unknown, buffers: Binary[]): void => {
    if (isPacket(content)) {
      store.receive(decode(content, buffers));
    }
  };
  model.on('msg:custom', take);
  return () => {
    model.off('msg:custom', take);
    store.player.dispose();
    dispose();
    host.remove();
  };
}

export { Store, decodeRecording, mountExplorer };
export default { render };
