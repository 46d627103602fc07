/** Moves the store's time: plays a run again at any speed, steps from event to event, jumps. */

import { curvesOf, peakOf } from './curves';
import { momentsOf } from './moments';
import type { Store } from './store';
import type { Target } from './target';

/** What the player needs of a page; tests give their own. */
export interface Motion {
  now(): number;
  frame(callback: () => void): number;
  cancel(handle: number): void;
  /** Whether the reader asked for less motion: then playing goes step by step. */
  calm(): boolean;
}

/** Speeds to choose from: seconds of the run for each second of watching. 0 fits the whole run into ten seconds. */
export const SPEEDS: readonly number[] = [0, 1 / 1000, 1 / 300, 1 / 100, 1 / 30, 1 / 10, 1 / 3, 1];

const FIT_SECONDS = 10;
const CALM_STEP_SECONDS = 1;

export function pageMotion(): Motion {
  return {
    now: () => performance.now() / 1000,
    frame: callback => requestAnimationFrame(callback),
    cancel: handle => cancelAnimationFrame(handle),
    calm: () => matchMedia('(prefers-reduced-motion: reduce)').matches
  };
}

export class Player {
  /** One of SPEEDS. */
  speed = 0;
  playing = false;
  private last = 0;
  private handle = 0;
  private listeners: (() => void)[] = [];

  constructor(private readonly store: Store, private readonly motion: Motion) {}

  /** Be told when playing starts or stops or the speed changes; the result ends that. */
  on(listener: () => void): () => void {
    this.listeners.push(listener);
    return () => {
      this.listeners = this.listeners.filter(other => other !== listener);
    };
  }

  /** Play from the shown time; from the start where that is the end. */
  play(): void {
    const run = this.store.current;
    if (!run || this.playing) {
      return;
    }
    if (this.store.time === null || this.store.time >= run.now(this.store.clock())) {
      this.store.seek(0);
    }
    this.playing = true;
    this.last = this.motion.now();
    this.handle = this.motion.frame(() => this.tick());
    this.tell();
  }

  pause(): void {
    if (this.playing) {
      this.playing = false;
      this.motion.cancel(this.handle);
      this.tell();
    }
  }

  toggle(): void {
    if (this.playing) {
      this.pause();
    } else {
      this.play();
    }
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.tell();
  }

  /** Go to the next (1) or the previous (-1) moment at which a task started or stopped. */
  step(direction: 1 | -1): void {
    this.stepIn(direction, null);
  }

  /** Go to the next or the previous moment at which something happened to what is selected; stays where there is none. */
  stepSelected(direction: 1 | -1): void {
    this.stepIn(direction, this.store.selection);
  }

  /** Go to the moment of the highest measured memory. */
  peak(): void {
    const run = this.store.current;
    if (run) {
      this.seek(peakOf(curvesOf(run, this.store.clock).memory).time);
    }
  }

  /** Go to a time and stay there. */
  seek(time: number): void {
    this.pause();
    this.store.seek(time);
  }

  /** Show now: live, or the end. */
  live(): void {
    this.pause();
    this.store.seek(null);
  }

  dispose(): void {
    this.pause();
    this.listeners = [];
  }

  private stepIn(direction: 1 | -1, target: Target): void {
    const run = this.store.current;
    if (!run) {
      return;
    }
    this.pause();
    const times = momentsOf(run, target);
    const now = this.store.shownTime();
    if (target !== null && !times.some(time => (direction > 0 ? time > now : time < now))) {
      return;
    }
    this.store.seek(next(times, now, direction));
  }

  private tick(): void {
    const run = this.store.current;
    if (!run || !this.playing || this.store.time === null) {
      this.pause();
      return;
    }
    const now = this.motion.now();
    const elapsed = now - this.last;
    if (this.motion.calm() && elapsed < CALM_STEP_SECONDS) {
      this.handle = this.motion.frame(() => this.tick());
      return;
    }
    this.last = now;
    const end = run.now(this.store.clock());
    const speed = this.speed || end / FIT_SECONDS;
    const time = this.store.time + elapsed * speed;
    if (time >= end) {
      this.pause();
      this.store.seek(null);
      return;
    }
    this.store.seek(time);
    this.handle = this.motion.frame(() => this.tick());
  }

  private tell(): void {
    for (const listener of this.listeners) {
      listener();
    }
  }
}

/** The event after (or before) `time` in sorted `events`; the ends where there is none. */
export function next(events: Float64Array, time: number, direction: 1 | -1): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (direction > 0 ? events[middle] <= time : events[middle] < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const index = direction > 0 ? low : low - 1;
  return index < 0 ? 0 : index >= events.length ? (events[events.length - 1] ?? 0) : events[index];
}
