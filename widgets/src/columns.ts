/** The rows of a run's log in typed arrays, filled by windows that may come in any order, each row used once. */

import type { RowWindow } from './wire';

const NAMES = ['ready', 'start', 'stop', 'bytes_out', 'stored', 'scratch'] as const;

export class Columns {
  task = new Int32Array(0);
  lane = new Int32Array(0);
  ready = new Float64Array(0);
  start = new Float64Array(0);
  stop = new Float64Array(0);
  bytes_out = new Float64Array(0);
  stored = new Float64Array(0);
  scratch = new Float64Array(0);
  /** 1 where the row is here. */
  present = new Uint8Array(0);
  /** One past the last row that is here. */
  end = 0;
  /** Number of rows that are here. */
  filled = 0;
  /** Latest stop of all rows. */
  lastStop = 0;
  /** Counts changes, for caches. */
  version = 0;

  /** Whether there is no gap. */
  get complete(): boolean {
    return this.filled === this.end;
  }

  /** Take a window in; returns the numbers of the rows that are new. */
  add(rows: RowWindow): number[] {
    const stop = rows.cursor + rows.task.length;
    this.reserve(stop);
    const fresh: number[] = [];
    for (let i = 0, row = rows.cursor; row < stop; i++, row++) {
      if (this.present[row]) {
        continue;
      }
      this.present[row] = 1;
      this.task[row] = rows.task[i];
      this.lane[row] = rows.lane[i];
      for (const name of NAMES) {
        this[name][row] = rows[name][i] ?? 0; // a window in which nothing had temporaries leaves them out
      }
      this.lastStop = Math.max(this.lastStop, rows.stop[i]);
      fresh.push(row);
    }
    this.filled += fresh.length;
    this.end = Math.max(this.end, stop);
    this.version += fresh.length ? 1 : 0;
    return fresh;
  }

  private reserve(size: number): void {
    const held = this.present.length;
    if (size <= held) {
      return;
    }
    const room = Math.max(size, 2 * held, 256);
    this.present = grown(this.present, new Uint8Array(room));
    this.task = grown(this.task, new Int32Array(room));
    this.lane = grown(this.lane, new Int32Array(room));
    for (const name of NAMES) {
      this[name] = grown(this[name], new Float64Array(room));
    }
  }
}

function grown<T extends { set(other: T): void }>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
