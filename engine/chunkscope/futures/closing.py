"""What nobody has any more is closed, and what is open when the program ends.

A finaliser may run anywhere, in the middle of anything: it only hands over what is to be done, and a thread does it.
The thread lives as long as there is something to watch.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

__all__ = ["Closing"]

_log = logging.getLogger("chunkscope.futures")

Close = Callable[[], Any]


class Closing:
    """One thing that is open: `close()` closes it now; with its last reference it is closed by itself.

    >>> class X: pass
    >>> x, done = X(), threading.Event()
    >>> closing = Closing(x, done.set)
    >>> del x
    >>> done.wait(10)
    True
    """

    def __init__(self, owner: Any, close: Close) -> None:
        """`close` must not hold `owner`; it is called once, whatever happens."""
        self._close: Close | None = close
        self._lock = threading.Lock()
        _REAPER.enter(self)
        self._finalizer = weakref.finalize(owner, _REAPER.hand_over, self)
        self._finalizer.atexit = False

    def close(self) -> None:
        """Close it, where it is open."""
        with self._lock:
            close, self._close = self._close, None
        self._finalizer.detach()
        _REAPER.leave(self)
        if close is not None:
            close()


class _Reaper:
    """Closes what it is handed, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Closing, None] = {}
        self._gone: SimpleQueue[Closing | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def enter(self, one: Closing) -> None:
        """Watch it. At the end of the program what was opened last is closed first."""
        with self._lock:
            self._open[one] = None
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._live, args=(self._gone,), name="chunkscope-closing", daemon=True
                )
                self._thread.start()
        atexit.unregister(self.close_all)
        atexit.register(self.close_all)  # before whatever it was made of is torn down

    def hand_over(self, one: Closing) -> None:
        """Its owner is gone. Called by finalisers: takes no lock."""
        self._gone.put(one)

    def leave(self, one: Closing) -> None:
        """It is closed."""
        with self._lock:
            self._open.pop(one, None)
            if not self._open and self._thread is not None:
                self._thread = None
                self._gone.put(None)
                self._gone = SimpleQueue()

    def close_all(self) -> None:
        """Close what is open, the newest first."""
        while True:
            with self._lock:
                if not self._open:
                    return
                newest = next(reversed(self._open))
            _closed(newest)

    def forget(self) -> None:
        """After a fork, in the child: all of it is the parent's."""
        self.__init__()  # type: ignore[misc]

    def _live(self, gone: SimpleQueue[Closing | None]) -> None:
        while True:
            one = gone.get()
            if one is None:
                return
            _closed(one)


def _closed(one: Closing) -> None:
    try:
        one.close()
    except Exception:
        _log.exception("something that nobody had any more could not be closed")


_REAPER = _Reaper()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_REAPER.forget)
