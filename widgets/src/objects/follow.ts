/** Follows one value: asks the kernel how it stands when that may have changed, and folds in the run that makes it. */

import type { Run } from '../run';
import type { Change, Store } from '../store';
import { blocksOf } from './spec';
import type { ObjectSpec } from './spec';
import { callTasksOf, fold, ofTasks, standingOf, tasksOf } from './standing';
import type { Fold, Standing } from './standing';

/** The way to the kernel of a value. */
export interface ObjectLink {
  readonly store: Store;
  ask(question: { readonly ask: string; readonly [key: string]: unknown }): Promise<Readonly<Record<string, unknown>>>;
  dispose(): void;
}

/** How often a run that goes on is looked at. */
const LOOK_MS = 120;
/** A kernel that did not answer is asked again after so long. */
const AGAIN_MS = 4_000;

export class Follower {
  standing: Standing | null = null;
  private readonly n: number;
  private link: ObjectLink | null = null;
  private leave: () => void = () => undefined;
  private timer = 0;
  private retry = 0;
  /** Number of the newest question: a kernel that had no chunkscope when it was asked first never answers that one. */
  private asked = 0;
  /** The number under which the kernel last told of a change. */
  private news = 0;
  private tasks: Int32Array | null = null;
  private callTasks: Int32Array | null = null;
  private states = new Uint8Array(0);
  private seen = '';
  /** The kernel process that told how the value stands. */
  private session = '';

  /** `changed` is called when what `fold` gives may be another. */
  constructor(private readonly spec: ObjectSpec, private readonly changed: (change: Change) => void) {
    this.n = blocksOf(spec);
  }

  get store(): Store | null {
    return this.link?.store ?? null;
  }

  /** The run that makes the value, if this page holds it. */
  get run(): Run | null {
    const part = this.standing?.run;
    return part ? (this.link?.store.runs.get(part.run) ?? null) : null;
  }

  /** The task of each block, if there are any. */
  get taskOf(): Int32Array | null {
    return this.tasks;
  }

  /** The task of each call behind a delayed value. */
  get taskOfCall(): Int32Array | null {
    return this.callTasks;
  }

  /** Listen from now on; null: to nobody. */
  follow(link: ObjectLink | null): void {
    this.leave();
    this.link?.dispose();
    window.clearInterval(this.timer);
    window.clearTimeout(this.retry);
    this.timer = this.retry = 0;
    this.asked += 1;
    this.link = link;
    this.leave = link ? link.store.on(change => this.told(change)) : () => undefined;
    if (link) {
      this.news = this.newsOf(link.store);
      this.ask();
    }
  }

  /** Another kernel is there, or none: what the one before told holds no more. */
  forget(): void {
    this.standing = this.tasks = this.callTasks = null;
    this.session = '';
  }

  /** Everything that is painted and said now. */
  fold(): Fold {
    const { run, store } = this;
    const at = store !== null && run !== null && store.current === run ? store.time : null;
    if (run && this.states.length !== run.ntasks) {
      this.states = new Uint8Array(run.ntasks);
    }
    const early = this.standing?.run?.state === 'running';
    const wanted = run !== null && this.tasks !== null && (run.state !== 'finished' || early || at !== null);
    const states = wanted ? (store!.current === run ? store!.states() : run.states(null, this.states)) : null;
    const found = fold(this.standing, this.n, run, this.tasks, states, at);
    return found.phase === 'live' && states && this.callTasks ? { ...found, calls: ofTasks(this.callTasks, states) } : found;
  }

  private told(change: Change): void {
    const { store } = this;
    if (!store) {
      return;
    }
    if (this.session && store.session !== this.session) {
      this.forget();
      this.news = this.newsOf(store);
      this.ask();
    } else if (change === 'topic' || change === 'list') {
      const news = this.newsOf(store);
      if (news !== this.news) {
        this.news = news;
        this.ask();
      } else if (this.standing === null && change === 'list') {
        this.ask(); // the kernel speaks now
      }
    }
    this.watch();
    this.changed(change);
  }

  private newsOf(store: Store): number {
    const state = store.topic('objects') as { readonly news?: Readonly<Record<string, number>> } | null;
    return state?.news?.[this.spec.token] ?? 0;
  }

  private ask(): void {
    const { link } = this;
    if (!link) {
      return;
    }
    const number = (this.asked += 1);
    link.ask({ ask: 'object', token: this.spec.token }).then(
      reply => this.answered(number, link, standingOf(reply)),
      () => this.answered(number, link, null) // no chunkscope in this kernel yet, or it is too busy
    );
  }

  private answered(number: number, link: ObjectLink, standing: Standing | null): void {
    if (number !== this.asked) {
      return;
    }
    if (standing) {
      this.standing = standing;
      this.session = link.store.session;
      this.tasks = tasksOf(standing.run, this.n);
      this.callTasks = callTasksOf(standing.run);
      this.watch();
      this.changed('topic');
    } else if (this.standing?.run) {
      window.clearTimeout(this.retry);
      this.retry = window.setTimeout(() => this.ask(), AGAIN_MS);
    }
  }

  /** Look at the run now and then while it goes on: a store tells of the shown run only. */
  private watch(): void {
    const part = this.standing?.run ?? null;
    const going = part !== null && (this.run?.state ?? part.state) === 'running';
    if (going && !this.timer) {
      this.timer = window.setInterval(() => this.look(), LOOK_MS);
    } else if (!going && this.timer) {
      window.clearInterval(this.timer);
      this.timer = 0;
      this.ask(); // the run has ended: what became of the blocks?
    }
  }

  private look(): void {
    const { run } = this;
    const now = run ? `${run.columns.version} ${run.status?.now} ${run.keyframe?.now} ${run.state}` : '';
    if (now !== this.seen) {
      this.seen = now;
      this.changed('data');
    }
    this.watch();
  }
}
