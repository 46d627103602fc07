/** The states of a task as people see them: a word, a glyph and a pattern each, so that colour is never needed. */

import { mark } from './translate';

export const PENDING = 0;
export const RUNNING = 1;
export const STORED = 2;
export const RELEASED = 3;
export const FAILED = 4;

export interface StateInfo {
  readonly word: string;
  readonly glyph: string;
  readonly about: string;
}

/** Indexed by state. */
export const STATES: readonly StateInfo[] = [
  { word: mark('pending'), glyph: '◌', about: mark('waits for its inputs or for a free lane') },
  { word: mark('running'), glyph: '◐', about: mark('its kernel runs now') },
  { word: mark('stored'), glyph: '●', about: mark('its block is in memory') },
  { word: mark('released'), glyph: '○', about: mark('its last user is done, its block is freed') },
  { word: mark('failed'), glyph: '✖', about: mark('its kernel raised an error') }
];
