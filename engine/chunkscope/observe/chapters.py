"""The parts of an account of a run: sentences in chapters, each with what it speaks of. What recordings carry too."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Chapter", "Remark", "lines_of"]

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence or two of an account; code in it stands between backticks."""

    text: str
    layer: int = -1
    """The operation that it speaks of, by its number in the run; -1 for none."""
    task: int = -1
    """The task that it speaks of; -1 for none."""
    reader: str = ""
    """For whom it is: "learner", "expert", or everybody where empty."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What an account says on one topic."""

    topic: str
    """A word that stays the same in every language: "asked", "bottleneck", "time"."""
    title: str
    remarks: tuple[Remark, ...]


def lines_of(chapters: Iterable[Chapter]) -> list[str]:
    """Chapters as lines of text, without the marks of code."""
    lines = []
    for chapter in chapters:
        lines.append(chapter.title)
        for remark in chapter.remarks:
            text = remark.text.replace("`", "")
            lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return lines
