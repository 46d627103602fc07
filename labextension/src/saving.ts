/** Writes runs to files beside the notebook: the kernel makes the bytes, Jupyter's contents manager writes them. */

import { t } from '../../widgets/src/translate';
import { Notification } from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';
import type { IPanelModel } from './tokens';

export type Format = 'recording' | 'html';

const SUFFIXES: Readonly<Record<Format, string>> = { recording: '.chunkscope', html: '.html' };
const MOST_NAMES = 1000;

/** Save a run and say where, with the way to open it. Resolves to the path, or to null where it could not be done. */
export async function saveRun(
  model: IPanelModel, contents: Contents.IManager, commands: CommandRegistry, run: number, format: Format
): Promise<string | null> {
  try {
    const { file } = await model.ask({ ask: 'file', run, format });
    if (typeof file !== 'string') {
      throw new Error(t('The kernel sent no file'));
    }
    const path = await freeName(contents, model.folder(), `run-${run}`, SUFFIXES[format]);
    await contents.save(path, { type: 'file', format: 'base64', content: file });
    Notification.success(t('Run {run} is saved as {path}', { run, path }), {
      autoClose: 8000,
      actions: [{ label: t('Open'), callback: () => void commands.execute('docmanager:open', { path }) }]
    });
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    Notification.error(t('Run {run} could not be saved. {reason}', { run, reason }));
    return null;
  }
}

/** A name that no file in the folder has. */
async function freeName(contents: Contents.IManager, folder: string, stem: string, suffix: string): Promise<string> {
  const listing = await contents.get(folder, { content: true });
  const taken = new Set((listing.content as Contents.IModel[]).map(entry => entry.name));
  for (let i = 0; i < MOST_NAMES; i++) {
    const name = `${stem}${i ? `-${i}` : ''}${suffix}`;
    if (!taken.has(name)) {
      return folder ? `${folder}/${name}` : name;
    }
  }
  throw new Error(t('There are too many files named {name}', { name: stem + suffix }));
}
