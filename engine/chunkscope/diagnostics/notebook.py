"""Progress bars in the output of a notebook cell: one display that is kept up to date, so that one line is saved."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from chunkscope.display.progress import Progress, progress_html, progress_line

__all__ = ["NotebookOutput", "in_notebook"]


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class NotebookOutput:
    """Shows progress bars, one below the other, and updates them in place. Any thread may draw."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._handle: Any = None
        self._last = ""
        self._lock = threading.Lock()

    def draw(self, *items: Progress) -> None:
        """Show these states instead of the last ones."""
        lines = [progress_line(item, self._width) for item in items]
        page = {"text/plain": "\n".join(lines) or "nothing is running", "text/html": progress_html(items)}
        with self._lock:
            if self._handle is None:
                display: Callable[..., Any] = import_module("IPython.display").display
                self._handle = display(page, display_id=True, raw=True)
            elif page["text/plain"] != self._last:
                self._handle.update(page, raw=True)
            self._last = page["text/plain"]

    def finish(self, *items: Progress) -> None:
        """Show the last states."""
        self.draw(*items)
