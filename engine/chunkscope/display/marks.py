"""What is special about a node of a diagram: on the critical path, made of several, read by several.

Each has a sign of its own, so that colour never says it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chunkscope.display.markup import Markup, element, fragment, number
from chunkscope.units import format_count, format_seconds

if TYPE_CHECKING:
    from chunkscope.observe import RunLog

__all__ = ["CRITICAL", "SIGNS", "CriticalPath", "Marks", "badges", "measured", "sign", "sign_entries"]

CRITICAL = "#a3336f"
SIGNS = {
    "critical": "M8 .8 15.2 8 8 15.2.8 8z",
    "fused": "M1 1h8v3h3v3h3v8H7v-3H4V9H1zM2.5 2.5v5H4V4h3.5V2.5zM5.5 5.5v5H7V7h3.5V5.5z",
    "shared": "M6.8 1h2.4v6.2l4.3 4.3V9H15v6H9v-1.6h2.4L8 10l-3.4 3.4H7V15H1V9h1.5v2.5l4.3-4.3z",
}
"""Outlines in a box of 16 by 16; the live graph has the same."""
DIM, INK, PAPER = "#59636e", "#1f2328", "#ffffff"
HEIGHT = 12.0


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one node."""

    critical: bool = False
    fused: bool = False
    readers: int = 0
    """How many others read it, where that is more than one."""

    def signs(self) -> list[tuple[str, str]]:
        """Names of the signs, each with the figure beside it."""
        shown = [("fused", "")] if self.fused else []
        shown += [("shared", f"{self.readers:,}")] if self.readers > 1 else []
        return shown + ([("critical", "")] if self.critical else [])

    @property
    def words(self) -> str:
        """The marks as a reader hears them: "shared by 2, on the critical path"."""
        said = ["fused"] if self.fused else []
        said += [f"shared by {self.readers:,}"] if self.readers > 1 else []
        return ", ".join(said + (["on the critical path"] if self.critical else []))


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The chain of tasks of a run with the largest sum of kernel seconds."""

    tasks: tuple[int, ...]
    """In order."""
    seconds: float

    @property
    def words(self) -> str:
        """The path in words: "critical path measured: 4 tasks, 1.2 s in kernels"."""
        count = format_count(len(self.tasks), "task")
        return f"critical path measured: {count}, {format_seconds(self.seconds)} in kernels"


def measured(run: RunLog) -> CriticalPath | None:
    """The critical path of a run that has ended; None while it goes on, or where nothing ran."""
    tasks = run.critical_path() if run.stopped is not None else []
    if not tasks:
        return None
    rows = run.rows
    wanted = set(tasks)
    spent = zip(rows.task.tolist(), (rows.stop - rows.start).tolist(), strict=True)
    return CriticalPath(tuple(tasks), sum(seconds for task, seconds in spent if task in wanted))


def sign(name: str, x: float, y: float, size: float = 9.0) -> Markup:
    """One of the signs, with its upper left corner at a point."""
    return element(
        "path",
        d=SIGNS[name],
        fill=CRITICAL if name == "critical" else DIM,
        fill_rule="evenodd",
        class_="crit" if name == "critical" else "sub",
        transform=f"translate({number(x)} {number(y)}) scale({size / 16:.3f})",
    )


def badges(marks: Marks, right: float, bottom: float) -> Markup:
    """The signs of a node side by side, ending at `right` and standing on `bottom`."""
    parts = []
    for name, figure in reversed(marks.signs()):
        width = 13.0 + (6.0 * len(figure) + 2 if figure else 0)
        right -= width
        parts.append(
            element(
                "rect",
                x=right,
                y=bottom - HEIGHT,
                width=width,
                height=HEIGHT,
                class_="page",
                fill=PAPER,
                stroke=DIM,
                stroke_opacity="0.5",
            )
        )
        parts.append(sign(name, right + 2, bottom - HEIGHT + 1.5))
        if figure:
            words = element(
                "text", figure, x=right + 13, y=bottom - 2.5, class_="fg", fill=INK, font_size="9"
            )
            parts.append(words)
        right -= 3
    return fragment(parts)


def sign_entries(marks: list[Marks], path_words: str) -> list[tuple[str, str]]:
    """For the key: the signs that occur, each with what it means."""
    entries = [("critical", path_words)] if path_words else []
    if any(one.fused for one in marks):
        entries.append(("fused", "made of several operations"))
    if any(one.readers > 1 for one in marks):
        entries.append(("shared", "read by several operations"))
    return entries
