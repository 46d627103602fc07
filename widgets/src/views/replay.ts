/** The run's clock: memory over time as the track, a slider on it, and the buttons that step and play. */

import { Cleanup, button, fill, icon, make } from '../dom';
import { bytes, seconds } from '../format';
import { SPEEDS } from '../player';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface } from '../surface';
import type { Theme } from '../theme';

const RESOLUTION = 10_000;

/** Show the store's clock and its run's memory in `element`. */
export function mountReplay(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const { player } = store;
  const back = button(icon('start'), 'To the start', () => player.seek(0));
  const before = button(icon('back'), 'Step back ([)', () => player.step(-1));
  const play = button(icon('play'), 'Play (Space)', () => player.toggle(), 'cks-button cks-play');
  const after = button(icon('forward'), 'Step forward (])', () => player.step(1));
  const end = button(icon('end'), 'To the end, live (L)', () => player.live());
  const speed = make('select', 'cks-select cks-speed', { 'aria-label': 'Speed', title: 'Speed of the replay' });
  fill(speed, SPEEDS.map(value => [String(value), speedName(value)] as const), '0');
  speed.addEventListener('change', () => player.setSpeed(Number(speed.value)));
  const clock = make('span', 'cks-clock', { role: 'status', 'aria-live': 'off' });
  const slider = make('input', 'cks-scrub', {
    type: 'range', min: 0, max: RESOLUTION, step: 1, 'aria-label': 'Time of the replay'
  });
  const stage = make('div', 'cks-stage cks-track', { 'data-view': 'replay' });
  element.append(
    make('div', 'cks-bar cks-transport', {}, back, before, play, after, end, make('span', 'cks-space'), speed),
    make('div', 'cks-scrubber', {}, stage, slider, clock)
  );

  const surface = new Surface(stage, (ctx, width, height, theme) => {
    if (store.current) {
      drawMemory(ctx, width, height, theme, store.current, store);
    }
  });
  cleanup.add(() => surface.dispose());

  slider.addEventListener('input', () => {
    const run = store.current;
    if (run) {
      const value = Number(slider.value);
      if (value >= RESOLUTION) {
        player.live();
      } else {
        player.seek((value / RESOLUTION) * run.now(store.clock()));
      }
    }
  });

  let playing = false;
  const update = (): void => {
    const run = store.current;
    const total = run ? run.now(store.clock()) : 0;
    const time = store.shownTime();
    const share = total > 0 && store.time !== null ? time / total : 1;
    slider.value = String(Math.round(share * RESOLUTION));
    slider.disabled = !run;
    slider.setAttribute('aria-valuetext', `${seconds(time)} of ${seconds(total)}`);
    const live = run !== null && !run.ended && store.time === null;
    clock.textContent = !run ? '' : live ? `live · ${seconds(total)}` : store.time === null ? seconds(total) : `${seconds(time)} of ${seconds(total)}`;
    clock.classList.toggle('cks-live', live);
    if (playing !== player.playing) {
      playing = player.playing;
      play.replaceChildren(icon(playing ? 'pause' : 'play'));
    }
    play.setAttribute('aria-label', player.playing ? 'Pause (Space)' : 'Play (Space)');
    for (const control of [back, before, play, after, end]) {
      control.disabled = !run;
    }
    surface.invalidate();
  };
  cleanup.add(player.on(update));
  cleanup.add(store.on(change => {
    if (change === 'run') {
      player.pause();
    }
    if (change !== 'list' && change !== 'hover' && change !== 'selection') {
      update();
    }
  }));
  update();
  return () => {
    cleanup.run();
    element.replaceChildren();
  };
}

function speedName(speed: number): string {
  return speed === 0 ? '10 s' : speed === 1 ? '1×' : `1/${Math.round(1 / speed)}×`;
}

/** Stored bytes over time, with the forecast's peak and the budget, and the shown time. */
function drawMemory(
  ctx: CanvasRenderingContext2D, width: number, height: number, theme: Theme, run: Run, store: Store
): void {
  const { stop, stored, present, end } = run.columns;
  const total = Math.max(run.now(store.clock()), 1e-9);
  const peaks = new Float64Array(Math.max(1, Math.floor(width)));
  peaks.fill(-1);
  let peak = 0;
  for (let row = 0; row < end; row++) {
    if (present[row]) {
      const x = Math.min(peaks.length - 1, Math.max(0, Math.floor((stop[row] / total) * peaks.length)));
      peaks[x] = Math.max(peaks[x], stored[row]);
      peak = Math.max(peak, stored[row]);
    }
  }
  const forecast = run.header.forecast_peak ?? 0;
  const budget = run.header.budget ?? 0;
  const seen = (value: number): number => (value <= 4 * peak ? value : 0); // what lies far above is told, not drawn
  const top = Math.max(peak, seen(forecast), seen(budget), 1) * 1.12;
  const y = (value: number): number => height - 1 - (value / top) * (height - 14);
  ctx.beginPath();
  ctx.moveTo(0, height);
  let last = 0;
  for (let x = 0; x < peaks.length; x++) {
    if (peaks[x] >= 0) {
      ctx.lineTo(x, y(last));
      last = peaks[x];
      ctx.lineTo(x, y(last));
    }
  }
  ctx.lineTo(peaks.length, y(last));
  ctx.lineTo(peaks.length, height);
  ctx.closePath();
  ctx.fillStyle = theme.states[2];
  ctx.globalAlpha = 0.3;
  ctx.fill();
  ctx.globalAlpha = 1;
  if (forecast > 0 && forecast <= top) {
    rule(ctx, theme.dim, y(forecast), width, [3, 3]);
  }
  if (budget > 0 && budget <= top) {
    rule(ctx, theme.states[4], y(budget), width, []);
  }
  ctx.fillStyle = theme.dim;
  ctx.textAlign = 'left';
  const parts = [`peak ${bytes(Math.max(peak, run.ended?.peak_bytes ?? 0))}`];
  if (forecast > 0) {
    parts.push(`forecast ${bytes(forecast)}`);
  }
  if (budget > 0) {
    parts.push(`limit ${bytes(budget)}`);
  }
  ctx.fillText(parts.join('  ·  '), 2, 7);
  if (store.time !== null) {
    const x = Math.round((store.time / total) * width) + 0.5;
    ctx.fillStyle = theme.page;
    ctx.globalAlpha = 0.6;
    ctx.fillRect(x, 14, width - x, height - 14);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(x, 12);
    ctx.lineTo(x, height);
    ctx.stroke();
  }
}

function rule(ctx: CanvasRenderingContext2D, colour: string, y: number, width: number, dash: number[]): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(0, Math.round(y) + 0.5);
  ctx.lineTo(width, Math.round(y) + 0.5);
  ctx.stroke();
  ctx.restore();
}
