"""The cluster from inside its tasks: a client, the worker, and leaving the place of a task that waits.

It is the same in threads and in worker processes. A client in a task is one more client of the cluster that runs it:
equal calls of all of them share one result, and futures go to and from tasks as themselves.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.outside import OUTSIDE
from chunkscope.executors.door import hosted
from chunkscope.executors.drive import outside_task
from chunkscope.executors.opened import OPENED
from chunkscope.executors.place import place
from chunkscope.executors.pool import Place
from chunkscope.futures.actors import serve as serve_actors
from chunkscope.futures.current import clients_of, default_client
from chunkscope.futures.serving import serve
from chunkscope.futures.workers import CLUSTERS, here

if TYPE_CHECKING:
    from chunkscope.futures.client import Client
    from chunkscope.futures.cluster import LocalCluster
    from chunkscope.futures.workers import Worker

__all__ = ["get_client", "get_worker", "local_client", "rejoin", "secede", "serve_tasks", "worker_client"]

_here = threading.local()
_lock = threading.Lock()


def serve_tasks(cluster: LocalCluster) -> None:
    """Have the tasks of a cluster find it, wherever they run."""
    pool = cluster.crew.pool()
    pool.serves = weakref.ref(cluster)
    CLUSTERS[pool.number] = cluster
    serve()
    serve_actors()
    home.handle(hosted.TOPIC, hosted.perform)


def get_client(address: Any = None, timeout: Any = None, resolve_address: bool = True) -> Client:
    """In a task, a client of the cluster that runs it; elsewhere the newest client that is open.

    With an address, a client of the cluster there. Raises ConfigError where there is none.

    >>> from chunkscope.futures import Client, get_client
    >>> def total(values):
    ...     return sum(get_client().gather(get_client().map(abs, values)))
    >>> with Client(processes=False, n_workers=1, threads_per_worker=1) as client:
    ...     client.submit(total, [-1, 2]).result()
    3
    """
    from chunkscope.futures.client import Client

    if address is not None:
        return Client(address, set_as_default=False)
    if home.in_worker():
        return _of_this_process()
    seat = place()
    cluster = seat.pool.serves() if isinstance(seat, Place) else None
    if cluster is None:
        return default_client()
    known = clients_of(cluster)
    return known[-1] if known else Client(cluster, set_as_default=False)


def _of_this_process() -> Client:
    """The one client of this worker process."""
    if OUTSIDE.client is None:
        from chunkscope.futures.away import AwayCluster
        from chunkscope.futures.client import Client

        line = OUTSIDE.line()
        with _lock:
            if OUTSIDE.client is None:
                line.client = OUTSIDE.client = Client(AwayCluster(line), set_as_default=False)
    found: Client = OUTSIDE.client
    return found


def get_worker() -> Worker:
    """In a task, the worker that runs it: its name, threads, memory limit, and whatever attributes you give it.

    Raises ConfigError outside of tasks.

    >>> from chunkscope.futures import Client, get_worker
    >>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
    ...     client.submit(lambda: get_worker().nthreads).result()
    2
    """
    found = here()
    if found is not None:
        return found
    seat = place()
    cluster = seat.pool.serves() if isinstance(seat, Place) else None
    if cluster is None or not isinstance(seat, Place):
        raise ConfigError(
            "get_worker() is for functions that run as tasks of a cluster: client.submit(function)"
        )
    worker: Worker = cluster.crew.worker_of(seat.number)
    return worker


def secede() -> None:
    """Leave the place of this task to another one: it goes on, and is not counted among those that run.

    For a task that waits long for something that is no task. `rejoin` is the way back; the end of the task is another.
    Raises ConfigError outside of tasks.
    """
    seat = place()
    if seat is None:
        raise ConfigError("secede() is for functions that run as tasks of a cluster: client.submit(function)")
    left = getattr(_here, "left", None)
    if left is not None and left[0] is seat and seat.is_away(left[1]):
        return
    _here.left = (seat, seat.leave())


def rejoin() -> None:
    """Have the place back that the task has left with `secede`; waits until there is room."""
    left, _here.left = getattr(_here, "left", None), None
    if left is not None:
        left[0].back(left[1])


@contextmanager
def worker_client(timeout: Any = None, separate_thread: bool = True) -> Iterator[Client]:
    """A client for a `with` block in a task, which does not count among those that run meanwhile.

    Collections that are computed inside run on the cluster. separate_thread: False keeps the place of the task, which
    is left only while it waits for results.

    >>> from chunkscope.futures import Client, worker_client
    >>> def fib(n):
    ...     if n < 2:
    ...         return n
    ...     with worker_client() as client:
    ...         return sum(client.gather(client.map(fib, [n - 1, n - 2])))
    >>> with Client(processes=False, n_workers=1, threads_per_worker=1) as client:
    ...     client.submit(fib, 7).result()
    13
    """
    seat = place()
    if seat is None:
        raise ConfigError(
            "worker_client() is for functions that run as tasks of a cluster: client.submit(function); elsewhere use "
            "the client itself, or get_client()"
        )
    client = get_client()
    left = seat.leave() if separate_thread else None
    try:
        with outside_task(), OPENED.here(client.cluster.executor):
            yield client
    finally:
        if left is not None:
            seat.back(left)


local_client = worker_client
"""Another name of `worker_client`."""
