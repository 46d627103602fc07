"""`LocalCluster`: workers on this machine that stay, threads of this process or processes of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from chunkscope import config
from chunkscope.errors import ConfigError
from chunkscope.executors import default_workers
from chunkscope.executors.clusters import CLUSTERS
from chunkscope.executors.opened import OPENED, Opened
from chunkscope.futures.crews import Crew, Processes, Threads, WorkerInfo
from chunkscope.observe.viewers import attach_live
from chunkscope.units import format_bytes, format_count, parse_bytes

if TYPE_CHECKING:
    from chunkscope.futures.client import Client

__all__ = ["LocalCluster", "clusters", "usual_size"]


def clusters() -> list[LocalCluster]:
    """The clusters that are open in this process, oldest first.

    >>> with LocalCluster(n_workers=1, processes=False, name="x"):
    ...     [cluster.name for cluster in clusters() if cluster.name == "x"]
    ['x']
    """
    return CLUSTERS.all()


class LocalCluster:
    """Workers on this machine.

    n_workers, threads_per_worker: how many, and how many tasks each runs at once; by default all cores this process may
    use, in workers of a few threads. memory_limit: bytes for each worker, such as "1GB"; "auto" shares this machine's
    memory out, None or 0 is no limit. processes: workers are processes; with False they are threads of this one.
    resources: what calls can ask for, such as {"licence": 1}.

    >>> with LocalCluster(n_workers=2, threads_per_worker=2, processes=False, memory_limit="1GB") as cluster:
    ...     cluster.summary
    '2 workers of 2 threads, 1.86 GiB'
    """

    def __init__(
        self,
        n_workers: int | None = None,
        threads_per_worker: int | None = None,
        processes: bool | None = None,
        memory_limit: str | float | None = "auto",
        name: str | None = None,
        resources: Mapping[str, float] | None = None,
        dashboard_address: Any = None,
        silence_logs: Any = None,
        asynchronous: bool = False,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise ConfigError(
                f"LocalCluster takes no {', '.join(unknown)}; it takes n_workers, threads_per_worker, processes, "
                "memory_limit, name and resources"
            )
        usual_workers, usual_threads = usual_size(default_workers(), n_workers, threads_per_worker)
        self.name = name or f"local-{os.getpid()}-{id(self) & 0xFFFF:x}"
        self.resources = dict(resources or {})
        self.memory_limit = _limit(memory_limit, usual_workers)
        self.processes = processes is not False
        self.published: dict[str, Any] = {}
        """Values under names, for all clients."""
        self.status = "running"
        self.started = time.time()
        self._crew: Crew = (
            Processes(usual_workers, usual_threads, self.memory_limit)
            if self.processes
            else Threads(usual_workers, usual_threads, self.memory_limit)
        )
        self.executor = Opened("cluster", self._crew.start, lambda: self.lanes)
        if config.get("viewers"):
            attach_live()
        CLUSTERS.enter(self)

    @property
    def scheduler_address(self) -> str:
        """How the scheduler, a thread of this process, is reached: from inside it. Nothing listens."""
        return f"inproc://{os.getpid()}/{self.name}"

    # -- its workers ------------------------------------------------------------------------------------------

    @property
    def workers(self) -> list[WorkerInfo]:
        """The workers as they are now."""
        return self._crew.workers()

    @property
    def lanes(self) -> int:
        """How many tasks run at once."""
        return max(1, sum(worker.nthreads for worker in self._crew.workers()))

    @property
    def summary(self) -> str:
        """Workers, threads and memory in words."""
        workers = self.workers
        if self.status == "closed" or not workers:
            return self.status
        limit = self.memory_limit
        memory = "no memory limit" if limit is None else format_bytes(limit * len(workers))
        return f"{format_count(len(workers), 'worker')} of {format_count(workers[0].nthreads, 'thread')}, {memory}"

    def scale(self, n: int | None = None, memory: Any = None, cores: int | None = None) -> None:
        """Have `n` workers, or as many as have `cores` threads, or `memory` in all."""
        each = max(1, self.workers[0].nthreads) if self.workers else 1
        if n is None and cores is not None:
            n = -(-cores // each)
        if n is None and memory is not None and self.memory_limit:
            n = -(-parse_bytes(memory) // self.memory_limit)
        if n is None or n < 1:
            raise ConfigError(f"scale({n}) is not a number of workers; use an integer of 1 or more")
        self._crew.scale(n)
        CLUSTERS.tell()

    def keep(self, value: Any) -> Any:
        """`value` as a block that all workers can read."""
        return self._crew.keep(value)

    def restart(self) -> None:
        """Fresh workers in the place of these."""
        self._crew.restart()
        CLUSTERS.tell()

    def kill(self, name: str) -> None:
        """Kill the process of a worker, to see what happens: its work is done again, and nothing else is lost."""
        self._crew.kill(name)
        CLUSTERS.tell()

    # -- open and closed ----------------------------------------------------------------------------------------

    def get_client(self) -> Client:
        """A client of this cluster."""
        from chunkscope.futures.client import Client

        return Client(self)

    def close(self, timeout: Any = None) -> None:
        """End all workers. Twice is like once."""
        if self.status == "closed":
            return
        self.status = "closed"
        OPENED.leave(self.executor)
        CLUSTERS.leave(self)
        self._crew.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def describe(self) -> str:
        """The cluster in lines of text."""
        from chunkscope.futures.display import describe_cluster

        return describe_cluster(self)

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import cluster_html

        return cluster_html(self)

    def __repr__(self) -> str:
        return f"LocalCluster({self.summary})"


def usual_size(cores: int, n_workers: int | None, threads: int | None) -> tuple[int, int]:
    """Workers and threads of each: all cores where not said otherwise, in workers of up to four threads.

    >>> usual_size(16, None, None), usual_size(2, None, None), usual_size(8, 2, None), usual_size(8, None, 1)
    ((4, 4), (2, 1), (2, 4), (8, 1))
    """
    for name, value in (("n_workers", n_workers), ("threads_per_worker", threads)):
        if value is not None and (type(value) is not int or value < 1):
            raise ConfigError(f"{name}={value!r} is not a number; use an integer of 1 or more, or None")
    if n_workers is None and threads is None:
        n_workers = cores if cores <= 4 else max(4, round(cores**0.5))
        while cores % n_workers:
            n_workers += 1
    if n_workers is None:
        assert threads is not None
        n_workers = max(1, cores // threads)
    return n_workers, max(1, cores // n_workers) if threads is None else threads


def _limit(limit: str | float | None, n_workers: int) -> int | None:
    """Bytes for each worker. "auto" is an even share of the machine, a fraction that part of it."""
    if not limit:
        return None
    share = limit if isinstance(limit, float) and limit <= 1 else 1 / n_workers if limit == "auto" else None
    if share is None:
        return parse_bytes(limit)
    import psutil

    return int(psutil.virtual_memory().total * share)
