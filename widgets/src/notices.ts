/** What a run said of its decisions: a reason, at a moment, about a task or about the run. */

import type { Notices } from './wire';

export interface Notice {
  /** One word: what it is about. */
  readonly topic: string;
  /** The reason: one sentence. */
  readonly text: string;
  /** Seconds since the run began. */
  readonly time: number;
  /** -1 where it is about the run. */
  readonly task: number;
}

export class NoticeLog {
  /** How many the run has made; the first of them are kept. */
  total = 0;
  private held: (Notice | undefined)[] = [];
  private ordered: readonly Notice[] | null = null;

  /** Take a message in; those that are here already stay as they are. */
  add(message: Notices): void {
    message.texts.forEach((text, i) => {
      const at = message.cursor + i;
      if (!this.held[at]) {
        this.held[at] = { topic: message.topics[i], text, time: message.time[i], task: message.task[i] };
        this.ordered = null;
      }
    });
    this.total = Math.max(this.total, message.total);
  }

  /** All of them, in the order of their times. */
  all(): readonly Notice[] {
    this.ordered ??= this.held.filter(one => one !== undefined).sort((a, b) => a.time - b.time);
    return this.ordered;
  }

  /** The last `count` up to `time` (null is now), the latest first. */
  before(time: number | null, count = 1): readonly Notice[] {
    const all = this.all();
    let end = all.length;
    while (time !== null && end > 0 && all[end - 1].time > time) {
      end -= 1;
    }
    return all.slice(Math.max(end - count, 0), end).reverse();
  }

  /** Those about one task, in the order of their times. */
  about(task: number): readonly Notice[] {
    return this.all().filter(one => one.task === task);
  }
}
