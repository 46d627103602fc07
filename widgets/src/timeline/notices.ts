/** The decisions of a run that are marked on the time line: a lane that joined, a worker that was lost, what went to disk. */

import type { Notice } from '../notices';
import { HOLDING } from '../reason';
import type { Run } from '../run';

const MOST_MARKS = 300;

/** Whether a notice tells of a block that was written to disk. */
export function isSpill(topic: string): boolean {
  return topic.startsWith('spill');
}

/** The notices between two times, in order; not those of tasks that were held back, which show as overhead. */
export function shownNotices(run: Run, from: number, to: number): readonly Notice[] {
  return run.notices.all().filter(one => !HOLDING.has(one.topic) && one.time >= from && one.time <= to).slice(0, MOST_MARKS);
}

/** The reasons of the decisions within `seconds` of a time, a line each. */
export function noticesNear(run: Run, time: number, seconds: number): string {
  return shownNotices(run, time - seconds, time + seconds).slice(0, 5).map(one => one.text).join('\n');
}
