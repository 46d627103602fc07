"""Threads for calls that may wait for each other: there is always one more."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

__all__ = ["Crowd"]

IDLE_SECONDS = 0.2


class Crowd:
    """Calls functions in threads, of which as many are there as calls wait. Idle ones are used again, then end.

    >>> crowd, done = Crowd("x"), threading.Event()
    >>> crowd.call(done.set); done.wait()
    True
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._idle = 0
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def call(self, function: Callable[[], None]) -> None:
        """Call it at once, in a thread that waits or in a new one. It must not raise."""
        with self._lock:
            waiting = self._idle > 0
            if waiting:
                self._idle -= 1
                self._calls.put(function)  # one who waits comes to get it
        if not waiting:
            threading.Thread(target=self._live, args=(function,), name=self._name, daemon=True).start()

    def _live(self, function: Callable[[], None] | None) -> None:
        while function is not None:
            function()
            with self._lock:
                self._idle += 1
            function = self._next()

    def _next(self) -> Callable[[], None] | None:
        """What a thread that waits does next; None where it has waited long enough."""
        while True:
            with contextlib.suppress(queue.Empty):
                return self._calls.get(timeout=IDLE_SECONDS)
            with self._lock:
                if self._idle > 0:
                    self._idle -= 1
                    return None
            # A call was on its way to one of us: it comes here, or has gone to one who was quicker.
