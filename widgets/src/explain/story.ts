/** The account of a run as the page shows it: the kernel's words, a recording's, or the little that rows tell alone. */

import { bytes, seconds } from '../format';
import type { Run } from '../run';
import { share, spentOf } from '../spent';
import { t, tn } from '../translate';
import type { Chapter, Remark } from '../wire';
import { layerName } from '../words';

export type { Chapter, Remark };

export type Reader = 'learner' | 'expert';

/** What an expert hears, in this order. */
const EXPERT: readonly string[] = ['bottleneck', 'next', 'time', 'spread', 'memory'];

/** The chapters for one kind of reader, in their order; those that have nothing to say are left out. */
export function toldFor(chapters: readonly Chapter[], reader: Reader): Chapter[] {
  const mine = chapters.map(chapter => ({
    ...chapter, remarks: chapter.remarks.filter(remark => remark.reader === '' || remark.reader === reader)
  }));
  const wanted = reader === 'learner' ? mine : EXPERT.flatMap(topic => mine.filter(chapter => chapter.topic === topic));
  return wanted.filter(chapter => chapter.remarks.length);
}

/** The chapters in a kernel's answer; an answer of another form has none. */
export function chaptersOf(reply: Readonly<Record<string, unknown>>): Chapter[] {
  const found = Array.isArray(reply.chapters) ? (reply.chapters as Partial<Chapter>[]) : [];
  return found.map(({ topic, title, remarks }) => ({
    topic: String(topic), title: String(title),
    remarks: (remarks ?? []).map(({ text, layer, task, reader }) => ({
      text: String(text), layer: layer ?? -1, task: task ?? -1, reader: reader ?? ''
    }))
  }));
}

/** A sentence in pieces: words, code, and code that is the name of an operation. */
export interface Piece {
  readonly text: string;
  readonly code: boolean;
  /** The operation that it names; -1 for none. */
  readonly layer: number;
}

/** A remark in pieces. The name of its own operation comes first among those that are called the same. */
export function pieces(run: Run, remark: Remark): Piece[] {
  return remark.text.split(/`([^`\n]+)`/).map((text, i) => {
    if (i % 2 === 0) {
      return { text, code: false, layer: -1 };
    }
    const own = run.layers[remark.layer];
    const layer = own && layerName(own) === text ? remark.layer : run.layers.findIndex(one => layerName(one) === text);
    return { text, code: true, layer };
  }).filter(piece => piece.text !== '');
}

/** What the rows alone tell, for a run whose account nobody has: of a recording made before its end. */
export function computed(run: Run): Chapter[] {
  const spent = spentOf(run);
  if (!spent.lanes) {
    return [chapter('short', t('In short'), [t('No task of this run has finished yet.')])];
  }
  const percent = (part: number): string => `${Math.round(100 * share(spent, part))}%`;
  const peak = run.ended?.peak_bytes ?? 0;
  const heavy = heaviest(run);
  const short = t('{tasks} on {lanes}: {time}, {state}.', {
    tasks: tn('{n} task', '{n} tasks', run.nfinished), lanes: tn('{n} lane', '{n} lanes', spent.lanes),
    time: seconds(run.now(0)), state: t(run.state)
  });
  const time = t('Of the lanes’ time: {kernels} in kernels, {waiting} waiting for inputs, {overhead} handing tasks over.', {
    kernels: percent(spent.kernels), waiting: percent(spent.waiting), overhead: percent(spent.overhead)
  });
  const found = [chapter('short', t('In short'), [short]), chapter('time', t('Where the time went'), [time])];
  if (heavy.layer >= 0) {
    const text = t('`{name}` has most of the kernels’ time: {time}.', { name: layerName(run.layers[heavy.layer]), time: seconds(heavy.seconds) });
    found.push(chapter('bottleneck', t('What bound it'), [text], heavy.layer));
  }
  if (peak) {
    found.push(chapter('memory', t('Memory'), [t('At most {size} were held at once.', { size: bytes(peak) })]));
  }
  return found;
}

function chapter(topic: string, title: string, texts: readonly string[], layer = -1): Chapter {
  return { topic, title, remarks: texts.map(text => ({ text, layer, task: -1, reader: '' })) };
}

/** The operation with the most kernel seconds. */
function heaviest(run: Run): { readonly layer: number; readonly seconds: number } {
  const { task, start, stop, present, end } = run.columns;
  const busy = new Float64Array(run.layers.length);
  for (let row = 0; row < end; row++) {
    if (present[row]) {
      busy[run.layerOf(task[row])] += stop[row] - start[row];
    }
  }
  const layer = busy.length ? busy.indexOf(busy.reduce((most, one) => Math.max(most, one), 0)) : -1;
  return { layer, seconds: layer < 0 ? 0 : busy[layer] };
}
