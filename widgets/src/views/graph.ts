/** The graph of the run: operations and what they feed, any of them opened into its tasks, each in its state. */

import { Cleanup, button, icon, make, shape } from '../dom';
import { choiceOf } from '../graph/choice';
import { criticalPath } from '../graph/critical';
import { Finder } from '../graph/finder';
import { follow } from '../graph/follow';
import { listen } from '../graph/hands';
import { Legend } from '../graph/legend';
import { SIGNS } from '../graph/marks';
import { MOST_TASKS, tooMany } from '../graph/model';
import { Picture } from '../graph/picture';
import { fillList } from '../graph/twin';
import type { Store, Target } from '../store';
import { layerOf } from '../target';
import { t } from '../translate';

const LIST_SECONDS = 0.5;

/** Show the store's run as a layered graph in `element`. */
export function mountGraph(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const choice = choiceOf(store);
  choice.turn(store.current);
  const stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'graph' });
  const list = make('div', 'cks-graph-list', { tabindex: -1 });
  const note = make('span', 'cks-note', { role: 'status' });
  const sign = (name: keyof typeof SIGNS): SVGSVGElement => shape(SIGNS[name]);

  const changed = (): void => {
    showButtons();
    picture.invalidate();
  };
  /** Select a target and bring it into sight. */
  const go = (target: Target): void => {
    store.select(target);
    picture.reveal(target);
  };
  /** The operation that is selected, or whose task is; -1 for none. */
  const chosen = (): number => (store.current ? layerOf(store.current, store.selection) : -1);
  const toggle = (layer: number, byKey = false): void => {
    const run = store.current;
    if (!run?.layers[layer]) {
      return;
    }
    const opens = !choice.open.has(layer);
    const refused = opens && tooMany(run, choice.open, layer);
    note.textContent = refused ? t('At most {n} tasks are drawn one by one', { n: MOST_TASKS.toLocaleString('en-US') }) : '';
    if (refused) {
      return;
    }
    picture.pin(layer);
    choice.toggle(layer);
    const target = store.selection;
    if (byKey && opens && target && 'layer' in target) {
      store.select({ task: run.layers[layer].first_task });
    } else if (!opens && target && 'task' in target && run.layerOf(target.task) === layer) {
      store.select({ layer });
    }
    changed();
  };
  const toggleAll = (): void => {
    const run = store.current;
    if (!run) {
      return;
    }
    let room = MOST_TASKS;
    const all = choice.open.size ? [] : run.layers.map((_, i) => i).filter(i => (room -= run.layers[i].ntasks) >= 0);
    choice.open = new Set(all);
    note.textContent = all.length && all.length < run.layers.length
      ? t('{n} of {all} operations opened: the others have too many tasks', { n: all.length, all: run.layers.length }) : '';
    picture.fit();
    changed();
  };
  const togglePath = (): void => {
    choice.path = !choice.path;
    changed();
  };
  const toggleList = (): void => {
    choice.list = !choice.list;
    changed();
    showList();
    (choice.list ? list : stage).focus();
  };

  const openOne = button(sign('open'), t('Open the selected operation into its tasks, or close it'), () => toggle(chosen()));
  const openAll = button(sign('all'), t('Open all operations into tasks, or close them'), toggleAll);
  const path = button(sign('critical'), t('Show the critical path'), togglePath);
  const parts = button(sign('rewrites'), t('Show operations as they were before they were fused'), () => {
    choice.unfused = !choice.unfused;
    changed();
  });
  const asList = button(sign('list'), t('Show the graph as a list'), toggleList);
  const legend = new Legend();
  const finder = new Finder(store, () => picture.invalidate(), go, () => stage.focus());
  const showButtons = (): void => {
    const layer = chosen();
    openOne.disabled = layer < 0;
    openOne.setAttribute('aria-pressed', String(choice.open.has(layer)));
    openAll.setAttribute('aria-pressed', String(choice.open.size > 0));
    path.setAttribute('aria-pressed', String(choice.path));
    parts.setAttribute('aria-pressed', String(choice.unfused));
    parts.hidden = !picture.marks.some(mark => mark.parts.length > 1);
    asList.setAttribute('aria-pressed', String(choice.list));
    list.hidden = !choice.list;
  };
  const picture = new Picture(stage, store, choice, finder, legend, showButtons);
  cleanup.add(() => picture.dispose());
  cleanup.add(() => finder.dispose());
  element.append(
    make('div', 'cks-bar', {}, openOne, openAll, path, parts, asList, finder.field),
    stage,
    make(
      'div', 'cks-graph-zoom', {}, button(icon('more'), t('Zoom in'), () => picture.zoom(1.4)),
      button(icon('less'), t('Zoom out'), () => picture.zoom(0.7)), button(icon('whole'), t('Show the whole graph'), () => picture.fit())
    ),
    make('div', 'cks-graph-said', {}, finder.said, note), legend.element, list
  );
  listen(stage, picture, {
    point: target => store.point(target),
    select: target => store.select(target),
    toggle: (target, byKey) => toggle(target && store.current ? layerOf(store.current, target) : chosen(), byKey),
    step: way => {
      if (store.current && picture.diagram) {
        go(follow(store.current, picture.diagram, store.selection, way));
      }
    },
    find: () => finder.field.focus(),
    togglePath
  });
  list.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      toggleList();
      event.stopPropagation();
    }
  });

  let handle = 0;
  const showList = (): void => {
    handle = 0;
    const run = store.current;
    if (choice.list && run) {
      const at = [...list.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
      fillList(list, store, run, criticalPath(run));
      list.querySelectorAll('button')[at]?.focus({ preventScroll: true });
    }
  };
  cleanup.add(() => window.clearTimeout(handle));
  cleanup.add(store.on(change => {
    if (change === 'list' || change === 'topic' || change === 'window') {
      return;
    }
    if (change === 'run') {
      choice.turn(store.current);
      picture.forget();
      note.textContent = '';
    }
    const news = change === 'run' || change === 'data' || change === 'time';
    if (news) {
      finder.refresh();
      if (choice.list) {
        handle ||= window.setTimeout(showList, LIST_SECONDS * 1000);
      }
    }
    picture.invalidate(news);
  }));
  showButtons();
  showList();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}
