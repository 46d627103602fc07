/** Paints over the cards: what is pointed at and selected, what it is made of, borders of what is read, the failed block. */

import type { Run } from '../run';
import { FAILED } from '../states';
import type { Store } from '../store';
import { concerns } from '../target';
import { clipped } from '../theme';
import type { Theme } from '../theme';
import { layerName } from '../words';
import { boxOf } from './cards';
import type { Box, Card } from './cards';
import { neighboursOf } from './neighbours';
import type { Borders } from './source';
import { fileStarts } from './source';

type Context = CanvasRenderingContext2D;

/** Outline what is pointed at and what is selected, and the blocks around it: solid what it reads, dashed what reads it. */
export function markCards(ctx: Context, theme: Theme, run: Run, cards: readonly Card[], store: Store): void {
  const around = neighboursOf(run, store.hover ?? store.selection);
  for (const [tasks, dash] of [[around.reads, []], [around.readBy, [3, 2]]] as const) {
    for (const task of tasks) {
      const box = boxOfTask(run, cards, task);
      if (box) {
        outline(ctx, box, theme.page, 4, []);
        outline(ctx, box, theme.accent, 2, dash);
      }
    }
  }
  for (const [target, width] of [[store.hover, 1.5], [store.selection, 2.5]] as const) {
    for (const card of cards.filter(one => concerns(run, target, one.layer))) {
      const index = target && 'task' in target ? target.task - run.layers[card.layer].first_task : null;
      const box = boxOf(card, index) ?? boxOf(card, null)!;
      outline(ctx, box, theme.page, width + 2, []);
      outline(ctx, box, theme.ink, width, []);
    }
  }
  markFailure(ctx, theme, run, cards, store);
}

/** The failed block stands out however small it is. */
function markFailure(ctx: Context, theme: Theme, run: Run, cards: readonly Card[], store: Store): void {
  const task = run.ended?.error?.task ?? -1;
  if (task < 0 || store.states()[task] !== FAILED) {
    return;
  }
  const box = boxOfTask(run, cards, task);
  if (box && Math.min(box[2] - box[0], box[3] - box[1]) < 14) {
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    ctx.beginPath();
    ctx.arc(x, y, 8, 0, 2 * Math.PI);
    ctx.fillStyle = theme.page;
    ctx.fill();
    ctx.strokeStyle = ctx.fillStyle = theme.states[FAILED];
    ctx.lineWidth = 1.5;
    ctx.stroke();
    ctx.textAlign = 'center';
    ctx.fillText('✖', x, y + 0.5);
  }
}

/** The borders of the chunks that are read, as broken lines over the picture, named where there is room below. */
export function drawBorders(ctx: Context, theme: Theme, run: Run, card: Card, borders: readonly Borders[]): void {
  const box = boxOf(card, null)!;
  borders.forEach((one, i) => {
    ctx.beginPath();
    for (const x of one.x) {
      ctx.moveTo(x, box[1] - 3);
      ctx.lineTo(x, box[3] + 3);
    }
    for (const y of one.y) {
      ctx.moveTo(box[0] - 3, y);
      ctx.lineTo(box[2] + 3, y);
    }
    ctx.save();
    ctx.setLineDash(i % 2 ? [2, 3] : [6, 3]);
    ctx.strokeStyle = theme.page;
    ctx.lineWidth = 3.5;
    ctx.stroke();
    ctx.strokeStyle = theme.ink;
    ctx.lineWidth = 1.5;
    ctx.stroke();
    const y = box[3] + 12 + 13 * i;
    if (y + 5 <= card.top + card.height) {
      ctx.beginPath();
      ctx.moveTo(box[0], y);
      ctx.lineTo(box[0] + 16, y);
      ctx.stroke();
      ctx.fillStyle = theme.dim;
      ctx.textAlign = 'left';
      ctx.fillText(clipped(ctx, layerName(run.layers[one.layer]), card.width - 30), box[0] + 21, y);
    }
    ctx.restore();
  });
}

/** Under the bars of a strip: a line for each file, broken where the next one begins. */
export function drawFiles(ctx: Context, theme: Theme, run: Run, card: Card): void {
  const starts = fileStarts(run.layers[card.layer]);
  if (!card.strip || !starts.length) {
    return;
  }
  ctx.fillStyle = theme.dim;
  starts.forEach((begins, i) => {
    const [x0, y0, x1, y1] = boxOf(card, i)!;
    const inset = begins ? Math.min(2, (x1 - x0) / 3) : 0;
    ctx.fillRect(x0 + inset, y1 + 1, x1 - x0 - inset, 1.5);
    if (begins && x1 - x0 >= 3) {
      ctx.fillRect(x0 + inset, y0, 1, y1 - y0 + 2);
    }
  });
}

/** An arrow from the inputs to what is made of them. */
export function drawArrow(ctx: Context, theme: Theme, inputs: readonly Card[], own: Card): void {
  if (!inputs.length || own.strip) {
    return;
  }
  const x = own.left - 10;
  const y = boxOf(own, null)![1] + 12;
  ctx.strokeStyle = theme.dim;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x - 7, y);
  ctx.lineTo(x + 5, y);
  ctx.moveTo(x + 1, y - 4);
  ctx.lineTo(x + 5, y);
  ctx.lineTo(x + 1, y + 4);
  ctx.stroke();
}

function boxOfTask(run: Run, cards: readonly Card[], task: number): Box | null {
  const layer = run.layerOf(task);
  const card = cards.find(one => one.layer === layer);
  return card ? boxOf(card, task - run.layers[layer].first_task) : null;
}

function outline(ctx: Context, [x0, y0, x1, y1]: Box, colour: string, width: number, dash: readonly number[]): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash([...dash]);
  ctx.strokeRect(x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1);
  ctx.restore();
}
