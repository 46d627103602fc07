/** Pointer and keys on the graph's stage. */

import { place } from '../surface';
import type { Target } from '../target';
import type { Way } from './follow';
import type { Picture } from './picture';

/** What hands can do beside moving the picture. */
export interface Deeds {
  point(target: Target): void;
  select(target: Target): void;
  /** Open an operation, or close it; by key the selection goes into it. */
  toggle(target: Target, byKey: boolean): void;
  /** Go to the piece next to the selection. */
  step(way: Way): void;
  find(): void;
  togglePath(): void;
}

/** Pixels that the pointer may move in a click. */
const STILL = 3;
/** Pixels that Shift with an arrow key moves the picture by. */
const STRIDE = 60;

/** Listen to pointer and keys. They end with the stage. */
export function listen(stage: HTMLElement, picture: Picture, deeds: Deeds): void {
  /** What the pointer does since it was pressed. */
  let press: { readonly x: number; readonly y: number; readonly map: boolean; readonly moved: boolean } | null = null;
  const at = (event: MouseEvent): Target => picture.at(...place(stage, event));

  stage.addEventListener('pointerdown', event => {
    const [x, y] = place(stage, event);
    const map = picture.inMap(x, y);
    press = { x, y, map, moved: false };
    if (map) {
      picture.aim(x, y);
    }
  });
  stage.addEventListener('pointermove', event => {
    const [x, y] = place(stage, event);
    if (!(event.buttons & 1) || !press) {
      deeds.point(picture.inMap(x, y) ? null : at(event));
      return;
    }
    if (!press.moved && Math.hypot(x - press.x, y - press.y) <= STILL) {
      return;
    }
    if (press.map) {
      picture.aim(x, y);
    } else {
      picture.pan(x - press.x, y - press.y);
    }
    press = { x, y, map: press.map, moved: true };
  });
  stage.addEventListener('pointerleave', () => deeds.point(null));
  stage.addEventListener('click', event => {
    if (!press?.moved && !press?.map) {
      deeds.select(at(event));
    }
  });
  stage.addEventListener('dblclick', event => {
    const target = at(event);
    if (press?.map) {
      return;
    }
    if (target) {
      deeds.toggle(target, false);
    } else {
      picture.fit();
    }
  });
  stage.addEventListener('wheel', event => {
    event.preventDefault();
    picture.zoom(event.deltaY > 0 ? 0.85 : 1.18, ...place(stage, event));
  }, { passive: false });

  stage.addEventListener('keydown', event => {
    const arrow = (way: Way, dx: number, dy: number) => (): void =>
      (event.shiftKey ? picture.pan(dx * STRIDE, dy * STRIDE) : deeds.step(way));
    const acts: Readonly<Record<string, () => void>> = {
      '+': () => picture.zoom(1.4), '=': () => picture.zoom(1.4), '-': () => picture.zoom(0.7), '0': () => picture.fit(),
      '/': () => deeds.find(), c: () => deeds.togglePath(), Enter: () => deeds.toggle(null, true),
      ArrowUp: arrow('up', 0, 1), ArrowDown: arrow('down', 0, -1), ArrowLeft: arrow('left', 1, 0), ArrowRight: arrow('right', -1, 0)
    };
    if (acts[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      acts[event.key]();
      event.preventDefault();
      event.stopPropagation();
    }
  });
}
