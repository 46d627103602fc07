/** Which part of a grid of many axes is looked at: two axes are shown, the others are held at one block each. */

import { blockAt } from '../grid';
import type { Face } from '../grid';

/** The last two axes, the others at their first block; what was looked at before stays as far as the grid has it. */
export function faceOf(grid: readonly number[], before: Face | null = null): Face {
  const last = Math.max(grid.length - 1, 0);
  const kept = before && before.at.length === grid.length ? before : null;
  return {
    rows: kept?.rows ?? Math.max(last - 1, 0),
    columns: kept?.columns ?? last,
    at: grid.map((n, axis) => Math.min(kept?.at[axis] ?? 0, n - 1))
  };
}

/** The axes that are held, in order. */
export function heldAxes(face: Face): number[] {
  return face.at.map((_, axis) => axis).filter(axis => axis !== face.rows && axis !== face.columns);
}

/** Show an axis downwards or across; where it is the other one that is shown, the two change places. */
export function turned(face: Face, role: 'rows' | 'columns', axis: number): Face {
  const other = role === 'rows' ? 'columns' : 'rows';
  return { ...face, [role]: axis, [other]: face[other] === axis ? face[role] : face[other] };
}

/** The next pair of axes, in the order (0, 1), (0, 2), … (1, 2), … */
export function nextPair(face: Face): Face {
  const n = face.at.length;
  const [low, high] = [Math.min(face.rows, face.columns), Math.max(face.rows, face.columns)];
  const [rows, columns] = high + 1 < n ? [low, high + 1] : low + 2 < n ? [low + 1, low + 2] : [0, 1];
  return { ...face, rows, columns };
}

/** Hold an axis at another block. */
export function moved(face: Face, grid: readonly number[], axis: number, block: number): Face {
  return { ...face, at: face.at.map((place, other) => (other === axis ? Math.min(Math.max(block, 0), grid[axis] - 1) : place)) };
}

/** The face on which a block of the grid can be seen. */
export function showing(face: Face, grid: readonly number[], index: number): Face {
  const block = blockAt(grid, index);
  return heldAxes(face).every(axis => face.at[axis] === block[axis]) ? face : { ...face, at: block };
}
