"""Executors that are open: clusters with a client. Runs that name no executor of their own go to the newest."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["OPENED", "Register", "Opened"]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Opened:
    """Where runs can go for as long as it is open."""

    name: str
    """As run logs name it."""
    start: Callable[[Run, bool], None]
    """Starts a run; with True it returns when the run has ended."""
    lanes: Callable[[], int]
    """How many tasks run at once now."""


class Register:
    """The executors that are open now, the newest last. Held weakly: one that nobody has is gone.

    >>> register = Register()
    >>> x = Opened("x", lambda run, wait: None, lambda: 2)
    >>> register.enter(x); register.newest is x
    True
    >>> register.leave(x); register.newest is None
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._here = threading.local()
        self._open: tuple[weakref.ref[Opened], ...] = ()

    @property
    def newest(self) -> Opened | None:
        """The one that was entered last and has not left, or None."""
        here: Opened | None = getattr(self._here, "meant", None)
        return here or next((one for found in reversed(self._open) if (one := found()) is not None), None)

    @contextmanager
    def here(self, executor: Opened) -> Iterator[None]:
        """Mean this one in this thread, for a `with` block."""
        before: Opened | None = getattr(self._here, "meant", None)
        self._here.meant = executor
        try:
            yield
        finally:
            self._here.meant = before

    def enter(self, executor: Opened) -> None:
        """Open it; entering again makes it the newest."""
        with self._lock:
            self._open = (*self._without(executor), weakref.ref(executor))

    def leave(self, executor: Opened) -> None:
        """Close it. One that has left already is no error."""
        with self._lock:
            self._open = self._without(executor)

    def _without(self, executor: Opened) -> tuple[weakref.ref[Opened], ...]:
        return tuple(found for found in self._open if found() not in (executor, None))


OPENED = Register()
"""Those of this process."""
