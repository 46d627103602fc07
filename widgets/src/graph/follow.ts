/** Where the arrow keys go: along edges, and to neighbours in the same line. */

import type { Run } from '../run';
import { layerOf } from '../target';
import type { Piece, Target } from '../target';
import { spot } from './model';
import type { Box, Diagram } from './model';

export type Way = 'up' | 'down' | 'left' | 'right';

/** The piece next to a target; the target's own where there is none, the first operation where there is no target. */
export function follow(run: Run, diagram: Diagram, target: Target, way: Way): Piece | null {
  const number = layerOf(run, target);
  const box = diagram.boxes[number];
  if (!target || !box) {
    return diagram.boxes.length ? { layer: 0 } : null;
  }
  if ('task' in target && box.inside) {
    return fromTask(run, diagram, box, target.task, way);
  }
  if (way === 'down' && box.inside && 'layer' in target) {
    return { task: run.layers[number].first_task };
  }
  return fromBox(run, diagram, box, way);
}

function fromBox(run: Run, diagram: Diagram, box: Box, way: Way): Piece {
  const here: Piece = { layer: box.layer };
  const x = box.x + box.width / 2;
  if (way === 'up' || way === 'down') {
    const ends = diagram.edges.filter(edge => (way === 'up' ? edge.to : edge.from) === box.layer)
      .map((edge): Piece => ({ layer: way === 'up' ? edge.from : edge.to }));
    return closest(run, diagram, ends, x) ?? here;
  }
  const sign = way === 'left' ? -1 : 1;
  const beside = diagram.boxes.filter(other => other.rank === box.rank && (other.x + other.width / 2 - x) * sign > 0)
    .map((other): Piece => ({ layer: other.layer }));
  return closest(run, diagram, beside, x) ?? here;
}

function fromTask(run: Run, diagram: Diagram, box: Box, task: number, way: Way): Piece {
  const { links } = diagram;
  const first = run.layers[box.layer].first_task;
  const at = spot(run, diagram, { task });
  if (way === 'up' || way === 'down') {
    if (!links) {
      return fromBox(run, diagram, box, way);
    }
    const [ptr, ends] = way === 'up' ? [links.ptr, links.producer] : [links.userPtr, links.user];
    const found: Piece[] = [];
    for (let e = ptr[task]; e < Math.min(ptr[task + 1], ptr[task] + 5_000); e++) {
      const layer = links.owner[ends[e]];
      found.push(diagram.boxes[layer].inside ? { task: ends[e] } : { layer });
    }
    return closest(run, diagram, found, at.x) ?? { task };
  }
  // the next task of the same line, else the next operation beside it
  const step = box.inside!.dot;
  let best = -1;
  let distance = Infinity;
  for (let other = 0; other < run.layers[box.layer].ntasks; other++) {
    const dx = (box.inside!.x(other) + box.x + box.insideX - at.x) * (way === 'left' ? -1 : 1);
    const dy = Math.abs(box.inside!.y(other) + box.y + box.insideY - at.y);
    if (dx > 0 && dx < distance && dy < step / 2) {
      distance = dx;
      best = other;
    }
  }
  if (best >= 0) {
    return { task: first + best };
  }
  const beside = fromBox(run, diagram, box, way);
  return 'layer' in beside && beside.layer === box.layer ? { task } : beside;
}

/** The piece whose middle is nearest to `x`. */
function closest(run: Run, diagram: Diagram, pieces: readonly Piece[], x: number): Piece | null {
  let best: Piece | null = null;
  let distance = Infinity;
  for (const piece of pieces) {
    const away = Math.abs(spot(run, diagram, piece).x - x);
    if (away < distance) {
      distance = away;
      best = piece;
    }
  }
  return best;
}
