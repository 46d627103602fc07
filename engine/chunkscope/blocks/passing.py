"""Things that go to another process as a number, and come back from there as themselves.

A pickle that is made for a process that can ask for them holds futures, their places and large blocks by number; any
other pickle holds their values. The numbers are of the process that owns the things.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

__all__ = ["PASSING", "REFERENCES", "Passing", "References", "passed", "passing"]


class Passing(Protocol):
    """The other end, while something is pickled for it or unpickled from it."""

    def number_of(self, thing: Any, pending: bool) -> int | None:
        """The number that it will know the thing by; None: the thing goes by value. `pending`: it wants news of it."""

    def thing_of(self, number: int, kind: str, facts: tuple[Any, ...]) -> Any:
        """The thing of that number: itself where it is ours, else what stands for such a thing with these facts."""


PASSING: ContextVar[Passing | None] = ContextVar("chunkscope_passing", default=None)


@contextmanager
def passing(other: Passing) -> Iterator[None]:
    """Pickle and unpickle for this other end, in this thread, for a `with` block."""
    token = PASSING.set(other)
    try:
        yield
    finally:
        PASSING.reset(token)


def passed(thing: Any, kind: str, *facts: Any, pending: bool = False) -> tuple[Any, ...] | None:
    """What `thing.__reduce__` gives where the thing goes by number; None where it goes by value.

    `kind` and the facts are for a reader who has to put something in its place.
    """
    other = PASSING.get()
    number = None if other is None else other.number_of(thing, pending)
    return None if number is None else (_arrived, (number, kind, facts))


def _arrived(number: int, kind: str, facts: tuple[Any, ...]) -> Any:
    other = PASSING.get()
    if other is None:
        raise LookupError(f"a {kind}, number {number}, came from a process that this one does not speak with")
    return other.thing_of(number, kind, facts)


class References:
    """The numbers of things that this process owns. Held weakly: who passes a number on holds the thing. Thread-safe.

    >>> class X: pass
    >>> x, references = X(), References()
    >>> number = references.enter(x)
    >>> references.enter(x) == number, references.find(number) is x
    (True, True)
    >>> del x
    >>> references.find(number) is None
    True
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._next = itertools.count(1)
        self._numbers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._things: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()

    def enter(self, thing: Any) -> int:
        """The number of a thing; always the same while it lives."""
        with self._lock:
            number = self._numbers.get(thing)
            if number is None:
                number = self._numbers[thing] = next(self._next)
                self._things[number] = thing
            return number

    def find(self, number: int) -> Any:
        """The thing, or None where it is no more."""
        return self._things.get(number)


REFERENCES = References()
"""Those of this process."""
