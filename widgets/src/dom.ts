/** Small element builders: everything that can hold user text goes in as text, never as HTML. */

export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** An element with a class, attributes and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, className = '', attributes: Attributes = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== null && value !== false) {
      element.setAttribute(name, String(value));
    }
  }
  element.append(...children);
  return element;
}

/** Put words into an element, `code` between backticks as code. Does nothing where they are there: what is new is spoken. */
export function say(element: HTMLElement, words: string): void {
  if (element.dataset.words !== words) {
    element.dataset.words = words;
    element.replaceChildren(...words.split(/`([^`\n]+)`/).map((part, i) => (i % 2 ? make('code', '', {}, part) : part)));
  }
}

/** A button with a name for those who cannot see its sign. */
export function button(
  sign: string | Node, name: string, act: () => void, className = 'cks-button'
): HTMLButtonElement {
  const element = make('button', className, { type: 'button', 'aria-label': name, title: name }, sign);
  element.addEventListener('click', act);
  return element;
}

/** Signs as outlines in a box of 16 by 16: fonts differ in what they have. */
const ICONS = {
  start: 'M3 3h2v10H3zM13 3v10L6 8z',
  back: 'M11 3v10L4 8z',
  play: 'M4 2.5v11L13.5 8z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  forward: 'M5 3v10l7-5z',
  end: 'M11 3h2v10h-2zM3 3v10l7-5z',
  less: 'M3 7h10v2H3z',
  more: 'M3 7h4V3h2v4h4v2H9v4H7V9H3z',
  whole: 'M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z',
  out: 'M9 2h5v5h-2V5.4L7.4 10 6 8.6 10.6 4H9zM2 4h5v2H4v6h6V9h2v5H2z',
  list: 'M2 3h12v2H2zM2 7h12v2H2zM2 11h12v2H2z',
  close: 'M3.7 2.3 8 6.6l4.3-4.3 1.4 1.4L9.4 8l4.3 4.3-1.4 1.4L8 9.4l-4.3 4.3-1.4-1.4L6.6 8 2.3 3.7z'
} as const;

/** One of our signs, in the colour of the text around it. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  return shape(ICONS[name]);
}

/** An outline in a box of 16 by 16, in the colour of the text around it. */
export function shape(outline: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'cks-icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', outline);
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

/** Fill a select with options, keeping what is chosen where it is still there. Does nothing where nothing changed. */
export function fill(select: HTMLSelectElement, options: readonly (readonly [string, string])[], chosen: string): void {
  const old = select.options;
  const equal = old.length === options.length
    && options.every(([value, text], i) => old[i].value === value && old[i].text === text);
  if (!equal) {
    select.replaceChildren(...options.map(([value, text]) => make('option', '', { value }, text)));
  }
  if (select.value !== chosen) {
    select.value = chosen;
  }
}

const LABEL_SECONDS = 1;
const labelled = new WeakMap<Element, number>();

/** Give an element its spoken label, at most once a second: labels are costly and nobody hears them faster. */
export function relabel(element: Element, label: () => string): void {
  const now = performance.now() / 1000;
  if (now - (labelled.get(element) ?? -Infinity) >= LABEL_SECONDS) {
    labelled.set(element, now);
    element.setAttribute('aria-label', label());
  }
}

/** Things to undo, last first. */
export class Cleanup {
  private readonly acts: (() => void)[] = [];

  add(act: () => void): void {
    this.acts.push(act);
  }

  run(): void {
    for (const act of this.acts.splice(0).reverse()) {
      act();
    }
  }
}
