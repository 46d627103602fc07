/** The keys, in a box over the views. */

import { button, icon, make } from '../dom';
import { mark, t } from '../translate';

/** Keys and what they do. */
export type KeyRow = readonly [string, string];

const KEYS: readonly KeyRow[] = [
  ['Space', mark('play, pause')],
  ['[  ]', mark('step back, step forward')],
  ['{  }', mark('step to the moments of what is selected')],
  ['p', mark('to the peak of memory')],
  ['Home  End', mark('to the start, to the end (live)')],
  ['1 … 9', mark('go to Chunks, Graph, Timeline, Memory, Progress, Profile, Explain, What if, Compare')],
  ['← ↑ → ↓', mark('move between blocks, nodes, tasks')],
  ['Page ↑  Page ↓', mark('Chunks: previous, next operation')],
  [',  .  x', mark('Chunks: slice before, slice after, other axes')],
  ['i  c', mark('Chunks: inputs beside; states, bytes or seconds as colours')],
  ['← →  ↑ ↓', mark('Memory: move the time, choose an operation')],
  ['Enter', mark('Chunks: one operation alone; Graph: open into tasks')],
  ['+  −  0', mark('zoom in, zoom out, show all')],
  ['/', mark('Graph: search')],
  ['c', mark('Graph: the critical path')],
  ['Shift ← ↑ → ↓', mark('Graph: move the picture; Timeline: move the stretch of time')],
  ['g', mark('go to the code of what is selected')],
  ['Esc', mark('select nothing')],
  ['?', mark('this help')]
];

/** Prepare the help in `element`; the result shows or hides it. `home` gets the focus back; `more` are the host's own keys. */
export function mountHelp(element: HTMLElement, home: HTMLElement, more: () => readonly KeyRow[] = () => []): () => void {
  let back: HTMLElement | null = null;
  const toggle = (): void => {
    element.hidden = !element.hidden;
    fill();
    if (element.hidden) {
      (back ?? home).focus();
    } else {
      back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      close.focus();
    }
  };
  const close = button(icon('close'), t('Close the help'), toggle);
  const body = make('tbody');
  const fill = (): void => {
    const rows = [...KEYS.map(([key, what]) => [key, t(what)] as const), ...more()];
    body.replaceChildren(...rows.map(([key, what]) => make('tr', '', {}, make('th', '', { scope: 'row' }, key), make('td', '', {}, what))));
  };
  element.hidden = true;
  element.append(make(
    'div', 'cks-help', { role: 'dialog', 'aria-label': t('Keys') },
    make('div', 'cks-bar', {}, make('b', '', {}, t('Keys')), make('span', 'cks-space'), close),
    make('table', '', {}, body)
  ));
  element.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      toggle();
      event.stopPropagation();
    }
  });
  return toggle;
}
