/** The run's graph to draw: a card for each operation, or a frame with its tasks where it is opened. */

import { layering, ranksOf, stacked } from '../layout';
import type { Layout } from '../layout';
import type { Run } from '../run';
import type { Piece, Target } from '../target';
import { layerName } from '../words';
import { Scattered, insideOf } from './inside';
import type { Inside } from './inside';
import type { Extent } from './camera';
import { linksOf } from './links';
import type { Links } from './links';
import { partsOf } from './marks';

export const CARD_WIDTH = 132;
const MOST_CARD_WIDTH = 320;
/** A letter of a name, in pixels. */
const LETTER = 6;
export const CARD_HEIGHT = 36;
/** The least height of the line with the name above what is in a frame, and the room around that. */
const HEAD = 18;
const MOST_HEAD = 60;
/** The same height in pixels of the stage, where the whole diagram is seen. */
const HEAD_PIXELS = 16;
/** A usual height of a rank with its gap. */
const RANK = 84;
export const PAD = 5;
/** The small cards of what was fused into an operation, and the distance between their left ends. */
export const PART_WIDTH = 84;
export const PART_HEIGHT = 18;
export const PART_STEP = PART_WIDTH + 16;

/** Most tasks of opened operations that are drawn one by one. */
export const MOST_TASKS = 400_000;

/** One operation. */
export interface Box {
  readonly layer: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rank: number;
  /** Height of the line with its name, where it is a frame. */
  readonly head: number;
  /** Small cards for what was fused into it, in lines of this many; 0 where they are not shown. */
  readonly parts: number;
  /** Its tasks, where it is opened, and where their area begins in the box. */
  readonly inside: Inside | null;
  readonly insideX: number;
  readonly insideY: number;
}

/** An edge between two operations, by the points that it passes on its way, top to bottom. */
export interface OperationEdge {
  readonly from: number;
  readonly to: number;
  readonly way: readonly { readonly x: number; readonly top: number; readonly bottom: number }[];
  /** Edges between their tasks; 0 where not known. */
  readonly count: number;
}

export interface Diagram {
  /** By the operations' numbers. */
  readonly boxes: readonly Box[];
  readonly edges: readonly OperationEdge[];
  readonly links: Links | null;
  readonly width: number;
  readonly height: number;
  readonly ntasks: number;
}

/** What is shown: which operations are opened into tasks, and which show what was fused into them. */
export interface Shown {
  readonly open: ReadonlySet<number>;
  readonly parts: ReadonlySet<number>;
  /** The stage that it has to be read in. */
  readonly stage: Extent;
}

/** Why an operation cannot be opened beside those that are, or nothing. */
export function tooMany(run: Run, open: ReadonlySet<number>, layer: number): boolean {
  let total = run.layers[layer].ntasks;
  open.forEach(number => {
    total += run.layers[number]?.ntasks ?? 0;
  });
  return total > MOST_TASKS;
}

/** The diagram, worked out in steps. */
export function* arranging(run: Run, shown: Shown): Generator<void, Diagram> {
  const links = linksOf(run);
  yield;
  const { layers } = run;
  const pairs = run.header.layer_edges.filter(([a, b]) => a < layers.length && b < layers.length);
  const from = Int32Array.from(pairs, pair => pair[0]);
  const to = Int32Array.from(pairs, pair => pair[1]);
  const inputs = layers.map((): number[] => []);
  pairs.forEach(([a, b]) => inputs[b].push(a));
  const ranks = ranksOf(layers.length, from, to);
  const depth = 1 + ranks.reduce((most, rank) => Math.max(most, rank), 0);
  const { stage } = shown;
  const aspect = Math.min(Math.max((stage.width / Math.max(stage.height, 1)) * depth * 1.8, 3), 40);
  const broad = Math.min(Math.max((stage.width * depth * RANK) / Math.max(stage.height, 1), stage.width * 1.3, 480), 2_000);
  const insides: (Inside | null)[] = [];
  const lines: number[] = [];
  const parts = layers.map(layer => partsOf(layer).length);
  for (let number = 0; number < layers.length; number++) {
    const wide = Math.min(Math.max(0, ...inputs[number].map(a => insides[a]?.width ?? 0)), 1_400);
    insides.push(shown.open.has(number) ? yield* insideOf(number, layers[number], links, layers.length, { wide, broad, aspect }) : null);
    lines.push(shown.parts.has(number) ? partsInLine(parts[number], insides[number]?.width ?? 0) : 0);
  }
  const card = cardWidth(run, ranks, stage);
  const wide = Float64Array.from(parts, (count, i) => boxWidth(insides[i], lines[i], count, card));
  const place = yield* layering(layers.length, from, to, wide, 20);
  const heights = (head: number): Float64Array =>
    Float64Array.from(parts, (count, i) => boxHeight(insides[i], lines[i], count, head));
  const head = headFor(place, heights, stage);
  const tall = heights(head);
  const bare = stacked(place.rank, tall, 0).height;
  const least = shown.open.size || shown.parts.size ? 26 : 22;
  const tallest = place.width * Math.min(Math.max(stage.height / Math.max(stage.width, 1), 0.5), 1.6);
  const gap = Math.min(Math.max((tallest - bare) / Math.max(depth - 1, 1), least), 110);
  const rows = stacked(place.rank, tall, gap); // wide graphs get more room for their edges
  let boxes = layers.map((_, i): Box => {
    const inside = insides[i];
    const partLines = lines[i] ? Math.ceil(parts[i] / lines[i]) : 0;
    const rank = place.rank[i];
    return {
      layer: i, width: wide[i], height: tall[i], rank, parts: lines[i], inside, head,
      x: place.x[i] - wide[i] / 2, y: rows.tops[rank] + (rows.bottoms[rank] - rows.tops[rank] - tall[i]) / 2,
      insideX: inside ? (wide[i] - inside.width) / 2 : 0, insideY: head + partLines * (PART_HEIGHT + 6)
    };
  });
  yield;
  if (links) {
    boxes = aligned(run, boxes, links);
  }
  const edges = pairs.map(([a, b], e): OperationEdge => ({
    from: a, to: b, count: links?.counts.get(a * layers.length + b) ?? 0,
    way: (place.ways.get(e) ?? []).map(({ x, rank }) => ({ x, top: rows.tops[rank], bottom: rows.bottoms[rank] }))
  }));
  return { boxes, edges, links, width: place.width, height: rows.height, ntasks: run.ntasks };
}

/** The same at once. */
export function arranged(run: Run, shown: Shown): Diagram {
  const steps = arranging(run, shown);
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

function partsInLine(parts: number, width: number): number {
  const most = Math.max(Math.floor((width + 16) / PART_STEP), 4);
  return Math.ceil(parts / Math.max(Math.ceil(parts / most), 1)); // lines of about the same length
}

/** Cards as wide as their names need where all of them are in the stage, as far as there is room. */
function cardWidth(run: Run, ranks: Int32Array, stage: Extent): number {
  const beside: number[] = [];
  ranks.forEach(rank => {
    beside[rank] = (beside[rank] ?? 0) + 1;
  });
  const scale = Math.min(stage.height / Math.max(beside.length * (CARD_HEIGHT + 22), 1), 1.15);
  const longest = run.layers.reduce((most, layer) => Math.max(most, layerName(layer).length), 0);
  const room = stage.width / scale / Math.max(...beside, 1) - 20;
  return Math.max(CARD_WIDTH, Math.min((longest * LETTER + 24) / scale, room, MOST_CARD_WIDTH));
}

function boxWidth(inside: Inside | null, line: number, parts: number, card: number): number {
  if (!inside && !line) {
    return card;
  }
  const chain = line ? Math.min(line, parts) * PART_STEP - 16 : 0;
  return Math.max(CARD_WIDTH, (inside?.width ?? 0) + 2 * PAD, chain + 2 * PAD + 2);
}

function boxHeight(inside: Inside | null, line: number, parts: number, head: number): number {
  if (!inside && !line) {
    return CARD_HEIGHT;
  }
  return head + (line ? Math.ceil(parts / line) * (PART_HEIGHT + 6) : 0) + (inside ? inside.height : 6) + PAD;
}

/** A height for the names of frames that can be read where all of the diagram is in the stage: names are as high as small. */
function headFor(place: Layout, heights: (head: number) => Float64Array, stage: Extent): number {
  let head = HEAD;
  for (let round = 0; round < 3; round++) { // higher heads make the whole smaller
    const height = stacked(place.rank, heights(head), 26).height;
    const scale = Math.min(stage.width / Math.max(place.width, 1), stage.height / Math.max(height, 1), 1.15);
    head = Math.min(Math.max(HEAD_PIXELS / scale, HEAD), MOST_HEAD);
  }
  return head;
}

/** Rows of tasks stand under the middle of what they are made from. */
function aligned(run: Run, boxes: readonly Box[], links: Links): Box[] {
  const done = [...boxes];
  const order = boxes.map((_, i) => i).sort((a, b) => boxes[a].rank - boxes[b].rank);
  const centre = (task: number): number => {
    const box = done[links.owner[task]];
    return box.inside ? box.x + box.insideX + box.inside.x(task - run.layers[box.layer].first_task) : box.x + box.width / 2;
  };
  for (const number of order) {
    const box = done[number];
    const { first_task: first, ntasks } = run.layers[number];
    if (!(box.inside instanceof Scattered) || !box.inside.single || links.counts.has(number * boxes.length + number)) {
      continue;
    }
    const wish = new Float64Array(ntasks);
    let fed = false;
    for (let i = 0; i < ntasks; i++) {
      const [begin, end] = [links.ptr[first + i], links.ptr[first + i + 1]];
      let sum = 0;
      for (let e = begin; e < end; e++) {
        sum += centre(links.producer[e]);
      }
      fed ||= end > begin;
      wish[i] = end > begin ? sum / (end - begin) - box.x - box.insideX : box.inside.x(i);
    }
    if (fed) {
      done[number] = { ...box, inside: box.inside.aligned(wish) };
    }
  }
  return done;
}

/** Where a target is: its middle and size. Tasks of closed operations are where their card is. */
export function spot(run: Run, diagram: Diagram, piece: Piece): { x: number; y: number; width: number; height: number; inside: boolean } {
  const task = 'task' in piece ? piece.task : -1;
  const box = diagram.boxes[task >= 0 ? run.layerOf(task) : (piece as { layer: number }).layer];
  if (task >= 0 && box?.inside) {
    const local = task - run.layers[box.layer].first_task;
    const { dot } = box.inside;
    return { x: box.x + box.insideX + box.inside.x(local), y: box.y + box.insideY + box.inside.y(local), width: dot, height: dot, inside: true };
  }
  return box
    ? { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width, height: box.height, inside: false }
    : { x: 0, y: 0, width: 0, height: 0, inside: false };
}

/** What is at a point of the diagram, with some slack around small things. */
export function pieceAt(run: Run, diagram: Diagram, x: number, y: number, slack: number): Target {
  for (const box of diagram.boxes) {
    if (x < box.x - slack || y < box.y - slack || x > box.x + box.width + slack || y > box.y + box.height + slack) {
      continue;
    }
    const local = box.inside ? box.inside.at(x - box.x - box.insideX, y - box.y - box.insideY, slack) : -1;
    return local >= 0 ? { task: run.layers[box.layer].first_task + local } : { layer: box.layer };
  }
  return null;
}

/** How near the camera may come: the smallest squares are large then. */
export function nearest(diagram: Diagram): number {
  return diagram.boxes.reduce((scale, box) => Math.max(scale, box.inside ? 44 / box.inside.dot : 0), 4);
}
