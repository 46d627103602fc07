/** One step of a lesson: its state, its question or its buttons, its hints, and what was said last. */

import { button, make, say, shape } from '../dom';
import { STEP_STATES } from '../lesson';
import type { LessonHost, Question, Step } from '../lesson';
import { t } from '../translate';
import { isView, title } from '../view_names';

/** A step on the page, kept while its lesson is: what somebody types stays when news come. */
export class StepCard {
  readonly element: HTMLLIElement;
  readonly head: HTMLButtonElement;
  private readonly icon = make('span', 'cks-step-icon');
  private readonly word = make('span', 'cks-step-word');
  private readonly name = make('span', 'cks-step-name');
  private readonly body: HTMLDivElement;
  private readonly question = make('p', 'cks-step-question');
  private readonly entry = make('div', 'cks-step-entry');
  private readonly buttons = make('div', 'cks-step-buttons');
  private readonly hints = make('ol', 'cks-step-hints', { 'aria-label': t('Hints'), 'aria-live': 'polite' });
  private readonly said = make('p', 'cks-step-said', { role: 'status' });
  private readonly solution = make('pre', 'cks-step-solution', { 'aria-label': t('Solution'), tabindex: 0 });
  private readonly links = make('div', 'cks-step-views');
  private step: Step;
  private form = '';
  private busy = false;
  /** The kernel has advised to try first. */
  private advised = false;

  constructor(step: Step, private readonly host: LessonHost, choose: (id: string) => void) {
    this.step = step;
    const id = `cks-step-${serial++}`;
    this.body = make('div', 'cks-step-body', { id });
    this.body.append(this.question, this.entry, this.buttons, this.hints, this.solution, this.said, this.links);
    this.head = make('button', 'cks-step-head', { type: 'button', 'aria-controls': id }, this.icon, this.name, this.word);
    this.head.addEventListener('click', () => choose(step.id));
    this.element = make('li', 'cks-step', {}, this.head, this.body);
    this.entry.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !(event.target as HTMLElement).matches('button')) {
        event.preventDefault();
        this.keep();
      }
    });
    this.update(step);
    this.open = false;
  }

  /** Whether its body is shown. */
  get open(): boolean {
    return !this.body.hidden;
  }
  set open(open: boolean) {
    this.body.hidden = !open;
    this.element.classList.toggle('cks-step-open', open);
    this.head.setAttribute('aria-expanded', String(open));
  }

  /** Show the step as it is now. */
  update(step: Step): void {
    this.step = step;
    const state = STEP_STATES[step.state];
    const section = step.kind === 'section';
    this.element.dataset.state = step.state;
    this.element.dataset.kind = step.kind;
    say(this.word, section ? '' : t(step.kind === 'predict' && state.foretold ? state.foretold : state.word));
    this.word.classList.toggle('cks-spoken', state === STEP_STATES.open || state === STEP_STATES.not_attempted);
    if (this.icon.dataset.state !== step.state && !section) {
      this.icon.dataset.state = step.state;
      this.icon.replaceChildren(shape(state.shape));
    }
    this.updateName();
    this.updateEntry();
    this.updateButtons();
    if (this.hints.childElementCount !== step.hints.length) {
      this.hints.replaceChildren(...step.hints.map(hint => {
        const item = make('li');
        say(item, hint);
        return item;
      }));
    }
    this.hints.hidden = step.hints.length === 0;
    this.solution.textContent = step.solution;
    this.solution.hidden = !step.solution;
    this.say(step.message);
    this.updateLinks();
  }

  /** Where the focus goes when the step is opened by key. */
  focus(): void {
    (this.entry.querySelector<HTMLElement>('input') ?? this.buttons.querySelector('button') ?? this.head).focus();
  }

  private say(words: string): void {
    say(this.said, words);
    this.said.hidden = !words;
  }

  /** The title; where that is only the beginning of the question, the question, which a closed step cuts by lines. */
  private updateName(): void {
    const { title, question } = this.step;
    const begun = title.length > 0 && question.startsWith(title.replace(/\s*…$/, ''));
    say(this.name, begun ? question : title);
    say(this.question, question);
    this.question.hidden = !question || begun;
  }

  /** The place for an answer: made anew only where the question is another one. */
  private updateEntry(): void {
    const { kind, choices, placeholder, answer, state, id } = this.step;
    const asked = kind === 'predict' && (state === 'open' || state === 'not_attempted' || state === 'answered');
    const form = asked ? JSON.stringify([id, choices, placeholder]) : '';
    this.entry.hidden = !asked;
    if (form === this.form) {
      return;
    }
    this.form = form;
    this.entry.replaceChildren();
    if (!asked) {
      return;
    }
    if (choices.length) {
      const name = `cks-choice-${serial++}`;
      this.entry.append(make(
        'fieldset', 'cks-choices', {}, make('legend', 'cks-spoken', {}, this.step.question || this.step.title),
        ...choices.map(({ value, label }) => make(
          'label', 'cks-choice', {}, make('input', '', { type: 'radio', name, value, checked: value === answer }), make('span', '', {}, label)
        ))
      ));
    } else {
      const input = make('input', 'cks-entry', { type: 'text', value: answer, placeholder, autocomplete: 'off', spellcheck: 'false' });
      this.entry.append(make('label', 'cks-entry-label', {}, make('span', 'cks-spoken', {}, t('Your prediction: {title}', { title: this.step.title })), input));
    }
  }

  private updateButtons(): void {
    const { kind, state, hintsLeft, hints, id } = this.step;
    const wanted: [string, string, () => void, boolean][] = [];
    const ask = (what: string) => () => void this.ask({ ask: `lesson.${what}`, item: id });
    if (kind === 'predict') {
      const asked = state === 'open' || state === 'not_attempted' || state === 'answered';
      if (state === 'answered') {
        wanted.push([t('Reveal the answer'), 'reveal', ask('reveal'), false]);
      }
      if (asked) {
        wanted.push([state === 'answered' ? t('Change my prediction') : t('Keep my prediction'), 'keep', () => this.keep(), false]);
      }
    } else if (kind === 'exercise') {
      wanted.push([t('Check'), 'check', ask('check'), false]);
      if (hints.length || hintsLeft) {
        wanted.push([hintsLeft ? t('Hint ({left} left)', { left: hintsLeft }) : t('No more hints'), 'hint', ask('hint'), hintsLeft === 0]);
      }
      if (!this.step.solutionOpen) {
        const name = this.advised ? t('Show it anyway') : t('Solution');
        wanted.push([name, 'solution', () => void this.askForSolution(), false]);
      }
    }
    const key = JSON.stringify(wanted.map(([name]) => name));
    if (this.buttons.dataset.key !== key) {
      const focused = this.buttons.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.what : '';
      this.buttons.dataset.key = key;
      this.buttons.replaceChildren(...wanted.map(([name, what, act, off]) => {
        const one = make('button', 'cks-push', { type: 'button', 'data-what': what, disabled: off }, name);
        one.addEventListener('click', act);
        return one;
      }));
      if (focused) {
        const again = this.buttons.querySelector<HTMLElement>(`[data-what="${focused}"]:not(:disabled)`) ?? this.buttons.querySelector<HTMLElement>('button');
        (again ?? this.head).focus();
      }
    }
    this.buttons.hidden = wanted.length === 0;
  }

  private updateLinks(): void {
    const { views, cell } = this.step;
    const key = JSON.stringify([views, cell]);
    if (this.links.dataset.key === key) {
      return;
    }
    this.links.dataset.key = key;
    const known = views.filter(isView);
    this.links.replaceChildren(...known.map(view => button(title(view), t('Show {view}', { view: title(view) }), () => this.host.view(view), 'cks-button cks-text')));
    if (known.length) {
      this.links.prepend(make('span', 'cks-dim', {}, t('Look at')));
    }
    if (cell) {
      this.links.append(make('span', 'cks-space'), button(t('Go to the cell'), t('Go to the cell in the notebook'), () => this.host.go(cell, 1), 'cks-button cks-text'));
    }
    this.links.hidden = !known.length && !cell;
  }

  /** The kernel may advise to try first; asked again it shows the solution all the same. */
  private async askForSolution(): Promise<void> {
    await this.ask({ ask: 'lesson.solution', item: this.step.id, confirm: this.advised });
    this.advised = !this.step.solutionOpen;
    this.updateButtons();
  }

  private keep(): void {
    const chosen = this.entry.querySelector<HTMLInputElement>('input[type=radio]:checked');
    const typed = this.entry.querySelector<HTMLInputElement>('input.cks-entry');
    const answer = chosen?.value ?? typed?.value.trim() ?? '';
    if (!answer) {
      this.say(this.step.choices.length ? t('Choose one of the answers first.') : t('Type your prediction first.'));
      return;
    }
    void this.ask({ ask: 'lesson.predict', item: this.step.id, answer });
  }

  private async ask(question: Question): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.body.setAttribute('aria-busy', 'true');
    this.element.classList.add('cks-step-busy');
    const hints = this.step.hints.length;
    try {
      const reply = await this.host.ask(question);
      const listed = this.step.hints.length > hints; // it stands among the hints: no need to say it twice
      if (reply.error || (reply.message && !listed)) {
        this.say(reply.error ? t('The kernel could not answer. {reason}', { reason: reply.error }) : reply.message);
      }
    } catch (error) {
      this.say(t('{reason}. Nothing is lost: try again when the cell has ended.', {
        reason: error instanceof Error ? error.message : t('No answer')
      }));
    } finally {
      this.busy = false;
      this.body.removeAttribute('aria-busy');
      this.element.classList.remove('cks-step-busy');
    }
  }
}

let serial = 0;
