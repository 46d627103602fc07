/** The lessons from the launcher: lists the notebooks on the server, copies them there the first time, opens one. */

import { t } from '../../widgets/src/translate';
import { InputDialog, Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';

interface Lesson {
  readonly path: string;
  readonly title: string;
}

/** Open a lesson: the first one where they were copied just now, else one that the reader picks. */
export async function openLessons(commands: CommandRegistry, settings: ServerConnection.ISettings, folder: string): Promise<void> {
  try {
    let lessons = await request(settings, 'GET');
    const there = lessons.length > 0;
    if (!there) {
      lessons = await request(settings, 'POST', { folder });
    }
    const path = there ? await pick(lessons) : lessons[0]?.path;
    if (path) {
      await commands.execute('docmanager:open', { path });
    }
  } catch (error) {
    Notification.error(t('The lessons cannot be opened. {reason}', { reason: error instanceof Error ? error.message : String(error) }));
  }
}

async function pick(lessons: readonly Lesson[]): Promise<string | null> {
  // several copies may be below the server's folder: those of one name are told apart by their paths
  const titles = lessons.map(({ title }) => title);
  const items = lessons.map(({ title, path }) => {
    const number = /(?:^|\/)(\d\d)_/.exec(path)?.[1] ?? '';
    return `${number}  ${title}${titles.filter(other => other === title).length > 1 ? ` (${path})` : ''}`;
  });
  const answer = await InputDialog.getItem({ title: t('Which lesson?'), label: t('Lessons on this server'), items, current: 0 });
  return answer.button.accept && answer.value ? (lessons[items.indexOf(answer.value)]?.path ?? null) : null;
}

async function request(settings: ServerConnection.ISettings, method: 'GET' | 'POST', body?: { folder: string }): Promise<Lesson[]> {
  const url = URLExt.join(settings.baseUrl, 'chunkscope', 'lessons');
  const response = await ServerConnection.makeRequest(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) }, settings);
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const message = (answer as { message?: unknown } | null)?.message;
    throw new Error(typeof message === 'string' && message ? message : response.statusText);
  }
  return answer as Lesson[];
}
