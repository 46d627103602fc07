/** What stands under the picture of a lazy value: a bar while it is computed, and a line in words. */

import { button, make } from '../dom';
import { RUNNING } from '../states';
import { t } from '../translate';
import type { ObjectSpec } from './spec';
import { madeOf } from './standing';
import type { Fold, Standing } from './standing';
import { lineOf } from './words';

/** What changes fast is spoken at most so often. */
const SAY_MS = 1_000;
/** What was spoken is taken away: who reads the page finds the words once. */
const HUSH_MS = 3_000;

export class Foot {
  readonly element: HTMLElement;
  private readonly bar = make('div', 'cks-object-bar', { role: 'progressbar', 'aria-valuemin': 0, hidden: true });
  private readonly made = make('span', 'cks-object-made');
  private readonly running = make('span', 'cks-object-running');
  private readonly glyph = make('span', 'cks-object-glyph', { 'aria-hidden': 'true' });
  private readonly words = make('span', 'cks-object-words');
  private readonly stale = make('span', 'cks-object-stale');
  private readonly pointed = make('span', 'cks-object-tip', { 'aria-hidden': 'true' });
  private readonly spoken = make('span', 'cks-object-spoken', { 'aria-live': 'polite' });
  private readonly open: HTMLButtonElement;
  private part: number | null = null;
  private said = '';
  private saidAt = 0;
  private hush = 0;

  constructor(private readonly spec: ObjectSpec, private readonly show: ((run: number) => void) | null) {
    const act = (): void => {
      if (this.part !== null) {
        this.show?.(this.part);
      }
    };
    this.open = button('', t('Show the run in the panel'), act, 'cks-object-show');
    this.bar.append(this.made, this.running);
    const line = make('div', 'cks-object-line', {}, this.glyph, this.words, this.stale, this.open, this.pointed, this.spoken);
    this.element = make('div', 'cks-object-foot', { hidden: true }, this.bar, line);
  }

  /** Say how the value stands. `held`: whether the page has the run that makes it. */
  write(fold: Fold, standing: Standing | null, held: boolean): void {
    const { glyph, text, stale } = lineOf(this.spec, fold, standing);
    this.part = fold.part?.run ?? null;
    this.element.hidden = !text && !stale;
    put(this.glyph, glyph);
    put(this.words, text);
    put(this.stale, stale && `⚠ ${stale}`);
    this.open.hidden = this.show === null || !held || !text;
    put(this.open, t('Show run {run}', { run: this.part ?? 0 }));
    this.measure(fold, text);
    this.speak([text, stale].filter(Boolean).join('. '), fold.phase === 'live');
  }

  /** Say what is pointed at. */
  tip(text: string): void {
    put(this.pointed, text);
  }

  dispose(): void {
    window.clearTimeout(this.hush);
  }

  private measure(fold: Fold, text: string): void {
    const n = fold.tally.reduce((a, b) => a + b, 0);
    const single = n === 1 && fold.tasks > 1; // of one block the tasks before it tell more
    const [done, some, all] = single ? [fold.tasksDone, 0, fold.tasks] : [madeOf(fold.tally), fold.tally[RUNNING], n];
    this.bar.hidden = fold.phase !== 'live' || all === 0;
    if (!this.bar.hidden) {
      this.made.style.width = `${(100 * done) / all}%`;
      this.running.style.width = `${(100 * some) / all}%`;
      this.bar.setAttribute('aria-valuemax', String(all));
      this.bar.setAttribute('aria-valuenow', String(done));
      this.bar.setAttribute('aria-label', text);
    }
  }

  private speak(speech: string, live: boolean): void {
    const now = performance.now();
    if (speech === this.said || (live && now - this.saidAt <= SAY_MS)) {
      return;
    }
    if (this.said || live) { // what stood there when the page was opened is read, not told
      put(this.spoken, speech);
      window.clearTimeout(this.hush);
      this.hush = window.setTimeout(() => put(this.spoken, ''), HUSH_MS);
    }
    this.said = speech;
    this.saidAt = now;
  }
}

function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
