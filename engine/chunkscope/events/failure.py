"""What is known of a task that failed: for the note on the exception, the card in a notebook and the run log."""

from __future__ import annotations

from dataclasses import dataclass

from chunkscope.types import Key, SourceSpan

__all__ = ["Failure"]


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

    def describe(self) -> str:
        """The failure in a few lines of plain text."""
        lines = [f"chunkscope: task {self.key} failed in operation {self.operation!r}"]
        if self.origin is not None:
            made = f"  made by {self.cell}, line {self.origin.line}"
            lines.append(made + (f": {self.origin.text}" if self.origin.text else ""))
        if self.variable:
            lines.append(f"  variable: {self.variable}")
        if self.key.block:
            where = f"  block {self.key.block}"
            lines.append(where + (f", elements {self.region}" if self.region else ""))
        if self.inputs:
            lines.append("  inputs: " + "; ".join(self.inputs))
        return "\n".join(lines)
