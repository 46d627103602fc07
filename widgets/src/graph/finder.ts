/** The search field of the graph: what is found, how many in words, and stepping from one to the next. */

import { make } from '../dom';
import type { Store } from '../store';
import type { Piece } from '../target';
import { t, tn } from '../translate';
import { layerName, taskName } from '../words';
import { search, total } from './search';
import type { Found } from './search';

const REFRESH_SECONDS = 0.2;

export class Finder {
  readonly field = make('input', 'cks-find', {
    type: 'search', placeholder: t('search'), 'aria-label': t('Search the graph: an operation, a column, a file, a task like sum[2,3], or a state like failed'),
    title: t('An operation, a column, a file, a task like sum[2,3], or a state like failed. Enter goes to the next.'), spellcheck: 'false'
  });
  readonly said = make('span', 'cks-found', { role: 'status' });
  found: Found | null = null;
  private at = -1;
  private handle = 0;

  constructor(
    private readonly store: Store, private readonly changed: () => void, private readonly go: (piece: Piece) => void, leave: () => void
  ) {
    this.field.addEventListener('input', () => this.look());
    this.field.addEventListener('keydown', event => {
      if (event.key === 'Enter') {
        this.step(event.shiftKey ? -1 : 1);
      } else if (event.key === 'Escape') {
        this.field.value = '';
        this.look();
        leave();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
  }

  dispose(): void {
    window.clearTimeout(this.handle);
  }

  /** Look again soon, where the answer depends on the time or on the run. */
  refresh(): void {
    const { found } = this;
    if (this.field.value && (!found || found.timely || found.run !== this.store.current || found.ntasks !== found.run.ntasks)) {
      this.handle ||= window.setTimeout(() => this.again(), REFRESH_SECONDS * 1000);
    }
  }

  private again(): void {
    this.handle = 0;
    const at = this.at;
    this.look();
    this.at = Math.min(at, this.found ? total(this.found) - 1 : -1);
    this.tell();
  }

  private look(): void {
    const run = this.store.current;
    this.found = run ? search(run, this.field.value, this.store.states()) : null;
    this.at = -1;
    this.tell();
    this.changed();
  }

  private step(by: number): void {
    const run = this.store.current;
    const size = this.found ? total(this.found) : 0;
    if (!run || !this.found || !size) {
      return;
    }
    this.at = this.at < 0 ? (by > 0 ? 0 : size - 1) : (this.at + by + size) % size;
    this.go(this.piece(this.found, this.at));
    this.tell();
  }

  private piece(found: Found, at: number): Piece {
    const { layers, tasks } = found;
    return at < layers.length ? { layer: layers[at] } : { task: tasks[at - layers.length] };
  }

  /** The count in words, or which of them is shown. */
  private tell(): void {
    const run = this.store.current;
    let words = '';
    if (this.found && run) {
      const size = total(this.found);
      if (!size) {
        words = t('nothing found');
      } else if (this.at < 0) {
        words = tn('{n} found', '{n} found', size);
      } else {
        const piece = this.piece(this.found, this.at);
        const name = 'task' in piece ? taskName(run, piece.task) : layerName(run.layers[piece.layer]);
        words = t('{at} of {n}: {name}', { at: this.at + 1, n: size.toLocaleString('en-US'), name });
      }
    }
    if (this.said.textContent !== words) {
      this.said.textContent = this.said.title = words;
    }
  }
}
