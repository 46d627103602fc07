/** What all views share: the runs, which one is shown, at what time, and what is selected. No drawing, no kernel. */

import type { Posted } from './decode';
import type { Gate } from './gate';
import { Player, pageMotion } from './player';
import type { Motion } from './player';
import { Run } from './run';
import { STATES } from './states';
import { concerns, same } from './target';
import type { Target } from './target';
import type { Message, RunSummary } from './wire';

export { same };
export type { Target };

/**
 * What has changed. "run": another run is shown. "data": the shown run has news. "list": the list of runs.
 * "window": the stretch of time that is shown. "topic": what the kernel shows beside its runs.
 */
export type Change = 'run' | 'data' | 'list' | 'time' | 'window' | 'selection' | 'hover' | 'topic';

/** A stretch of the run's time in seconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export type Listener = (change: Change) => void;

/** What a reader wants of a store: set by the host, read at each message. */
export interface Habits {
  /** Whether a run that starts is shown. */
  follow: boolean;
  /** Runs that are kept whole. */
  kept: number;
}

/** Runs of one group that follow each other are shown at this pace, the last one for certain: a loop of small ones is no flicker. */
const CALM_SECONDS = 1;

/** The shortest stretch that can be shown, as a share of the run. */
const SHORTEST = 1e-7;

export class Store {
  /** Moves the shown time. */
  readonly player: Player;
  /** Identifies the kernel process that the runs belong to. */
  session = '';
  readonly runs = new Map<number, Run>();
  /** The run that is shown. */
  current: Run | null = null;
  /** Whether a run that starts is shown at once. */
  follow = true;
  /** The replay's time in seconds since the run began; null is now: live, or the end. */
  time: number | null = null;
  /** The stretch of time that the views over time show; null is the whole run. */
  window: Window | null = null;
  selection: Target = null;
  hover: Target = null;
  /** The runs that the kernel remembers, oldest first, as far as it told. */
  remembered: readonly RunSummary[] = [];
  /** What the kernel shows beside its runs, by name. */
  private readonly topics = new Map<string, Posted>();
  readonly habits: Habits = { follow: true, kept: 50 };
  private listeners: Listener[] = [];
  private gate: Gate | null = null;
  private buffer = new Uint8Array(0);
  private statesHold = false;
  private shownAt = -Infinity;
  private later: ReturnType<typeof setTimeout> | undefined;
  /** How many tasks of each operation are in each state; empty where not counted yet. */
  private tallies: number[][] = [];

  constructor(readonly clock: () => number = () => performance.now() / 1000, motion: Motion = pageMotion()) {
    this.player = new Player(this, motion);
  }

  /** Be told of changes; the result ends that. */
  on(listener: Listener): () => void {
    const guarded = this.gate?.guard(listener);
    const told = guarded?.told ?? listener;
    this.listeners.push(told);
    return () => {
      this.listeners = this.listeners.filter(other => other !== told);
      guarded?.forget();
    };
  }

  /** Do something; who asks to be told of changes meanwhile is told while the gate is open. */
  within<T>(gate: Gate | null, act: () => T): T {
    const before = this.gate;
    this.gate = gate;
    try {
      return act();
    } finally {
      this.gate = before;
    }
  }

  /** Take messages in. A new session forgets the runs of the one before. */
  receive(messages: readonly Message[]): void {
    const changes = new Set<Change>();
    for (const message of messages) {
      if (message.session !== this.session) {
        if (this.topics.size) {
          changes.add('topic');
        }
        this.clear(message.session);
        changes.add('run').add('list');
      }
      if (message.kind === 'runs') {
        this.remembered = message.runs;
        changes.add('list');
      } else {
        this.receiveRun(message, changes);
      }
    }
    for (const change of changes) {
      this.tell(change);
    }
  }

  /** Take in what a packet says of topics, each in its latest version. */
  receiveTopics(entries: readonly Posted[]): void {
    let news = false;
    for (const entry of entries) {
      if (entry.session !== this.session) {
        this.clear(entry.session);
        this.tell('run');
        this.tell('list');
      }
      if (entry.version > (this.topics.get(entry.name)?.version ?? -1)) {
        this.topics.set(entry.name, entry);
        news = true;
      }
    }
    if (news) {
      this.tell('topic');
    }
  }

  /** The latest state of a topic, or null. */
  topic(name: string): unknown {
    return this.topics.get(name)?.state ?? null;
  }

  /** Forget everything: another kernel, or the same one restarted. */
  clear(session = ''): void {
    this.session = session;
    this.runs.clear();
    this.topics.clear();
    this.remembered = [];
    this.current = null;
    this.follow = true;
    this.time = null;
    this.window = null;
    this.selection = this.hover = null;
  }

  /** Like `clear`, and tell the views. */
  reset(): void {
    this.clear();
    this.tell('run');
    this.tell('list');
    this.tell('topic');
  }

  /** Show run `number`. Showing the newest one follows again what starts. */
  show(number: number): void {
    const run = this.runs.get(number) ?? null;
    this.follow = run !== null && number >= Math.max(...this.runs.keys());
    if (run !== this.current) {
      this.showRun(run);
      this.tell('run');
    }
  }

  /** Forget some runs; where the shown one is among them, the newest that is left is shown. */
  drop(numbers: readonly number[]): void {
    numbers.forEach(number => this.runs.delete(number));
    this.remembered = this.remembered.filter(row => !numbers.includes(row.run));
    this.tell('list');
    if (this.current && numbers.includes(this.current.number)) {
      this.show(Math.max(...this.runs.keys()));
    }
  }

  /** Go to a time of the replay; null is now. */
  seek(time: number | null): void {
    const run = this.current;
    const wanted = time === null || !run ? null : Math.min(Math.max(time, 0), run.now(this.clock()));
    if (wanted !== this.time) {
      this.time = wanted;
      this.tell('time');
    }
  }

  /** Show a stretch of time, moved and cut to lie in the run; null, or one as long as the run, shows all of it. */
  zoom(wanted: Window | null): void {
    const all = this.current?.now(this.clock()) ?? 0;
    const span = wanted ? Math.max(wanted.to - wanted.from, all * SHORTEST) : all;
    const from = wanted ? Math.min(Math.max(wanted.from, 0), all - span) : 0;
    const next = span >= all ? null : { from, to: from + span };
    if (next?.from !== this.window?.from || next?.to !== this.window?.to) {
      this.window = next;
      this.tell('window');
    }
  }

  /** The stretch of time that is shown. */
  shownWindow(): Window {
    return this.window ?? { from: 0, to: Math.max(this.current?.now(this.clock()) ?? 0, 1e-9) };
  }

  /** Whether a target concerns an operation of the shown run. */
  matches(target: Target, layer: number): boolean {
    return this.current !== null && concerns(this.current, target, layer);
  }

  select(target: Target): void {
    if (!same(target, this.selection)) {
      this.selection = target;
      this.tell('selection');
    }
  }

  point(target: Target): void {
    if (!same(target, this.hover)) {
      this.hover = target;
      this.tell('hover');
    }
  }

  /** The time that is shown, in seconds since the run began. */
  shownTime(): number {
    return this.time ?? this.current?.now(this.clock()) ?? 0;
  }

  /** The state of every task of the shown run at the shown time. Worked out once for all views; valid until it changes. */
  states(): Uint8Array {
    const run = this.current;
    const n = run?.ntasks ?? 0;
    if (this.buffer.length !== n) {
      this.buffer = new Uint8Array(n);
      this.statesHold = false;
      this.tallies = [];
    }
    if (run && !this.statesHold) {
      run.states(this.time, this.buffer);
      this.statesHold = true;
      this.tallies = [];
    }
    return this.buffer;
  }

  /** How many tasks of an operation, or of the whole run, are in each state at the shown time. Counted once for all views. */
  tally(layer = -1): readonly number[] {
    const states = this.states();
    const run = this.current;
    if (run && !this.tallies.length) {
      const parts = run.layers.map(({ first_task, ntasks }) => run.tally(states, first_task, first_task + ntasks));
      this.tallies = [...parts, STATES.map((_, state) => parts.reduce((sum, part) => sum + part[state], 0))];
    }
    return this.tallies[layer < 0 ? this.tallies.length - 1 : layer] ?? STATES.map(() => 0);
  }

  /** The runs to choose from, oldest first: those that the kernel remembers and those that this page holds. */
  list(): RunSummary[] {
    const rows = new Map(this.remembered.map(row => [row.run, row]));
    for (const run of this.runs.values()) {
      const { label, executor, ntasks, wall_started, group } = run.header;
      rows.set(run.number, {
        run: run.number, label: label || named(run), executor, ntasks, wall_started, group: group ?? '',
        state: run.state, nfinished: run.nfinished, seconds: run.now(this.clock())
      });
    }
    return [...rows.values()].sort((a, b) => a.run - b.run);
  }

  private receiveRun(message: Exclude<Message, { kind: 'runs' }>, changes: Set<Change>): void {
    let run = this.runs.get(message.run);
    if (!run) {
      if (message.kind !== 'header') {
        return; // of a run whose header this page has not seen: the next keyframe brings it
      }
      run = new Run(message);
      this.runs.set(message.run, run);
      changes.add('list');
      this.forget();
      if (!this.current || (this.follows(message.run) && !this.hurries(run))) {
        this.showRun(run);
        changes.add('run');
      }
    }
    run.receive(message, this.clock());
    this.statesHold = false;
    if (run === this.current) {
      changes.add('data');
    }
    if (message.kind === 'ended') {
      changes.add('list');
    }
  }

  private follows(run: number): boolean {
    return this.habits.follow && this.follow && run > (this.current?.number ?? 0);
  }

  /** Whether a run comes too soon after the shown one of its group; the newest is shown a moment later. */
  private hurries(run: Run): boolean {
    const wait = CALM_SECONDS - (this.clock() - this.shownAt);
    if (!run.header.group || run.header.group !== this.current?.header.group || wait <= 0) {
      return false;
    }
    this.later ??= setTimeout(() => {
      this.later = undefined;
      const newest = Math.max(...this.runs.keys());
      if (this.follows(newest)) {
        this.showRun(this.runs.get(newest)!);
        this.tell('run');
      }
    }, wait * 1000);
    return true;
  }

  private showRun(run: Run | null): void {
    this.statesHold = false;
    this.shownAt = this.clock();
    this.current = run;
    this.time = null;
    this.window = null;
    this.selection = this.hover = null;
  }

  private forget(): void {
    for (const [number, run] of this.runs) {
      if (this.runs.size <= this.habits.kept) {
        break;
      }
      if (run !== this.current && run.ended) {
        this.runs.delete(number);
      }
    }
  }

  private tell(change: Change): void {
    if (change === 'run' || change === 'data' || change === 'time') {
      this.statesHold = false;
    }
    for (const listener of this.listeners) {
      listener(change);
    }
  }
}

/** A run without a label is called by its last operation. */
function named(run: Run): string {
  const last = run.layers[run.layers.length - 1];
  return last ? last.label || last.op : '';
}
