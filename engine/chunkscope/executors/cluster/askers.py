"""Processes that ask something of this one, and what is kept for each until it lets go, leaves or dies."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from typing import Any

from chunkscope.blocks.passing import REFERENCES
from chunkscope.errors import ClusterError

__all__ = ["Asker"]

_log = logging.getLogger("chunkscope.executors")


class Asker:
    """One such process. Thread-safe.

    >>> class X: pass
    >>> asker, x = Asker("x"), X()
    >>> number = asker.hold(x)
    >>> asker.hold(x) == number, asker.held(number) is x
    (True, True)
    >>> asker.let_go(number, 2); asker.holds
    0
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.gone = False
        """Whether it has left or died: nobody waits for an answer any more."""
        self._lock = threading.Lock()
        self._held: dict[int, list[Any]] = {}  # number: the thing, and how often it was told
        self._debts: dict[Hashable, list[Callable[[], Any]]] = {}

    @property
    def holds(self) -> int:
        """How many things are kept for it."""
        return len(self._held)

    def hold(self, thing: Any) -> int:
        """Keep a thing for it, once more; returns the number that it will name the thing by."""
        number = REFERENCES.enter(thing)
        with self._lock:
            if not self.gone:
                self._held.setdefault(number, [thing, 0])[1] += 1
        return number

    def held(self, number: int) -> Any:
        """The thing of that number. Raises ClusterError for one that is not kept for it."""
        found = self._held.get(number)
        if found is None:
            raise ClusterError(f"{self.name} asks for number {number}, which is not kept for it")
        return found[0]

    def let_go(self, number: int, times: int = 1) -> None:
        """It uses the thing no longer that it was told of so many times."""
        with self._lock:
            found = self._held.get(number)
            if found is None:
                return
            found[1] -= times
            if found[1] <= 0:
                del self._held[number]
        del found  # ends the thing, perhaps, without the lock

    def owe(self, what: Hashable, undo: Callable[[], Any]) -> None:
        """It has taken something that is given back with `undo()` where it leaves without doing so."""
        with self._lock:
            if not self.gone:
                self._debts.setdefault(what, []).append(undo)
                return
        undo()

    def pay(self, what: Hashable) -> None:
        """It has given one of these back."""
        with self._lock:
            undone = self._debts.get(what)
            if undone:
                undone.pop()
                if not undone:
                    del self._debts[what]

    def end(self) -> None:
        """It has left or died: let go of everything, give back what it owes. Twice is like once."""
        with self._lock:
            self.gone = True
            held, self._held = self._held, {}
            debts, self._debts = self._debts, {}
        held.clear()
        for undo in (undo for several in debts.values() for undo in several):
            try:
                undo()
            except Exception:
                _log.exception("what %s has left could not be given back", self.name)
