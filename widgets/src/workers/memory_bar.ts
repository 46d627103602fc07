/** A bar of memory: its own bytes, blocks, those on disk, and the limit where it is exceeded; with its name and figures. */

import { make } from '../dom';
import { bytes } from '../format';
import { t } from '../translate';
import { memoryBar } from './model';
import type { Bytes } from './model';

export class MemoryBar {
  readonly row: HTMLElement;
  private readonly parts = ['own', 'blocks', 'spilled', 'limit'].map(part => make('i', `cks-worker-${part}`));
  private readonly bar = make('div', 'cks-worker-bar', {}, ...this.parts);
  private readonly figures = make('span', 'cks-worker-number');

  constructor(name: string) {
    this.row = make('div', 'cks-worker-row', {}, make('span', 'cks-dim', {}, name), this.bar, this.figures);
  }

  /** Show these bytes; `largest` is the bar's length where there is no limit. */
  fill(held: Bytes, largest: number, words: string): void {
    const shares = memoryBar(held, largest);
    const [own, blocks, spilled, limit] = this.parts;
    [own, blocks, spilled].forEach((part, i) => {
      part.style.width = percent(shares[i] ?? 0);
    });
    limit.hidden = shares[3] === null;
    limit.style.left = percent(shares[3] ?? 0);
    put(this.figures, words);
    const said = [
      held.memory ? t('{size} of its own', { size: bytes(held.memory) }) : '',
      held.managed ? t('{size} of blocks', { size: bytes(held.managed) }) : '',
      held.spilled ? t('{size} on disk', { size: bytes(held.spilled) }) : ''
    ];
    this.bar.title = said.filter(Boolean).join(', ');
  }
}

/** Give an element these words, where it does not have them. */
export function put(element: HTMLElement, words: string): void {
  if (element.textContent !== words) {
    element.textContent = words;
  }
}

/** A share as a width. */
export function percent(share: number): string {
  return `${(100 * Math.min(Math.max(share, 0), 1)).toFixed(2)}%`;
}
