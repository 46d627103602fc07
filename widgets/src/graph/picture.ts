/** The graph on its stage: keeps the diagram in step with the run and with what is chosen, draws it, finds what is at a point. */

import { relabel } from '../dom';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface } from '../surface';
import type { Target } from '../target';
import { operationColour } from '../theme';
import type { Theme } from '../theme';
import { t } from '../translate';
import { operationNumbers, runSentence } from '../words';
import { Blocks } from './blocks';
import { drawFrame, drawOperation } from './cards';
import { fitted, revealed, shows, zoomed } from './camera';
import type { Camera, Extent } from './camera';
import type { Choice } from './choice';
import { criticalPath } from './critical';
import { drawEdges, drawFocus } from './edges';
import { drawEmphasis } from './emphasis';
import type { Finder } from './finder';
import type { Legend } from './legend';
import { marksOf } from './marks';
import type { Marks } from './marks';
import { aimed, drawMinimap, inMinimap, minimapOf } from './minimap';
import { arranging, nearest, pieceAt, spot } from './model';
import type { Diagram } from './model';
import { Placer } from './placer';
import { seen } from './scene';
import type { Scene } from './scene';
import { Sheet } from './sheet';

const LINE = 15;
const BUTTONS = 26;

export class Picture {
  diagram: Diagram | null = null;
  /** The marks of each operation. */
  marks: readonly Marks[] = [];
  private readonly surface: Surface;
  private readonly blocks = new Blocks();
  private readonly sheet = new Sheet();
  private readonly placer = new Placer(diagram => this.placed(diagram));
  private colours: readonly number[] = [];
  private run: Run | null = null;
  private basis = '';
  /** Counts changes of the states and of what is found. */
  private serial = 0;
  /** A place of the diagram that stays where it is in the stage when the next diagram comes. */
  private pinned: { readonly layer: number; readonly x: number; readonly y: number } | null = null;

  constructor(
    private readonly stage: HTMLElement, private readonly store: Store, private readonly choice: Choice,
    private readonly finder: Finder, private readonly legend: Legend, private readonly drawn: () => void
  ) {
    this.surface = new Surface(stage, (ctx, width, height, theme) => this.draw(ctx, { width, height }, theme));
  }

  dispose(): void {
    this.placer.stop();
    this.surface.dispose();
  }

  /** Draw soon; `news` where states have changed, or what is found. */
  invalidate(news = true): void {
    this.serial += news ? 1 : 0;
    this.surface.invalidate();
  }

  /** Forget the diagram: another run is shown. */
  forget(): void {
    this.placer.stop();
    this.diagram = this.run = this.pinned = null;
    this.basis = '';
    this.blocks.keep(this.choice.open);
  }

  // ---- the camera

  private get size(): Extent {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  /** The part of the stage that no words and no buttons stand in. */
  private get free(): Extent {
    const { width, height } = this.size;
    const { count } = this.legend;
    return { width: Math.max(width - BUTTONS, width / 2), height: Math.max(height - (count ? count * LINE + 4 : 0), height / 2) };
  }

  private get view(): Camera | null {
    return this.choice.camera ?? (this.diagram && fitted(this.diagram, this.free));
  }

  private look(camera: Camera | null): void {
    this.choice.camera = camera;
    this.surface.invalidate();
  }

  /** Nearer or farther, about a point of the stage or its middle. */
  zoom(factor: number, x = this.size.width / 2, y = this.size.height / 2): void {
    const { view, diagram } = this;
    if (view && diagram) {
      this.look(zoomed(view, factor, x, y, nearest(diagram)));
    }
  }

  fit(): void {
    this.look(null);
  }

  pan(dx: number, dy: number): void {
    const { view } = this;
    if (view) {
      this.look({ ...view, x: view.x + dx, y: view.y + dy });
    }
  }

  /** Bring a target into sight; without a camera all of the diagram is. */
  reveal(target: Target): void {
    const { camera, run } = this.choice;
    if (run && run === this.run && camera && this.diagram && target && !('cell' in target)) {
      const at = spot(run, this.diagram, target);
      this.look(revealed(camera, at.x, at.y, this.free));
    }
  }

  /** Keep an operation where it is in the stage while it is opened or closed. */
  pin(layer: number): void {
    const { camera } = this.choice;
    const box = this.diagram?.boxes[layer];
    if (camera && box) {
      this.pinned = { layer, x: (box.x + box.width / 2) * camera.scale + camera.x, y: box.y * camera.scale + camera.y };
    }
  }

  // ---- what is where

  /** What is at a point of the stage. */
  at(x: number, y: number): Target {
    const { view, diagram, run } = this;
    if (!diagram || !view || !run || run !== this.store.current) {
      return null;
    }
    return pieceAt(run, diagram, (x - view.x) / view.scale, (y - view.y) / view.scale, 2 / view.scale);
  }

  /** Whether a point of the stage is in the small picture. */
  inMap(x: number, y: number): boolean {
    const { view, diagram } = this;
    const map = view && diagram && !shows(view, diagram, this.size) ? minimapOf(diagram, this.free) : null;
    return map !== null && inMinimap(map, x, y);
  }

  /** Show in the middle what is at a point of the small picture. */
  aim(x: number, y: number): void {
    const { view, diagram } = this;
    const map = diagram && minimapOf(diagram, this.free);
    if (view && map) {
      this.look(aimed(map, view, x, y, this.size));
    }
  }

  // ---- drawing

  /** Begin a diagram where what is shown has changed. */
  private arrange(run: Run): void {
    const { open, unfused } = this.choice;
    const wanted = `${run.number}/${run.layers.length}/${run.ntasks}/${run.ptr?.length ?? 0}/${[...open].join()}/${unfused}`;
    if (wanted === this.basis && this.run === run) {
      return;
    }
    this.basis = wanted;
    this.run = run;
    this.marks = marksOf(run);
    this.colours = operationNumbers(run);
    const parts = new Set<number>();
    this.marks.forEach((mark, layer) => mark.parts.length > 1 && (unfused || open.has(layer)) && parts.add(layer));
    this.stage.setAttribute('aria-busy', 'true');
    this.placer.start(arranging(run, { open, parts, stage: this.free }));
  }

  private placed(diagram: Diagram): void {
    this.diagram = diagram;
    this.blocks.keep(this.choice.open);
    this.stage.removeAttribute('aria-busy');
    const { camera } = this.choice;
    if (this.pinned && camera) {
      const { x, y, width } = diagram.boxes[this.pinned.layer];
      const { scale } = camera;
      this.choice.camera = { scale, x: this.pinned.x - (x + width / 2) * scale, y: this.pinned.y - y * scale };
    }
    this.pinned = null;
    this.surface.invalidate();
  }

  private draw(ctx: CanvasRenderingContext2D, stage: Extent, theme: Theme): void {
    const { store, choice } = this;
    const run = store.current;
    if (!run) {
      this.forget();
      this.legend.clear();
      return;
    }
    choice.turn(run);
    this.arrange(run);
    const { diagram } = this;
    if (!diagram || diagram.boxes.length > run.layers.length || diagram.ntasks > run.ntasks) {
      return;
    }
    const camera = choice.camera ?? fitted(diagram, this.free);
    const scene: Scene = {
      run, diagram, camera, stage, theme, states: store.states(), tally: layer => store.tally(layer), selection: store.selection,
      hover: store.hover, found: this.finder.found, path: choice.path ? criticalPath(run) : null, marks: this.marks,
      colours: this.colours
    };
    this.paint(ctx, scene);
    const lines = this.legend.count;
    this.legend.show(scene);
    if (this.legend.count !== lines && !choice.camera) {
      this.surface.invalidate(); // the picture makes room
    }
    this.drawn();
    relabel(this.stage, () => [
      t('Graph: {n} operations, {run}.', { n: run.layers.length, run: runSentence(store) }), this.legend.words,
      t('Arrow keys follow edges, Enter opens an operation, slash searches, c shows the critical path.')
    ].filter(Boolean).join(' '));
  }

  private paint(ctx: CanvasRenderingContext2D, scene: Scene): void {
    const { diagram, camera, stage, theme } = scene;
    const look = `${theme.page}${theme.ink}${theme.dim}`;
    const still = `${camera.scale}/${camera.x}/${camera.y}/${look}/${scene.path !== null}/${scene.found !== null}`;
    this.sheet.show(ctx, stage, diagram, still, under => {
      diagram.boxes.forEach(box => box.inside && seen(scene, box) && drawFrame(under, scene, box));
      drawEdges(under, scene);
    });
    drawFocus(ctx, scene);
    const version = `${this.serial}/${look}`;
    for (const box of diagram.boxes) {
      if (seen(scene, box)) {
        this.blocks.draw(ctx, scene, box, version);
        drawOperation(ctx, scene, box);
      }
    }
    drawEmphasis(ctx, scene);
    const map = shows(camera, diagram, stage) ? null : minimapOf(diagram, this.free);
    if (map) {
      drawMinimap(ctx, theme, diagram, map, camera, stage, layer => operationColour(theme, this.colours[layer]));
    }
  }
}
