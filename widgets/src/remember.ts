/** What a reader chose: kept by the browser, or by one tab of it through a reload. A browser that keeps nothing is no error. */

const PREFIX = 'chunkscope:';

type Where = 'browser' | 'tab';

/** A remembered choice, or null. */
export function recall(name: string, where: Where = 'browser'): unknown {
  try {
    return JSON.parse(storage(where).getItem(PREFIX + name) ?? 'null');
  } catch {
    return null;
  }
}

/** Remember a choice. */
export function remember(name: string, value: unknown, where: Where = 'browser'): void {
  try {
    storage(where).setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // storage is full or forbidden: the choice holds as long as the page
  }
}

function storage(where: Where): Storage {
  return where === 'tab' ? sessionStorage : localStorage;
}
