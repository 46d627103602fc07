/** The anywidget that shows a run in a cell's output: JupyterLab, Notebook 7, VS Code, Colab, marimo. */

import { decode, decodeRecording, isPacket } from './decode';
import type { Binary } from './decode';
import { mountExplorer } from './explorer';
import { NO_HOST, Refusal } from './host';
import type { Question } from './host';
import { t } from './translate';
import type { ViewName } from './view_names';
import { Store } from './store';

/** The part of anywidget's model that is used. */
export interface CellModel {
  get(name: 'recording' | 'beside'): DataView;
  get(name: 'answers'): boolean;
  get(name: 'views'): ViewName[];
  get(name: 'height'): number;
  on(name: 'msg:custom', callback: (content: unknown, buffers: Binary[]) => void): void;
  send(content: unknown): void;
  off(name: 'msg:custom', callback: (content: unknown, buffers: Binary[]) => void): void;
}

function render({ model, el }: { model: CellModel; el: HTMLElement }): () => void {
  const store = new Store();
  const host = document.createElement('div');
  host.className = 'cks-cell';
  host.style.height = `${model.get('height')}px`;
  el.append(host);
  const messages = decodeRecording(model.get('recording'));
  store.receive(messages);
  if (model.get('beside').byteLength) {
    store.receive(decodeRecording(model.get('beside')));
    store.show(messages.find(message => message.kind === 'header')!.run);
  }
  const questions = new Questions(model);
  const dispose = mountExplorer(host, store, {
    views: model.get('views'), host: { ...NO_HOST, ask: model.get('answers') ? question => questions.ask(question) : null }
  });
  const take = (content: unknown, buffers: Binary[]): void => {
    if (isPacket(content) && !questions.take(content)) {
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

const PATIENCE_SECONDS = 20;

/** Questions to the run's kernel, and what came back: none comes where the notebook was only saved. */
class Questions {
  private next = 0;
  private readonly open = new Map<number, (content: Readonly<Record<string, unknown>>) => void>();

  constructor(private readonly model: CellModel) {}

  ask(question: Question): Promise<Record<string, unknown>> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.open.delete(id);
        reject(new Error(t('The kernel does not answer.')));
      }, PATIENCE_SECONDS * 1000);
      this.open.set(id, content => {
        window.clearTimeout(timer);
        if (typeof content.error === 'string') {
          reject(new Refusal(content.error));
        } else {
          resolve((content.reply ?? content) as Record<string, unknown>);
        }
      });
      this.model.send({ ...question, id });
    });
  }

  /** Whether a message was an answer. */
  take(content: object): boolean {
    const { answer } = content as { readonly answer?: unknown };
    const waiting = typeof answer === 'number' ? this.open.get(answer) : undefined;
    if (waiting) {
      this.open.delete(answer as number);
      waiting(content as Record<string, unknown>);
    }
    return answer !== undefined;
  }
}

export { Store, decodeRecording, mountExplorer };
export default { render };
