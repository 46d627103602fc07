"""What is where on a cluster: the methods of a client that only look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chunkscope.futures.gathering import futures_in

if TYPE_CHECKING:
    from chunkscope.futures.future import Future

from chunkscope.futures.parts import ClientParts

__all__ = ["Inspection"]


class Inspection(ClientParts):
    """The methods of a client that tell of workers, results and memory."""

    @property
    def dashboard_link(self) -> str:
        """Empty: the panel beside the notebook shows the cluster; nothing listens on a port."""
        return ""

    def nthreads(self, workers: Any = None) -> dict[str, int]:
        """Threads of each worker, by its name."""
        return {worker.name: worker.nthreads for worker in self.cluster.workers}

    ncores = nthreads

    def scheduler_info(self, n_workers: int = 5, **options: Any) -> dict[str, Any]:
        """The cluster and its workers, as plain data."""
        workers = self.cluster.workers
        return {
            "type": "Scheduler",
            "id": self.cluster.name,
            "address": self.cluster.scheduler_address,
            "started": self.cluster.started,
            "workers": {
                worker.name: {
                    "type": "Worker",
                    "id": worker.name,
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
        """The futures in containers, in order."""
        return futures_in(futures)

    def nbytes(self, keys: Any = None, summary: bool = True) -> dict[str, int]:
        """Bytes of the results that are there: by operation, or with `summary=False` by key."""
        found: dict[str, int] = {}
        for key, promise in self.desk.known.items():
            if promise.status == "finished" and (keys is None or key in keys):
                name = promise.title if summary else key
                found[name] = found.get(name, 0) + promise.block.nbytes
        return found

    def who_has(self, futures: Any = None) -> dict[str, list[str]]:
        """Where each result is: in the memory of the cluster, which all its workers read."""
        keys = self.desk.known if futures is None else [future.key for future in futures_in(futures)]
        return {key: [self.cluster.name] for key in keys if self.desk.known[key].status == "finished"}

    def processing(self, workers: Any = None) -> dict[str, list[str]]:
        """The keys that are asked for and not there yet, under the name of the cluster: any worker may take them."""
        return {
            self.cluster.name: [k for k, promise in self.desk.known.items() if promise.status == "pending"]
        }

    def get_versions(self, check: bool = False, packages: Any = None) -> dict[str, Any]:
        """Versions of Python and the packages here; the workers are started from this environment and have the same."""
        import platform
        from importlib.metadata import version

        names = ("chunkscope", "numpy", "pandas", "pyarrow", "cloudpickle")
        return {"client": {"python": platform.python_version(), **{name: version(name) for name in names}}}
