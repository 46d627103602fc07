/** Draws lazy values in the outputs of notebooks: their static pictures, filled while the kernel computes them. */

import type { ObjectHost } from '../../widgets/src/objects/mount';
import { mountObject } from '../../widgets/src/objects/mount';
import { specOf } from '../../widgets/src/objects/spec';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import type { PanelModel } from './model';
import { PANEL_ID } from './panel';

export const MIME = 'application/vnd.chunkscope.object+json';
/** Before HTML, which is at 50. */
const RANK = 30;

type Factory = Parameters<NotebookPanel['content']['rendermime']['addFactory']>[0];
type Renderer = ReturnType<Factory['createRenderer']>;
type Model = Parameters<Renderer['renderModel']>[0];

/** One output. Only trusted outputs come here: of others, and without this extension, the page shows the static HTML. */
class ObjectOutput extends Widget {
  private unmount: () => void = () => undefined;

  constructor(private readonly host: ObjectHost) {
    super();
    this.addClass('cks-object-output');
    this.addClass('jp-RenderedHTMLCommon'); // the same tables as in the static repr
  }

  renderModel(model: Model): Promise<void> {
    const spec = specOf(model.data[MIME]);
    const html = model.data['text/html'];
    const text = Array.isArray(html) ? html.join('') : typeof html === 'string' ? html : '';
    this.unmount();
    this.node.replaceChildren();
    if (spec) {
      this.unmount = mountObject(this.node, spec, text, this.host);
    } else {
      this.node.innerHTML = text; // written by another version
    }
    return Promise.resolve();
  }

  override dispose(): void {
    this.unmount();
    super.dispose();
  }
}

/** Have every notebook draw lazy values live. */
export function addObjects(app: JupyterFrontEnd, tracker: INotebookTracker, model: PanelModel): void {
  const add = (notebook: NotebookPanel): void => {
    const host = hostOf(app, notebook.sessionContext, model);
    const factory: Factory = { safe: false, mimeTypes: [MIME], createRenderer: () => new ObjectOutput(host) };
    notebook.content.rendermime.addFactory(factory, RANK);
  };
  tracker.forEach(add);
  tracker.widgetAdded.connect((_, notebook) => add(notebook));
}

function hostOf(app: JupyterFrontEnd, context: ISessionContext, model: PanelModel): ObjectHost {
  return {
    link: () => {
      const kernel = context.session?.kernel;
      return kernel && !kernel.isDisposed && model.settings.liveObjects ? model.hold(kernel) : null;
    },
    onKernel: call => {
      const changed = (): void => call();
      context.kernelChanged.connect(changed);
      model.settingsChanged.connect(changed);
      return () => {
        context.kernelChanged.disconnect(changed);
        model.settingsChanged.disconnect(changed);
      };
    },
    show: run => {
      const kernel = context.session?.kernel;
      if (kernel) {
        model.storeFor(kernel).show(run);
        app.shell.activateById(PANEL_ID);
      }
    }
  };
}
