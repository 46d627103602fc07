"""`LocalCluster`: workers on this machine that stay, threads of this process or processes of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from chunkscope.blocks import LEDGER, lend
from chunkscope.errors import ConfigError
from chunkscope.executors import Pool, Run, default_workers, on_pool
from chunkscope.executors.standing import STANDING, Standing
from chunkscope.units import format_bytes, format_count, parse_bytes

if TYPE_CHECKING:
    from chunkscope.futures.client import Client

__all__ = ["Crew", "LocalCluster", "WorkerInfo", "usual_size"]


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """One worker as it is now."""

    name: str
    pid: int
    nthreads: int
    memory_limit: int | None
    """Bytes; None is no limit."""
    status: str
    started: float
    """Seconds since 1970."""
    memory: int = 0
    """Bytes of resident memory, where known."""


class Crew(Protocol):
    """The workers of a cluster, whatever they are."""

    kind: str

    def start(self, run: Run, wait: bool) -> None:
        """Run it on these workers."""

    def workers(self) -> list[WorkerInfo]:
        """The workers as they are now."""

    def scale(self, n: int) -> None:
        """Have `n` workers."""

    def restart(self) -> None:
        """Fresh workers in the place of these."""

    def close(self) -> None:
        """End all workers."""


class Threads:
    """Workers that are a share of this process's threads: nothing is sent, all memory is one."""

    kind = "threads"

    def __init__(self, n_workers: int, nthreads: int, memory_limit: int | None) -> None:
        self._n = n_workers
        self._nthreads = nthreads
        self._limit = memory_limit
        self._started = time.time()
        self._pool = Pool(lambda: self._n * self._nthreads)

    def start(self, run: Run, wait: bool) -> None:
        """Run it on this cluster's threads."""
        on_pool(self._pool, run, wait)

    def workers(self) -> list[WorkerInfo]:
        """The workers; memory is that of all blocks, shared out evenly."""
        share = LEDGER.held // max(self._n, 1)
        return [
            WorkerInfo(str(i), os.getpid(), self._nthreads, self._limit, "running", self._started, share)
            for i in range(self._n)
        ]

    def scale(self, n: int) -> None:
        """Have `n` workers: from now on so many tasks more or less run at once."""
        self._n = n

    def restart(self) -> None:
        """Nothing: threads keep no state."""

    def close(self) -> None:
        """Nothing: threads without work end by themselves."""


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
            _processes(usual_workers, usual_threads, self.memory_limit)
            if self.processes
            else Threads(usual_workers, usual_threads, self.memory_limit)
        )
        self.standing = Standing("cluster", self._crew.start, lambda: self.lanes)

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

    def keep(self, value: Any) -> Any:
        """`value` as a block that all workers can read."""
        return lend(value)

    def restart(self) -> None:
        """Fresh workers in the place of these."""
        self._crew.restart()

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
        STANDING.leave(self.standing)
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


def _processes(n_workers: int, nthreads: int, memory_limit: int | None) -> Crew:
    raise NotImplementedError
