/** The run's clock: memory over time as the track, a slider on it, and the buttons that step and play. */

import { curvesOf, highest, peakOf } from '../curves';
import { Cleanup, button, fill, icon, make, shape } from '../dom';
import { bytes, seconds } from '../format';
import { countedWords, momentOf, momentReason, momentSentence } from '../moments';
import { SPEEDS } from '../player';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface } from '../surface';
import type { Theme } from '../theme';
import { t } from '../translate';

const RESOLUTION = 10_000;
const BETWEEN = '  ·  ';
const EARLIER = 'M10.5 3v10L4 8zM12.5 6.4a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z';
const LATER = 'M5.5 3v10L12 8zM3.5 6.4a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z';
const PEAK = 'M1 14 6.2 5.5 9 10l1.4-2.2L15 14zM5.4 1.5h1.8v2.6H5.4z';

/** Show the store's clock and its run's memory in `element`. */
export function mountReplay(element: HTMLElement, store: Store): () => void {
  const cleanup = new Cleanup();
  const { player } = store;
  const back = button(icon('start'), t('To the start'), () => player.seek(0));
  const before = button(icon('back'), t('Step back ([)'), () => player.step(-1));
  const play = button(icon('play'), t('Play (Space)'), () => player.toggle(), 'cks-button cks-play');
  const after = button(icon('forward'), t('Step forward (])'), () => player.step(1));
  const end = button(icon('end'), t('To the end, live (L)'), () => player.live());
  const earlier = button(shape(EARLIER), t('To the moment before of what is selected ({)'), () => player.stepSelected(-1));
  const later = button(shape(LATER), t('To the next moment of what is selected (})'), () => player.stepSelected(1));
  const peak = button(shape(PEAK), t('To the peak of memory (P)'), () => player.peak());
  const speed = make('select', 'cks-select cks-speed', { 'aria-label': t('Speed'), title: t('Speed of the replay') });
  fill(speed, SPEEDS.map(value => [String(value), speedName(value)] as const), '0');
  speed.addEventListener('change', () => player.setSpeed(Number(speed.value)));
  const clock = make('span', 'cks-clock', { role: 'status', 'aria-live': 'off' });
  const slider = make('input', 'cks-scrub', {
    type: 'range', min: 0, max: RESOLUTION, step: 1, 'aria-label': t('Time of the replay')
  });
  const counted = make('div', 'cks-moment', { 'data-moment': 'counts' });
  const reason = make('div', 'cks-moment cks-dim', { 'data-moment': 'reason' });
  const stage = make('div', 'cks-stage cks-track', { 'data-view': 'replay' });
  element.append(
    make('div', 'cks-bar cks-transport', {}, back, before, play, after, end, make('span', 'cks-space'), speed),
    make('div', 'cks-replay-body', {}, make('div', 'cks-scrubber', {}, stage, slider, clock),
      make('div', 'cks-moments', {}, make('div', 'cks-moment-words', {}, counted, reason), earlier, later, peak))
  );

  const surface = new Surface(stage, (ctx, width, height, theme) => {
    if (store.current) {
      drawMemory(ctx, width, height, theme, store.current, store, clock.offsetWidth);
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
    relate(slider, momentSentence(store));
    const live = run !== null && !run.ended && store.time === null;
    clock.textContent = !run ? '' : live ? t('live · {time}', { time: seconds(total) }) : store.time === null ? seconds(total)
      : t('{time} of {total}', { time: seconds(time), total: seconds(total) });
    clock.classList.toggle('cks-live', live);
    if (playing !== player.playing) {
      playing = player.playing;
      play.replaceChildren(icon(playing ? 'pause' : 'play'));
    }
    play.setAttribute('aria-label', player.playing ? t('Pause (Space)') : t('Play (Space)'));
    for (const control of [back, before, play, after, end, peak]) {
      control.disabled = !run;
    }
    earlier.disabled = later.disabled = !run || store.selection === null;
    const moment = momentOf(store);
    counted.textContent = counted.title = run && moment ? countedWords(run, moment) : '';
    reason.textContent = reason.title = moment ? momentReason(store, moment) : '';
    surface.invalidate();
  };
  let handle = 0;
  const soon = (): void => {
    handle ||= requestAnimationFrame(() => {
      handle = 0;
      update();
    });
  };
  cleanup.add(() => cancelAnimationFrame(handle));
  cleanup.add(player.on(update));
  cleanup.add(store.on(change => {
    if (change === 'run') {
      player.pause();
    }
    if (change !== 'list' && change !== 'hover' && change !== 'window') {
      soon();
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

/** Give the slider its spoken value, without touching it where that is the same. */
function relate(slider: HTMLElement, text: string): void {
  if (slider.getAttribute('aria-valuetext') !== text) {
    slider.setAttribute('aria-valuetext', text);
  }
}

/** Bytes in use over time, with the forecast's peak and the budget, and the shown time. */
function drawMemory(
  ctx: CanvasRenderingContext2D, width: number, height: number, theme: Theme, run: Run, store: Store, taken: number
): void {
  const total = Math.max(run.now(store.clock()), 1e-9);
  const { memory } = curvesOf(run, store.clock);
  const peaks = highest(memory, 0, total, Math.max(1, Math.floor(width)));
  const peak = peakOf(memory).value;
  const forecast = run.header.forecast_peak ?? 0;
  const budget = run.header.budget ?? 0;
  const seen = (value: number): number => (value <= 4 * peak ? value : 0); // what lies far above is told, not drawn
  const top = Math.max(peak, seen(forecast), seen(budget), 1) * 1.12;
  const y = (value: number): number => height - 1 - (value / top) * (height - 14);
  ctx.beginPath();
  ctx.moveTo(0, height);
  peaks.forEach((value, x) => {
    ctx.lineTo(x, y(value));
    ctx.lineTo(x + 1, y(value));
  });
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
  const parts = [t('peak {size}', { size: bytes(Math.max(peak, run.ended?.peak_bytes ?? 0)) })];
  if (forecast > 0) {
    parts.push(t('forecast {size}', { size: bytes(forecast) }));
  }
  if (budget > 0) {
    parts.push(t('limit {size}', { size: bytes(budget) }));
  }
  while (parts.length > 1 && ctx.measureText(parts.join(BETWEEN)).width > width - taken - 10) {
    parts.pop(); // the clock stands in the same line: what does not fit is left out
  }
  ctx.fillText(parts.join(BETWEEN), 2, 7);
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
