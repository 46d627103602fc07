"""What is where on a cluster: the methods of a client that only look."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Collection, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.gathering import futures_in, futures_of
from chunkscope.futures.parts import ClientParts
from chunkscope.units import format_bytes

if TYPE_CHECKING:
    from chunkscope.futures.future import Future

__all__ = ["Inspection", "versions"]

PACKAGES = ("chunkscope", "numpy", "pandas", "pyarrow", "cloudpickle")
PASSED = 10
PASSED_SIZES = (10**3, 10**6, 10**7)
"""What is passed on to measure how fast that is."""


class Inspection(ClientParts):
    """The methods of a client that tell of workers, results and memory."""

    @property
    def dashboard_link(self) -> str:
        """Empty: the panel beside the notebook shows the cluster; nothing listens on a port."""
        return ""

    @offloaded
    def nthreads(self, workers: Collection[str] | None = None) -> Any:
        """Threads of each worker, by its name."""
        crew = self.cluster.crew
        return dict.fromkeys(crew.check(workers), crew.nthreads)

    ncores = nthreads

    def scheduler_info(self, n_workers: int = -1, **options: Any) -> dict[str, Any]:
        """The cluster and its workers, as plain data."""
        workers = self.cluster.workers
        return {
            "type": "Scheduler",
            "id": self.cluster.name,
            "address": self.cluster.address,
            "started": self.cluster.started,
            "workers": {
                worker.name: {
                    "type": "Worker",
                    "id": worker.name,
                    "name": worker.name,
                    "pid": worker.pid,
                    "nthreads": worker.nthreads,
                    "memory_limit": worker.memory_limit,
                    "status": worker.status,
                    "memory": worker.memory,
                }
                for worker in (workers if n_workers < 0 else workers[:n_workers])
            },
            "n_workers": len(workers),
            "total_threads": sum(worker.nthreads for worker in workers),
            "total_memory": sum(worker.memory_limit or 0 for worker in workers),
        }

    def futures_of(self, futures: Any) -> list[Future]:
        """The futures in containers, in order, and one for each block of the persisted collections there."""
        return futures_of(futures, self)

    @offloaded
    def nbytes(self, keys: Any = None, summary: bool = True) -> Any:
        """Bytes of the results that are there: by operation, or with `summary=False` by key."""
        found: dict[str, int] = {}
        for key, promise in self.desk.known.items():
            if promise.status == "finished" and (keys is None or key in keys):
                name = promise.title if summary else key
                found[name] = found.get(name, 0) + promise.block.nbytes
        return found

    @offloaded
    def who_has(self, futures: Any = None) -> Any:
        """Which workers have each result at hand: all of them, they read it where it is."""
        known = self.desk.known
        keys = known if futures is None else [future.key for future in futures_in(futures)]
        names = self.cluster.crew.names()
        return {
            key: list(names) if (found := known.get(key)) is not None and found.status == "finished" else []
            for key in keys
        }

    @offloaded
    def has_what(self, workers: Collection[str] | None = None) -> Any:
        """Which results each worker has at hand: all that are there."""
        there = [key for key, promise in self.desk.known.items() if promise.status == "finished"]
        return {name: list(there) for name in self.cluster.crew.check(workers)}

    @offloaded
    def processing(self, workers: Collection[str] | None = None) -> Any:
        """The keys of the tasks that each worker runs at this moment."""
        names = self.keys_by_place()
        wanted = set(self.cluster.crew.check(workers))
        return {
            worker.name: [names[run, task] for run, task, _ in worker.running if (run, task) in names]
            for worker in self.cluster.workers
            if worker.name in wanted
        }

    def passing_speed(self) -> dict[str, float]:
        """Bytes per second from one task to another, on whatever worker that is, by size."""
        found = {}
        for size in PASSED_SIZES:
            begin = time.perf_counter()
            made = [self.submit(bytes, size, pure=False) for _ in range(PASSED)]
            self.gather([self.submit(len, one, pure=False) for one in made])
            found[format_bytes(size)] = PASSED * size / (time.perf_counter() - begin)
        return found

    @offloaded
    def get_versions(
        self, check: bool = False, packages: Sequence[str] | None = None, asynchronous: Any = None
    ) -> Any:
        """Versions of Python and of packages: here, where the scheduler is, too, and of each worker.

        check: raise ConfigError where they differ, as they do when something was installed since the workers started.
        """
        crew = self.cluster.crew
        here = versions(tuple(packages or ()))
        workers = crew.each(partial(_versions_of, tuple(packages or ())), crew.names())
        if check:
            different = {name: told for name, told in workers.items() if told != here}
            if different:
                raise ConfigError(
                    f"workers have other versions than this process: {different}; restart() them"
                )
        return {"scheduler": here, "workers": workers, "client": here}


def versions(packages: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """Versions of Python, of what chunkscope is made of, and of further packages, in this process."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in (*PACKAGES, *packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    host = {
        "python": ".".join(map(str, sys.version_info)),
        "OS": platform.system(),
        "OS-release": platform.release(),
        "machine": platform.machine(),
        "processor": platform.processor(),
        "byteorder": sys.byteorder,
    }
    return {"host": host, "packages": found}


def _versions_of(packages: Sequence[str], worker: Any) -> dict[str, dict[str, Any]]:
    return versions(packages)
