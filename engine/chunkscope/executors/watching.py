"""Tells of each task when it begins and when it has ended, on the thread that runs it.

Only for who wants to know while it happens, a plugin of the user's on a worker; all else is read from the run log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from chunkscope.types import Key

__all__ = ["WATCHERS", "Tell", "Watched", "tell_watchers"]

_log = logging.getLogger("chunkscope.executors")

Tell = Callable[[str, str, str], Any]
"""`tell(key, start, finish)`: a task has gone from one state to another."""

WATCHERS: list[Tell] = []
"""Those of this worker process."""


def tell_watchers(key: str, start: str, finish: str) -> None:
    """Tell those of this process. What they raise is logged."""
    for tell in WATCHERS:
        try:
            tell(key, start, finish)
        except Exception:
            _log.exception("a plugin raised at %s: %s to %s", key, start, finish)


class Watched:
    """A kernel that tells.

    >>> told = []
    >>> Watched(lambda block: block * 2, "x", (2, 2), lambda *seen: told.append(seen))(3), told
    (6, [('x[1, 1]', 'ready', 'executing'), ('x[1, 1]', 'executing', 'memory')])
    """

    __slots__ = ("_grid", "_kernel", "_name", "_tell")

    def __init__(
        self, kernel: Callable[..., Any], name: str, grid: tuple[int, ...], tell: Tell = tell_watchers
    ) -> None:
        self._kernel = kernel
        self._name = name
        self._grid = grid
        self._tell = tell

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        place = np.unravel_index(block, self._grid) if self._grid else ()
        key = str(Key(self._name, tuple(int(i) for i in place)))
        self._tell(key, "ready", "executing")
        try:
            value = self._kernel(block, *inputs)
        except BaseException:
            self._tell(key, "executing", "error")
            raise
        self._tell(key, "executing", "memory")
        return value
