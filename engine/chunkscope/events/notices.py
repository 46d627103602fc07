"""Decisions of a run with their reasons: a bounded list, appended by whoever decides, read by cursor."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple

from chunkscope.units import format_count

__all__ = ["TOPICS", "Notice", "NoticeList"]

TOPICS = {
    "held": "a task had to wait for memory",
    "blocks": "tasks wait for blocks of another run",
    "lane": "a lane joined the run",
    "cores": "linear algebra was held to one core for each task",
    "again": "something is computed that an earlier run has computed",
    "lost": "a worker or its blocks went away",
    "retry": "a task is tried once more",
    "spilled": "blocks were written to disk to make room",
    "returned": "blocks were read from disk again",
    "paused": "a worker near its memory limit took no new tasks",
    "refused": "the plan could not run, and nothing was started",
    "said": "a task in another process printed, warned or logged something",
    "failed": "a task raised",
    "cancelled": "the run was told to stop",
}
"""What a notice can be about."""


class Notice(NamedTuple):
    """One decision."""

    topic: str
    """One of `TOPICS`."""
    text: str
    """The reason, as one sentence."""
    seconds: float
    """When, on the run's clock."""
    task: int = -1
    """The task that it is about; -1 where it is about the run."""


class NoticeList:
    """The notices of a run, in order. The first `limit` are kept, and always the last few: how a run ended matters.

    >>> notices = NoticeList(limit=1, last=1)
    >>> for text in "xyz":
    ...     notices.add(Notice("lane", text, 0.0))
    >>> [notice.text for notice in notices], notices.total
    (['x', 'z'], 3)
    """

    def __init__(self, limit: int = 2_000, last: int = 100) -> None:
        self.limit = limit
        self.last = last
        self.total = 0
        self._lock = threading.Lock()
        self._first: list[Notice] = []
        self._late: list[Notice] = []

    def add(self, notice: Notice) -> None:
        """Keep one more; where there are very many, one of the middle is forgotten."""
        with self._lock:
            if len(self._first) < self.limit:
                self._first.append(notice)
            else:
                self._late = [*self._late, notice][-self.last :]
            self.total += 1

    def since(self, cursor: int) -> tuple[int, list[Notice]]:
        """The kept ones from number `cursor` on, with the number of the first of them."""
        with self._lock:
            first, late, start = list(self._first), self._late, self.total - len(self._late)
        if cursor < len(first):
            return cursor, first[cursor:]
        return max(cursor, start), late[max(cursor - start, 0) :]

    def __iter__(self) -> Iterator[Notice]:
        return iter([*self._first, *self._late])

    def __len__(self) -> int:
        return len(self._first) + len(self._late)

    def __repr__(self) -> str:
        """A line for each; how many are not kept stands where they were."""
        lines = [f"{one.topic}: {one.text}" for one in self]
        if self.total > len(lines):
            lines.insert(len(self._first), f"({format_count(self.total - len(lines), 'notice')} not kept)")
        return "\n".join(lines) or "no notices"
