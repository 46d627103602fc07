/** All that one frame of the graph is drawn from. */

import type { Run } from '../run';
import type { Target } from '../target';
import type { Theme } from '../theme';
import type { Camera, Extent } from './camera';
import type { CriticalPath } from './critical';
import type { Marks } from './marks';
import type { Box, Diagram } from './model';
import type { Found } from './search';

export interface Scene {
  readonly run: Run;
  readonly diagram: Diagram;
  readonly camera: Camera;
  readonly stage: Extent;
  readonly theme: Theme;
  readonly states: Uint8Array;
  /** How many tasks of an operation are in each state. */
  readonly tally: (layer: number) => readonly number[];
  readonly selection: Target;
  readonly hover: Target;
  readonly found: Found | null;
  /** Null where it is not shown. */
  readonly path: CriticalPath | null;
  readonly marks: readonly Marks[];
  /** Numbers of the operations' colours. */
  readonly colours: readonly number[];
}

/** The colour of the critical path, which is drawn thick and with rhombs too. */
export function pathColour(theme: Theme): string {
  return theme.dark ? '#f09ccb' : '#a3336f';
}

/** A box's rectangle in the stage. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Where a box is in the stage. */
export function placeOf(scene: Scene, box: Box): Place {
  const { scale, x, y } = scene.camera;
  return { x: box.x * scale + x, y: box.y * scale + y, w: box.width * scale, h: box.height * scale };
}

/** Whether any of a box can be seen. */
export function seen(scene: Scene, box: Box): boolean {
  const { x, y, w, h } = placeOf(scene, box);
  return x <= scene.stage.width && y <= scene.stage.height && x + w >= 0 && y + h >= 0;
}
