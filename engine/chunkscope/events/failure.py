"""What is known of a task that failed: for the note on the exception, the card in a notebook and the run log."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from chunkscope.types import Key, SourceSpan

__all__ = ["DEBUG", "FAILURE", "Failure"]

DEBUG = "chunkscope.last_run().debug()"
"""The line that runs the failed task alone, right after its run."""
FAILURE = "__chunkscope_failure__"
"""The attribute in which an exception carries its `Failure`."""
NOTED = 2
"""Inputs whose beginning stands in the note; the card has more."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed task, in words that can be kept after its data is gone."""

    task: int
    key: Key
    operation: str
    error: str
    """The exception's type and text."""
    origin: SourceSpan | None
    """The user's line that made the expression."""
    cell: str
    """That line's file or notebook cell, for people."""
    variable: str
    """The variable that the line assigns, or an empty string."""
    region: str
    """The global slice of the block, "[0:100, 200:300]", or an empty string."""
    inputs: tuple[str, ...]
    """Shape and dtype, or type, of each input."""
    partition: str = ""
    """Which partition it was where the operation makes a frame: "partition 3 of 105, rows 0 to 21,345"."""
    file: str = ""
    """What the task read: "ABQ.csv, bytes 0 to 21,345", or an empty string."""
    previews: tuple[str, ...] = ()
    """The beginning of each input as text, in the order of `inputs`; bounded."""
    detail: str = ""
    """What was fused into the operation's task, "read-csv → filter → sum", or an empty string."""
    remedy: str = ""
    """What to do about it, where that is known."""
    table: tuple[tuple[str, ...], ...] = ()
    """Rows of an error table, the head first: column, found, expected, file, line, value."""
    hint: str = ""
    """Code that mends it, to paste."""
    post_mortem: tuple[tuple[str, str], ...] = ()
    """Where the process that ran it died: rows of what is known of that."""

    @property
    def where(self) -> str:
        """Which block or partition it was, and what it read, in one line."""
        if self.partition:
            return self.partition + (f", from {self.file}" if self.file else "")
        if not self.region and len(self.key.block) < 2:  # the number of a delayed call says nothing
            return self.file
        return f"block {self.key.block}" + (f", elements {self.region}" if self.region else "")

    def describe(self, *, interactive: bool = False) -> str:
        """The failure in a few lines of plain text; with the line that debugs it where somebody can type it."""
        fused = f" ({self.detail})" if self.detail and self.detail != self.operation else ""
        lines = [f"chunkscope: task {self.key} failed in operation {self.operation!r}{fused}"]
        if self.origin is not None:
            made = f"  made by {self.cell}, line {self.origin.line}"
            lines.append(made + (f": {self.origin.text}" if self.origin.text else ""))
        if self.variable:
            lines.append(f"  variable: {self.variable}")
        if self.where:
            lines.append(f"  {self.where}")
        if self.inputs:
            lines.append("  inputs: " + "; ".join(self.inputs))
            lines += [textwrap.indent(text, "    ") for text in self.previews[:NOTED] if text]
        if self.remedy:
            lines.append(textwrap.indent(self.remedy, "  "))
        if interactive:
            lines.append(f"  run only this task here: {DEBUG}")
        return "\n".join(lines)
