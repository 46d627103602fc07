/** What a reader chose, kept by the browser: which sections are open. A browser that keeps nothing is no error. */

const PREFIX = 'chunkscope:';

/** A remembered choice, or null. */
export function recall(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null');
  } catch {
    return null;
  }
}

/** Remember a choice. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // storage is full or forbidden: the choice holds as long as the page
  }
}
