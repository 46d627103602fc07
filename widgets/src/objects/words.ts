/** What is said of a lazy value under its picture. */

import { bytes, seconds } from '../format';
import { FAILED, PENDING, RUNNING, STORED } from '../states';
import { t, tn } from '../translate';
import type { ObjectSpec } from './spec';
import { LAZY, LOST, SPILLED, madeOf } from './standing';
import type { Fold, Standing } from './standing';

/** A glyph and a word for each state of a block; the first five are those of tasks. */
export const GLYPHS = ['◌', '◐', '●', '○', '✖', '◒', '∅', '◌'];

/** What is said: a glyph, the sentence, and what is stale about the value. */
export interface Line {
  readonly glyph: string;
  readonly text: string;
  readonly stale: string;
}

/** The line of a value; empty where there is nothing to say. */
export function lineOf(spec: ObjectSpec, fold: Fold, standing: Standing | null): Line {
  const stale = fold.phase === 'gone' ? '' : staleWords(standing);
  const [glyph, text] = said(spec, fold);
  return { glyph, text, stale };
}

function said(spec: ObjectSpec, fold: Fold): [string, string] {
  switch (fold.phase) {
    case 'live':
      return ['◐', live(spec, fold)];
    case 'kept':
      return kept(spec, fold);
    case 'done':
      return ['○', done(fold)];
    case 'failed':
      return ['✖', failed(spec, fold)];
    case 'gone':
      return ['∅', t('Nothing in the notebook holds this value any more')];
    case 'lazy':
      return ['', ''];
  }
}

/** "chunks", "partitions": what the blocks of a value are called, so many of so many. */
export function blocksWords(spec: ObjectSpec, some: number, n: number): string {
  const values = { some: some.toLocaleString('en-US') };
  if (spec.kind === 'array') {
    return tn('{some} of {n} chunk', '{some} of {n} chunks', n, values);
  }
  return spec.kind === 'delayed' ? t('the value') : tn('{some} of {n} partition', '{some} of {n} partitions', n, values);
}

function allWords(spec: ObjectSpec, n: number): string {
  if (spec.kind === 'delayed') {
    return t('The value');
  }
  return spec.kind === 'array' ? tn('The chunk', 'All {n} chunks', n) : tn('The partition', 'All {n} partitions', n);
}

function total(tally: readonly number[]): number {
  return tally.reduce((a, b) => a + b, 0);
}

function live(spec: ObjectSpec, fold: Fold): string {
  const { tally, part } = fold;
  const run = t('run {run}', { run: part?.run ?? 0 });
  const when = fold.at === null ? run : t('{run} at {time}', { run, time: seconds(fold.at) });
  const n = total(tally);
  const made = madeOf(tally);
  const outer = fold.tasks > n ? t('{done} of {tasks} tasks of {run}', { done: local(fold.tasksDone), tasks: local(fold.tasks), run: when }) : when;
  if (part?.how === 'inside') {
    const where = part.op ? t('Made inside {op}, never as a whole', { op: part.op }) : t('Used in another form');
    return `${where} · ${outer}`;
  }
  if (spec.kind === 'delayed') {
    const state = tally[RUNNING] ? t('Running') : made ? t('Made') : tally[FAILED] ? t('Failed') : t('Waits for its inputs');
    return `${state} · ${outer}`;
  }
  const what = part?.how === 'kept' ? t('{blocks} stored', { blocks: blocksWords(spec, made, n) }) : t('{blocks} computed', { blocks: blocksWords(spec, made, n) });
  const running = tally[RUNNING] ? `, ${t('{n} running', { n: local(tally[RUNNING]) })}` : '';
  const broken = tally[FAILED] ? `, ${t('{n} failed', { n: local(tally[FAILED]) })}` : '';
  return `${what}${running}${broken} · ${outer}`;
}

function kept(spec: ObjectSpec, fold: Fold): [string, string] {
  const { tally } = fold;
  const n = total(tally);
  const size = fold.nbytes ? `, ${bytes(fold.nbytes)}` : '';
  if (tally[STORED] === n) {
    return ['●', t('{blocks} stored', { blocks: allWords(spec, n) }) + size];
  }
  const parts = [
    [STORED, t('stored')], [SPILLED, t('spilled to disk')], [LOST, t('lost')], [FAILED, t('failed')], [PENDING, t('still to come')],
    [LAZY, t('never made')]
  ] as const;
  const words = parts.filter(([state]) => tally[state]).map(([state, word], i) => {
    const count = i === 0 ? blocksWords(spec, tally[state], n) : `${GLYPHS[state]} ${local(tally[state])}`;
    return `${count} ${word}${state === STORED ? size : ''}`;
  });
  const first = parts.find(([state]) => tally[state]);
  return [isBroken(fold) ? GLYPHS[FAILED] : first ? GLYPHS[first[0]] : '◌', capital(words.join(' · '))];
}

function done({ part }: Fold): string {
  const run = t('run {run}', { run: part?.run ?? 0 });
  switch (part?.how) {
    case 'inside':
      return part.op ? t('Was made inside {op} in {run}, never as a whole; not kept', { op: part.op, run }) : t('Was used by {run} in another form; not kept', { run });
    case 'made':
      return t('Was made in {run} on the way; not kept', { run });
    case 'kept':
      return t('Computed in {run}, kept by what persist returned', { run });
    default:
      return t('Computed in {run}, not kept', { run });
  }
}

function failed(spec: ObjectSpec, fold: Fold): string {
  const run = t('Run {run}', { run: fold.part?.run ?? 0 });
  const how = fold.runState === 'cancelled' ? t('was cancelled') : t('failed');
  const n = total(fold.tally);
  const some = fold.states && n > 1 ? `: ${t('{blocks} were computed', { blocks: blocksWords(spec, madeOf(fold.tally), n) })}` : '';
  return `${run} ${how}${some}`;
}

function staleWords(standing: Standing | null): string {
  const parts: string[] = [];
  if (standing?.changed.length) {
    const more = standing.nchanged - standing.changed.length;
    const names = standing.changed.join(', ') + (more > 0 ? t(' and {n} more', { n: more }) : '');
    parts.push(t('Stale: {files} changed since', { files: names }));
  }
  if (standing?.renamed) {
    parts.push(t('Stale: {name} is another value now', { name: standing.renamed }));
  }
  return parts.join(' · ');
}

/** A block in words: where it is, what it holds, its state. */
export function blockWords(spec: ObjectSpec, block: readonly number[], extent: string, state: number): string {
  const state_words = [
    t('pending'), t('running'), t('stored'), t('computed, not kept'), t('failed'), t('spilled to disk'), t('lost'), t('lazy')
  ];
  const array = spec.kind === 'array';
  const name = array ? t('chunk ({block})', { block: block.join(', ') }) : t('partition {block}', { block: block.join(', ') });
  return [name + (array && extent ? ` [${extent}]` : ''), `${GLYPHS[state]} ${state_words[state]}`].join(' · ');
}

/** Whether blocks are missing that should be there: their run failed or was cancelled. */
export function isBroken({ phase, tally }: Fold): boolean {
  return phase === 'failed' || (phase === 'kept' && tally[FAILED] + tally[LAZY] > 0);
}

function local(n: number): string {
  return n.toLocaleString('en-US');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
