/** Opens recordings (`*.chunkscope`) from the file browser: the same views as the panel, without a kernel. */

import { decodeRecording } from '../../widgets/src/decode';
import { make } from '../../widgets/src/dom';
import { mountExplorer } from '../../widgets/src/explorer';
import { Store } from '../../widgets/src/store';
import { t } from '../../widgets/src/translate';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ABCWidgetFactory, DocumentWidget } from '@jupyterlab/docregistry';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Widget } from '@lumino/widgets';
import { panelIcon } from './panel';

const FILE_TYPE = 'chunkscope-recording';

/** A recording's views. */
class RecordingBody extends Widget {
  private readonly store = new Store();
  private unmount: () => void = () => undefined;

  constructor(context: DocumentRegistry.Context) {
    super();
    this.addClass('cks-recording');
    context.ready.then(() => this.fill(context.model.toString())).catch(() => undefined); // a file that cannot be read: said by JupyterLab
  }

  override dispose(): void {
    this.store.player.dispose();
    this.unmount();
    super.dispose();
  }

  private fill(content: string): void {
    if (this.isDisposed) {
      return;
    }
    try {
      this.store.receive(decodeRecording(Uint8Array.from(atob(content), sign => sign.charCodeAt(0))));
      this.unmount = mountExplorer(this.node, this.store);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.node.append(make('p', 'cks-recording-error', { role: 'alert' }, t('This recording cannot be shown. {reason}', { reason })));
    }
  }
}

class RecordingFactory extends ABCWidgetFactory<DocumentWidget<RecordingBody>> {
  protected createNewWidget(context: DocumentRegistry.Context): DocumentWidget<RecordingBody> {
    const widget = new DocumentWidget({ content: new RecordingBody(context), context });
    widget.title.icon = panelIcon;
    return widget;
  }
}

/** Have JupyterLab open recordings with our views. */
export function addRecordings(app: JupyterFrontEnd): void {
  app.docRegistry.addFileType({
    name: FILE_TYPE, displayName: 'chunkscope recording', extensions: ['.chunkscope'], mimeTypes: ['application/x-chunkscope'],
    fileFormat: 'base64', contentType: 'file', icon: panelIcon
  });
  app.docRegistry.addWidgetFactory(new RecordingFactory({
    name: 'Run views', modelName: 'base64', fileTypes: [FILE_TYPE], defaultFor: [FILE_TYPE], readOnly: true
  }));
}
