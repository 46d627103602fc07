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
  /** Bytes that its process holds by itself: the interpreter, what tasks work on, what users' code keeps. */
  readonly memory: number;
  /** Bytes of blocks in memory that it has made: no part of `memory`. */
  readonly managed: number;
  /** Bytes of shared blocks that it has read: counted as managed already, of it or of another. */
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
  /** Whether new work goes there where no cluster is named. */
  readonly current: boolean;
  /** Seconds since 1970. */
  readonly started: number;
  readonly threads: number;
  readonly limit: number | null;
  /** Bytes of all blocks that the engine holds. */
  readonly managed: number;
  /** Those that all workers read; null where workers are threads, and memory is one. */
  readonly blocks: SharedBlocks | null;
  readonly nworkers: number;
  /** How few and how many workers it may have by its load; null where nobody scales it. */
  readonly adaptive: { readonly minimum: number; readonly maximum: number } | null;
  /** Tasks that could begin if a thread were free. */
  readonly waiting: number;
  /** Where other processes can join; empty where no door is open. */
  readonly address: string;
  /** Processes that have joined. */
  readonly guests: number;
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

/** What a pause means. */
export const PAUSED = mark('near its memory limit: it takes no new task');

/** Tasks of a worker that are named. */
export const MOST_NAMED = 6;

/** The clusters of a topic's state. */
export function clustersOf(state: unknown): Cluster[] {
  return list(record(state)?.clusters).map(clusterOf).filter(cluster => cluster !== null);
}

/** The addresses of the clusters of other processes that this kernel uses. */
export function joinedOf(state: unknown): string[] {
  return list(record(state)?.joined).map(text).filter(Boolean);
}

/** What is said where the kernel has no cluster of its own. */
export function noneWords(joined: readonly string[]): string {
  return joined.length
    ? t('This kernel works on a cluster of another process, `{address}`: its workers are shown beside the notebook that made it.', { address: joined.join(', ') })
    : t('No cluster is open in this kernel. A cluster keeps workers ready on this machine: processes that run your tasks.');
}

/** "2 workers, 4 threads, 1.86 GiB" */
export function totalWords(cluster: Pick<Cluster, 'nworkers' | 'threads' | 'limit'>): string {
  const { nworkers, threads, limit } = cluster;
  return [
    tn('{n} worker', '{n} workers', nworkers), tn('{n} thread', '{n} threads', threads), limit === null ? t('no memory limit') : bytes(limit)
  ].join(', ');
}

/** All clusters in a few words: of several their sum. */
export function wholeWords(clusters: readonly Cluster[]): string {
  if (!clusters.length) {
    return '';
  }
  const sum = (of: (cluster: Cluster) => number): number => clusters.reduce((total, cluster) => total + of(cluster), 0);
  const limit = clusters.some(cluster => cluster.limit === null) ? null : sum(cluster => cluster.limit ?? 0);
  return totalWords({ nworkers: sum(cluster => cluster.nworkers), threads: sum(cluster => cluster.threads), limit });
}

/** What kind it is, since when, and the bytes of blocks; beside others its name and whether work goes there: blocks are of all of them. */
export function aboutWords({ name, current, processes, started, managed, adaptive, waiting, guests }: Cluster, beside = false): string {
  const since = new Date(started * 1000).toTimeString().slice(0, 8);
  return [
    beside ? name : '',
    beside && current ? t('new work goes here') : '',
    processes ? t('processes') : t('threads of the kernel'),
    t('since {time}', { time: since }),
    beside ? '' : t('{size} in blocks', { size: bytes(managed) }),
    adaptive ? t('adaptive: {minimum} to {maximum} workers', adaptive) : '',
    waiting ? tn('{n} task waits for a thread', '{n} tasks wait for a thread', waiting) : '',
    guests ? tn('{n} other process has joined', '{n} other processes have joined', guests) : ''
  ].filter(Boolean).join(' · ');
}

/** "1.20 MiB of 1.12 GiB, 3.00 MiB on disk" */
export function blocksWords({ shared, spilled, limit }: SharedBlocks): string {
  const memory = limit === null ? bytes(shared) : t('{size} of {limit}', { size: bytes(shared), limit: bytes(limit) });
  return spilled ? t('{memory}, {size} on disk', { memory, size: bytes(spilled) }) : memory;
}

/** "63.1 MiB of 954 MiB" */
export function memoryWords({ memory, managed, limit }: Worker): string {
  const size = bytes(memory + managed);
  return limit === null ? size : t('{size} of {limit}', { size, limit: bytes(limit) });
}

/** "20.0 MiB of it blocks, 120 MiB on disk": the parts of its memory, those that there are. */
export function partsWords({ managed, spilled }: Pick<Worker, 'managed' | 'spilled'>): string {
  return [
    managed ? t('{size} of it blocks', { size: bytes(managed) }) : '', spilled ? t('{size} on disk', { size: bytes(spilled) }) : ''
  ].filter(Boolean).join(', ');
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
  const parts = [t(WORKER_STATES[worker.status].word), worker.status === 'paused' ? t(PAUSED) : ''];
  parts.push(worker.pid ? t('process {pid}', { pid: worker.pid }) : t('no process'));
  parts.push(tn('{n} thread', '{n} threads', worker.threads));
  if (worker.processor !== null) {
    parts.push(t('processor {share}', { share: processorWords(worker) }));
  }
  parts.push(t('memory {size}', { size: memoryWords(worker) }));
  parts.push(partsWords(worker));
  if (worker.shared) {
    parts.push(t('{size} of shared blocks read', { size: bytes(worker.shared) }));
  }
  if (worker.deaths) {
    parts.push(tn('died {n} time', 'died {n} times', worker.deaths));
  }
  const tasks = worker.running.slice(0, MOST_NAMED).map(taskWords);
  return `${worker.name}: ${parts.filter(Boolean).join(', ')}${tasks.length ? `; ${t('runs {tasks}', { tasks: tasks.join(', ') })}` : ''}`;
}

/** What a bar of memory is made of. */
export type Bytes = Pick<Worker, 'memory' | 'managed' | 'spilled' | 'limit'>;

/** The parts of a memory bar as shares of its length: own bytes, blocks, those on disk, and where the limit is if that is exceeded. */
export function memoryBar({ memory, managed, spilled, limit }: Bytes, largest: number): readonly [number, number, number, number | null] {
  const whole = Math.max(limit ?? largest, memory + managed + spilled, 1);
  return [memory / whole, managed / whole, spilled / whole, limit === null || whole <= limit ? null : limit / whole];
}

/** A table of all workers: the heads, and the rows as they are read. */
export function tableOf(clusters: readonly Cluster[]): { readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  return {
    heads: [
      t('Worker'), t('Status'), t('Process'), t('Threads'), t('Processor'), t('By itself'), t('Its blocks'), t('On disk'), t('Blocks read'), t('Limit'), t('Deaths'), t('Runs now')
    ],
    rows: clusters.flatMap(cluster => cluster.workers.map(worker => [
      clusters.length > 1 ? `${cluster.name} ${worker.name}` : worker.name,
      `${WORKER_STATES[worker.status].glyph} ${t(WORKER_STATES[worker.status].word)}`,
      worker.pid ? String(worker.pid) : '–',
      String(worker.threads),
      processorWords(worker) || '–',
      bytes(worker.memory),
      bytes(worker.managed),
      bytes(worker.spilled),
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
    current: from.current === true,
    started: number(from.started),
    threads: number(from.threads),
    limit: number(from.limit) || null,
    managed: number(from.managed),
    blocks: blocksOf(from.blocks),
    nworkers: number(from.nworkers) || workers.length,
    adaptive: adaptiveOf(from.adaptive),
    waiting: number(from.waiting),
    address: text(from.address),
    guests: number(from.guests),
    workers
  };
}

function blocksOf(value: unknown): SharedBlocks | null {
  const from = record(value);
  return from && { shared: number(from.shared), spilled: number(from.spilled), limit: number(from.limit) || null };
}

function adaptiveOf(value: unknown): { minimum: number; maximum: number } | null {
  const from = record(value);
  return from && { minimum: number(from.minimum), maximum: number(from.maximum) };
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
    managed: number(from.managed),
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
