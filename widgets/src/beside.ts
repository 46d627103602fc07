/** The lesson beside the run, behind tabs, as soon as the kernel shows one. A lesson that is opened comes to the front. */

import { Cleanup, make } from './dom';
import { Refusal } from './host';
import type { Question, ViewHost } from './host';
import { lessonOf } from './lesson';
import type { Reply } from './lesson';
import { recall, remember } from './remember';
import type { Store } from './store';
import { makeTabs } from './tabs';
import { t } from './translate';
import { isView } from './view_names';
import type { ViewName } from './view_names';
import { mountLesson } from './views/lesson';
import { mountRunLine } from './views/run_line';

/** The tab that was chosen beside a lesson: another notebook in front and back again changes nothing. */
const CHOSEN = new WeakMap<Store, Choice>();
/** Under this name the tab keeps the last choice, for the page after a reload. */
const KEPT = 'lesson-tab';

interface Choice {
  readonly lesson: string;
  readonly tab: string;
}

function recalled(): Choice | null {
  const kept = recall(KEPT, 'tab');
  if (typeof kept !== 'object' || kept === null || !('lesson' in kept) || !('tab' in kept)) {
    return null;
  }
  const tab = kept.tab === 'lesson' ? 'lesson' : 'run';
  return { lesson: String(kept.lesson), tab };
}

/** Put a lesson beside `page`, the views of the run; `show` opens one of these. */
export function mountBeside(
  root: HTMLElement, page: HTMLElement, store: Store, host: ViewHost, show: (name: ViewName) => void
): () => void {
  const cleanup = new Cleanup();
  const lesson = make('div', 'cks-page');
  const body = make('div', 'cks-lesson-host');
  const line = make('div', 'cks-run-line');
  const before = CHOSEN.get(store) ?? { lesson: '', tab: 'run' };
  const last = CHOSEN.has(store) ? null : recalled();
  let shown = before.lesson;
  const tabs = makeTabs([['run', t('Run'), page], ['lesson', t('Lesson'), lesson]], tab => {
    CHOSEN.set(store, { lesson: shown, tab });
    if (shown) {
      remember(KEPT, { lesson: shown, tab }, 'tab');
    }
  });
  lesson.append(body, line);
  root.prepend(tabs.row);
  page.after(lesson);
  cleanup.add(mountLesson(body, store, {
    ask: question => replyOf(host, question as unknown as Question),
    go: (cell, line) => host.go?.(cell, line),
    view: name => {
      tabs.choose('run');
      if (isView(name) && store.current) {
        show(name);
      }
    }
  }));
  cleanup.add(mountRunLine(line, store, () => tabs.choose('run')));
  const update = (): void => {
    const name = lessonOf(store.topic('lesson'))?.lesson ?? '';
    tabs.row.hidden = name === '';
    if (name !== shown) {
      shown = name;
      tabs.choose(name && last?.lesson === name ? last.tab : name ? 'lesson' : 'run');
    }
  };
  cleanup.add(store.on(change => {
    if (change === 'topic') {
      update();
    }
  }));
  update();
  tabs.choose(shown && shown === before.lesson ? before.tab : tabs.chosen);
  return () => cleanup.run();
}

/** What the kernel says about the lesson: a refusal is an answer too. */
async function replyOf({ ask }: ViewHost, question: Question): Promise<Reply> {
  try {
    const { message } = await ask!(question);
    return { message: typeof message === 'string' ? message : '', error: '' };
  } catch (error) {
    if (error instanceof Refusal) {
      return { message: '', error: error.message };
    }
    throw error;
  }
}
