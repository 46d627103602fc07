"""The place of a lane among those that run tasks: a task that waits for other tasks gives it to another lane meanwhile.

Threads that run tasks know their place. In a worker process it is one that is kept by the process that owns the worker.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Seat", "away", "depth", "in_place", "place", "stand"]


class Seat(Protocol):
    """A place, wherever it is kept."""

    depth: int
    """1 for a task that nobody waits for in a task, 2 for one that such a task has asked for, and so on."""

    def leave(self) -> int:
        """Give it to another lane. Nests; returns what `back` wants."""

    def back(self, left: int) -> None:
        """Have it again; waits until there is room. Nothing, where the task that has left is over."""

    def is_away(self, left: int) -> bool:
        """Whether it has left, is not back, and is not over."""


_here = threading.local()


def place() -> Seat | None:
    """The place of the task that this thread runs, or None where it runs none."""
    return getattr(_here, "place", None)


def depth() -> int:
    """How many tasks would wait for what is asked for here: 0 outside of tasks."""
    seat = place()
    return 0 if seat is None else seat.depth


def stand(seat: Seat) -> None:
    """From now on this thread stands in that place."""
    _here.place = seat


@contextmanager
def in_place(seat: Seat | None) -> Iterator[None]:
    """While inside, this thread stands in that place: what waits here leaves it to another lane."""
    before, _here.place = place(), seat
    try:
        yield
    finally:
        _here.place = before


@contextmanager
def away() -> Iterator[None]:
    """For a task that waits for other tasks: while inside, its lane's place is free for another lane."""
    seat = place()
    if seat is None:
        yield
        return
    left = seat.leave()
    try:
        yield
    finally:
        seat.back(left)
