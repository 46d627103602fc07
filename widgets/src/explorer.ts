/** All views of a run in one element, linked through the store, with the keyboard. Used by the panel and by cells. */

import { mountBeside } from './beside';
import { Cleanup, make } from './dom';
import type { Gate } from './gate';
import { NO_HOST } from './host';
import type { ViewHost } from './host';
import { listenToKeys, rove } from './keys';
import { mountSections } from './sections';
import type { SectionOptions } from './sections';
import type { Store } from './store';
import { t } from './translate';
import { KEYED, ORDER } from './view_names';
import type { ViewName } from './view_names';
import { mountDetails } from './views/details';
import { mountHead } from './views/head';
import { mountHelp } from './views/help';
import type { KeyRow } from './views/help';
import type { KernelRows } from './views/kernels';
import { mountNotice } from './views/notice';
import type { Ask } from './views/notice';
import { describe, runSentence } from './words';

/** What an explorer shows and whom it may ask. */
export interface ExplorerOptions extends Partial<Pick<SectionOptions, 'views' | 'kept' | 'open' | 'alone' | 'send' | 'drag'>> {
  /** The kernel and the notebook around the views. */
  readonly host?: ViewHost;
  /** Asks the server about a kernel that does not speak. */
  readonly figures?: Ask | null;
  /** The kernels to choose from. */
  readonly kernels?: KernelRows | null;
  /** The host's own keys, for the help. */
  readonly keys?: () => readonly KeyRow[];
  /** Holds changes back while nobody can see the views. */
  readonly gate?: Gate | null;
}

/** The mounted views. */
export interface Explorer {
  /** Opens a view and gives it the focus. */
  show(name: ViewName): void;
  /** Shows or hides the keys. */
  help(): void;
  dispose(): void;
}

const QUIET_SECONDS = 5;

/** Show the store's runs, and its lesson, in `element`; the result takes them away. */
export function mountExplorer(element: HTMLElement, store: Store, options: ExplorerOptions = {}): () => void {
  const explorer = openExplorer(element, store, options);
  return () => explorer.dispose();
}

/** Like `mountExplorer`, for those who steer the views. */
export function openExplorer(element: HTMLElement, store: Store, options: ExplorerOptions = {}): Explorer {
  return store.within(options.gate ?? null, () => build(element, store, options));
}

function build(element: HTMLElement, store: Store, options: ExplorerOptions): Explorer {
  const cleanup = new Cleanup();
  const host = options.host ?? NO_HOST;
  const views = ORDER.filter(name => (options.views ?? ORDER).includes(name) && (name !== 'workers' || !!host.insert)); // a notebook's own
  const root = make('div', 'cks', { role: 'region', 'aria-label': 'chunkscope' });
  const page = make('div', 'cks-page');
  const head = make('div', 'cks-head');
  const empty = make('div', 'cks-empty', { role: 'status' });
  const sections = make('div', 'cks-sections');
  const shelf = make('div', 'cks-shelf', { role: 'group', 'aria-label': t('Views that are closed') });
  const details = make('div', 'cks-details');
  const spoken = make('div', 'cks-spoken', { 'aria-live': 'polite' });
  const help = make('div', 'cks-help-host');
  page.append(head, empty, sections, shelf, details);
  root.append(page, spoken, help);
  element.append(root);
  cleanup.add(() => root.remove());

  empty.append(
    make('p', 'cks-empty-title', {}, t('Nothing has run here yet')),
    make('p', '', {}, t('Run a cell that computes with chunkscope: its chunks, its task graph and its time line appear here while it runs.'))
  );
  const settle = rove(sections);
  const mounted = mountSections(sections, store, {
    ...options, views, host, kept: options.kept ?? false, gate: options.gate ?? null, shelf, changed: settle
  });
  settle();
  cleanup.add(() => mounted.dispose());
  cleanup.add(mountHead(head, store, host, {
    kernels: options.kernels ?? null, alone: options.alone ?? false,
    compare: views.includes('compare') ? () => mounted.show('compare') : null
  }));
  if (options.figures) {
    cleanup.add(mountNotice(head, store, options.figures));
  }
  cleanup.add(mountDetails(details, store, whyOf(host), host.go));
  if (host.ask && !options.alone) {
    cleanup.add(mountBeside(root, page, store, host, name => mounted.show(name)));
  }
  const toggleHelp = mountHelp(help, root, options.keys);
  listenToKeys(root, page, store, {
    digits: KEYED.map(name => (views.includes(name) ? () => mounted.show(name) : null)),
    help: toggleHelp,
    code: () => {
      const place = describe(store, store.selection)?.place;
      if (place?.cell) {
        host.go?.(place.cell, place.line);
      }
    }
  });

  let said = -Infinity;
  let none: boolean | null = null;
  const update = (): void => {
    const run = store.current;
    if (none !== (run === null)) {
      none = run === null;
      const workers = views.includes('workers'); // there can be some before anything has run
      empty.hidden = !none || (workers && views.length === 1);
      sections.hidden = shelf.hidden = none && !workers;
      details.hidden = none;
      root.classList.toggle('cks-no-run', none);
      settle();
      head.classList.toggle('cks-head-none', none);
    }
    const now = store.clock();
    if (run && (now - said > QUIET_SECONDS || run.ended) && store.time === null) {
      const sentence = runSentence(store);
      if (spoken.textContent !== sentence) {
        spoken.textContent = sentence;
        said = now;
      }
    }
  };
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data') {
      update();
    }
  }));
  update();
  return { show: name => mounted.show(name), help: toggleHelp, dispose: () => cleanup.run() };
}

/** How the details learn what the rows do not tell of a task, as its lane's choice and its fusion; null where there is no kernel. */
function whyOf({ ask }: ViewHost): ((run: number, task: number) => Promise<string>) | null {
  return ask ? async (run, task) => {
    const { beyond } = await ask({ ask: 'why', run, task });
    return typeof beyond === 'string' ? beyond : '';
  } : null;
}
