/** How the diagram lies in the stage: point on the page = point of the diagram × scale + shift. */

export interface Camera {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Width and height. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

const MARGIN = 8;
const MARGIN_ABOVE = 13; // badges stand on the cards
const LARGEST_FIT = 1.15;
const SMALLEST = 0.005;

/** The whole diagram in a stage. */
export function fitted(diagram: Extent, stage: Extent): Camera {
  const scale = Math.max(SMALLEST, Math.min(
    (stage.width - 2 * MARGIN) / Math.max(diagram.width, 1), (stage.height - MARGIN - MARGIN_ABOVE) / Math.max(diagram.height, 1), LARGEST_FIT
  ));
  return { scale, x: (stage.width - diagram.width * scale) / 2, y: (stage.height + MARGIN_ABOVE - MARGIN - diagram.height * scale) / 2 };
}

/** Nearer or farther by a factor, with a point of the stage held still; no nearer than `largest`. */
export function zoomed(camera: Camera, factor: number, x: number, y: number, largest: number): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, SMALLEST), largest);
  const ratio = scale / camera.scale;
  return { scale, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio };
}

/** The camera moved as little as shows the point of the diagram, `margin` away from the stage's border. */
export function revealed(camera: Camera, x: number, y: number, stage: Extent, margin = 28): Camera {
  const inward = (at: number, size: number): number => {
    const room = Math.min(margin, size / 3);
    return Math.min(Math.max(at, room), size - room) - at;
  };
  const dx = inward(x * camera.scale + camera.x, stage.width);
  const dy = inward(y * camera.scale + camera.y, stage.height);
  return dx || dy ? { ...camera, x: camera.x + dx, y: camera.y + dy } : camera;
}

/** The camera with a point of the diagram in the middle of the stage. */
export function centred(camera: Camera, x: number, y: number, stage: Extent): Camera {
  return { ...camera, x: stage.width / 2 - x * camera.scale, y: stage.height / 2 - y * camera.scale };
}

/** Whether all of the diagram is in the stage. */
export function shows(camera: Camera, diagram: Extent, stage: Extent): boolean {
  return camera.x >= -1 && camera.y >= -1 && camera.x + diagram.width * camera.scale <= stage.width + 1
    && camera.y + diagram.height * camera.scale <= stage.height + 1;
}
