/** Names that fit: cut with an ellipsis, and remembered, for measuring text is costly. */

const CUT = new Map<string, string>();

/** Text cut to `room` pixels. */
export function cut(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${ctx.font}/${Math.floor(room / 4)}/${text}`;
  let found = CUT.get(key);
  if (found === undefined) {
    found = fitting(ctx, text, Math.floor(room / 4) * 4);
    if (CUT.size > 2_000) {
      CUT.clear();
    }
    CUT.set(key, found);
  }
  return found;
}

function fitting(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) {
    return text;
  }
  let [low, high] = [0, text.length];
  while (low < high) { // the longest beginning that fits
    const middle = (low + high + 1) >> 1;
    if (ctx.measureText(`${text.slice(0, middle)}…`).width <= room) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low ? `${text.slice(0, low)}…` : '';
}
