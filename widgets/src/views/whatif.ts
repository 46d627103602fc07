/** What if: sliders for chunks, workers and memory; the time and the peak that the kernel foretells, beside the measured. */

import { Cleanup, button, icon, make, relabel } from '../dom';
import type { ViewHost } from '../host';
import type { Run } from '../run';
import type { Store } from '../store';
import { Surface, place } from '../surface';
import { t } from '../translate';
import { drawWhatif, placeAt } from '../whatif/draw';
import { KNOBS, keyOf, knobName, moved, peakSentence, placeOf, sentence, tableRows, valueWords, values } from '../whatif/model';
import type { Knob, Reply, Setting } from '../whatif/model';

/** What was answered and chosen for each run: it survives the closing of the view. */
interface Kept {
  readonly replies: Map<string, Reply>;
  setting: Setting | null;
  along: Knob;
}
const KEPT = new WeakMap<Run, Kept>();

/** Show the store's run under other settings in `element`. */
export function mountWhatif(element: HTMLElement, store: Store, host: ViewHost): () => void {
  const cleanup = new Cleanup();
  const stage = make('div', 'cks-stage cks-insight-body', { tabindex: 0, role: 'group', 'data-view': 'whatif', 'aria-label': t('What if') });
  const said = make('div', 'cks-insight-none', { role: 'status' });
  const sliders = make('div', 'cks-knobs');
  const words = make('div', 'cks-whatif-words', { 'aria-live': 'polite' });
  const chart = make('div', 'cks-whatif-chart', { role: 'img', 'aria-label': t('What if') });
  const table = make('div', 'cks-table cks-whatif-table');
  const notes = make('ul', 'cks-whatif-notes');
  const list = button(icon('list'), t('The chart as a table'), () => {
    table.hidden = !table.hidden;
    list.setAttribute('aria-expanded', String(!table.hidden));
  });
  list.setAttribute('aria-expanded', 'false');
  const back = button(t('as it ran'), t('As it ran: back to the settings that the run had'), () => {
    const run = store.current;
    const kept = run && KEPT.get(run);
    if (kept) {
      kept.setting = null;
      ask();
    }
  }, 'cks-button cks-text');
  table.hidden = true;
  stage.append(said, sliders, words, chart, table, notes);
  element.append(make('div', 'cks-bar', {}, make('span', 'cks-space'), back, list), stage);

  let busy = false;
  let gone = false;
  let trouble = '';
  let shown: Reply | null = null;
  const kept = (run: Run): Kept => {
    let found = KEPT.get(run);
    if (!found) {
      found = { replies: new Map(), setting: null, along: 'workers' };
      KEPT.set(run, found);
    }
    return found;
  };
  const inputs = new Map<Knob, { readonly row: HTMLElement; readonly input: HTMLInputElement; readonly value: HTMLElement }>();
  for (const knob of KNOBS) {
    const input = make('input', 'cks-range', { type: 'range', min: 0, max: 1, step: 1, tabindex: -1, 'aria-label': knobName(knob), 'data-knob': knob });
    const value = make('output', 'cks-knob-value');
    const row = make('label', 'cks-knob', {}, make('span', 'cks-knob-name', {}, knobName(knob)), input, value);
    input.addEventListener('input', () => turn(knob, Number(input.value)));
    input.addEventListener('focus', () => along(knob));
    sliders.append(row);
    inputs.set(knob, { row, input, value });
  }
  const along = (knob: Knob): void => {
    const run = store.current;
    if (run && kept(run).along !== knob) {
      kept(run).along = knob;
      ask();
    }
  };
  const turn = (knob: Knob, at: number): void => {
    const run = store.current;
    if (run && shown) {
      const state = kept(run);
      state.along = knob;
      state.setting = moved(shown, state.setting ?? shown.setting, knob, at);
      ask();
    }
  };

  /** Show what is known of the chosen setting, and ask for what is not: the setting itself first, then its curve. */
  const ask = (): void => {
    const run = store.current;
    if (!run || !host.ask || !run.ended || gone) {
      show();
      return;
    }
    const state = kept(run);
    const setting = state.setting;
    const point = state.replies.get(setting ? keyOf(setting, null) : 'first');
    const curve = point && state.replies.get(keyOf(setting ?? point.setting, state.along));
    shown = point ? { ...point, curve: curve?.curve } : shown?.run === run.number ? shown : null;
    show();
    if (busy || (point && curve)) {
      return;
    }
    busy = true;
    const wanted = setting ?? point?.setting ?? null;
    const question = { ask: 'whatif', run: run.number, ...(wanted ?? {}), along: point ? state.along : null };
    host.ask(question).then(reply => {
      trouble = '';
      const found = reply as unknown as Reply;
      if (!wanted) {
        state.replies.set('first', found);
      }
      state.replies.set(keyOf(wanted ?? found.setting, point ? state.along : null), found);
    }, (error: unknown) => {
      trouble = error instanceof Error ? error.message : String(error);
    }).finally(() => {
      busy = false;
      if (!trouble) {
        ask();
      } else if (!gone) {
        show();
      }
    });
  };

  const show = (): void => {
    const run = store.current;
    const ready = Boolean(run && shown && shown.run === run.number && !trouble);
    sliders.hidden = chart.hidden = words.hidden = notes.hidden = !ready;
    back.hidden = !ready || !run || kept(run).setting === null;
    said.textContent = ready || !run ? '' : excuse(run, host, trouble, busy);
    said.hidden = said.textContent === '';
    list.hidden = !ready;
    if (!ready || !run || !shown) {
      table.hidden = true;
      return;
    }
    const reply = shown;
    const state = kept(run);
    const setting = state.setting ?? reply.setting;
    for (const [knob, { row, input, value }] of inputs) {
      const all = values(reply, knob);
      const at = placeOf(reply, knob, setting);
      row.hidden = all.length < 2;
      row.classList.toggle('cks-knob-along', knob === state.along);
      input.max = String(all.length - 1);
      input.value = String(at);
      value.textContent = value.title = valueWords(reply, knob, setting[knob]);
      input.setAttribute('aria-valuetext', value.textContent);
    }
    words.replaceChildren(make('div', '', {}, sentence(reply, setting)), make('div', '', {}, peakSentence(reply)));
    notes.replaceChildren(...reply.notes.map(note => make('li', '', {}, note)));
    fillTable(table, reply, state.along, setting);
    surface.invalidate();
  };
  const surface = new Surface(chart, (ctx, width, height, theme) => {
    const run = store.current;
    if (!run || !shown?.curve) {
      return;
    }
    const state = kept(run);
    const setting = state.setting ?? shown.setting;
    const reply = shown;
    const onCurve = KNOBS.every(knob => knob === state.along || setting[knob] === reply.setting[knob]);
    const measured = onCurve ? placeOf(reply, state.along, reply.setting) : -1;
    drawWhatif(ctx, width, height, theme, reply, state.along, placeOf(reply, state.along, setting), measured);
    relabel(chart, () => t('Time and peak for each value of {knob}; the dashed lines are what was measured. {sentence}', {
      knob: knobName(state.along), sentence: sentence(reply, setting)
    }));
  });
  cleanup.add(() => surface.dispose());

  chart.addEventListener('click', event => {
    const run = store.current;
    if (run && shown?.curve) {
      turn(kept(run).along, placeAt(chart.clientWidth, shown.curve.length, place(chart, event)[0]));
    }
  });
  stage.addEventListener('keydown', event => {
    const open = [...inputs.values()].filter(({ row }) => !row.hidden);
    const at = open.findIndex(({ input }) => input === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    const slides = at >= 0 && ['ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown'].includes(event.key);
    if (next !== undefined && open.length) {
      (next < 0 ? stage : open[Math.min(next, open.length - 1)].input).focus();
      event.preventDefault();
    }
    if (next !== undefined || slides) {
      event.stopPropagation();
    }
  });
  cleanup.add(store.on(change => {
    if (change === 'run' || (change === 'data' && store.current?.ended && !shown && !busy && !trouble)) {
      trouble = '';
      shown = change === 'run' ? null : shown;
      ask();
    }
  }));
  ask();
  return () => {
    gone = true;
    cleanup.run();
    element.replaceChildren();
  };
}

/** Why there is nothing to turn. */
function excuse(run: Run, host: ViewHost, trouble: string, busy: boolean): string {
  if (trouble) {
    return trouble;
  }
  if (!host.ask) {
    return t('The kernel models what would be: this is a recording.');
  }
  if (!run.ended) {
    return t('The run goes on: what its tasks cost is known when it has ended.');
  }
  return busy ? t('asking the kernel …') : '';
}

function fillTable(element: HTMLElement, reply: Reply, knob: Knob, setting: Setting): void {
  const head = [knobName(knob), t('Tasks'), t('Time'), t('Peak')];
  const rows = tableRows(reply, knob, setting).map(({ cells, measured }) => make(
    'tr', measured ? 'cks-sum' : '', {}, make('th', '', { scope: 'row' }, cells[0] + (measured ? ` · ${t('as it ran')}` : '')),
    ...cells.slice(1).map(text => make('td', '', {}, text))
  ));
  element.replaceChildren(make(
    'table', '', { 'aria-label': t('What if, by {knob}', { knob: knobName(knob) }) },
    make('thead', '', {}, make('tr', '', {}, ...head.map(text => make('th', '', { scope: 'col' }, text)))), make('tbody', '', {}, ...rows)
  ));
}
