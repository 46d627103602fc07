/** The clusters that the kernel shows, read from their topic: tolerant of what is missing, and nothing is trusted. In words, too. */

import { bytes, seconds } from '../format';
import { mark, t, tn } from '../translate';

/** A task that a worker runs now. */
export interface RunningTask {
  readonly run: number;
  readonly task: number;
  readonly name: string;
  /** Since it began. */
  readonly seconds: number;
}

/** What a worker does. */
export type WorkerStatus = 'idle' | 'running' | 'starting' | 'paused' | 'dead';

export interface Worker {
  readonly name: string;
  /** Its process; 0 where it has none. */
  readonly pid: number;
  readonly status: WorkerStatus;
  /** Processes of this name that have died. */
  readonly deaths: number;
  readonly threads: number;
  /** Processor cores that it used of late; null where it has no process of its own. */
  readonly processor: number | null;
  /** Bytes that it holds by itself. */
  readonly memory: number;
  /** Bytes of shared blocks that it has read. */
  readonly shared: number;
  /** Bytes of its blocks that are on disk. */
  readonly spilled: number;
  /** Bytes that it may hold; null is no limit. */
  readonly limit: number | null;
  readonly running: readonly RunningTask[];
}

/** Blocks in memory that all workers read, and on disk. */
export interface SharedBlocks {
  readonly shared: number;
  readonly spilled: number;
  /** Bytes of memory that they may take; null is no limit. */
  readonly limit: number | null;
}

export interface Cluster {
  readonly name: string;
  /** Whether its workers are processes: threads cannot be killed. */
  readonly processes: boolean;
  /** Seconds since 1970. */
  readonly started: number;
  readonly threads: number;
  readonly limit: number | null;
  /** Bytes of all blocks that the engine holds. */
  readonly managed: number;
  /** Those that all workers read; null where workers are threads, and memory is one. */
  readonly blocks: SharedBlocks | null;
  readonly nworkers: number;
  /** The first ones. */
  readonly workers: readonly Worker[];
}

/** How people meet a status: a word and a sign, never a colour alone. */
export const WORKER_STATES: Readonly<Record<WorkerStatus, { readonly word: string; readonly glyph: string }>> = {
  idle: { word: mark('idle'), glyph: '○' },
  running: { word: mark('running'), glyph: '◐' },
  starting: { word: mark('starting'), glyph: '◌' },
  paused: { word: mark('paused'), glyph: '‖' },
  dead: { word: mark('dead'), glyph: '✖' }
};

/** Tasks of a worker that are named. */
export const MOST_NAMED = 6;

/** The clusters of a topic's state. */
export function clustersOf(state: unknown): Cluster[] {
  return list(record(state)?.clusters).map(clusterOf).filter(cluster => cluster !== null);
}

/** "2 workers, 4 threads, 1.86 GiB" */
export function totalWords(cluster: Cluster): string {
  const { nworkers, threads, limit } = cluster;
  return [
    tn('{n} worker', '{n} workers', nworkers), tn('{n} thread', '{n} threads', threads), limit === null ? t('no memory limit') : bytes(limit)
  ].join(', ');
}

/** What kind it is, since when, and the bytes of blocks. */
export function aboutWords({ processes, started, managed }: Cluster): string {
  return [
    processes ? t('processes') : t('threads of the kernel'),
    t('since {time}', { time: new Date(started * 1000).toTimeString().slice(0, 8) }),
    t('{size} in blocks', { size: bytes(managed) })
  ].join(' · ');
}

/** "1.20 MiB of 1.12 GiB, 3.00 MiB on disk" */
export function blocksWords({ shared, spilled, limit }: SharedBlocks): string {
  const memory = limit === null ? bytes(shared) : t('{size} of {limit}', { size: bytes(shared), limit: bytes(limit) });
  return spilled ? t('{memory}, {size} on disk', { memory, size: bytes(spilled) }) : memory;
}

/** "63.1 MiB of 954 MiB" */
export function memoryWords({ memory, limit }: Worker): string {
  return limit === null ? bytes(memory) : t('{size} of {limit}', { size: bytes(memory), limit: bytes(limit) });
}

/** What of its threads' processors it used. */
export function processorWords({ processor, threads }: Worker): string {
  return processor === null ? '' : `${Math.round((100 * processor) / Math.max(threads, 1))}%`;
}

/** "load [3] for 1.2 s" */
export function taskWords({ name, task, seconds: time }: RunningTask): string {
  const words = name || t('task {number}', { number: task });
  return time > 0 ? t('{task} for {time}', { task: words, time: seconds(time) }) : words;
}

/** One worker as a screen reader says it. */
export function workerWords(worker: Worker): string {
  const parts = [t(WORKER_STATES[worker.status].word)];
  parts.push(worker.pid ? t('process {pid}', { pid: worker.pid }) : t('no process'));
  parts.push(tn('{n} thread', '{n} threads', worker.threads));
  if (worker.processor !== null) {
    parts.push(t('processor {share}', { share: processorWords(worker) }));
  }
  parts.push(t('memory {size}', { size: memoryWords(worker) }));
  if (worker.shared) {
    parts.push(t('{size} of shared blocks read', { size: bytes(worker.shared) }));
  }
  if (worker.spilled) {
    parts.push(t('{size} on disk', { size: bytes(worker.spilled) }));
  }
  if (worker.deaths) {
    parts.push(tn('died {n} time', 'died {n} times', worker.deaths));
  }
  const tasks = worker.running.slice(0, MOST_NAMED).map(taskWords);
  return `${worker.name}: ${parts.join(', ')}${tasks.length ? `; ${t('runs {tasks}', { tasks: tasks.join(', ') })}` : ''}`;
}

/** What a bar of memory is made of. */
type Bytes = Pick<Worker, 'memory' | 'shared' | 'spilled' | 'limit'>;

/** The parts of a memory bar as shares of its length: own, shared and spilled bytes, and where the limit is if that is exceeded. */
export function memoryBar({ memory, shared, spilled, limit }: Bytes, largest: number): readonly [number, number, number, number | null] {
  const whole = Math.max(limit ?? largest, memory + shared + spilled, 1);
  return [memory / whole, shared / whole, spilled / whole, limit === null || whole <= limit ? null : limit / whole];
}

/** A table of all workers: the heads, and the rows as they are read. */
export function tableOf(clusters: readonly Cluster[]): { readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  return {
    heads: [
      t('Worker'), t('Status'), t('Process'), t('Threads'), t('Processor'), t('Memory'), t('Shared'), t('Limit'), t('Deaths'), t('Runs now')
    ],
    rows: clusters.flatMap(cluster => cluster.workers.map(worker => [
      clusters.length > 1 ? `${cluster.name} ${worker.name}` : worker.name,
      `${WORKER_STATES[worker.status].glyph} ${t(WORKER_STATES[worker.status].word)}`,
      worker.pid ? String(worker.pid) : '–',
      String(worker.threads),
      processorWords(worker) || '–',
      bytes(worker.memory),
      bytes(worker.shared),
      worker.limit === null ? '–' : bytes(worker.limit),
      String(worker.deaths),
      worker.running.slice(0, MOST_NAMED).map(taskWords).join(', ') || '–'
    ]))
  };
}

function clusterOf(value: unknown): Cluster | null {
  const from = record(value);
  if (!from || !text(from.name)) {
    return null;
  }
  const workers = list(from.workers).map(workerOf).filter(worker => worker !== null);
  return {
    name: text(from.name),
    processes: from.kind === 'processes',
    started: number(from.started),
    threads: number(from.threads),
    limit: number(from.limit) || null,
    managed: number(from.managed),
    blocks: blocksOf(from.blocks),
    nworkers: number(from.nworkers) || workers.length,
    workers
  };
}

function blocksOf(value: unknown): SharedBlocks | null {
  const from = record(value);
  return from && { shared: number(from.shared), spilled: number(from.spilled), limit: number(from.limit) || null };
}

function workerOf(value: unknown): Worker | null {
  const from = record(value);
  if (!from || !text(from.name)) {
    return null;
  }
  const status = text(from.status);
  return {
    name: text(from.name),
    pid: number(from.pid),
    status: Object.hasOwn(WORKER_STATES, status) ? (status as WorkerStatus) : 'starting',
    deaths: number(from.deaths),
    threads: number(from.threads),
    processor: typeof from.processor === 'number' ? number(from.processor) : null,
    memory: number(from.memory),
    shared: number(from.shared),
    spilled: number(from.spilled),
    limit: number(from.limit) || null,
    running: list(from.running).map(taskOf).filter(task => task !== null)
  };
}

function taskOf(value: unknown): RunningTask | null {
  const from = record(value);
  return from && Number.isInteger(from.run) && Number.isInteger(from.task)
    ? { run: number(from.run), task: number(from.task), name: text(from.name), seconds: number(from.seconds) }
    : null;
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A size or a count; 0 for what is none. */
function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
