/** Wires the panel into JupyterLab and Notebook 7. */

import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import { readSettings } from '../../widgets/src/settings';
import { addCommands } from './actions';
import { ViewsBody } from './body';
import { exposeSnapshot } from './debug';
import { exposeLanguage, speak } from './language';
import { MainArea } from './main_area';
import { PanelModel } from './model';
import { addObjects } from './objects';
import { ChunkscopePanel, PANEL_ID } from './panel';
import { addRecordings } from './recordings';
import { IPanelModel } from './tokens';

const PLUGIN = 'chunkscope-lab:plugin';

const plugin: JupyterFrontEndPlugin<IPanelModel> = {
  id: PLUGIN,
  description: 'Shows the chunks, the task graph and the time line of what a cell runs, live and in replay.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ISettingRegistry, ITranslator, ILauncher],
  provides: IPanelModel,
  activate: (
    app: JupyterFrontEnd, tracker: INotebookTracker, labShell: ILabShell | null, restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null, registry: ISettingRegistry | null, translator: ITranslator | null, launcher: ILauncher | null
  ): IPanelModel => {
    speak(translator);
    const model = new PanelModel(tracker, app.serviceManager);
    model.reveal = panel => app.shell.activateById(panel.id);
    const area: MainArea = new MainArea(app, labShell !== null, model, () => actions);
    const actions = addCommands({ app, model, area, tracker, palette, launcher, panel: () => panel });
    const panel = new ChunkscopePanel(new ViewsBody(model, actions));
    app.shell.add(panel, 'right', { rank: 900 });
    addRecordings(app);
    addObjects(app, tracker, model);
    exposeSnapshot(model);
    exposeLanguage(translator, () => [panel.body, ...area.bodies()]);
    restorer?.add(panel, PANEL_ID);
    if (restorer) {
      area.restore(restorer);
    }
    void registry?.load(PLUGIN).then(
      settings => {
        const read = (): void => model.set(readSettings(settings.composite));
        settings.changed.connect(read);
        read();
      },
      () => undefined // an installation without our schema: the usual settings hold
    );
    void labShell?.restored.then(layout => {
      if (layout.fresh) {
        labShell.activateById(PANEL_ID); // a workspace that has no layout of its own yet
      }
    });
    return model;
  }
};

export default plugin;
