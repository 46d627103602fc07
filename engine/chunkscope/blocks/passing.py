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

from chunkscope.errors import BlockLostError

__all__ = [
    "PASSING", "REFERENCES", "Passing", "Pinning", "References", "by_value", "passed", "passing", "usual", "usually",
]  # fmt: skip


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
    number = (PASSING.get() or _usual).number_of(thing, pending)
    return None if number is None else (_arrived, (number, kind, facts))


def _arrived(number: int, kind: str, facts: tuple[Any, ...]) -> Any:
    return (PASSING.get() or _usual).thing_of(number, kind, facts)


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


class _Owned:
    """What is pickled for nobody in particular holds values; a number in it is one of ours."""

    def number_of(self, thing: Any, pending: bool) -> int | None:
        """None: the thing goes by value."""
        return None

    def thing_of(self, number: int, kind: str, facts: tuple[Any, ...]) -> Any:
        """The thing itself. Raises BlockLostError where it is no more."""
        found = REFERENCES.find(number)
        if found is None:
            raise BlockLostError(
                f"a {kind} that is referred to here is no more: nobody held it; make it again"
            )
        return found


class Pinning(_Owned):
    """For a pickle that any process may read, now or later: who keeps the pickle keeps `things`."""

    def __init__(self) -> None:
        self.things: list[Any] = []

    def number_of(self, thing: Any, pending: bool) -> int | None:
        """Its number."""
        self.things.append(thing)
        return REFERENCES.enter(thing)


_usual: Passing = _Owned()


def by_value() -> bool:
    """Whether what is pickled now holds values: it is for nobody in particular."""
    return PASSING.get() is None and type(_usual) is _Owned


def usual() -> Passing:
    """What is meant where nothing is said: the other end of what is pickled and unpickled outside of `passing`."""
    return _usual


def usually(other: Passing) -> None:
    """In a process that owns nothing, such as a worker: mean this other end from now on."""
    global _usual
    _usual = other
