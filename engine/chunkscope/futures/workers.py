"""`Worker`: a worker as plugins, and functions that run on it, see it."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chunkscope.executors.cluster import identity

if TYPE_CHECKING:
    from chunkscope.executors.watching import Tell
    from chunkscope.futures.client import Client
    from chunkscope.futures.cluster import LocalCluster

__all__ = ["CLUSTERS", "Worker", "here", "on_worker"]


class Worker:
    """One worker: a process, or a share of this process's threads. It takes attributes of your own.

    >>> from chunkscope import Client
    >>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
    ...     client.run(lambda dask_worker: (dask_worker.name, dask_worker.nthreads))
    {'0': ('0', 2)}
    """

    def __init__(self, name: str, nthreads: int, memory_limit: int | None = None, group: int = 0) -> None:
        """`group`: the number of the pool that it is of."""
        self.name = name
        self.group = group
        self.nthreads = nthreads
        self.memory_limit = memory_limit
        """Bytes; None is no limit."""
        self.pid = os.getpid()
        self.status = "running"
        self.plugins: dict[str, Any] = {}
        """Its plugins, by name."""
        self.tells: dict[str, Tell] = {}
        """Of those that want to know of single tasks."""
        self.base = ""
        self.of_threads = identity.here() is None
        """Whether it is a share of the threads of its cluster's process."""

    @property
    def id(self) -> str:
        """Its name: what `workers=` and the results of `Client.run` call it."""
        return self.name

    address = id
    """Its name, again: nothing listens, so that there is no other address."""

    @property
    def folder(self) -> str:
        """A folder for files of its own, removed when the cluster is closed."""
        folder = os.path.join(self.base, self.name)
        os.makedirs(folder, exist_ok=True)
        return folder

    @property
    def client(self) -> Client:
        """A client of its cluster."""
        from chunkscope.futures.client import Client
        from chunkscope.futures.current import clients_of
        from chunkscope.futures.inside import get_client

        cluster = CLUSTERS.get(self.group) if self.of_threads else None
        if cluster is None:
            return get_client()
        known = clients_of(cluster)
        return known[-1] if known else Client(cluster, set_as_default=False)

    def log_event(self, topic: str, msg: Any) -> None:
        """Tell the cluster something under a topic, for `Client.get_events` and those who have subscribed."""
        from chunkscope.executors.cluster import home
        from chunkscope.futures.topics import TOPIC

        home.call(TOPIC, (topic, self.group, msg))

    def __repr__(self) -> str:
        return f"<Worker: {self.name}, process {self.pid}>"


_worker: Worker | None = None
_lock = threading.Lock()


def here() -> Worker | None:
    """The worker that this process is; None where it is none."""
    global _worker
    known = identity.here()
    if known is None:
        return None
    with _lock:
        if _worker is None:
            _worker = Worker(*known)
        return _worker


CLUSTERS: weakref.WeakValueDictionary[int, LocalCluster] = weakref.WeakValueDictionary()
"""Those of this process, by the number of the pool that their workers are of; also those that are just closing."""


def on_worker(function: Callable[[Worker], Any]) -> Any:
    """In a worker process: what `function` gives for it."""
    worker = here()
    assert worker is not None
    return function(worker)
