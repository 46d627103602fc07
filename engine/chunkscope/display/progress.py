"""A progress bar as text and as HTML. Pure: a state goes in, a line comes out; who asks, when and where is not here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

from chunkscope.display.markup import element, fragment, shorten
from chunkscope.display.theme import wrap
from chunkscope.units import format_count, format_seconds

__all__ = ["Progress", "cells", "progress_html", "progress_line"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is."""

    done: int
    total: int
    seconds: float
    """Since it began."""
    state: str = "running"
    """One of "running", "finished", "failed" and "cancelled"."""
    noun: str = "task"
    label: str = ""
    """What it is, before the bar; may be empty."""
    left: float | None = None
    """Seconds that the rest takes where somebody knows better than by the pace so far."""
    extras: tuple[str, ...] = ()
    """What else there is to say, the most important first: "412 tasks/s". Shown where there is room."""
    before: int = 0
    """How many were done when the clock began: they say nothing about the pace."""

    @property
    def share(self) -> float:
        """From 0 to 1. Nothing to do is done."""
        return min(self.done / self.total, 1.0) if self.total else 1.0

    @property
    def remaining(self) -> float | None:
        """Seconds that the rest takes at the pace so far; None where there is no pace yet."""
        made = self.done - self.before
        if self.state != "running" or made <= 0 or self.done >= self.total:
            return None
        return self.left if self.left is not None else self.seconds * (self.total - self.done) / made

    @property
    def percent(self) -> int:
        """Whole percents; 100 only when everything is done."""
        return min(int(100 * self.share), 99 if self.done < self.total else 100)


def progress_line(progress: Progress, width: int = 40, columns: int = 0, *, ascii_only: bool = False) -> str:
    """The bar in one line: share, time, count, and what is left of the time.

    `width`: cells of the bar; `columns`: the longest line that fits, 0 for any: the least important part goes
    first, then the bar gets shorter.

    >>> print(progress_line(Progress(23, 50, 1.15), width=20))
    [█████████▏          ] |  46% Completed | 1.15 s | 23 of 50 tasks, about 1.35 s left
    >>> print(progress_line(Progress(50, 50, 2.5, "finished"), width=20, ascii_only=True))
    [####################] | 100% Completed | 2.50 s | 50 tasks
    """
    word = {"failed": "Failed", "cancelled": "Cancelled"}.get(progress.state, "Completed")
    whole = progress.done >= progress.total
    count = format_count(progress.total, progress.noun)
    head = f"{progress.percent:3d}% {word} | {format_seconds(progress.seconds)}"
    done = count if whole else f"{progress.done:,} of {count}"
    left = progress.remaining
    label = f"{_printable(shorten(progress.label, 30))} " if progress.label else ""
    for tail in _tails(done, left, progress.extras):
        words = f"{head} | {tail}" if tail else head
        line = f"{label}[{_bar(progress.share, width, ascii_only)}] | {words}"
        if not columns or cells(line) <= columns:
            return line
    room = max(columns - (cells(line) - width), 1)
    line = f"{label}[{_bar(progress.share, min(width, room), ascii_only)}] | {words}"
    return _clipped(line, columns)


def _tails(done: str, left: float | None, extras: Sequence[str]) -> Iterator[str]:
    """What stands after the time, the longest first; the first that fits is shown."""
    full = done if left is None else f"{done}, about {format_seconds(left)} left"
    for number in range(len(extras), -1, -1):
        yield " | ".join([full, *extras[:number]])
    if left is not None:
        yield f"{format_seconds(left)} left"
        yield done
    yield ""


def cells(text: str) -> int:
    r"""How many cells of a terminal a text takes: wide characters take two, those that sit on others none.

    >>> cells("sum"), cells("合計"), cells("e\u0301")
    (3, 4, 1)
    """
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _printable(text: str) -> str:
    """The text without what would move the cursor or change the terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _clipped(text: str, columns: int) -> str:
    """As much of the text as fits."""
    while cells(text) > columns:
        text = text[:-1]
    return text


def _bar(share: float, width: int, ascii_only: bool) -> str:
    """The cells of the bar; the last one is filled in eighths."""
    if ascii_only:
        return ("#" * int(share * width)).ljust(width)
    eighths = int(share * width * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width)


def progress_html(items: Sequence[Progress]) -> str:
    """Bars as HTML, one for each item, readable for screen readers as progress bars."""
    rows = []
    for item in items:
        words = progress_line(item, 1).partition("| ")[2].strip()
        bar = element(
            "progress",
            max=max(item.total, 1),
            value=item.done if item.total else 1,
            style="width:260px;vertical-align:middle;accent-color:#0072B2",
            aria_label=f"{item.label or 'Progress'}: {words}",
        )
        name = element("span", shorten(item.label, 40) + " ") if item.label else ""
        rows.append(element("p", name, bar, element("span", f" {words}", class_="dim")))
    return str(wrap(fragment(rows)))
