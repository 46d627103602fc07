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

/** A button with a name for those who cannot see its sign. */
export function button(sign: string, name: string, act: () => void, className = 'cks-button'): HTMLButtonElement {
  const element = make('button', className, { type: 'button', 'aria-label': name, title: name }, sign);
  element.addEventListener('click', act);
  return element;
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
