/** The keys, in a box over the views. */

import { button, icon, make } from '../dom';

const KEYS: readonly (readonly [string, string])[] = [
  ['Space', 'play, pause'],
  ['[  ]', 'step back, step forward'],
  ['{  }', 'step to the moments of what is selected'],
  ['p', 'to the peak of memory'],
  ['Home  End', 'to the start, to the end (live)'],
  ['1  2  3  4', 'go to Chunks, Graph, Timeline, Memory'],
  ['← ↑ → ↓', 'move between blocks, nodes, tasks'],
  ['Page ↑  Page ↓', 'Chunks: previous, next operation'],
  ['← →  ↑ ↓', 'Memory: move the time, choose an operation'],
  ['Enter', 'Chunks: one operation alone; Graph: open into tasks'],
  ['+  −  0', 'zoom in, zoom out, show all'],
  ['Esc', 'select nothing'],
  ['?', 'this help']
];

/** Prepare the help in `element`; the result shows or hides it. `home` gets the focus back. */
export function mountHelp(element: HTMLElement, home: HTMLElement): () => void {
  let back: HTMLElement | null = null;
  const toggle = (): void => {
    element.hidden = !element.hidden;
    if (element.hidden) {
      (back ?? home).focus();
    } else {
      back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      close.focus();
    }
  };
  const close = button(icon('close'), 'Close the help', toggle);
  const rows = KEYS.map(([key, what]) => make('tr', '', {}, make('th', '', { scope: 'row' }, key), make('td', '', {}, what)));
  element.hidden = true;
  element.append(make(
    'div', 'cks-help', { role: 'dialog', 'aria-label': 'Keys' },
    make('div', 'cks-bar', {}, make('b', '', {}, 'Keys'), make('span', 'cks-space'), close),
    make('table', '', {}, make('tbody', '', {}, ...rows))
  ));
  element.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      toggle();
      event.stopPropagation();
    }
  });
  return toggle;
}
