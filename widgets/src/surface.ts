/** A canvas that fills its element, drawn at most once a frame and only while it can be seen. */

import { themeOf } from './theme';
import type { Theme } from './theme';

export type Draw = (ctx: CanvasRenderingContext2D, width: number, height: number, theme: Theme) => void;

export class Surface {
  readonly canvas: HTMLCanvasElement;
  /** Number of times that it was drawn. */
  frames = 0;
  private readonly ctx: CanvasRenderingContext2D;
  private readonly resize: ResizeObserver;
  private readonly watch: IntersectionObserver;
  private readonly page: MutationObserver;
  private visible = true;
  private handle = 0;
  private stale = true;

  constructor(readonly host: HTMLElement, private readonly draw: Draw) {
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'cks-canvas';
    this.canvas.setAttribute('aria-hidden', 'true');
    host.append(this.canvas);
    const ctx = this.canvas.getContext('2d');
    if (!ctx) {
      throw new Error('chunkscope: this browser gives no canvas to draw on');
    }
    this.ctx = ctx;
    this.resize = new ResizeObserver(() => this.invalidate());
    this.resize.observe(host);
    this.watch = new IntersectionObserver(entries => {
      this.visible = entries[entries.length - 1].isIntersecting;
      if (this.visible && this.stale) {
        this.invalidate();
      }
    });
    this.watch.observe(host);
    this.page = new MutationObserver(() => this.invalidate());
    this.page.observe(document.body, {
      attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class']
    });
    this.invalidate();
  }

  /** Draw soon. */
  invalidate(): void {
    this.stale = true;
    if (!this.handle && this.visible) {
      this.handle = requestAnimationFrame(() => this.paint());
    }
  }

  dispose(): void {
    cancelAnimationFrame(this.handle);
    this.resize.disconnect();
    this.watch.disconnect();
    this.page.disconnect();
    this.canvas.remove();
  }

  private paint(): void {
    this.handle = 0;
    const width = this.host.clientWidth;
    const height = this.host.clientHeight;
    if (!width || !height) {
      return;
    }
    this.stale = false;
    this.frames += 1;
    const scale = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    const theme = themeOf(this.host);
    this.ctx.setTransform(scale, 0, 0, scale, 0, 0);
    this.ctx.clearRect(0, 0, width, height);
    this.ctx.font = `11px ${theme.font}`;
    this.ctx.textBaseline = 'middle';
    this.draw(this.ctx, width, height, theme);
  }
}

/** Where a pointer event lies in the host, in CSS pixels. */
export function place(host: HTMLElement, event: MouseEvent): [number, number] {
  const box = host.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
