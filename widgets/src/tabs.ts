/** Tabs: pages in one place of which one is seen. Arrow keys move between them, one of them is a tab stop. */

import { make } from './dom';
import { t } from './translate';

export interface Tabs {
  /** The row of tabs. */
  readonly row: HTMLElement;
  /** Show a page. */
  choose(name: string): void;
  /** The page that is shown. */
  readonly chosen: string;
}

/** Tabs for some pages, by name and title; `changed` is told after each choice. */
export function makeTabs(
  pages: readonly (readonly [string, string, HTMLElement])[], changed: (name: string) => void = () => undefined
): Tabs {
  const row = make('div', 'cks-tabs', { role: 'tablist', 'aria-label': t('What is shown') });
  let chosen = pages[0][0];
  const tabs = pages.map(([name, title, page]) => {
    const base = `cks-tab-${serial++}`;
    page.id = `${base}-page`;
    page.setAttribute('role', 'tabpanel');
    const tab = make('button', 'cks-tab', { type: 'button', role: 'tab', id: base, 'aria-controls': page.id, 'data-tab': name }, title);
    page.setAttribute('aria-labelledby', base);
    tab.addEventListener('click', () => choose(name));
    row.append(tab);
    return tab;
  });
  const choose = (name: string): void => {
    chosen = name;
    pages.forEach(([other, , page], i) => {
      page.hidden = other !== name;
      tabs[i].setAttribute('aria-selected', String(other === name));
      tabs[i].tabIndex = other === name ? 0 : -1;
    });
    changed(name);
  };
  row.addEventListener('keydown', event => {
    const at = tabs.indexOf(event.target as HTMLButtonElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at >= 0 && next !== undefined) {
      const to = (next + tabs.length) % tabs.length;
      choose(pages[to][0]);
      tabs[to].focus();
      event.preventDefault();
      event.stopPropagation();
    }
  });
  choose(chosen);
  return { row, choose, get chosen() { return chosen; } };
}

let serial = 0;
