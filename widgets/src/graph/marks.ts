/** What is special about an operation: fused from others, shared by several, on the critical path. Signs and words. */

import { count } from '../format';
import type { Run } from '../run';
import { t, tn } from '../translate';
import type { LayerInfo } from '../wire';
import { layerName } from '../words';

const CHAIN = ' → ';

/** Signs as outlines in a box of 16 by 16. */
export const SIGNS = {
  fused: 'M1 1h8v3h3v3h3v8H7v-3H4V9H1zM2.5 2.5v5H4V4h3.5V2.5zM5.5 5.5v5H7V7h3.5V5.5z',
  shared: 'M6.8 1h2.4v6.2l4.3 4.3V9H15v6H9v-1.6h2.4L8 10l-3.4 3.4H7V15H1V9h1.5v2.5l4.3-4.3z',
  critical: 'M8 .8 15.2 8 8 15.2.8 8z',
  rewrites: 'M1 3h6v4H1zM9 9h6v4H9zM9 4h3.2v1.8h1.7L11.5 8.4 9.1 5.8h1.6V5.5H9zM2.5 4.5v1h3v-1z',
  open: 'M1 1h14v5H1zM2.5 2.5v2h11v-2zM1 9h4v4H1zM6 9h4v4H6zM11 9h4v4h-4z',
  all: 'M1 1h4v4H1zM6 1h4v4H6zM11 1h4v4h-4zM1 6h4v4H1zM6 6h4v4H6zM11 6h4v4h-4zM1 11h4v4H1zM6 11h4v4H6zM11 11h4v4h-4z',
  list: 'M1 2h2v2H1zM5 2h10v2H5zM3 7h2v2H3zM7 7h8v2H7zM3 12h2v2H3zM7 12h8v2H7z'
} as const;

export interface Marks {
  /** What was fused into it, in order; empty where nothing was. */
  readonly parts: readonly string[];
  /** The operations that read it. */
  readonly readers: readonly number[];
  /** How many times it is read by operations or by the caller. */
  readonly uses: number;
}

/**
 * What was fused into an operation, in the order of the work; empty where nothing was. An operation's detail names the chain
 * in that order; where it does not, its parts are told as they come.
 */
export function partsOf(layer: LayerInfo): string[] {
  const chain = layer.detail.split(CHAIN);
  const named = chain.length > 1 ? chain : (layer.parts ?? []).map(part => part.op);
  return named.length > 1 ? named : [];
}

/** The marks of each operation of a run. */
export function marksOf(run: Run): Marks[] {
  const readers = run.layers.map((): number[] => []);
  for (const [a, b] of run.header.layer_edges) {
    readers[a]?.push(b);
  }
  return run.layers.map((layer, number) => ({
    parts: partsOf(layer), readers: readers[number], uses: Math.max(layer.uses ?? 0, readers[number].length)
  }));
}

/** The marks of an operation in a sentence or two; empty where it has none. */
export function markWords(run: Run, number: number, marks: Marks): string {
  const said: string[] = [];
  if (marks.parts.length) {
    said.push(t('fused from {n}: {chain}', { n: marks.parts.length, chain: chain(marks.parts) }));
  }
  if (marks.uses > 1) {
    const names = marks.readers.map(reader => layerName(run.layers[reader])).join(', ');
    said.push(names ? t('shared, read by {names}', { names }) : tn('read once', 'shared, read {n} times', marks.uses));
  }
  return said.length ? `${layerName(run.layers[number])}: ${said.join('; ')}` : '';
}

/** "add → mul → sum", long ones cut in the middle. */
export function chain(parts: readonly string[]): string {
  const shown = parts.length > 7 ? [...parts.slice(0, 4), '…', ...parts.slice(-2)] : parts;
  return shown.join(CHAIN);
}

/** How the run's operations differ from what was written; empty where nothing is known. */
export function rewriteWords(run: Run): string {
  const { written, planned } = run.header;
  if (!written || !planned) {
    return '';
  }
  const fired = new Map<string, number>();
  for (const step of run.header.rewrites) {
    if (!step.refused) {
      fired.set(step.rule, (fired.get(step.rule) ?? 0) + 1);
    }
  }
  const rules = [...fired].map(([rule, times]) => (times > 1 ? `${rule} ×${times}` : rule)).join(', ');
  const size = t('{written} as written, {planned} after rewriting', { written: count(written, 'operation'), planned });
  return rules ? `${size}: ${rules}` : size;
}
