"""`LocalCluster`: workers on this machine that stay, threads of this process or processes of their own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from chunkscope import config
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import ConfigError
from chunkscope.executors import default_workers
from chunkscope.executors.clusters import CLUSTERS
from chunkscope.executors.opened import OPENED, Opened
from chunkscope.futures.adaptive import Adaptive
from chunkscope.futures.asynchronous import Loops, offloaded
from chunkscope.futures.batching import Batches, Wish
from chunkscope.futures.closing import Closing
from chunkscope.futures.crew_of_processes import Processes
from chunkscope.futures.crew_of_threads import Threads
from chunkscope.futures.crews import Crew
from chunkscope.futures.forked import forget_in_child
from chunkscope.futures.inside import serve_tasks
from chunkscope.futures.joining import Doorway, Joinable
from chunkscope.futures.journal import Journal
from chunkscope.futures.limits import Limits
from chunkscope.futures.meeting import forget_all
from chunkscope.futures.scaling import Scaling
from chunkscope.futures.staff import Plugins
from chunkscope.futures.submission import Desk
from chunkscope.futures.unoffered import refuse_cluster_options
from chunkscope.observe.viewers import attach_live
from chunkscope.units import format_bytes, format_count, parse_bytes

if TYPE_CHECKING:
    from chunkscope.executors import Run
    from chunkscope.futures.client import Client
    from chunkscope.futures.promise import Promise

__all__ = ["LocalCluster", "clusters", "usual_size"]


def clusters() -> list[LocalCluster]:
    """The clusters that are open in this process, oldest first.

    >>> with LocalCluster(n_workers=1, processes=False, name="x"):
    ...     [cluster.name for cluster in clusters() if cluster.name == "x"]
    ['x']
    """
    return CLUSTERS.all()


class LocalCluster(Joinable, Scaling, Loops):
    """Workers on this machine.

    n_workers, threads_per_worker: how many, and how many tasks each runs at once; by default all cores this process may
    use, in workers of a few threads. memory_limit: bytes for each worker, such as "1GB"; "auto" shares this machine's
    memory out, None or 0 is no limit. processes: workers are processes; with False they are threads of this one.
    resources: what calls can ask for, such as {"licence": 1}. spill: whether blocks of processes move to disk where
    memory is short; with False a plan that does not fit is refused. With n_workers=0 no process starts before the first
    work, which has one worker unless `scale` or `adapt` say otherwise.

    It ends with `close`, the end of a `with` block, or when nobody has it any more. Nothing listens on a port: the
    panel beside the notebook is the dashboard, whatever `dashboard_address` says.

    >>> with LocalCluster(n_workers=2, threads_per_worker=2, processes=False, memory_limit="1GB") as cluster:
    ...     cluster.summary
    '2 workers of 2 threads, 1.86 GiB'
    """

    def __init__(
        self,
        name: str | None = None,
        n_workers: int | None = None,
        threads_per_worker: int | None = None,
        processes: bool | None = None,
        memory_limit: str | float | None = "auto",
        resources: Mapping[str, float] | None = None,
        dashboard_address: Any = None,
        silence_logs: Any = None,
        asynchronous: bool = False,
        spill: bool = True,
        **unknown: Any,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise ConfigError(f"LocalCluster({name!r}): the first argument is a name; say n_workers={name!r}")
        refuse_cluster_options(unknown)
        starts = type(n_workers) is not int or n_workers != 0
        usual_workers, usual_threads = usual_size(
            default_workers(), n_workers if starts else None, threads_per_worker
        )
        self.name = name or f"local-{os.getpid()}-{id(self) & 0xFFFF:x}"
        self.resources = dict(resources or {})
        self.limits = Limits(self.resources)
        self.memory_limit = _limit(memory_limit, usual_workers)
        self.processes = processes is not False
        self.asynchronous = asynchronous
        """Whether it is used inside an event loop: `await` what takes time then."""
        self.published: dict[str, Any] = {}
        """Values under names, for all clients."""
        self.metadata: dict[str, Any] = {}
        self.journal = Journal()
        self.status = "running"
        self.whose = "is closed"
        """Why it cannot be used, where it cannot."""
        self.started = time.time()
        self.adaptive: Adaptive | None = None
        kind = Processes if self.processes else Threads
        self._crew: Crew = kind(
            usual_workers if starts else 1, usual_threads, self.memory_limit, spill, warm=starts
        )
        self.plugins = Plugins(self._crew, self.journal)
        self.plugins.of(self)
        self.executor = Opened("cluster", self._crew.begin, self._crew.lanes)
        self.batches = Batches(self.executor, partial(_hold, self.limits))
        self.desk = Desk(self.batches)
        """Where the calls of all its clients come in: equal ones share one result."""
        self._doorway = Doorway()
        self._told = threading.Event()
        parts = (self._told, self._crew, self.plugins, self.executor, self.desk, self._doorway)
        self._closing = Closing(self, partial(_end, *parts))
        serve_tasks(self)
        self.journal.tell(f"started: {self.summary}")
        if config.get("viewers"):
            attach_live()
        CLUSTERS.enter(self)

    @property
    def dashboard_link(self) -> str:
        """Empty: the panel beside the notebook shows the cluster; nothing listens on a port."""
        return ""

    @property
    def summary(self) -> str:
        """Workers, threads and memory in words."""
        workers = self.workers
        if self.status == "closed" or not workers:
            return self.status
        limit = self.memory_limit
        memory = "no memory limit" if limit is None else format_bytes(limit * len(workers))
        return f"{format_count(len(workers), 'worker')} of {format_count(workers[0].nthreads, 'thread')}, {memory}"

    @property
    def spilled(self) -> int:
        """Bytes of blocks that are on disk, because memory was short."""
        return SPILLER.spilled_bytes if self.processes else 0

    def keep(self, value: Any) -> Any:
        """`value` as a block that all workers can read."""
        return self._crew.keep(value)

    @property
    def crew(self) -> Crew:
        """Its workers, as what a client asks of them."""
        return self._crew

    # -- open and closed ----------------------------------------------------------------------------------------

    def get_client(self) -> Client:
        """A client of this cluster."""
        from chunkscope.futures.client import Client

        return Client(self, asynchronous=self.asynchronous)

    @classmethod
    def from_name(cls, name: str) -> LocalCluster:
        """The open cluster of this process that has this name. Raises ConfigError where there is none."""
        found = clusters()
        for one in found:
            if one.name == name:
                return one
        known = ", ".join(repr(one.name) for one in found) or "none"
        raise ConfigError(f"no cluster of this process is named {name!r}; open: {known}")

    def new_worker_spec(self) -> dict[str, dict[str, Any]]:
        """The name and the options that one more worker would have."""
        names = set(self._crew.names())
        number = next(n for n in range(len(names) + 1) if not any(name.endswith(str(n)) for name in names))
        options = {"nthreads": self.threads_per_worker, "memory_limit": self.memory_limit}
        return {f"worker-{number}" if self.processes else str(number): options}

    def start_worker(self, *args: Any, **kwargs: Any) -> str:
        """Have one worker more; its name. All workers are alike: it takes no options."""
        if args or kwargs:
            raise ConfigError(
                "start_worker() takes no options: the workers of a cluster are alike; use scale(n)"
            )
        before = self._crew.names()
        self.scale(len(before) + 1)
        return next(name for name in self._crew.names() if name not in before)

    def get_logs(
        self, cluster: bool = True, scheduler: bool = True, workers: bool | Sequence[str] = True
    ) -> dict[str, str]:
        """What happened to the cluster, and what happened to each worker and its tasks said, as texts by name."""
        found = {}
        if cluster or scheduler:
            told = _lines(self.journal.lines())
            found.update(
                {name: told for name, asked in (("Cluster", cluster), ("Scheduler", scheduler)) if asked}
            )
        if workers:
            names = self._crew.check(None if workers is True else workers)
            found.update({name: _lines(lines) for name, lines in self._crew.said(names).items()})
        return found

    @offloaded
    def close(self, timeout: Any = None, asynchronous: bool | None = None) -> Any:
        """End all workers; what runs is cancelled. Twice is like once."""
        self._close()

    def _close(self) -> None:
        if self.status == "closed":
            return
        self.status = "closed"
        self._stop_adapting("closed")
        self.journal.tell("closed")
        self._told.set()
        CLUSTERS.leave(self)
        self._closing.close()

    def forget_in_child(self, error: BaseException) -> None:
        """After a fork, in the child: it is the parent's, and closed here. `error`: why results do not come."""
        self.status, self.whose, self.adaptive = "closed", "is that of another process", None
        self.desk.forget_in_child(error)
        self._crew.forget_in_child()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def describe(self) -> str:
        """The cluster in lines of text."""
        from chunkscope.futures.display import describe_cluster

        return describe_cluster(self)

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import cluster_html

        return cluster_html(self)

    def __repr__(self) -> str:
        return f"LocalCluster({self.summary})"


def _hold(limits: Limits, run: Run, wish: Wish, tasks: Sequence[int], promises: Sequence[Promise]) -> None:
    limits.hold(run, wish.resources, tasks, promises)


def _end(
    told: threading.Event, crew: Crew, plugins: Plugins, executor: Opened, desk: Desk, doorway: Doorway
) -> None:
    """End the workers of a cluster that is closed, or that nobody has any more."""
    OPENED.leave(executor)
    doorway.close()
    desk.close()
    plugins.ending()
    crew.close()
    if not CLUSTERS.all():
        forget_all()
    plugins.ended()
    if not told.is_set():
        CLUSTERS.tell()


def _lines(told: Sequence[tuple[float, str]]) -> str:
    return "\n".join(f"{time.strftime('%H:%M:%S', time.localtime(at))} {line}" for at, line in told)


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


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_in_child)
