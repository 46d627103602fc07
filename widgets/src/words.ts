/** What is said about a task or an operation: the details line, and the labels that screen readers get. */

import { skew } from './chunks/strip';
import { bytes, count, seconds } from './format';
import { blockAt, extent, region } from './grid';
import type { Run } from './run';
import { STATES, STORED } from './states';
import type { Store } from './store';
import { layerOf, layersOf, places } from './target';
import type { Source, Target } from './target';
import { t } from './translate';
import type { FailureInfo, LayerInfo, Place } from './wire';

/** A title, some lines under it, and the line of code that it all comes from. */
export interface Words {
  readonly title: string;
  readonly lines: readonly string[];
  readonly code: string;
  readonly place: Place | null;
}

/** Decisions about a task that are told: the last ones. */
const MOST_NOTICES = 2;

/** The operation's name for people: the user's label first. */
export function layerName(layer: LayerInfo): string {
  return layer.label || layer.op;
}

/** Numbers of the distinct operations, for their colours: the same operation has the same colour everywhere. */
export function operationNumbers(run: Run): number[] {
  const numbers = new Map<string, number>();
  return run.layers.map(layer => {
    const name = layerName(layer);
    if (!numbers.has(name)) {
      numbers.set(name, numbers.size);
    }
    return numbers.get(name)!;
  });
}

/** A lane's name: the thread's or worker's. */
export function laneName(run: Run, lane: number): string {
  return run.header.lanes[lane] ?? t('lane {number}', { number: lane });
}

/** The word of a run's state. */
export function runWord(state: string): string {
  switch (state) {
    case 'running': return t('running');
    case 'finished': return t('finished');
    case 'failed': return t('failed');
    case 'cancelled': return t('cancelled');
    case 'refused': return t('refused');
    default: return state;
  }
}

/** "sum [2, 3]" */
export function taskName(run: Run, task: number): string {
  const layer = run.layers[run.layerOf(task)];
  const block = blockAt(layer.grid, task - layer.first_task);
  return block.length ? `${layerName(layer)} [${block.join(', ')}]` : layerName(layer);
}

/** A sentence of the kernel about a task, with the task's name as the page spells it: the kernel says its key. */
export function spelled(run: Run, task: number, text: string): string {
  const layer = run.layers[run.layerOf(task)];
  const block = blockAt(layer.grid, task - layer.first_task);
  return text.replaceAll(block.length ? `${layer.name}[${block.join(', ')}]` : layer.name, taskName(run, task));
}

/** What is known of a target at the shown time. */
export function describe(store: Store, target: Target): Words | null {
  const run = store.current;
  if (!run || target === null) {
    return null;
  }
  if ('task' in target) {
    return describeTask(store, run, target.task);
  }
  return 'layer' in target ? describeLayer(store, run, target.layer) : describeSource(store, run, target);
}

/** All that a line of the notebook, or a cell, made. */
function describeSource(store: Store, run: Run, source: Source): Words | null {
  const numbers = layersOf(run, source);
  if (!numbers.length) {
    return null;
  }
  const layers = numbers.map(number => run.layers[number]);
  const tally = numbers.reduce<number[]>((sums, number) => store.tally(number).map((n, i) => n + (sums[i] ?? 0)), []);
  const names = [...new Set(layers.map(layerName))];
  const place = placeOf(run, source)!;
  const what = source.line === null ? t('What this cell made') : t('What line {line} made', { line: source.line });
  return {
    title: `${what}: ${count(layers.length, 'operation')}`,
    lines: [names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : ''), tallyWords(tally)],
    code: codeLine(place),
    place
  };
}

function describeTask(store: Store, run: Run, task: number): Words | null {
  if (task < 0 || task >= run.ntasks) {
    return null;
  }
  const layer = run.layers[run.layerOf(task)];
  const block = blockAt(layer.grid, task - layer.first_task);
  const state = STATES[store.states()[task]];
  const where = region(layer, block);
  const lines: string[] = [];
  const row = run.rowOf[task];
  const { start, stop, ready, lane, bytes_out } = run.columns;
  const parts = [`${state.glyph} ${t(state.word)}`];
  if (row >= 0) {
    parts.push(t('{time} on {lane}', { time: seconds(stop[row] - start[row]), lane: laneName(run, lane[row]) }));
    parts.push(t('{bytes} made', { bytes: bytes(bytes_out[row]) }));
    parts.push(t('ready at {ready}, started at {start}', { ready: seconds(ready[row]), start: seconds(start[row]) }));
  }
  lines.push(parts.join(' · '));
  if (run.ended?.error?.task === task) {
    lines.push(...failureLines(run.ended.error));
  }
  const told = run.notices.about(task).filter(one => one.time <= store.shownTime()).slice(-MOST_NOTICES);
  lines.push(...told.map(one => t('at {time}: {text}', { time: seconds(one.time), text: spelled(run, task, one.text) })));
  if (layer.frame) {
    lines.push(...frameLines(layer, task - layer.first_task));
  }
  if (layer.detail) {
    lines.push(layer.detail);
  }
  const name = taskName(run, task);
  const title = !where ? name : layer.dtype
    ? t('{task}, elements {where} of {dtype}', { task: name, where, dtype: layer.dtype }) : t('{task}, elements {where}', { task: name, where });
  return { title, lines, ...codeOf(run, layer) };
}

function describeLayer(store: Store, run: Run, number: number): Words | null {
  const layer = run.layers[number];
  if (!layer) {
    return null;
  }
  const lines = [tallyWords(store.tally(number))];
  let busy = 0;
  let made = 0;
  for (let task = layer.first_task; task < layer.first_task + layer.ntasks; task++) {
    const row = run.rowOf[task];
    if (row >= 0) {
      busy += run.columns.stop[row] - run.columns.start[row];
      made += run.columns.bytes_out[row];
    }
  }
  const grid = layer.frame && layer.grid.length ? count(layer.ntasks, 'partition') : layer.grid.length ? t('grid {shape}', { shape: layer.grid.join(' × ') }) : t('one block');
  lines.push([
    grid, layer.strategy, t('{time} in kernels', { time: seconds(busy) }), t('{bytes} made', { bytes: bytes(made) }),
    t('{bytes} held', { bytes: bytes(heldBytes(store, run, layer)) })
  ].join(' · '));
  if (layer.frame) {
    lines.push(...frameLines(layer, -1));
  }
  if (layer.detail) {
    lines.push(layer.detail);
  }
  const shape = layer.chunks ? `, ${extent(layer)}${layer.dtype ? ` ${layer.dtype}` : ''}` : '';
  return { title: `${layerName(layer)}: ${count(layer.ntasks, 'task')}${shape}`, lines, ...codeOf(run, layer) };
}

/** A failure in a line or two: the error's first line, and where it was. Its card in the notebook tells the rest. */
export function failureLines(failure: FailureInfo): string[] {
  const place = [failure.partition || failure.region, failure.file].filter(Boolean).join(' · ');
  return [`✖ ${failure.error.split('\n', 1)[0]}`, ...(place ? [place] : [])];
}

/** Bytes of the blocks of an operation that are in memory at the shown time. */
export function heldBytes(store: Store, run: Run, layer: LayerInfo): number {
  const states = store.states();
  let held = 0;
  for (let task = layer.first_task; task < layer.first_task + layer.ntasks; task++) {
    if (states[task] === STORED && run.rowOf[task] >= 0) {
      held += run.columns.bytes_out[run.rowOf[task]];
    }
  }
  return held;
}

const SHOWN_COLUMNS = 12;

/** What a partition of a frame is, or all of them with -1: rows, index, file; columns and their dtypes. */
export function frameLines(layer: LayerInfo, partition: number): string[] {
  const frame = layer.frame;
  if (!frame) {
    return [];
  }
  const lines: string[] = [];
  if (partition >= 0) {
    const parts = [t('partition {number} of {all}', { number: partition, all: layer.ntasks.toLocaleString('en-US') })];
    if (partition < frame.rows.length) {
      const rows = count(frame.rows[partition], 'row');
      parts.push(frame.exact ? rows : t('at most {rows}', { rows }));
    }
    if (frame.divisions.length > partition + 1) {
      parts.push(t('index {first} to {last}', { first: frame.divisions[partition], last: frame.divisions[partition + 1] }));
    }
    if (frame.places[partition]) {
      parts.push(frame.places[partition]);
    }
    lines.push(parts.join(' · '));
  } else if (skew(frame)) {
    lines.push(skew(frame));
  }
  const shown = frame.columns.slice(0, SHOWN_COLUMNS).map(([name, dtype]) => (name ? `${name} ${dtype}` : dtype));
  const more = frame.ncolumns > shown.length ? `, ${t('… {n} more', { n: (frame.ncolumns - shown.length).toLocaleString('en-US') })}` : '';
  if (shown.length) {
    const columns = shown.join(', ') + more;
    lines.push(frame.ncolumns > 1 ? t('{n} columns: {columns}', { n: frame.ncolumns, columns }) : columns);
  }
  return lines;
}

/** "12 stored, 4 running, 8 pending": only the states that occur. */
export function tallyWords(tally: readonly number[]): string {
  const parts = tally.map((n, state) => (n ? `${STATES[state].glyph} ${n.toLocaleString('en-US')} ${t(STATES[state].word)}` : ''));
  return parts.filter(Boolean).join(' · ') || t('no tasks');
}

/** The whole run in a sentence, for the views' labels and the live region. */
export function runSentence(store: Store): string {
  const run = store.current;
  if (!run) {
    return t('no run yet');
  }
  const tally = store.tally();
  const done = tally[2] + tally[3];
  const when = store.time === null ? runWord(run.ending)
    : t('at {time} of {total}', { time: seconds(store.time), total: seconds(run.now(store.clock())) });
  return t('run {run}, {when}: {done} of {tasks} done, {running} running', {
    run: run.number, when, done: done.toLocaleString('en-US'), tasks: count(run.ntasks, 'task'), running: tally[1]
  });
}

/** The line of code that a target comes from; the one that computed where it has none of its own, and for no target. */
export function placeOf(run: Run, target: Target): Place | null {
  const layer = run.layers[layerOf(run, target)];
  const meant = target && 'cell' in target && layer
    ? places(layer).find(place => place.cell === target.cell && (target.line === null || place.line === target.line)) : undefined;
  return meant ?? layer?.origin ?? run.header.origin;
}

function codeOf(run: Run, layer: LayerInfo): Pick<Words, 'code' | 'place'> {
  const place = layer.origin ?? run.header.origin;
  return { code: place ? codeLine(place) : '', place };
}

/** "line 3 of the cell: y = x.sum()" */
export function codeLine(place: Place): string {
  const { line, file, text } = place;
  return text ? t('line {line} of {file}: {text}', { line, file, text }) : t('line {line} of {file}', { line, file });
}
