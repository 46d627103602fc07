/** What of a picture stays the same from frame to frame, drawn once and then copied. */

import type { Extent } from './camera';

export class Sheet {
  private canvas: OffscreenCanvas | null = null;
  private held = '';
  private about: object | null = null;

  /** Put the sheet on `ctx`; it is drawn anew where its size, what it is about, or `held` has changed. */
  show(
    ctx: CanvasRenderingContext2D, stage: Extent, about: object, held: string, draw: (under: CanvasRenderingContext2D) => void
  ): void {
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.max(1, Math.round(stage.width * scale)), Math.max(1, Math.round(stage.height * scale))];
    const same = this.canvas?.width === width && this.canvas.height === height && this.about === about && this.held === held;
    if (!this.canvas || !same) {
      this.canvas ??= new OffscreenCanvas(width, height);
      this.canvas.width = width; // clears it, too
      this.canvas.height = height;
      const under = this.canvas.getContext('2d') as unknown as CanvasRenderingContext2D | null; // the calls that are drawn with are the same
      if (under) {
        under.setTransform(scale, 0, 0, scale, 0, 0);
        under.textBaseline = 'middle';
        draw(under);
      }
      this.about = about;
      this.held = held;
    }
    ctx.drawImage(this.canvas, 0, 0, stage.width, stage.height);
  }
}
