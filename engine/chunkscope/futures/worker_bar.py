"""The memory of one worker as a small bar and in words: its own, blocks that it made, those on disk, and the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chunkscope.display.markup import Markup, element
from chunkscope.units import format_bytes

if TYPE_CHECKING:
    from chunkscope.futures.crews import WorkerInfo

__all__ = ["bytes_words", "held_words", "memory_bar"]

WIDTH, HEIGHT = 90.0, 9.0
OWN, MADE, DISK = "#56B4E9", "#0072B2", "#E69F00"


def bytes_words(worker: WorkerInfo) -> str:
    """What it holds: "63.1 MiB of 954 MiB, 40.0 MiB of it blocks, 80.0 MiB on disk"."""
    words = held_words(worker)
    if worker.managed:
        words += f", {format_bytes(worker.managed)} of it blocks"
    if worker.spilled:
        words += f", {format_bytes(worker.spilled)} on disk"
    return words


def held_words(worker: WorkerInfo) -> str:
    """What it holds in memory, and may: "63.1 MiB of 954 MiB"."""
    held = format_bytes(worker.memory + worker.managed)
    return (
        f"{held} (no limit)"
        if worker.memory_limit is None
        else f"{held} of {format_bytes(worker.memory_limit)}"
    )


def memory_bar(worker: WorkerInfo) -> Markup:
    """The same as a bar, to its limit or to all that it holds; what lies on disk is hatched."""
    parts = (worker.memory, worker.managed, worker.spilled)
    whole = max(worker.memory_limit or 0, sum(parts), 1)
    drawn = [element("rect", width=WIDTH, height=HEIGHT, class_="soft", fill="#eef1f4")]
    at = 0.0
    for nbytes, colour in zip(parts, (OWN, MADE, DISK), strict=True):
        wide = WIDTH * nbytes / whole
        if nbytes and colour == DISK:
            drawn.append(_hatched(at, wide))
        elif nbytes:
            drawn.append(element("rect", x=at, width=max(wide, 1.0), height=HEIGHT, fill=colour))
        at += wide
    limit = worker.memory_limit
    if limit is not None and whole > limit:
        drawn.append(element("rect", x=WIDTH * limit / whole, width=1.0, height=HEIGHT, class_="fg"))
    return element(
        "svg",
        *drawn,
        width=WIDTH,
        height=HEIGHT,
        role="img",
        aria_label=bytes_words(worker),
        style="vertical-align:baseline;margin-right:8px",
    )


def _hatched(at: float, wide: float) -> Markup:
    """A box of slanted lines."""
    end = at + max(wide, 3.0)
    path = f"M{at:.1f} 0.5H{end:.1f}V{HEIGHT - 0.5:.1f}H{at:.1f}Z"
    x = at
    while x < end:
        path += f"M{x:.1f} {HEIGHT - 0.5:.1f}L{min(x + 5, end):.1f} 0.5"
        x += 4
    return element("path", d=path, stroke=DISK, fill="none", stroke_width="1")
