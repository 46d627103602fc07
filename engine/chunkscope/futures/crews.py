"""The workers of a cluster, whatever they are: a share of this process's threads, or processes of their own."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chunkscope.blocks import LEDGER, lend
from chunkscope.errors import ConfigError
from chunkscope.executors import Pool, Run, on_pool

if TYPE_CHECKING:
    from chunkscope.executors.cluster.group import WorkerFigures
    from chunkscope.observe import RunLog

__all__ = ["Crew", "Processes", "Threads", "WorkerInfo"]


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
    """Bytes that it holds by itself, where known."""
    shared: int = 0
    """Bytes of shared blocks that it has read."""
    processor_seconds: float = 0.0
    deaths: int = 0
    """Processes of this name that have died."""
    running: tuple[tuple[int, int, float], ...] = ()
    """(run, task, start) of each thread that runs a task; start is on the clock of run logs."""
    spilled: int = 0
    """Bytes of its blocks that were written to disk to make room."""


class Crew(Protocol):
    """The workers of a cluster, whatever they are."""

    kind: str

    def start(self, run: Run, wait: bool) -> None:
        """Run it on these workers."""

    def workers(self) -> list[WorkerInfo]:
        """The workers as they are now."""

    def keep(self, value: Any) -> Any:
        """`value` as a block that all workers can read."""

    def scale(self, n: int) -> None:
        """Have `n` workers."""

    def restart(self) -> None:
        """Fresh workers in the place of these."""

    def kill(self, name: str) -> None:
        """Kill a worker on purpose, to see what happens."""

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
        self._live: dict[int, RunLog] = {}

    def start(self, run: Run, wait: bool) -> None:
        """Run it on this cluster's threads."""
        self._live[run.log.number] = run.log
        run.on_end.append(self._ended)
        on_pool(self._pool, run, wait)

    def _ended(self, run: Run) -> None:
        self._live.pop(run.log.number, None)

    def workers(self) -> list[WorkerInfo]:
        """The workers; memory is that of all blocks, shared out evenly, as are the threads that run something."""
        share = LEDGER.held // max(self._n, 1)
        running: list[list[tuple[int, int, float]]] = [[] for _ in range(self._n)]
        for log in list(self._live.values()):
            for lane, task, start in log.running():
                running[lane // self._nthreads % len(running)].append((log.number, task, start))
        return [
            WorkerInfo(
                str(i),
                os.getpid(),
                self._nthreads,
                self._limit,
                "running" if tasks else "idle",
                self._started,
                share,
                running=tuple(tasks),
            )
            for i, tasks in enumerate(running)
        ]

    def keep(self, value: Any) -> Any:
        """`value`, read-only where it can be."""
        return lend(value)

    def scale(self, n: int) -> None:
        """Have `n` workers: from now on so many tasks more or less run at once."""
        self._n = n

    def restart(self) -> None:
        """Nothing: threads keep no state."""

    def kill(self, name: str) -> None:
        """Raises ConfigError: a thread cannot be killed."""
        raise ConfigError(
            f"kill({name!r}): these workers are threads of this process; LocalCluster(processes=True) has some to kill"
        )

    def close(self) -> None:
        """Nothing: threads without work end by themselves."""


class Processes:
    """Workers that are processes of this machine and stay; blocks are in memory that all of them read."""

    kind = "processes"

    def __init__(self, n_workers: int, nthreads: int, memory_limit: int | None) -> None:
        from chunkscope.executors.cluster.group import WorkerGroup

        self._group = WorkerGroup(n_workers, nthreads, name="worker", memory_limit=memory_limit)
        self._limit = memory_limit
        self._started = time.time()
        self._group.warm()

    def start(self, run: Run, wait: bool) -> None:
        """Run it on these workers."""
        self._group.start(run, wait)

    def workers(self) -> list[WorkerInfo]:
        """The workers; memory is what each process holds by itself."""
        return [self._info(figures) for figures in self._group.workers()]

    def _info(self, figures: WorkerFigures) -> WorkerInfo:
        return WorkerInfo(
            figures.name,
            figures.pid,
            figures.nthreads,
            self._limit,
            _status(figures),
            self._started,
            figures.resident_bytes,
            figures.shared_bytes,
            figures.processor_seconds,
            figures.deaths,
            figures.running,
        )

    def keep(self, value: Any) -> Any:
        """`value` as a block that all workers can read: in shared memory where it is large."""
        from chunkscope.blocks.packing import pack

        return pack(value)

    def scale(self, n: int) -> None:
        """Have `n` workers; those that are too many finish what they run."""
        self._group.scale(n)

    def restart(self) -> None:
        """Fresh processes; what ran is run again."""
        self._group.restart()

    def kill(self, name: str) -> None:
        """Kill the process of a worker, as the system would; another one takes its name and its work."""
        self._group.kill(name)

    def close(self) -> None:
        """End all processes."""
        self._group.close()


def _status(figures: WorkerFigures) -> str:
    """Its status; "dead" where its process is gone and no work has called for a successor yet."""
    seen = figures.resident_bytes or figures.shared_bytes or not sys.platform.startswith("linux")
    if figures.pid and seen:
        return figures.status
    return "dead" if figures.pid or figures.deaths else "starting"
