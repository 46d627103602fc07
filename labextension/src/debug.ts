/** What the page knows, as plain data under `window.chunkscope`: for tests that compare it with the kernel's run log. */

import { bandBytes, bandsOf } from '../../widgets/src/memory/bands';
import { Profile } from '../../widgets/src/memory/profile';
import { shownObjects } from '../../widgets/src/objects/mount';
import { STATES } from '../../widgets/src/states';
import type { IPanelModel } from './tokens';

/** Plain data about the shown run. */
export interface Snapshot {
  readonly notebook: string;
  readonly run: number | null;
  readonly state: string;
  readonly ntasks: number;
  readonly rows: number;
  readonly complete: boolean;
  readonly time: number | null;
  readonly now: number;
  readonly tally: Readonly<Record<string, number>>;
  readonly layers: readonly { readonly op: string; readonly tally: readonly number[] }[];
  readonly runs: readonly number[];
  readonly selection: unknown;
}

/** Plain data about the shown run's memory. */
export interface MemorySnapshot {
  readonly peak: number;
  readonly measuredPeak: number;
  readonly measured: readonly number[];
  readonly measuredTime: readonly number[];
  /** Bytes of each band at the shown time. */
  readonly bands: Readonly<Record<string, number>>;
  readonly total: number;
}

/** Plain data about a lazy value in an output that has been in sight. */
export interface ObjectSnapshot {
  readonly phase: string;
  readonly run: number | null;
  /** The state of each block; null where there is nothing to tell them apart. */
  readonly states: readonly number[] | null;
  /** The state of each call behind a delayed value while it is computed. */
  readonly calls: readonly number[] | null;
  readonly at: number | null;
  readonly said: string;
}

declare global {
  interface Window {
    chunkscope?: { readonly model: IPanelModel; snapshot(): Snapshot; memory(): MemorySnapshot | null; objects(): ObjectSnapshot[] };
  }
}

/** Put `chunkscope.snapshot()`, `memory()` and `objects()` on the page. */
export function exposeSnapshot(model: IPanelModel): void {
  window.chunkscope = { model, snapshot: () => snapshot(model), memory: () => memory(model), objects };
}

function objects(): ObjectSnapshot[] {
  return shownObjects().map(({ element, fold }) => ({
    phase: fold?.phase ?? '', run: fold?.part?.run ?? null, states: fold?.states ? [...fold.states] : null, at: fold?.at ?? null,
    calls: fold?.calls ? [...fold.calls] : null,
    said: ['words', 'stale'].map(name => element.querySelector(`.cks-object-${name}`)?.textContent ?? '').filter(Boolean).join(' ')
  }));
}

function memory(model: IPanelModel): MemorySnapshot | null {
  const run = model.store.current;
  if (!run) {
    return null;
  }
  const profile = new Profile(run);
  const moment = profile.at(model.store.shownTime());
  return {
    peak: profile.peak.total,
    measuredPeak: profile.measuredPeak.bytes,
    measured: [...profile.measured],
    measuredTime: [...profile.measuredTime],
    bands: Object.fromEntries(bandsOf(run, profile).map(band => [band.name, bandBytes(band, moment)])),
    total: moment.total
  };
}

function snapshot(model: IPanelModel): Snapshot {
  const { store } = model;
  const run = store.current;
  const states = store.states();
  const tally = run ? run.tally(states, 0, run.ntasks) : STATES.map(() => 0);
  return {
    notebook: model.title,
    run: run?.number ?? null,
    state: run?.state ?? 'none',
    ntasks: run?.ntasks ?? 0,
    rows: run?.columns.filled ?? 0,
    complete: run?.complete ?? false,
    time: store.time,
    now: run?.now(store.clock()) ?? 0,
    tally: Object.fromEntries(STATES.map((state, i) => [state.word, tally[i]])),
    layers: (run?.layers ?? []).map(layer => ({
      op: layer.op, tally: run!.tally(states, layer.first_task, layer.first_task + layer.ntasks)
    })),
    runs: store.list().map(row => row.run),
    selection: store.selection
  };
}
