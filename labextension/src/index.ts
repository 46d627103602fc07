/** Wires the panel into JupyterLab and Notebook 7. */

import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { exposeSnapshot } from './debug';
import { PanelModel } from './model';
import { ChunkscopePanel, PANEL_ID } from './panel';
import { addRecordings } from './recordings';
import { IPanelModel } from './tokens';

const OPEN = 'chunkscope:open';

const plugin: JupyterFrontEndPlugin<IPanelModel> = {
  id: 'chunkscope-lab:panel',
  description: 'Shows the chunks, the task graph and the time line of what a cell runs, live and in replay.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  provides: IPanelModel,
  activate: (
    app: JupyterFrontEnd, tracker: INotebookTracker, labShell: ILabShell | null, restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): IPanelModel => {
    const model = new PanelModel(tracker);
    const panel = new ChunkscopePanel(model);
    app.shell.add(panel, 'right', { rank: 900 });
    app.commands.addCommand(OPEN, {
      label: 'Show the chunkscope panel',
      execute: () => app.shell.activateById(PANEL_ID)
    });
    palette?.addItem({ command: OPEN, category: 'chunkscope' });
    addRecordings(app);
    exposeSnapshot(model);
    restorer?.add(panel, PANEL_ID);
    void labShell?.restored.then(layout => {
      if (layout.fresh) {
        labShell.activateById(PANEL_ID); // a workspace that has no layout of its own yet
      }
    });
    return model;
  }
};

export default plugin;
