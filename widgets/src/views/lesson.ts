/** The lesson of the notebook in front: its steps with their states, and how far one is. */

import { Cleanup, make, say } from '../dom';
import { lessonOf, nextStep } from '../lesson';
import type { Lesson, LessonHost, Reached } from '../lesson';
import type { Store } from '../store';
import { t, tn } from '../translate';
import { StepCard } from './lesson_step';

/** Show the store's lesson in `element`. */
export function mountLesson(element: HTMLElement, store: Store, host: LessonHost): () => void {
  const cleanup = new Cleanup();
  const title = make('h2', 'cks-lesson-title');
  const about = make('div', 'cks-lesson-about');
  const bar = make('div', 'cks-run-bar', { role: 'progressbar', 'aria-label': t('Steps done'), 'aria-valuemin': 0 }, make('i'));
  const reached = make('span', 'cks-lesson-reached');
  const aims = make('ul');
  const objectives = make('details', 'cks-lesson-more', {}, make('summary', '', {}, t('What you will learn')), aims);
  const list = make('ol', 'cks-steps', { 'aria-label': t('Steps of the lesson') });
  const others = make('ul', 'cks-lessons');
  const sum = make('summary');
  const overall = make('details', 'cks-lesson-more', {}, sum, others);
  element.append(make('div', 'cks-lesson', {}, title, about, make('div', 'cks-lesson-bar', {}, bar, reached), objectives, list, overall));

  let name = '';
  let before: Lesson | null = null;
  const cards = new Map<string, StepCard>();

  /** Open one step and close the others; the cell comes into view where somebody chose the step. */
  const open = (id: string | null): void => {
    for (const [key, card] of cards) {
      card.open = key === id;
    }
  };
  const choose = (id: string): void => {
    const card = cards.get(id);
    const step = before?.steps.find(one => one.id === id);
    open(card?.open ? null : id);
    if (card?.open && step?.cell) {
      host.go(step.cell);
    }
  };
  list.addEventListener('keydown', event => {
    const heads = [...cards.values()].map(card => card.head);
    const at = heads.indexOf(event.target as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: heads.length - 1 }[event.key];
    if (at >= 0 && next !== undefined) {
      heads[Math.min(Math.max(next, 0), heads.length - 1)].focus();
      event.preventDefault();
      event.stopPropagation();
    }
  });
  list.addEventListener('focusin', event => rove([...cards.values()].map(card => card.head), event.target as HTMLElement));

  const update = (): void => {
    const lesson = lessonOf(store.topic('lesson'));
    if (!lesson) {
      return;
    }
    title.textContent = `${lesson.number === null ? '' : `${lesson.number} · `}${lesson.title}`;
    about.textContent = lesson.minutes === null ? '' : tn('about {n} minute', 'about {n} minutes', lesson.minutes);
    progress(bar, lesson.done, lesson.total);
    reached.textContent = t('{done} of {total} done', { done: lesson.done, total: lesson.total });
    objectives.hidden = lesson.objectives.length === 0;
    aims.replaceChildren(...lesson.objectives.map(aim => {
      const item = make('li');
      say(item, aim);
      return item;
    }));
    const ids = lesson.steps.map(step => step.id).join();
    const another = lesson.lesson !== name || ids !== [...cards.keys()].join();
    if (another) {
      name = lesson.lesson;
      cards.clear();
      lesson.steps.forEach(step => cards.set(step.id, new StepCard(step, host, choose)));
      list.replaceChildren(...[...cards.values()].map(card => card.element));
      const first = nextStep(lesson) ?? lesson.steps[0];
      open(first?.id ?? null);
      rove([...cards.values()].map(card => card.head), (first && cards.get(first.id)?.head) ?? null);
    } else {
      for (const step of lesson.steps) {
        const old = before?.steps.find(one => one.id === step.id);
        cards.get(step.id)?.update(step);
        if (old && (old.state !== step.state || old.message !== step.message) && !cards.get(step.id)?.open) {
          open(step.id); // the notebook has gone on there
          cards.get(step.id)?.element.scrollIntoView({ block: 'nearest' });
        }
      }
    }
    before = lesson;
    everything(overall, sum, others, lesson);
  };
  cleanup.add(store.on(change => {
    if (change === 'topic') {
      update();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

/** One head is a tab stop: the one that had the focus last. */
function rove(heads: readonly HTMLElement[], stop: HTMLElement | null): void {
  if (stop && heads.includes(stop)) {
    heads.forEach(head => {
      head.tabIndex = head === stop ? 0 : -1;
    });
  }
}

function everything(box: HTMLElement, sum: HTMLElement, list: HTMLElement, lesson: Lesson): void {
  box.hidden = lesson.overall.length === 0;
  const done = lesson.overall.reduce((all, row) => all + row.done, 0);
  const total = lesson.overall.reduce((all, row) => all + row.total, 0);
  sum.textContent = t('All lessons: {done} of {total} steps', { done, total });
  list.replaceChildren(...lesson.overall.map(row => line(row, row.lesson === lesson.lesson)));
}

function line(row: Reached, current: boolean): HTMLElement {
  const bar = make('span', 'cks-run-bar', { role: 'progressbar', 'aria-label': row.title, 'aria-valuemin': 0 }, make('i'));
  progress(bar, row.done, row.total);
  const name = make('span', 'cks-lessons-name', current ? { 'aria-current': 'true' } : {}, row.title);
  return make('li', '', {}, name, bar, make('span', 'cks-dim', {}, t('{done} of {total}', { done: row.done, total: row.total })));
}

function progress(bar: HTMLElement, done: number, total: number): void {
  bar.setAttribute('aria-valuenow', String(done));
  bar.setAttribute('aria-valuemax', String(Math.max(total, 1)));
  bar.setAttribute('aria-valuetext', t('{done} of {total}', { done, total }));
  (bar.firstElementChild as HTMLElement).style.width = `${total > 0 ? Math.min(100, (100 * done) / total) : 0}%`;
}
