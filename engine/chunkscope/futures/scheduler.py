"""`cluster.scheduler`: what Dask's users look for under that name. It only looks; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunkscope.futures.away import AwayCluster
    from chunkscope.futures.cluster import LocalCluster
    from chunkscope.futures.crews import WorkerInfo

__all__ = ["SchedulerInfo", "Workers"]


class Workers(list["WorkerInfo"]):
    """Workers as they were when somebody asked, with a page for a notebook."""

    def describe(self) -> str:
        """A line for each."""
        from chunkscope.futures.display import describe_workers

        return describe_workers(self)

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import workers_html

        return workers_html(self)


class SchedulerInfo:
    """The scheduler of a cluster: a thread of the process that made it, as numbers.

    >>> from chunkscope.futures import LocalCluster
    >>> with LocalCluster(n_workers=2, threads_per_worker=2, processes=False, memory_limit="1GB") as cluster:
    ...     cluster.scheduler.status, cluster.scheduler.total_nthreads, cluster.scheduler.total_memory
    ('running', 4, 2000000000)
    """

    def __init__(self, cluster: LocalCluster | AwayCluster) -> None:
        self.cluster = cluster

    @property
    def id(self) -> str:
        """The name of its cluster."""
        return self.cluster.name

    @property
    def status(self) -> str:
        """That of its cluster."""
        return self.cluster.status

    @property
    def address(self) -> str:
        """How it is reached now; `cluster.scheduler_address` opens a way for other processes."""
        return self.cluster.address

    @property
    def started(self) -> float:
        """Seconds since 1970."""
        return self.cluster.started

    @property
    def workers(self) -> Mapping[str, WorkerInfo]:
        """The workers by name."""
        return {worker.name: worker for worker in self.cluster.workers}

    @property
    def total_nthreads(self) -> int:
        """Tasks that can run at once."""
        return sum(worker.nthreads for worker in self.cluster.workers)

    @property
    def total_memory(self) -> int:
        """Bytes that all workers together may hold; 0 is no limit."""
        return sum(worker.memory_limit or 0 for worker in self.cluster.workers)

    def identity(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "type": "Scheduler",
            "id": self.id,
            "address": self.address,
            "started": self.started,
            "n_workers": len(self.cluster.workers),
            "total_threads": self.total_nthreads,
            "total_memory": self.total_memory,
        }

    def describe(self) -> str:
        """The scheduler in lines of text."""
        from chunkscope.futures.display import describe_scheduler

        return describe_scheduler(self.cluster)

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import scheduler_html

        return scheduler_html(self.cluster)

    def __repr__(self) -> str:
        workers = self.cluster.workers
        return (
            f"<Scheduler of {self.id}: {self.status}, {len(workers)} workers, {self.total_nthreads} threads>"
        )
