/** The clusters of the kernel: a card for each worker, and what can be done with them. Says to the kernel that somebody looks. */

import { Cleanup, button, make, say } from '../dom';
import type { Question, ViewHost } from '../host';
import type { Store } from '../store';
import { t, tn } from '../translate';
import { Card } from '../workers/card';
import type { CardActs } from '../workers/card';
import { confirming } from '../workers/confirm';
import { MemoryBar } from '../workers/memory_bar';
import { clientCode, startCode, startFields, wantedOf } from '../workers/start';
import type { Wanted } from '../workers/start';
import { aboutWords, blocksWords, clustersOf, joinedOf, noneWords, tableOf, wholeWords } from '../workers/model';
import type { Cluster, RunningTask } from '../workers/model';

/** So often the kernel is told that somebody looks; it forgets it after twice that. */
const WATCH_MS = 3_000;

/** Show the workers of the kernel's clusters in `element`. */
export function mountWorkers(element: HTMLElement, store: Store, host: ViewHost): () => void {
  const cleanup = new Cleanup();
  const whole = make('span', 'cks-workers-whole');
  const table = button(t('table'), t('Workers as a table'), () => {
    asTable = !asTable;
    table.setAttribute('aria-pressed', String(asTable));
    update();
  }, 'cks-button cks-worded');
  table.setAttribute('aria-pressed', 'false');
  const stage = make('div', 'cks-stage cks-workers-stage', { tabindex: 0, role: 'group', 'data-view': 'workers' });
  const said = make('div', 'cks-workers-said', { role: 'status' });
  const groups = make('div', 'cks-workers-groups');
  const empty = make('div', 'cks-workers-empty');
  const rows = make('div', 'cks-workers-table');
  stage.append(empty, groups, rows, said);
  element.append(make('div', 'cks-bar', {}, whole, table), stage);
  const shown = new Map<string, Group>();
  let asTable = false;

  let saidOf = '';
  /** What a cluster was said to be is no longer said once it is another. */
  const unsay = (words: string): void => {
    if (saidOf !== words && !stage.hasAttribute('aria-busy')) {
      saidOf = words;
      said.classList.remove('cks-failed-words');
      say(said, '');
    }
  };
  const act = (question: Question): void => {
    stage.setAttribute('aria-busy', 'true');
    said.classList.remove('cks-failed-words');
    say(said, '');
    host.ask?.(question).then(
      reply => {
        saidOf = wholeWords(clustersOf(store.topic('cluster')));
        say(said, typeof reply.message === 'string' ? reply.message : '');
      },
      (error: unknown) => {
        saidOf = wholeWords(clustersOf(store.topic('cluster')));
        said.classList.add('cks-failed-words');
        say(said, error instanceof Error ? error.message : String(error));
      }
    ).finally(() => stage.removeAttribute('aria-busy'));
  };
  const go = (task: RunningTask): void => {
    if (!store.runs.has(task.run)) {
      host.fetch?.(task.run);
      return;
    }
    store.show(task.run);
    store.select({ task: task.task });
  };
  let wanted = wantedOf('', '', '');
  const code = make('pre', 'cks-workers-code', {}, startCode(wanted));
  const start = worded('', () => act({ ask: 'cluster.start', ...wanted }));
  const want = (next: Wanted): void => {
    wanted = next;
    say(code, startCode(wanted));
    const words = tn('Start {n} worker', 'Start {n} workers', wanted.workers);
    say(start, words);
    start.setAttribute('aria-label', words);
    start.title = words;
  };
  want(wanted);
  const none = make('p', '');
  empty.append(
    none,
    startFields(want), code,
    make('div', 'cks-workers-acts', {}, start,
      ...(host.insert ? [worded(t('Insert these lines into the notebook'), () => host.insert?.(startCode(wanted)))] : []))
  );

  const update = (): void => {
    const clusters = clustersOf(store.topic('cluster'));
    for (const [name, group] of shown) {
      if (!clusters.some(cluster => cluster.name === name)) {
        if (group.element.contains(document.activeElement)) {
          stage.focus();
        }
        group.element.remove();
        shown.delete(name);
      }
    }
    for (const cluster of clusters) {
      let group = shown.get(cluster.name);
      if (!group) {
        group = new Group(cluster, host, act, go);
        shown.set(cluster.name, group);
        groups.append(group.element);
      }
      group.fill(cluster, clusters);
    }
    say(none, noneWords(joinedOf(store.topic('cluster'))));
    empty.hidden = clusters.length > 0;
    table.hidden = clusters.length === 0;
    groups.hidden = asTable || clusters.length === 0;
    rows.hidden = !asTable || clusters.length === 0;
    if (asTable) {
      rows.replaceChildren(tabled(clusters));
    }
    const words = wholeWords(clusters);
    unsay(words);
    say(whole, words);
    whole.title = words;
    const label = words ? t('Workers: {words}. Arrow keys go to workers and buttons.', { words }) : t('Workers: no cluster is open. Arrow keys go to the buttons.');
    if (stage.getAttribute('aria-label') !== label) {
      stage.setAttribute('aria-label', label);
    }
    watch();
  };
  let told = -Infinity;
  /** While there is a cluster and somebody can see this, the kernel measures. */
  const watch = (): void => {
    const now = performance.now();
    const seen = document.visibilityState === 'visible' && stage.getClientRects().length > 0;
    if (seen && clustersOf(store.topic('cluster')).length && now - told >= WATCH_MS - 50) {
      told = now;
      host.ask?.({ ask: 'cluster.watch' }).catch(() => undefined); // a kernel that cannot answer says so elsewhere
    }
  };
  const timer = window.setInterval(watch, WATCH_MS);
  cleanup.add(() => window.clearInterval(timer));
  stage.addEventListener('keydown', event => {
    if (move(stage, event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  cleanup.add(store.on(change => {
    if (change === 'topic' || change === 'run') {
      update();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

/** One cluster: a line about it, its buttons, its cards. */
class Group {
  readonly element: HTMLElement;
  private readonly about = make('span', 'cks-workers-about');
  private readonly fewer: HTMLButtonElement;
  private readonly blocks = new MemoryBar(t('Shared blocks'));
  private readonly cards = make('div', 'cks-workers-cards');
  private readonly more = make('div', 'cks-dim');
  private readonly byName = new Map<string, Card>();
  private readonly acts: CardActs;
  private count = 0;
  private code = '';

  constructor(cluster: Cluster, host: ViewHost, act: (question: Question) => void, show: (task: RunningTask) => void) {
    const { name, processes } = cluster;
    const scale = (step: number): void => act({ ask: 'cluster.scale', cluster: name, workers: this.count + step });
    this.acts = { kill: worker => act({ ask: 'cluster.kill', cluster: name, worker }), show };
    this.fewer = worded('−', () => scale(-1), t('One worker less'));
    const buttons = make('span', 'cks-workers-acts', {},
      this.fewer, worded('+', () => scale(1), t('One worker more')),
      ...(host.insert ? [worded(t('Insert client'), () => host.insert?.(this.code), t('Insert client into the notebook'))] : []),
      ...(processes
        ? [confirming(t('Restart'), t('Restart all workers'), t('What runs is run again.'), () => act({ ask: 'cluster.restart', cluster: name }))]
        : []),
      confirming(t('Stop'), t('Stop the cluster'), t('What runs is cancelled.'), () => act({ ask: 'cluster.stop', cluster: name })));
    this.element = make('div', 'cks-workers-group', { role: 'group', 'aria-label': t('Cluster {name}', { name }) },
      make('div', 'cks-workers-line', {}, this.about, buttons), this.blocks.row, this.cards, this.more);
  }

  /** Show the cluster as it is now, one of `all`. */
  fill(cluster: Cluster, all: readonly Cluster[]): void {
    this.code = clientCode(cluster);
    this.count = cluster.nworkers;
    this.fewer.disabled = cluster.nworkers < 2;
    say(this.about, aboutWords(cluster, all.length > 1));
    this.about.title = cluster.address ? t('{name}, at {address}', { name: cluster.name, address: cluster.address }) : cluster.name;
    this.blocks.row.hidden = cluster.blocks === null || cluster !== all.find(one => one.blocks); // all clusters share them
    if (cluster.blocks) {
      const { shared, spilled, limit } = cluster.blocks;
      this.blocks.fill({ memory: 0, managed: shared, spilled, limit }, 1, blocksWords(cluster.blocks));
    }
    const names = new Set(cluster.workers.map(worker => worker.name));
    for (const [name, card] of this.byName) {
      if (!names.has(name)) {
        card.element.remove();
        this.byName.delete(name);
      }
    }
    const largest = Math.max(...cluster.workers.map(worker => worker.memory + worker.managed + worker.spilled), 1);
    for (const worker of cluster.workers) {
      let card = this.byName.get(worker.name);
      if (!card) {
        card = new Card(worker.name, cluster.processes, this.acts);
        this.byName.set(worker.name, card);
        this.cards.append(card.element);
      }
      card.fill(worker, largest);
    }
    const rest = cluster.nworkers - cluster.workers.length;
    this.more.hidden = rest <= 0;
    say(this.more, tn('and one more worker', 'and {n} more workers', rest));
  }
}

/** A button with words on it, reached by the arrow keys. */
function worded(words: string, act: () => void, name = words): HTMLButtonElement {
  const made = button(words, name, act, 'cks-button cks-worded');
  made.tabIndex = -1;
  return made;
}

/** Go on to another card (up and down) or to the next button or card (left and right); Escape goes back. Whether the key was one. */
function move(stage: HTMLElement, key: string): boolean {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[key];
  const at = document.activeElement;
  if (key === 'Escape' && at !== stage) {
    stage.focus();
    return true;
  }
  if (!step) {
    return false;
  }
  const all = [...stage.querySelectorAll<HTMLElement>('button:not(:disabled), .cks-worker')].filter(one => one.getClientRects().length > 0);
  const cards = all.filter(one => one.matches('.cks-worker'));
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    const card = at?.closest<HTMLElement>('.cks-worker') ?? null;
    const next = card ? cards[cards.indexOf(card) + step] : cards[0] ?? all[0];
    (next ?? (step < 0 ? stage : card))?.focus();
  } else {
    const here = at === stage ? -1 : all.indexOf(at as HTMLElement);
    (here + step < 0 ? stage : all[Math.min(here + step, all.length - 1)])?.focus();
  }
  return true;
}

function tabled(clusters: readonly Cluster[]): HTMLElement {
  const { heads, rows } = tableOf(clusters);
  return make('table', 'cks-table', { 'aria-label': t('Workers') },
    make('thead', '', {}, make('tr', '', {}, ...heads.map(head => make('th', '', { scope: 'col' }, head)))),
    make('tbody', '', {}, ...rows.map(([first, ...rest]) => make('tr', '', {}, make('th', '', { scope: 'row' }, first), ...rest.map(cell => make('td', '', {}, cell))))));
}
