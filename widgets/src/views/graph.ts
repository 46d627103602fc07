/** The graph of the run: operations and what they feed, any of them opened into its tasks, each in its state. */

import { Cleanup, button, icon, make, relabel, shape } from '../dom';
import { Blocks } from '../graph/blocks';
import { drawFrame, drawMarks, drawOperation, seen } from '../graph/cards';
import { fitted, revealed, shows, zoomed } from '../graph/camera';
import type { Camera, Extent } from '../graph/camera';
import { criticalPath } from '../graph/critical';
import { drawEdges, drawFocus } from '../graph/edges';
import { Finder } from '../graph/finder';
import { follow } from '../graph/follow';
import type { Way } from '../graph/follow';
import { Legend } from '../graph/legend';
import { SIGNS, marksOf } from '../graph/marks';
import type { Marks } from '../graph/marks';
import { aimed, drawMinimap, inMinimap, minimapOf } from '../graph/minimap';
import { arranging, MOST_TASKS, nearest, pieceAt, spot, tooMany } from '../graph/model';
import type { Diagram } from '../graph/model';
import { Placer } from '../graph/placer';
import type { Scene } from '../graph/scene';
import { Sheet } from '../graph/sheet';
import { fillList } from '../graph/twin';
import type { Run } from '../run';
import { layerOf } from '../target';
import type { Store, Target } from '../store';
import { Surface, place } from '../surface';
import { operationColour } from '../theme';
import { t } from '../translate';
import { operationNumbers, runSentence } from '../words';

const LIST_SECONDS = 0.5;
/** Pixels that the pointer may move in a click. */
const STILL = 3;

/** Show the store's run as a layered graph in `element`. */
export function mountGraph(element: HTMLElement, store: Store): () => void {
  const view = new GraphView(element, store);
  return () => view.dispose();
}

class GraphView {
  private readonly cleanup = new Cleanup();
  private readonly stage = make('div', 'cks-stage', { tabindex: 0, role: 'application', 'data-view': 'graph' });
  private readonly list = make('div', 'cks-graph-list', { hidden: true, tabindex: -1 });
  private readonly note = make('span', 'cks-note', { role: 'status' });
  private readonly surface: Surface;
  private readonly legend: Legend;
  private readonly finder: Finder;
  private readonly blocks = new Blocks();
  private readonly sheet = new Sheet();
  private readonly placer = new Placer(diagram => this.placed(diagram));
  private readonly toggles: Record<'open' | 'all' | 'path' | 'parts' | 'list', HTMLButtonElement>;
  private open = new Set<number>();
  private diagram: Diagram | null = null;
  private run: Run | null = null;
  private marks: readonly Marks[] = [];
  private colours: readonly number[] = [];
  private basis = '';
  /** Null fits the whole diagram. */
  private camera: Camera | null = null;
  private withPath = false;
  /** Whether what was fused is shown everywhere: the graph before the rewrite. */
  private unfused = false;
  /** Counts changes of the states and of what is found. */
  private serial = 0;
  /** What the pointer does since it was pressed. */
  private press: { readonly x: number; readonly y: number; readonly map: boolean; moved: boolean } | null = null;
  /** A place of the diagram that stays where it is in the stage when the next diagram comes. */
  private pinned: { readonly layer: number; readonly x: number; readonly y: number } | null = null;
  private listing = 0;

  constructor(private readonly element: HTMLElement, private readonly store: Store) {
    this.surface = new Surface(this.stage, (ctx, width, height, theme) => this.draw(ctx, { width, height }, theme));
    this.legend = new Legend();
    this.finder = new Finder(store, () => this.changed(), target => this.go(target), () => this.stage.focus());
    const sign = (name: keyof typeof SIGNS): SVGSVGElement => shape(SIGNS[name]);
    const toggles = {
      open: button(t('open'), t('Open the selected operation into its tasks, or close it'), () => this.toggle(this.chosen()), 'cks-button cks-text'),
      path: button(sign('critical'), t('Show the critical path'), () => this.togglePath()),
      parts: button(sign('rewrites'), t('Show operations as they were before they were fused'), () => this.toggleParts()),
      list: button(sign('list'), t('Show the graph as a list'), () => this.toggleList())
    };
    const all = button(t('open all'), t('Open all operations into tasks, or close them'), () => this.toggleAll(), 'cks-button cks-text');
    this.toggles = { ...toggles, all };
    element.append(
      make(
        'div', 'cks-bar', {}, toggles.open, all, toggles.path, toggles.parts, toggles.list, this.finder.field,
        this.note, make('span', 'cks-space'), button(icon('less'), t('Zoom out'), () => this.middle(0.7)),
        button(icon('more'), t('Zoom in'), () => this.middle(1.4)), button(icon('whole'), t('Show the whole graph'), () => this.fit())
      ),
      this.stage, this.finder.said, this.legend.element, this.list
    );
    this.listen();
    this.cleanup.add(() => this.surface.dispose());
    this.cleanup.add(() => this.placer.stop());
    this.cleanup.add(() => window.clearTimeout(this.listing));
    this.cleanup.add(store.on(change => {
      if (change === 'list' || change === 'topic' || change === 'window') {
        return;
      }
      if (change === 'run') {
        this.forget();
      }
      if (change === 'run' || change === 'data' || change === 'time') {
        this.serial += 1;
        this.finder.refresh();
        this.listLater();
      }
      this.surface.invalidate();
    }));
    this.showToggles();
  }

  dispose(): void {
    this.cleanup.run();
    this.element.replaceChildren();
  }

  private get size(): Extent {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  /** The part of the stage that no words stand in. */
  private get free(): Extent {
    const { width, height } = this.size;
    return { width, height: Math.max(height - this.legend.count * 15 - (this.legend.count ? 4 : 0), height / 2) };
  }

  private get view(): Camera | null {
    return this.camera ?? (this.diagram && fitted(this.diagram, this.free));
  }

  private forget(): void {
    this.open = new Set();
    this.diagram = null;
    this.camera = this.pinned = null;
    this.note.textContent = '';
    this.basis = '';
    this.placer.stop();
    this.blocks.keep(this.open);
  }

  // ---- the diagram

  /** Begin a diagram where what is shown has changed. */
  private arrange(run: Run): void {
    const wanted = `${run.number}/${run.layers.length}/${run.ntasks}/${run.ptr?.length ?? 0}/${[...this.open].join()}/${this.unfused}`;
    if (wanted === this.basis && this.run === run) {
      return;
    }
    this.basis = wanted;
    this.run = run;
    this.marks = marksOf(run);
    this.colours = operationNumbers(run);
    const fused = run.layers.map((_, i) => i).filter(i => this.marks[i].parts.length > 1);
    const parts = new Set(fused.filter(i => this.unfused || this.open.has(i)));
    this.toggles.parts.hidden = !fused.length;
    this.stage.setAttribute('aria-busy', 'true');
    this.placer.start(arranging(run, { open: this.open, parts, stage: this.free }));
  }

  private placed(diagram: Diagram): void {
    this.diagram = diagram;
    this.blocks.keep(this.open);
    this.stage.removeAttribute('aria-busy');
    if (this.pinned && this.camera) {
      const box = diagram.boxes[this.pinned.layer];
      const { scale } = this.camera;
      this.camera = { scale, x: this.pinned.x - (box.x + box.width / 2) * scale, y: this.pinned.y - box.y * scale };
    }
    this.pinned = null;
    this.surface.invalidate();
  }

  private toggle(layer: number, enter = false): void {
    const run = this.store.current;
    if (!run?.layers[layer]) {
      return;
    }
    const opens = !this.open.has(layer);
    if (opens && tooMany(run, this.open, layer)) {
      this.note.textContent = t('At most {n} tasks are drawn one by one', { n: MOST_TASKS.toLocaleString('en-US') });
      return;
    }
    this.note.textContent = '';
    const box = this.diagram?.boxes[layer];
    if (this.camera && box) {
      const { scale, x, y } = this.camera;
      this.pinned = { layer, x: (box.x + box.width / 2) * scale + x, y: box.y * scale + y };
    }
    this.open = new Set(this.open);
    if (opens) {
      this.open.add(layer);
    } else {
      this.open.delete(layer);
    }
    const target = this.store.selection;
    if (enter && opens && target && 'layer' in target) {
      this.store.select({ task: run.layers[layer].first_task });
    } else if (!opens && target && 'task' in target && run.layerOf(target.task) === layer) {
      this.store.select({ layer });
    }
    this.changed();
  }

  private toggleAll(): void {
    const run = this.store.current;
    if (!run) {
      return;
    }
    let room = MOST_TASKS;
    const all = this.open.size ? [] : run.layers.map((_, i) => i).filter(i => (room -= run.layers[i].ntasks) >= 0);
    this.open = new Set(all);
    this.note.textContent = this.open.size && all.length < run.layers.length
      ? t('{n} of {all} operations opened: the others have too many tasks', { n: all.length, all: run.layers.length }) : '';
    this.fit();
    this.changed();
  }

  private togglePath(): void {
    this.withPath = !this.withPath;
    this.changed();
  }

  private toggleParts(): void {
    this.unfused = !this.unfused;
    this.changed();
  }

  private toggleList(): void {
    this.list.hidden = !this.list.hidden;
    this.showList();
    if (!this.list.hidden) {
      this.list.focus();
    }
    this.changed();
  }

  private changed(): void {
    this.serial += 1;
    this.showToggles();
    this.surface.invalidate();
  }

  private showToggles(): void {
    const chosen = this.chosen();
    this.toggles.open.disabled = chosen < 0;
    this.toggles.open.textContent = this.open.has(chosen) ? t('close') : t('open');
    this.toggles.all.textContent = this.open.size ? t('close all') : t('open all');
    this.toggles.path.setAttribute('aria-pressed', String(this.withPath));
    this.toggles.parts.setAttribute('aria-pressed', String(this.unfused));
    this.toggles.list.setAttribute('aria-pressed', String(!this.list.hidden));
  }

  /** The operation that is selected, or whose task is; -1 for none. */
  private chosen(): number {
    return this.store.current ? layerOf(this.store.current, this.store.selection) : -1;
  }

  // ---- what is seen of it

  private zoom(factor: number, x: number, y: number): void {
    const now = this.view;
    if (now && this.diagram) {
      this.camera = zoomed(now, factor, x, y, nearest(this.diagram));
      this.surface.invalidate();
    }
  }

  private middle(factor: number): void {
    this.zoom(factor, this.size.width / 2, this.size.height / 2);
  }

  private fit(): void {
    this.camera = null;
    this.surface.invalidate();
  }

  private pan(dx: number, dy: number): void {
    const now = this.view;
    if (now) {
      this.camera = { ...now, x: now.x + dx, y: now.y + dy };
      this.surface.invalidate();
    }
  }

  /** Select a target and bring it into sight. */
  private go(target: Target): void {
    this.store.select(target);
    const run = this.store.current;
    const now = this.camera; // without one all of the diagram is in sight
    if (run && now && this.diagram && target && !('cell' in target)) {
      const at = spot(run, this.diagram, target);
      const moved = revealed(now, at.x, at.y, this.free);
      if (moved !== now) {
        this.camera = moved;
        this.surface.invalidate();
      }
    }
  }

  private step(way: Way): void {
    const run = this.store.current;
    if (run && this.diagram) {
      this.go(follow(run, this.diagram, this.store.selection, way));
    }
  }

  private hit(event: MouseEvent): Target {
    const now = this.view;
    const run = this.store.current;
    if (!this.diagram || !now || !run || this.run !== run) {
      return null;
    }
    const [x, y] = place(this.stage, event);
    return pieceAt(run, this.diagram, (x - now.x) / now.scale, (y - now.y) / now.scale, 2 / now.scale);
  }

  private draw(ctx: CanvasRenderingContext2D, stage: Extent, theme: Scene['theme']): void {
    const { store } = this;
    const run = store.current;
    if (!run) {
      this.diagram = null;
      this.legend.clear();
      return;
    }
    this.arrange(run);
    const { diagram } = this;
    if (!diagram || diagram.boxes.length > run.layers.length || diagram.ntasks > run.ntasks) {
      return;
    }
    const camera = this.camera ?? fitted(diagram, this.free);
    const scene: Scene = {
      run, diagram, camera, stage, theme, states: store.states(), selection: store.selection, hover: store.hover,
      found: this.finder.found, path: this.withPath ? criticalPath(run) : null, marks: this.marks, colours: this.colours
    };
    const look = `${theme.page}${theme.ink}${theme.dim}`;
    const held = `${camera.scale}/${camera.x}/${camera.y}/${look}/${this.withPath}/${scene.found ? 1 : 0}`;
    this.sheet.show(ctx, stage, diagram, held, under => {
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
    drawMarks(ctx, scene);
    const map = shows(camera, diagram, stage) ? null : minimapOf(diagram, this.free);
    if (map) {
      drawMinimap(ctx, theme, diagram, map, camera, stage, layer => operationColour(theme, this.colours[layer]));
    }
    const lines = this.legend.count;
    this.legend.show(scene);
    if (this.legend.count !== lines && !this.camera) {
      this.surface.invalidate(); // the picture makes room
    }
    this.showToggles();
    relabel(this.stage, () => [
      t('Graph: {n} operations, {run}.', { n: run.layers.length, run: runSentence(store) }), this.legend.words,
      t('Arrow keys follow edges, Enter opens an operation, slash searches, c shows the critical path.')
    ].filter(Boolean).join(' '));
  }

  // ---- the list

  private showList(): void {
    this.listing = 0;
    const run = this.store.current;
    if (!this.list.hidden && run) {
      const focus = document.activeElement;
      const at = [...this.list.querySelectorAll('button')].indexOf(focus as HTMLButtonElement);
      fillList(this.list, this.store, run, criticalPath(run));
      if (at >= 0) {
        this.list.querySelectorAll('button')[at]?.focus({ preventScroll: true });
      }
    }
  }

  private listLater(): void {
    if (!this.list.hidden) {
      this.listing ||= window.setTimeout(() => this.showList(), LIST_SECONDS * 1000);
    }
  }

  // ---- pointer and keys

  private listen(): void {
    const { stage, store } = this;
    stage.addEventListener('pointerdown', event => {
      const [x, y] = place(stage, event);
      const map = this.mapAt(x, y);
      this.press = { x, y, map, moved: false };
      if (map) {
        this.aim(x, y);
      }
    });
    stage.addEventListener('pointermove', event => {
      const [x, y] = place(stage, event);
      if (!(event.buttons & 1) || !this.press) {
        store.point(this.mapAt(x, y) ? null : this.hit(event));
        return;
      }
      if (!this.press.moved && Math.hypot(x - this.press.x, y - this.press.y) <= STILL) {
        return;
      }
      if (this.press.map) {
        this.aim(x, y);
      } else {
        this.pan(x - this.press.x, y - this.press.y);
      }
      this.press = { x, y, map: this.press.map, moved: true };
    });
    stage.addEventListener('pointerleave', () => store.point(null));
    stage.addEventListener('click', event => {
      if (!this.press?.moved && !this.press?.map) {
        store.select(this.hit(event));
      }
    });
    stage.addEventListener('dblclick', event => {
      const target = this.hit(event);
      if (this.press?.map) {
        return;
      }
      if (target && store.current) {
        this.toggle(layerOf(store.current, target));
      } else {
        this.fit();
      }
    });
    stage.addEventListener('wheel', event => {
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 0.85 : 1.18, ...place(stage, event));
    }, { passive: false });
    stage.addEventListener('keydown', event => this.key(event));
    this.list.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        this.toggleList();
        stage.focus();
        event.stopPropagation();
      }
    });
  }

  private mapAt(x: number, y: number): boolean {
    const { view, diagram, size } = this;
    const map = view && diagram && !shows(view, diagram, size) ? minimapOf(diagram, this.free) : null;
    return map !== null && inMinimap(map, x, y);
  }

  private aim(x: number, y: number): void {
    const { view, diagram, size } = this;
    const map = diagram && minimapOf(diagram, this.free);
    if (view && map) {
      this.camera = aimed(map, view, x, y, size);
      this.surface.invalidate();
    }
  }

  private key(event: KeyboardEvent): void {
    const acts: Readonly<Record<string, () => void>> = {
      '+': () => this.middle(1.4), '=': () => this.middle(1.4), '-': () => this.middle(0.7), '0': () => this.fit(),
      '/': () => this.finder.field.focus(), c: () => this.togglePath(), Enter: () => this.toggle(this.chosen(), true),
      ArrowUp: () => (event.shiftKey ? this.pan(0, 60) : this.step('up')),
      ArrowDown: () => (event.shiftKey ? this.pan(0, -60) : this.step('down')),
      ArrowLeft: () => (event.shiftKey ? this.pan(60, 0) : this.step('left')),
      ArrowRight: () => (event.shiftKey ? this.pan(-60, 0) : this.step('right'))
    };
    if (acts[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      acts[event.key]();
      event.preventDefault();
      event.stopPropagation();
    }
  }
}
