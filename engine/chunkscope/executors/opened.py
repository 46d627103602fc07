"""Executors that are open: clusters with a client. Runs that name no executor of their own go to the newest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["OPENED", "Register", "Opened"]


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """Where runs can go for as long as it is open."""

    name: str
    """As run logs name it."""
    start: Callable[[Run, bool], None]
    """Starts a run; with True it returns when the run has ended."""
    lanes: Callable[[], int]
    """How many tasks run at once now."""


class Register:
    """The executors that are open now, the newest last.

    >>> register = Register()
    >>> x = Opened("x", lambda run, wait: None, lambda: 2)
    >>> register.enter(x); register.newest is x
    True
    >>> register.leave(x); register.newest is None
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: tuple[Opened, ...] = ()

    @property
    def newest(self) -> Opened | None:
        """The one that was entered last and has not left, or None."""
        found = self._open
        return found[-1] if found else None

    def enter(self, executor: Opened) -> None:
        """Open it; entering again makes it the newest."""
        with self._lock:
            self._open = (*(one for one in self._open if one is not executor), executor)

    def leave(self, executor: Opened) -> None:
        """Close it. One that has left already is no error."""
        with self._lock:
            self._open = tuple(one for one in self._open if one is not executor)


OPENED = Register()
"""Those of this process."""
