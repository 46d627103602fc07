"""Executors that are open: clusters with a client. Runs that name no executor of their own go to the newest."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


class _Entry:
    """One executor and whoever opened it, both held weakly."""

    __slots__ = ("_executor", "_owner")

    def __init__(self, executor: Opened, owner: Any) -> None:
        self._executor = weakref.ref(executor)
        self._owner = weakref.ref(executor if owner is None else owner)

    @property
    def executor(self) -> Opened | None:
        """The executor, or None where it is gone or nobody has its owner any more."""
        return None if self._owner() is None else self._executor()

    def is_of(self, executor: Opened, owner: Any) -> bool:
        """Whether it is this executor's, opened by `owner`, by anybody where that is None."""
        return self._executor() is executor and (owner is None or self._owner() is owner)


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
        self._open: tuple[_Entry, ...] = ()

    @property
    def newest(self) -> Opened | None:
        """The one that was entered last and has not left, or None."""
        here: Opened | None = getattr(self._here, "meant", None)
        return here or next(
            (one for found in reversed(self._open) if (one := found.executor) is not None), None
        )

    @contextmanager
    def here(self, executor: Opened) -> Iterator[None]:
        """Mean this one in this thread, for a `with` block."""
        before: Opened | None = getattr(self._here, "meant", None)
        self._here.meant = executor
        try:
            yield
        finally:
            self._here.meant = before

    def enter(self, executor: Opened, owner: Any = None) -> None:
        """Open it, for as long as somebody has `owner`; entering again makes it the newest."""
        with self._lock:
            self._open = (*self._without(executor, owner), _Entry(executor, owner))

    def leave(self, executor: Opened, owner: Any = None) -> None:
        """Close it for `owner`, for all where that is None. One that has left already is no error."""
        with self._lock:
            self._open = self._without(executor, owner)

    def _without(self, executor: Opened, owner: Any) -> tuple[_Entry, ...]:
        return tuple(
            found for found in self._open if found.executor is not None and not found.is_of(executor, owner)
        )


OPENED = Register()
"""Those of this process."""
