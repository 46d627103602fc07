/** Works diagrams out beside the page's frames: some milliseconds at once, then the page has its turn. */

import type { Diagram } from './model';

/** Milliseconds at the first go, which most diagrams are done in, and in each turn after it. */
const FIRST = 24;
const TURN = 10;

export class Placer {
  private handle = 0;
  /** Milliseconds that the last diagram took, all its turns together. */
  spent = 0;

  constructor(private readonly ready: (diagram: Diagram) => void) {}

  /** Whether a diagram is being worked out. */
  get busy(): boolean {
    return this.handle !== 0;
  }

  /** Begin a diagram; one that is not done yet is given up. */
  start(steps: Generator<void, Diagram>): void {
    this.stop();
    this.spent = 0;
    this.go(steps, FIRST);
  }

  stop(): void {
    window.clearTimeout(this.handle);
    this.handle = 0;
  }

  private go(steps: Generator<void, Diagram>, budget: number): void {
    this.handle = 0;
    const began = performance.now();
    do {
      const step = steps.next();
      if (step.done) {
        this.spent += performance.now() - began;
        this.ready(step.value);
        return;
      }
    } while (performance.now() - began < budget);
    this.spent += performance.now() - began;
    this.handle = window.setTimeout(() => this.go(steps, TURN));
  }
}
