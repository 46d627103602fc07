/** What happened in the run, in words: what bound it, what to try next, and the story of it. */

import { Cleanup, button, make } from '../dom';
import { seconds } from '../format';
import type { ViewHost } from '../host';
import { share, spentOf } from '../spent';
import { chaptersOf, computed, pieces, toldFor } from '../explain/story';
import type { Chapter, Reader, Remark } from '../explain/story';
import type { Run } from '../run';
import type { Store } from '../store';
import { concerns, places } from '../target';
import { t } from '../translate';

/** While a run goes on, its account is asked for at most this often. */
const REFRESH_SECONDS = 2;
/** The accounts that were told, and for whom the reader wants them: they survive the closing of the view. */
const TOLD = new WeakMap<Run, { readonly state: string; readonly chapters: readonly Chapter[] }>();
const READER = new WeakMap<Store, Reader>();

/** Show the account of the store's run in `element`. */
export function mountExplain(element: HTMLElement, store: Store, host: ViewHost): () => void {
  const cleanup = new Cleanup();
  let reader: Reader = READER.get(store) ?? 'learner';
  let asking: Run | null = null;
  let asked = -Infinity;
  let trouble = '';
  let gone = false;
  const brief = button(t('in brief'), t('In brief: what bound the run, and what to try'), () => {
    reader = reader === 'expert' ? 'learner' : 'expert';
    READER.set(store, reader);
    brief.setAttribute('aria-pressed', String(reader === 'expert'));
    show();
  }, 'cks-button cks-text');
  brief.setAttribute('aria-pressed', String(reader === 'expert'));
  const said = make('span', 'cks-insight-said', { role: 'status' });
  const stage = make('div', 'cks-stage cks-story', { tabindex: 0, role: 'group', 'data-view': 'explain', 'aria-label': t('The run in words') });
  element.append(make('div', 'cks-bar', {}, said, make('span', 'cks-space'), brief), stage);

  const chapters = (run: Run): readonly Chapter[] => TOLD.get(run)?.chapters ?? recorded(run) ?? (host.ask && !trouble ? [] : computed(run));
  const show = (): void => {
    const run = store.current;
    const told = run ? toldFor(chapters(run), reader) : [];
    said.textContent = run && asking === run && !told.length ? t('asking the kernel …') : trouble;
    stage.replaceChildren(...told.map(chapter => section(store, host, run!, chapter)));
    emphasise(stage, store);
  };
  const ask = (): void => {
    const run = store.current;
    if (!run || !host.ask || asking === run || TOLD.get(run)?.state === (run.ended ? run.state : '') || recorded(run)) {
      return;
    }
    const now = store.clock();
    if (!run.ended && now - asked < REFRESH_SECONDS) {
      return;
    }
    asked = now;
    asking = run;
    const state = run.ended ? run.state : '';
    host.ask({ ask: 'explain', run: run.number }).then(reply => {
      trouble = '';
      TOLD.set(run, { state, chapters: chaptersOf(reply) });
    }, (error: unknown) => {
      trouble = error instanceof Error ? error.message : String(error);
      TOLD.set(run, { state, chapters: computed(run) });
    }).finally(() => {
      asking = null;
      if (!gone && store.current === run) {
        show();
        ask();
      }
    });
  };
  stage.addEventListener('keydown', event => {
    const links = [...stage.querySelectorAll<HTMLElement>('button')];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (next === undefined || !links.length) {
      return;
    }
    if (next < 0) {
      stage.focus();
    } else {
      links[Math.min(next, links.length - 1)].focus();
    }
    event.preventDefault();
    event.stopPropagation();
  });
  cleanup.add(store.on(change => {
    if (change === 'run') {
      trouble = '';
      asked = -Infinity;
      show();
      ask();
    } else if (change === 'data') {
      ask();
    } else if (change === 'selection' || change === 'hover') {
      emphasise(stage, store);
    }
  }));
  show();
  ask();
  return () => {
    gone = true;
    cleanup.run();
    element.replaceChildren();
  };
}

/** The account that a recording brought along. */
function recorded(run: Run): readonly Chapter[] | null {
  return (run as { readonly account?: readonly Chapter[] | null }).account ?? null;
}

function section(store: Store, host: ViewHost, run: Run, chapter: Chapter): HTMLElement {
  const list = make('ul', '', {}, ...chapter.remarks.map(remark => item(store, host, run, remark)));
  const bar = chapter.topic === 'time' ? [shares(run)] : [];
  return make('section', `cks-chapter cks-chapter-${chapter.topic}`, { 'data-topic': chapter.topic }, make('h4', '', {}, chapter.title), ...bar, list);
}

function item(store: Store, host: ViewHost, run: Run, remark: Remark): HTMLElement {
  let linked = false;
  const words = pieces(run, remark).map(piece => {
    if (!piece.code) {
      return piece.text;
    }
    const code = make('code', '', {}, piece.text);
    if (piece.layer < 0 || (linked && piece.layer === remark.layer)) {
      return code;
    }
    linked ||= piece.layer === remark.layer;
    const target = { layer: piece.layer };
    const link = button(code, t('Select the operation {name}', { name: piece.text }), () => store.select(target), 'cks-link');
    link.addEventListener('pointerenter', () => store.point(target));
    link.addEventListener('pointerleave', () => store.point(null));
    link.tabIndex = -1;
    return link;
  });
  const element = make('li', '', { 'data-layer': remark.layer, 'data-task': remark.task }, ...words);
  const place = remark.layer >= 0 && run.layers[remark.layer] ? places(run.layers[remark.layer]).find(one => one.cell) : undefined;
  const { go } = host;
  if (place && go) {
    const link = button(t('line {line}', { line: place.line }), t('Go to line {line}: {code}', { line: place.line, code: place.text }), () => go(place.cell, place.line), 'cks-link cks-line');
    link.tabIndex = -1;
    element.append(' ', link);
  }
  if (remark.task >= 0) {
    const link = button(t('show the task'), t('Show the task: select what this is about'), () => store.select({ task: remark.task }), 'cks-link cks-line');
    link.tabIndex = -1;
    element.append(' ', link);
  }
  return element;
}

/** Where the lanes' time went, as one bar; the sentences below say the same. */
function shares(run: Run): HTMLElement {
  const spent = spentOf(run);
  const parts = [
    ['kernels', t('computing'), spent.kernels - spent.reading], ['reading', t('reading'), spent.reading],
    ['waiting', t('waiting'), spent.waiting], ['overhead', t('overhead: handing over'), spent.overhead],
    ['overhead', t('held back for memory'), spent.held], ['waiting', t('before the first task, after the last'), spent.outside]
  ] as const;
  const shown = parts.filter(([, , part]) => share(spent, part) >= 0.005);
  const bars = shown.map(([kind, , part]) => {
    const bar = make('i', `cks-share cks-share-${kind}`);
    bar.style.flexGrow = String(share(spent, part));
    return bar;
  });
  const legend = shown.map(([kind, name, part]) => make(
    'span', `cks-share-key cks-share-${kind}`, {}, make('i', 'cks-share', { 'aria-hidden': 'true' }),
    `${name} ${Math.round(100 * share(spent, part))}% · ${seconds(part)}`
  ));
  return make('div', 'cks-shares', {}, make('div', 'cks-shares-bar', { 'aria-hidden': 'true' }, ...bars), make('div', 'cks-shares-keys', {}, ...legend));
}

/** Sentences about what is selected, or pointed at elsewhere, stand out. */
function emphasise(stage: HTMLElement, store: Store): void {
  const run = store.current;
  for (const element of stage.querySelectorAll<HTMLElement>('li')) {
    const layer = Number(element.dataset.layer);
    element.classList.toggle('cks-chosen', run !== null && layer >= 0 && concerns(run, store.selection, layer));
  }
}
