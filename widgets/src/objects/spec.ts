/** What the kernel tells of a lazy value beside its static picture: its blocks, and where the picture has them. */

/** A grid of chunks, or a row of blocks whose first axis goes into the depth; in pixels of the picture. */
export interface ChunkPlaces {
  readonly form: 'flat' | 'deep';
  readonly box: readonly number[];
  readonly blocks?: number;
  /** The block that the static picture marks as one of the largest. */
  readonly mark?: number;
}

/** The bars of partitions. */
export interface StripPlaces {
  readonly form: 'strip';
  /** Partitions of a bar. */
  readonly each: number;
  readonly step: number;
  readonly gap: number;
  readonly base: number;
  readonly heights: readonly number[];
}

/** Boxes of delayed calls: the numbers of the calls in each, in the order of the picture's nodes. */
export interface CallPlaces {
  readonly form: 'calls';
  readonly groups: readonly (readonly number[])[];
}

export interface ObjectSpec {
  readonly token: string;
  readonly kind: string;
  readonly grid: readonly number[];
  /** Sizes along each axis as [size, how many in a row]; null for a size that is not known. */
  readonly sizes: readonly (readonly (readonly [number | null, number])[])[];
  readonly itemsize: number;
  readonly dtype: string;
  readonly describe: string;
  readonly places: ChunkPlaces | StripPlaces | CallPlaces | null;
}

const VERSION = 1;

/** The spec in a mime bundle's data, or null where this page cannot read it. */
export function specOf(data: unknown): ObjectSpec | null {
  const found = data as (Partial<ObjectSpec> & { version?: number }) | null;
  if (typeof found !== 'object' || found === null || found.version !== VERSION || typeof found.token !== 'string') {
    return null;
  }
  const { grid, sizes } = found;
  if (!Array.isArray(grid) || !Array.isArray(sizes) || !grid.every(n => Number.isInteger(n) && n >= 0)) {
    return null;
  }
  return {
    token: found.token, kind: String(found.kind ?? ''), grid, sizes, itemsize: Number(found.itemsize ?? 0), dtype: String(found.dtype ?? ''),
    describe: String(found.describe ?? ''), places: found.places ?? null
  };
}

/** Number of blocks. */
export function blocksOf(spec: ObjectSpec): number {
  return spec.grid.reduce((a, b) => a * b, 1);
}

/** The size of each chunk along an axis; empty where they are not known. */
export function sizesAlong(spec: ObjectSpec, axis: number): (number | null)[] {
  const found: (number | null)[] = [];
  for (const [size, many] of spec.sizes[axis] ?? []) {
    for (let i = 0; i < many && found.length <= spec.grid[axis]; i++) {
      found.push(size);
    }
  }
  return found.length === spec.grid[axis] ? found : [];
}

/** Where the chunks of an axis begin and end, from 0 to 1; evenly spaced where sizes are not known. */
export function edgesAlong(spec: ObjectSpec, axis: number): Float64Array {
  const n = spec.grid[axis];
  const sizes = sizesAlong(spec, axis);
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? NaN), 0);
  const edges = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    edges[i + 1] = edges[i] + (sizes.length && total > 0 ? (sizes[i] as number) / total : 1 / n);
  }
  return edges;
}

/** "[0:25, 50:75], shape (25, 25)" of a chunk, "20,000 rows" of a partition; empty where sizes are not known. */
export function extentOf(spec: ObjectSpec, block: readonly number[]): string {
  const parts = block.map((at, axis) => {
    const sizes = sizesAlong(spec, axis).slice(0, at + 1);
    const stop = sizes.reduce<number>((sum, size) => sum + (size ?? NaN), 0);
    return sizes.length === at + 1 && Number.isFinite(stop) ? [stop - (sizes[at] as number), stop] : null;
  });
  if (!parts.length || parts.some(part => part === null)) {
    return '';
  }
  return parts.map(part => part!.join(':')).join(', ');
}
