/** Memory over the run: who holds it, what was measured, what the plan foretold, and the limit. */

import { Cleanup, button, icon, make, relabel } from '../dom';
import { memorySentence, readout } from '../memory/bands';
import type { Band } from '../memory/bands';
import { drawMemory } from '../memory/draw';
import { Plots, bandAt } from '../memory/plot';
import type { Plot } from '../memory/plot';
import type { Axis } from '../memory/profile';
import { Profiles } from '../memory/source';
import type { Run } from '../run';
import { same } from '../store';
import type { Store, Target } from '../store';
import { Surface, place } from '../surface';
import { t } from '../translate';
import { mountMemoryTable } from './memory_table';

const STEPS = 60;
/** Keys that zoom, with the Timeline: the factor of the stretch that is shown; 0 shows all. */
const ZOOMS: Readonly<Record<string, number>> = { '+': 0.5, '-': 2, '0': 0 };

/** Show the memory of the store's run in `element`. */
export function mountMemory(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const profiles = new Profiles(store);
  const plots = new Plots(store.clock);
  const stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'memory', 'aria-label': t('Memory') });
  const said = make('div', 'cks-memory-said');
  const table = make('div', 'cks-memory-table', { id: `cks-memory-${serial++}` });
  let axis: Axis = 'time';
  let plot: Plot | null = null;
  /** Where the mouse is, as a share of the axis; null where it is not. */
  let pointed: number | null = null;

  const along = button(t('tasks'), t('Draw over finished tasks instead of time'), () => {
    axis = axis === 'time' ? 'tasks' : 'time';
    along.setAttribute('aria-pressed', String(axis === 'tasks'));
    surface.invalidate();
  }, 'cks-button cks-text');
  along.setAttribute('aria-pressed', 'false');
  const list = button(icon('list'), t('Memory by operation, as a table'), () => {
    const open = table.hidden;
    table.hidden = !open;
    list.setAttribute('aria-expanded', String(open));
    update();
    if (open) {
      rows.update();
      table.scrollIntoView({ block: 'nearest' });
    }
  });
  list.setAttribute('aria-expanded', 'false');
  list.setAttribute('aria-controls', table.id);
  table.hidden = true;
  const keys = make('span', 'cks-keys');
  element.append(
    make('div', 'cks-bar', {}, keys, make('span', 'cks-space'), along, list),
    make('div', 'cks-memory-body', {}, stage, said, table)
  );
  const rows = mountMemoryTable(table, store, profiles);
  cleanup.add(() => rows.dispose());

  const surface = new Surface(stage, (ctx, width, height, theme) => {
    const run = store.current;
    const held = profiles.get();
    plot = run && held ? plots.get(run, held, axis, run.now(store.clock()), width, height, store.window) : null;
    if (plot) {
      drawMemory(ctx, theme, plot, store, pointed);
    }
    relabel(stage, () => t('Memory: {facts} Left and right move the time, up and down choose an operation.', {
      facts: held ? memorySentence(store, held.profile, held.bands) : t('no run yet')
    }));
  });
  cleanup.add(() => surface.dispose());

  const timeAt = (share: number): number => (plot ? plot.timeAt(share) : 0);
  const update = (): void => {
    const run = store.current;
    const held = run && stage.offsetParent !== null ? profiles.get() : null;
    const time = pointed !== null ? timeAt(pointed) : store.shownTime();
    said.textContent = run && held ? readout(run, held.profile, held.bands, time) : '';
    said.title = said.textContent;
    legend(keys, run);
    surface.invalidate();
  };
  let handle = 0;
  const later = (): void => {
    handle ||= requestAnimationFrame(() => {
      handle = 0;
      update();
    });
  };
  cleanup.add(() => cancelAnimationFrame(handle));

  const shareAt = (event: MouseEvent): number | null => (plot ? plot.shareAt(place(stage, event)[0]) : null);
  const hit = (event: MouseEvent): Target => {
    const [x, y] = place(stage, event);
    const band = plot ? bandAt(plot, x, y) : null;
    return band && band.layer >= 0 ? { layer: band.layer } : null;
  };
  let from = 0;
  let dragged = false;
  stage.addEventListener('pointerdown', event => {
    from = event.clientX;
    dragged = false;
  });
  stage.addEventListener('pointermove', event => {
    pointed = shareAt(event);
    dragged ||= Boolean(event.buttons & 1) && Math.abs(event.clientX - from) > 3;
    if (event.buttons & 1 && dragged && pointed !== null) {
      store.player.seek(timeAt(pointed));
    } else {
      store.point(hit(event));
    }
    later();
  });
  stage.addEventListener('pointerleave', () => {
    pointed = null;
    store.point(null);
    later();
  });
  stage.addEventListener('click', event => {
    if (!dragged) {
      store.select(hit(event));
    }
  });
  stage.addEventListener('keydown', event => {
    const held = profiles.get();
    if (!held || !plot) {
      return;
    }
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const choose = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (move) {
      const share = plot.shareOf(store.shownTime()) + (event.shiftKey ? 5 : 1) * move / STEPS;
      store.player.seek(timeAt(Math.min(1, Math.max(0, share))));
    } else if (choose) {
      store.select(nextBand(held.bands, store.selection, choose));
    } else if (event.key in ZOOMS) {
      const { from: a, to: b } = store.shownWindow();
      const middle = Math.min(Math.max(store.shownTime(), a), b);
      const factor = ZOOMS[event.key];
      store.zoom(factor ? { from: middle - factor * (middle - a), to: middle + factor * (b - middle) } : null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  cleanup.add(store.on(change => {
    if (change !== 'list' && change !== 'topic') {
      later();
    }
  }));
  const seen = new IntersectionObserver(later); // a section that is opened is drawn at once
  seen.observe(stage);
  cleanup.add(() => seen.disconnect());
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

let serial = 0;

/** The next band that is an operation, upwards (1) or downwards (-1) in the stack. */
function nextBand(bands: readonly Band[], selection: Target, step: number): Target {
  const own = bands.filter(band => band.layer >= 0);
  const at = own.findIndex(band => same({ layer: band.layer }, selection));
  const next = at < 0 ? (step > 0 ? 0 : own.length - 1) : Math.min(Math.max(at + step, 0), own.length - 1);
  return own[next] ? { layer: own[next].layer } : null;
}

/** What the marks are, in words; their values stand in the picture. */
function legend(element: HTMLElement, run: Run | null): void {
  const parts: [string, string, string][] = [];
  if (run) {
    const about = t('Bytes in use when a task ended: stored blocks, and temporaries of what ran then. Results that were handed to the caller are not counted');
    parts.push(['measured', t('measured'), about]);
    if (run.header.forecast.length) {
      const plan = t('The plan’s bytes after as many finished tasks, one task at a time; the dotted line is its peak with all lanes');
      parts.push(['forecast', t('forecast'), plan]);
    }
    if (run.header.budget !== null) {
      parts.push(['limit', t('limit'), t('What this run may take')]);
    }
  }
  const text = parts.map(part => part[0]).join();
  if (element.dataset.text !== text) {
    element.dataset.text = text;
    element.replaceChildren(...parts.map(([kind, word, about]) => make('span', `cks-key cks-key-${kind}`, { title: about }, word)));
  }
}
