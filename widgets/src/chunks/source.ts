/** Where the blocks that an operation reads begin and end, drawn over its own: stored chunks, files, what is rechunked. */

import type { Tiles } from '../grid';
import type { Face } from '../grid';
import type { Run } from '../run';
import { t, tn } from '../translate';
import type { LayerInfo } from '../wire';
import { layerName } from '../words';

/** The borders of another operation's chunks within a picture, in CSS pixels. */
export interface Borders {
  readonly layer: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The operations that an operation reads, in order, each once. */
export function inputLayers(run: Run, layer: number): number[] {
  return [...new Set(run.header.layer_edges.filter(([from, to]) => to === layer && from !== layer).map(([from]) => from))].sort((a, b) => a - b);
}

/** Those of them that hold the same array in other chunks. */
export function differing(run: Run, layer: number): number[] {
  const own = run.layers[layer].chunks;
  return own === null ? [] : inputLayers(run, layer).filter(number => {
    const other = run.layers[number].chunks;
    return other !== null && other.length === own.length && own.length > 0
      && own.every((sizes, axis) => total(sizes) === total(other[axis])) && !own.every((sizes, axis) => alike(sizes, other[axis]));
  });
}

/** The borders of the chunks of `source` in the picture of a layer that holds the same array. */
export function bordersIn(run: Run, layer: number, source: number, face: Face | null, tiles: Tiles): Borders {
  const [own, other] = [run.layers[layer].chunks!, run.layers[source].chunks!];
  const flat = own.length === 1;
  const [rows, columns] = flat ? [-1, 0] : face ? [face.rows, face.columns] : [own.length - 2, own.length - 1];
  return {
    layer: source,
    x: placed(own[columns], other[columns], tiles.x),
    y: rows < 0 ? [] : placed(own[rows], other[rows], tiles.y)
  };
}

/** The inner borders of `other` sizes along an axis whose own borders lie at `edges`. */
function placed(own: readonly number[], other: readonly number[], edges: Float64Array): number[] {
  if (edges.length !== own.length + 1) {
    return []; // wrapped: there is no line to draw
  }
  const found: number[] = [];
  let [chunk, start] = [0, 0];
  let border = 0;
  for (const size of other.slice(0, -1)) {
    border += size;
    while (chunk < own.length - 1 && start + own[chunk] <= border) {
      start += own[chunk];
      chunk += 1;
    }
    found.push(edges[chunk] + ((border - start) / Math.max(own[chunk], 1)) * (edges[chunk + 1] - edges[chunk]));
  }
  return found;
}

/** What the borders are, in words: "reads normal in 3 × 4 chunks"; the files of a frame. Empty where there are none. */
export function sourceWords(run: Run, layer: number): string {
  const parts = differing(run, layer).map(number => {
    const { grid } = run.layers[number];
    return t('reads {name} in {grid} chunks', { name: layerName(run.layers[number]), grid: grid.join(' × ') });
  });
  const files = filesOf(run.layers[layer]);
  if (files > 0) {
    parts.push(tn('from one file', 'from {n} files', files));
  }
  return parts.join(', ');
}

/** How many files the partitions come from; 0 where that is not known. */
export function filesOf(layer: LayerInfo): number {
  return new Set((layer.frame?.places ?? []).filter(Boolean)).size;
}

/** Partitions that begin a file: 1 for each that comes from another file than the one before. */
export function fileStarts(layer: LayerInfo): Uint8Array {
  const places = layer.frame?.places ?? [];
  return Uint8Array.from(places, (place, i) => (place && place !== places[i - 1] ? 1 : 0));
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a + b, 0);
}

function alike(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
