/** The repr of a lazy value: its static picture, filled by the run that makes it, with a line that says how it stands. */

import { Cleanup, make } from '../dom';
import { blockAt } from '../grid';
import { themeOf } from '../theme';
import { t } from '../translate';
import { boxAt, boxesIn, markBox, paintCalls } from './calls';
import { Follower } from './follow';
import type { ObjectLink } from './follow';
import { Foot } from './foot';
import { markBlock, paintPicture } from './paint';
import { besideBlock, blockAtPlace, pictureOf } from './picture';
import { extentOf } from './spec';
import type { ChunkPlaces, ObjectSpec } from './spec';
import { blockOf } from './standing';
import type { Fold } from './standing';
import { blockWords, isBroken } from './words';

/** What the page around a value offers it. */
export interface ObjectHost {
  /** A way to the value's kernel, or null where there is none. It is disposed when the value is out of sight. */
  link(): ObjectLink | null;
  /** Tells when another kernel is there; the result ends that. */
  onKernel(call: () => void): () => void;
  /** Brings a run into view, if there is a place for it. */
  readonly show: ((run: number) => void) | null;
}

/** A value that is scrolled away is followed for so long: scrolling past costs nothing. */
const LINGER_MS = 1_500;

const MOUNTED = new Map<HTMLElement, () => Fold | null>();

/** What each value on the page shows, in the order of their mounting; null for one that was never in sight. */
export function shownObjects(): { readonly element: HTMLElement; readonly fold: Fold | null }[] {
  return [...MOUNTED].map(([element, fold]) => ({ element, fold: fold() }));
}

/** Show a value in `element`. `html` is its static repr, which the reader trusts. */
export function mountObject(element: HTMLElement, spec: ObjectSpec, html: string, host: ObjectHost): () => void {
  const cleanup = new Cleanup();
  const root = make('div', 'cks-object');
  root.innerHTML = html; // of an output that is trusted: others are shown by the page itself
  const foot = new Foot(spec, host.show);
  (root.querySelector('.ck') ?? root).append(foot.element);
  element.append(root);
  cleanup.add(() => root.remove());

  const picture = pictureOf(spec);
  const svg = root.querySelector('svg[role="img"]');
  const canvas = make('canvas', 'cks-object-canvas', { 'aria-hidden': 'true' });
  const stage = make('span', 'cks-object-stage');
  /** The calls in each box of the picture of a delayed value. */
  const groups = spec.places?.form === 'calls' ? spec.places.groups : null;
  const painted = svg !== null && (picture !== null || groups !== null);
  if (painted) {
    svg.replaceWith(stage);
    stage.append(svg, canvas);
  }

  let shown: Fold | null = null;
  MOUNTED.set(root, () => shown);
  cleanup.add(() => MOUNTED.delete(root));
  let pointed = -1;
  let [visible, frame, linger] = [false, 0, 0];

  const follower = new Follower(spec, change => {
    if (change !== 'window') {
      invalidate();
    }
  });
  const invalidate = (): void => {
    if (visible && !frame) {
      frame = requestAnimationFrame(() => {
        frame = 0;
        draw();
      });
    }
  };

  const draw = (): void => {
    shown = follower.fold();
    root.dataset.phase = isBroken(shown) ? 'failed' : shown.phase;
    foot.write(shown, follower.standing, follower.run !== null);
    if (painted) {
      paint(shown);
    }
  };
  const paint = (fold: Fold): void => {
    const { width, height } = (svg as SVGSVGElement).getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    const ctx = canvas.getContext('2d');
    if (!ctx) {
      return;
    }
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.clearRect(0, 0, width, height);
    const theme = themeOf(root);
    const boxes = groups ? boxesIn(stage) : [];
    const mark = (block: number, wide: number): void => {
      if (picture) {
        markBlock(ctx, theme, picture, block, wide);
      } else if (boxes[block]) {
        markBox(ctx, theme, boxes[block], wide);
      }
    };
    if (groups && fold.calls) {
      paintCalls(ctx, theme, boxes, groups, fold.calls);
    }
    if (picture && fold.states) {
      paintPicture(ctx, theme, picture, fold.states, scale);
      const { mark: largest = -1 } = spec.places as ChunkPlaces;
      if (largest >= 0) {
        markBlock(ctx, { page: 'transparent', ink: getComputedStyle(root).getPropertyValue('--cks-mark') }, picture, largest, 2);
      }
    }
    const { store, run } = follower;
    if (store && run && store.current === run) {
      for (const [target, wide] of [[store.selection, 2.5], [store.hover, 1.5]] as const) {
        const block = target && 'task' in target ? placeOf(fold, target.task) : -1;
        if (block >= 0) {
          mark(block, wide);
        }
      }
    }
    if (pointed >= 0 && (fold.states || groups)) {
      mark(pointed, 1.5);
    }
  };

  /** The task of a block, or the first one of a box of calls; -1 where there is none. */
  const taskAt = (block: number): number => {
    const { taskOf, taskOfCall } = follower;
    return block < 0 ? -1 : groups ? (taskOfCall?.[groups[block]?.[0] ?? -1] ?? -1) : (taskOf?.[block] ?? -1);
  };
  /** The block, or box of calls, that a task makes; -1 for none. */
  const placeOf = (fold: Fold, task: number): number => {
    if (!groups) {
      return blockOf(fold.part, task);
    }
    const call = follower.taskOfCall?.indexOf(task) ?? -1;
    return call < 0 ? -1 : groups.findIndex(group => group.includes(call));
  };
  const point = (block: number): void => {
    if (block === pointed) {
      return;
    }
    pointed = block;
    const { store, run } = follower;
    const task = taskAt(block);
    if (store && run && store.current === run) {
      store.point(task >= 0 ? { task } : null);
    }
    const place = block >= 0 && spec.grid.length ? blockAt(spec.grid, block) : [];
    foot.tip(place.length && shown?.states ? blockWords(spec, place, extentOf(spec, place), shown.states[block]) : '');
    invalidate();
  };
  const select = (block: number): void => {
    const { store, run } = follower;
    const task = taskAt(block);
    if (store && run && task >= 0) {
      if (store.current !== run) {
        store.show(run.number);
      }
      store.select({ task });
      store.point({ task });
    }
  };
  const under = (event: MouseEvent): number => {
    const box = stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return picture ? blockAtPlace(picture, x, y) : boxAt(boxesIn(stage), x, y);
  };
  if (painted) {
    stage.addEventListener('pointermove', event => point(under(event)));
    stage.addEventListener('pointerleave', () => point(-1));
    stage.addEventListener('click', event => select(under(event)));
    stage.addEventListener('keydown', event => {
      const step = MOVES[event.key];
      if (step && (groups ?? (spec.grid.length && follower.taskOf))) {
        const next = groups
          ? Math.min(Math.max(pointed + step[0] + step[1], 0), groups.length - 1)
          : besideBlock(spec.grid, blockAt(spec.grid, Math.max(pointed, 0)), step);
        point(pointed < 0 ? 0 : next);
        event.preventDefault();
        event.stopPropagation(); // the notebook would go to another cell
      } else if (event.key === 'Enter' && pointed >= 0) {
        select(pointed);
        event.preventDefault();
        event.stopPropagation();
      }
    });
    stage.addEventListener('blur', () => point(-1));
    stage.tabIndex = 0;
    stage.setAttribute('role', 'group');
    stage.setAttribute('aria-label', t('Picture of the blocks: arrow keys move between them, Enter shows the task'));
  }

  const connect = (): void => {
    window.clearTimeout(linger);
    linger = 0;
    if (visible) {
      follower.follow(host.link());
      invalidate();
    }
  };
  const seen = (now: boolean): void => {
    if (now === visible) {
      return;
    }
    visible = now;
    if (!now) {
      linger = window.setTimeout(() => {
        linger = 0;
        follower.follow(null);
      }, LINGER_MS);
    } else if (linger) {
      window.clearTimeout(linger);
      linger = 0;
      invalidate();
    } else {
      connect();
    }
  };
  const watch = new IntersectionObserver(entries => seen(entries[entries.length - 1].isIntersecting));
  watch.observe(root);
  const page = new MutationObserver(invalidate);
  page.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class'] });
  cleanup.add(host.onKernel(() => {
    follower.forget();
    connect();
  }));
  cleanup.add(() => {
    watch.disconnect();
    page.disconnect();
    window.clearTimeout(linger);
    foot.dispose();
    cancelAnimationFrame(frame);
    follower.follow(null);
  });
  return () => cleanup.run();
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]
};
