"""Tells runs what became of blocks: written to disk to make room, read from there again, or not written: disk full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chunkscope.blocks.spilling import SPILLER, News
from chunkscope.units import format_bytes, format_count

if TYPE_CHECKING:
    from chunkscope.observe import RunLog

__all__ = ["tell_news"]

MOST_TOLD = 300
"""Of a run with more blocks on disk only these are told of one by one; the others are counted."""


def tell_news(logs: Sequence[RunLog], current: RunLog) -> None:
    """Tell what has happened since the last call: to the run that made a block, or else to the one at work."""
    by_number = {log.number: log for log in logs}
    others: dict[tuple[str, str], list[int]] = {}
    while SPILLER.news:
        try:
            news = SPILLER.news.popleft()
        except IndexError:  # another thread was faster
            break
        mark = news.mark
        log = by_number.get(mark.run) if mark is not None else None
        _count(log or current, news)
        if log is not None and mark is not None and _is_told(log, news.kind, mark.task):
            log.tell("returned" if news.kind == "read" else "spilled", _sentence(news), mark.task)
        else:
            others.setdefault((news.kind, news.reason), []).append(news.nbytes)
    for (kind, reason), sizes in others.items():
        said = f"{format_count(len(sizes), 'block')} of {format_bytes(sum(sizes))} in all"
        current.tell("returned" if kind == "read" else "spilled", f"{said} {_became(kind, reason)}")


def _is_told(log: RunLog, kind: str, task: int) -> bool:
    """Whether it is told of this block by itself: of whichever it is told that it went, it is told that it is back."""
    if kind == "spilled" and log.moved_blocks <= MOST_TOLD:
        log.told_on_disk.add(task)
        return True
    if kind == "read":
        told = task in log.told_on_disk
        log.told_on_disk.discard(task)
        return told
    return kind == "full" and log.moved_blocks <= MOST_TOLD


def _sentence(news: News) -> str:
    return f"its block of {format_bytes(news.nbytes)} {_became(news.kind, news.reason)}"


def _became(kind: str, reason: str) -> str:
    if kind == "spilled":
        return f"went to disk to make room: {reason}; it had not been used for longest"
    if kind == "read":
        return "was read from disk again, for a task that needs it"
    return f"had to stay in memory, although that is above its limit: it cannot be written to disk ({reason})"


def _count(log: RunLog, news: News) -> None:
    if news.kind == "spilled":
        log.moved_blocks += 1
        log.spilled_bytes += news.nbytes
    elif news.kind == "read":
        log.read_back_bytes += news.nbytes
