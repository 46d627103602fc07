/** Where tasks of some operations ran, pixel by pixel: what is chosen is marked without hiding it, however small it is. */

import type { Run } from '../run';

/** 1 at `lane * pixels + x` where a task of one of the operations ran in that stretch of the lane. */
export function covered(run: Run, operations: readonly number[], lanes: number, from: number, to: number, pixels: number): Uint8Array {
  const out = new Uint8Array(lanes * pixels);
  const { start, stop, lane } = run.columns;
  const scale = pixels / (to - from);
  for (const number of operations) {
    const { first_task, ntasks } = run.layers[number];
    for (let task = first_task; task < first_task + ntasks; task++) {
      const row = run.rowOf[task];
      if (row < 0 || stop[row] < from || start[row] > to || lane[row] >= lanes) {
        continue;
      }
      const first = Math.max(0, Math.floor((start[row] - from) * scale));
      const last = Math.min(pixels, Math.max(first + 1, Math.round((stop[row] - from) * scale)));
      out.fill(1, lane[row] * pixels + first, lane[row] * pixels + last);
    }
  }
  return out;
}
