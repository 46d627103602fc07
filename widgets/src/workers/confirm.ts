/** A button that asks back in its own place before it does what cannot be undone. */

import { button, make } from '../dom';
import { t } from '../translate';

/** A button that, when pressed, is replaced by `question` and two answers; `act` is done on the first. */
export function confirming(sign: string, name: string, question: string, act: () => void): HTMLElement {
  const place = make('span', 'cks-confirm');
  const first = button(sign, name, () => ask(true), 'cks-button cks-worded');
  const words = make('span', 'cks-confirm-words', {}, question);
  const yes = button(sign, t('{name}: yes', { name }), () => {
    ask(false);
    act();
  }, 'cks-button cks-worded cks-grave');
  const no = button(t('Keep'), t('{name}: no', { name }), () => ask(false), 'cks-button cks-worded');
  const ask = (open: boolean): void => {
    first.hidden = open;
    words.hidden = yes.hidden = no.hidden = !open;
    place.classList.toggle('cks-asking', open);
    (open ? no : first).focus();
  };
  for (const one of [first, yes, no]) {
    one.tabIndex = -1;
  }
  words.hidden = yes.hidden = no.hidden = true;
  place.append(first, words, yes, no);
  place.addEventListener('keydown', event => {
    if (event.key === 'Escape' && first.hidden) {
      ask(false);
      event.stopPropagation();
    }
  });
  return place;
}
