/** Goes to a cell of a notebook, and to a line of it. */

import type { Notebook } from '@jupyterlab/notebook';

const FLASH_MS = 1200;

/** Bring cell `id` into view and make it the active one; with `line` (from 1), put the cursor there and mark it a moment. */
export async function goToCell(notebook: Notebook, id: string, line?: number): Promise<void> {
  const index = notebook.widgets.findIndex(widget => widget.model.id === id);
  const cell = notebook.widgets[index];
  if (!cell) {
    return; // it was deleted since
  }
  notebook.activeCellIndex = index;
  try {
    await notebook.scrollToItem(index, 'smart');
    await cell.ready;
  } catch {
    return; // a notebook that is being closed
  }
  const { editor } = cell;
  if (line === undefined || !editor || line < 1 || line > editor.lineCount) {
    flash(cell.node);
    return;
  }
  const text = editor.getLine(line - 1) ?? '';
  const column = text.length - text.trimStart().length;
  editor.setCursorPosition({ line: line - 1, column });
  editor.revealPosition({ line: line - 1, column });
  await new Promise(resolve => requestAnimationFrame(resolve)); // the editor draws its lines in a frame
  const rows = cell.node.querySelectorAll<HTMLElement>('.cm-content > .cm-line');
  flash(rows.length === editor.lineCount ? rows[line - 1] : (cell.node.querySelector<HTMLElement>('.cm-activeLine') ?? cell.node));
}

/** Mark an element for a moment. */
function flash(element: HTMLElement): void {
  element.classList.add('cks-flash');
  window.setTimeout(() => element.classList.remove('cks-flash'), FLASH_MS);
}
