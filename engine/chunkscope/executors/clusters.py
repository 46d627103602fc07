"""The clusters that are open in this process, for those who show them. Held weakly: one that nobody has is gone.

This module knows nothing of what a cluster is, so that whoever watches for one need not import what makes them.
"""

from __future__ import annotations

import itertools
import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any

__all__ = ["CLUSTERS", "OpenClusters"]

_log = logging.getLogger("chunkscope.executors")


class OpenClusters:
    """The open clusters, oldest first, and who wants to know when one opens, changes or closes. Thread-safe.

    >>> class X: pass
    >>> x, register, told = X(), OpenClusters(), []
    >>> register.watch(lambda: told.append(len(register.all())))
    >>> register.enter(x); register.leave(x); told
    [1, 0]
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, weakref.ref[Any]] = {}
        self._joined: weakref.WeakSet[Any] = weakref.WeakSet()
        self._numbers = itertools.count()
        self._watchers: list[Callable[[], None]] = []

    def all(self) -> list[Any]:
        """The clusters that are open."""
        with self._lock:
            references = list(self._open.values())
        return [cluster for cluster in (reference() for reference in references) if cluster is not None]

    def enter(self, cluster: Any) -> None:
        """One has opened."""
        number = next(self._numbers)
        gone = weakref.ref(cluster, lambda _: self._drop(number))
        with self._lock:
            self._open[number] = gone
        self.tell()

    def leave(self, cluster: Any) -> None:
        """One has closed. One that has left already is no error."""
        with self._lock:
            self._open = {n: found for n, found in self._open.items() if found() is not cluster}
        self.tell()

    def join(self, cluster: Any) -> None:
        """One of another process is used here."""
        with self._lock:
            self._joined.add(cluster)
        self.tell()

    def joined(self) -> list[Any]:
        """Those of other processes that are used here: their workers are shown where they were made."""
        with self._lock:
            return [cluster for cluster in self._joined if cluster.status != "closed"]

    def watch(self, callback: Callable[[], None]) -> None:
        """Have `callback()` called when anything changes, on the thread that changes it; what it raises is logged."""
        self._watchers.append(callback)

    def forget(self, callback: Callable[[], None]) -> None:
        """Call a watcher no more."""
        if callback in self._watchers:
            self._watchers.remove(callback)

    def forget_in_child(self) -> list[Any]:
        """After a fork, in the child: all are the parent's, which also tells of them. Those that there were."""
        found = [cluster for reference in self._open.values() if (cluster := reference()) is not None]
        self.__init__()  # type: ignore[misc]
        return found

    def tell(self) -> None:
        """Something has changed: more workers, fresh ones, or none."""
        for callback in list(self._watchers):
            try:
                callback()
            except Exception:
                _log.exception("a viewer of clusters raised: %r", callback)

    def _drop(self, number: int) -> None:
        self._open.pop(number, None)  # no lock: the collector may call this while it is held


CLUSTERS = OpenClusters()
"""Those of this process."""
