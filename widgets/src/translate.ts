/**
 * Every visible string goes through here. The English text is the key; the host of the views says in which language
 * they speak. Without a host's lookup they speak English.
 */

/** Values for the `{name}` places of a text. */
export type Values = Readonly<Record<string, string | number>>;

/** Finds the translation of an English text; with `many` and `n`, the form for that number. Gives an English text where it has none. */
export type Lookup = (text: string, many?: string, n?: number) => string;

let lookup: Lookup | null = null;

/** Speak as `found` says; null is English. Views that are mounted already keep the words that they have. */
export function setLanguage(found: Lookup | null): void {
  lookup = found;
}

/** The text in the page's language, with `{name}` replaced by `values.name`. */
export function t(text: string, values?: Values): string {
  const found = lookup?.(text) || text;
  return values ? filled(found, values) : found;
}

/** `one` for n = 1 and `many` for all else, or the form that the page's language has; `{n}` is the number in figures. */
export function tn(one: string, many: string, n: number, values?: Values): string {
  const english = n === 1 ? one : many;
  return filled(lookup?.(one, many, n) || english, { n: n.toLocaleString('en-US'), ...values });
}

/** The text as it is: one that stands in a table and is translated where it is shown. */
export function mark<Text extends string>(text: Text): Text {
  return text;
}

/** A place without a value stays as it is, so that a wrong translation is seen and breaks nothing. */
function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : place));
}
