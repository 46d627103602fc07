/** A lane for each thread or worker: what ran when, what read, where nothing was ready, where what was ready had not started. */

import { LaneCache, rowAt } from '../bars';
import { Cleanup, button, icon, make, relabel } from '../dom';
import type { Run } from '../run';
import { share } from '../spent';
import type { Store, Target } from '../store';
import { Surface, place } from '../surface';
import { AXIS, GUTTER, RIGHT, curvesHeight, drawTimeline, laneHeight } from '../timeline/draw';
import type { Plot } from '../timeline/draw';
import { noticesNear } from '../timeline/notices';
import { fillTotals, totalsHead } from '../timeline/table';
import { TotalsCache, shareWords, totalsWords } from '../timeline/totals';
import type { Totals } from '../timeline/totals';
import { t } from '../translate';
import { operationNumbers, runSentence } from '../words';
import { workersSentence } from '../workload';

/** Lanes that are as high as they can be; more share the same room. */
const MOST_LANES = 12;
const REFRESH_SECONDS = 0.25;
/** Pixels between the mouse and a mark whose reason is told. */
const NEAR = 5;
let serial = 0;

/** Show the store's run as lanes over time in `element`. */
export function mountTimeline(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'timeline' });
  const table = make('div', 'cks-table', { id: `cks-timeline-${serial++}` });
  const body = make('tbody');
  const keys = make('div', 'cks-timeline-keys');
  const cache = new LaneCache();
  const totals = new TotalsCache();
  /** Where the mouse went down on the stage, and how it moves since: along the time, or over a stretch to zoom into. */
  let from: { readonly x: number; readonly kind: 'pan' | 'stretch' } | null = null;
  let until = 0;
  let dragged = false;

  const zoom = (factor: number, around: number): void => {
    const { from: a, to: b } = store.shownWindow();
    store.zoom({ from: around - factor * (around - a), to: around + factor * (b - around) });
  };
  const pan = (by: number): void => {
    const now = store.window;
    if (now) {
      store.zoom({ from: now.from + by, to: now.to + by });
    }
  };
  const fit = (): void => store.zoom(null);
  const middle = (): number => {
    const { from: a, to: b } = store.shownWindow();
    return store.time !== null && store.time >= a && store.time <= b ? store.time : (a + b) / 2;
  };
  const list = button(icon('list'), t('Lane time, as a table'), () => {
    table.hidden = !table.hidden;
    list.setAttribute('aria-expanded', String(!table.hidden));
    told();
    if (!table.hidden) {
      table.scrollIntoView({ block: 'nearest' });
    }
  });
  list.setAttribute('aria-expanded', 'false');
  list.setAttribute('aria-controls', table.id);
  table.hidden = true;
  table.append(make('table', '', { 'aria-label': t('Where the time of the lanes went') }, totalsHead(), body));
  element.append(
    make(
      'div', 'cks-bar', {}, make('span', 'cks-space'), button(icon('less'), t('Zoom out (−)'), () => zoom(2, middle())),
      button(icon('more'), t('Zoom in (+)'), () => zoom(0.5, middle())), button(icon('whole'), t('Show the whole run (0)'), fit), list
    ),
    make('div', 'cks-timeline-body', {}, stage, keys, table)
  );

  const plotOf = (run: Run): Pick<Plot, 'from' | 'to' | 'width' | 'lane' | 'lanes'> => {
    const lanes = run.rowsByLane().length;
    return {
      ...store.shownWindow(), lanes, width: Math.max(1, stage.clientWidth - GUTTER - RIGHT), lane: laneHeight(stage.clientHeight, lanes, run)
    };
  };
  const surface = new Surface(stage, (ctx, _width, height, theme) => {
    const run = store.current;
    if (!run) {
      return;
    }
    drawTimeline({ ...plotOf(run), ctx, theme, run, store, cache, colours: operationNumbers(run) });
    if (from?.kind === 'stretch' && dragged) {
      ctx.fillStyle = theme.accent;
      ctx.globalAlpha = 0.2;
      ctx.fillRect(Math.min(from.x, until), 0, Math.abs(until - from.x), height - AXIS);
      ctx.globalAlpha = 1;
    }
    relabel(stage, () => `${t('Timeline')}: ${runSentence(store)}. ${totalsWords(now(run))}. ${workersSentence(run, store.shownTime())}${t('Left and right move between tasks, up and down between lanes; plus and minus zoom, Shift with left and right moves.')}`);
  });
  cleanup.add(() => surface.dispose());

  const now = (run: Run): Totals => {
    const { from: a, to: b } = store.shownWindow();
    return totals.get(run, a, Math.min(b, run.now(store.clock())));
  };
  let handle = 0;
  const told = (): void => {
    window.clearTimeout(handle);
    handle = 0;
    const run = store.current;
    legend(keys, run ? now(run) : null);
    if (run && !table.hidden) {
      fillTotals(body, store, now(run));
    }
  };
  const tellSoon = (): void => {
    handle ||= window.setTimeout(told, REFRESH_SECONDS * 1000);
  };
  cleanup.add(() => window.clearTimeout(handle));

  const timeAt = (x: number): number => {
    const { from: a, to: b } = store.shownWindow();
    return a + ((x - GUTTER) / Math.max(1, stage.clientWidth - GUTTER - RIGHT)) * (b - a);
  };
  const hit = (event: MouseEvent): Target => {
    const run = store.current;
    const [x, y] = place(stage, event);
    if (!run || x < GUTTER) {
      return null;
    }
    const lanes = run.rowsByLane();
    const number = Math.floor(y / laneHeight(stage.clientHeight, lanes.length, run));
    const row = number >= 0 && number < lanes.length ? rowAt(run, lanes[number], timeAt(x)) : -1;
    return row < 0 ? null : { task: run.columns.task[row] };
  };
  stage.addEventListener('pointerdown', event => {
    const [x] = place(stage, event);
    dragged = false;
    until = x;
    from = event.button === 0 && x >= GUTTER ? { x, kind: store.window && !event.shiftKey ? 'pan' : 'stretch' } : null;
  });
  stage.addEventListener('pointermove', event => {
    const [x] = place(stage, event);
    if (!(event.buttons & 1) || !from) {
      store.point(hit(event));
      const { from: a, to: b } = store.shownWindow();
      stage.title = store.current ? noticesNear(store.current, timeAt(x), (NEAR * (b - a)) / Math.max(1, stage.clientWidth - GUTTER)) : '';
      return;
    }
    if (!dragged && Math.abs(x - from.x) > 3) {
      dragged = true;
      stage.setPointerCapture(event.pointerId); // the drag may leave the stage
    }
    if (dragged && from.kind === 'pan') {
      pan(timeAt(until) - timeAt(x));
    }
    until = x;
    if (dragged) {
      surface.invalidate();
    }
  });
  stage.addEventListener('pointerup', () => {
    if (from?.kind === 'stretch' && dragged) {
      const ends = [timeAt(Math.max(from.x, GUTTER)), timeAt(Math.max(until, GUTTER))].sort((a, b) => a - b);
      store.zoom({ from: ends[0], to: ends[1] });
    }
    from = null;
    surface.invalidate();
  });
  stage.addEventListener('pointerleave', () => store.point(null));
  stage.addEventListener('click', event => {
    if (!dragged) {
      store.select(hit(event));
    }
  });
  stage.addEventListener('dblclick', fit);
  stage.addEventListener('wheel', event => {
    event.preventDefault();
    const { from: a, to: b } = store.shownWindow();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      pan(((event.deltaX || event.deltaY) / Math.max(1, stage.clientWidth)) * (b - a));
    } else {
      zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(Math.max(place(stage, event)[0], GUTTER)));
    }
  }, { passive: false });
  stage.addEventListener('keydown', event => {
    const run = store.current;
    const { from: a, to: b } = store.shownWindow();
    const along = (by: number): void => {
      if (event.shiftKey) {
        pan(by * 0.2 * (b - a));
      } else if (run) {
        move(store, run, by, 0);
      }
    };
    const acts: Record<string, () => void> = {
      '+': () => zoom(0.5, middle()), '-': () => zoom(2, middle()), '0': fit,
      ArrowLeft: () => along(-1), ArrowRight: () => along(1),
      ArrowUp: () => run && move(store, run, 0, -1), ArrowDown: () => run && move(store, run, 0, 1)
    };
    const act = acts[event.key];
    if (act) {
      act();
      event.preventDefault();
      event.stopPropagation();
    }
  });

  const resize = (): void => {
    const lanes = Math.max(1, store.current?.rowsByLane().length ?? 1);
    stage.style.height = `${AXIS + 2 + curvesHeight(store.current) + Math.min(lanes, MOST_LANES) * 22}px`;
  };
  cleanup.add(store.on(change => {
    if (change === 'run' || change === 'data') {
      resize();
    }
    if (change === 'run' || change === 'window') {
      told();
    } else if (change === 'data') {
      tellSoon();
    }
    if (change !== 'list' && change !== 'topic') {
      surface.invalidate();
    }
  }));
  resize();
  told();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

/** What the patterns mean, each with its time. */
function legend(element: HTMLElement, totals: Totals | null): void {
  const parts: [string, string, number][] = totals ? [
    ['kernel', t('kernels'), totals.kernels - totals.reading], ['read', t('reading'), totals.reading], ['idle', t('waiting'), totals.waiting],
    ['wait', t('overhead'), totals.overhead], ['held', t('held back'), totals.held], ['outside', t('outside'), totals.outside]
  ] : [];
  const about: Readonly<Record<string, string>> = {
    kernel: t('Kernels run; each operation has its colour. Where many tasks share a pixel, the bar is as high as the lane was busy'), read: t('Kernels of operations that read files or your own arrays'),
    idle: t('A lane is free and no task is ready'), wait: t('A lane is free although a task is ready: the cost of scheduling'),
    held: t('Tasks were ready and stood still for long: there was no memory for what they make'),
    outside: t('Before the first task, and after the last one')
  };
  const own = parts.filter(([kind, , size]) => kind === 'kernel' || kind === 'idle' || kind === 'wait' || share(totals!, size) >= 0.005)
    .map(([kind, word, size]) => make('span', `cks-key cks-key-${kind}`, { title: t('{about}. A share of the time of the lanes that took part', { about: about[kind] }) }, `${word} ${shareWords(totals!, size)}`));
  if (totals?.spills) {
    own.push(make('span', 'cks-key cks-key-spill', { title: t('Blocks were written to disk to make room') }, `${t('spills')} ${totals.spills.toLocaleString('en-US')}`));
  }
  element.replaceChildren(...own);
}

/** Move the selection along its lane or to the task of a neighbouring lane at the same time. */
function move(store: Store, run: Run, along: number, across: number): void {
  const lanes = run.rowsByLane();
  const target = store.selection;
  const row = target && 'task' in target ? run.rowOf[target.task] : -1;
  if (row < 0) {
    const first = lanes.find(rows => rows.length);
    store.select(first ? { task: run.columns.task[first[0]] } : null);
    return;
  }
  const lane = run.columns.lane[row];
  let next = row;
  if (along) {
    const at = lanes[lane].indexOf(row);
    next = lanes[lane][Math.min(Math.max(at + along, 0), lanes[lane].length - 1)];
  } else {
    const other = lanes[Math.min(Math.max(lane + across, 0), lanes.length - 1)];
    const middle = (run.columns.start[row] + run.columns.stop[row]) / 2;
    const found = rowAt(run, other, middle);
    next = found >= 0 ? found : (other[0] ?? row);
  }
  store.select({ task: run.columns.task[next] });
}
