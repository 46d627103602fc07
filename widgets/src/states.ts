/** The states of a task as people see them: a word, a glyph and a pattern each, so that colour is never needed. */

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
  { word: 'pending', glyph: '◌', about: 'waits for its inputs or for a free lane' },
  { word: 'running', glyph: '◐', about: 'its kernel runs now' },
  { word: 'stored', glyph: '●', about: 'its block is in memory' },
  { word: 'released', glyph: '○', about: 'its last user is done, its block is freed' },
  { word: 'failed', glyph: '✖', about: 'its kernel raised an error' }
];
