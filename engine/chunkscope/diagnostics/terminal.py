"""Where a progress line is written: redrawn in place on a terminal, line by line elsewhere."""

from __future__ import annotations

import shutil
from typing import TextIO

from chunkscope.display.progress import Progress, cells, progress_line

__all__ = ["ProgressOutput"]

PLAIN_EVERY = 10.0  # seconds between two lines where a line cannot be redrawn


class ProgressOutput:
    """Writes progress lines to one stream. A closed or broken stream is left alone."""

    def __init__(self, out: TextIO, width: int) -> None:
        self._out = out
        self._width = width
        self._live = _is_terminal(out)
        self._ascii = not _can_write(out, "█▏")
        self._last = ""
        self._last_plain = 0.0

    def draw(self, progress: Progress) -> None:
        """Show a state that is not the last one. Where lines stay, only every ten seconds."""
        if self._live:
            self._redraw(progress, "")
        elif progress.seconds - self._last_plain >= PLAIN_EVERY:
            self._last_plain = progress.seconds
            self._write(progress_line(progress, self._width, ascii_only=self._ascii) + "\n")

    def finish(self, progress: Progress) -> None:
        """Show the last state, and end the line."""
        if self._live:
            self._redraw(progress, "\n")
        else:
            self._write(progress_line(progress, self._width, ascii_only=self._ascii) + "\n")
        self._last, self._last_plain = "", 0.0

    def _redraw(self, progress: Progress, end: str) -> None:
        columns = shutil.get_terminal_size((100, 24)).columns - 1
        line = progress_line(progress, self._width, columns, ascii_only=self._ascii)
        if line != self._last or end:
            self._write("\r" + line + " " * (cells(self._last) - cells(line)) + end)
            self._last = line

    def _write(self, text: str) -> None:
        if self._ascii:  # a label may hold any letter, and short times have a µ
            name = getattr(self._out, "encoding", None) or "ascii"
            text = text.replace("µ", "u").encode(name, "replace").decode(name)
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):  # closed, or nobody reads it any more
            self._live = False


def _is_terminal(out: TextIO) -> bool:
    try:
        return out.isatty()
    except (AttributeError, ValueError):
        return False


def _can_write(out: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(out, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
