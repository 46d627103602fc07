"""What a client can have done to the workers of its cluster."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from chunkscope.errors import ConfigError
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.gathering import futures_in
from chunkscope.futures.parts import ClientParts
from chunkscope.futures.waiting import wait

__all__ = ["MemoryManager", "Workforce"]


class MemoryManager:
    """What would keep copies of results in order: there is one of each, in memory that all workers read."""

    def running(self) -> bool:
        """False: there is nothing for it to do."""
        return False

    def start(self) -> None:
        """Raises ConfigError."""
        raise ConfigError(
            "amm: each result exists once, in memory that all workers read, so that there are no copies to manage"
        )

    stop = run_once = start


class Workforce(ClientParts):
    """The methods of a client about the workers as a whole."""

    @offloaded
    def restart(self, timeout: Any = None, wait_for_workers: bool = True) -> Any:
        """Fresh workers in the place of all, and all futures of this client cancelled. Returns the client."""
        self.check_open()
        for promise in self.desk.known.values():
            promise.cancel()
        self.cluster.restart()
        if wait_for_workers:
            self.cluster.crew.warm()
        return self

    @offloaded
    def restart_workers(
        self, workers: Collection[str], timeout: Any = None, raise_for_error: bool = True
    ) -> Any:
        """Fresh workers in the place of these; what they ran is run again. The state by name."""
        self.check_open()
        return dict.fromkeys(self.cluster.restart(list(workers)), "OK")

    @offloaded
    def retire_workers(
        self, workers: Collection[str] | None = None, close_workers: bool = True, **options: Any
    ) -> Any:
        """Have these workers no more, once they are done with what they run; their names.

        Without names: those that `adapt` would do without. No result is lost with a worker.
        """
        self.check_open()
        if options.get("names"):
            workers = options.pop("names")
        if workers is None:
            target = (
                self.cluster.adaptive.safe_target() if self.cluster.adaptive is not None else self._busy()
            )
            workers = self.cluster.workers_to_close(max(target, 1))
        return {name: {"name": name, "status": "closed"} for name in self.cluster.retire(workers)}

    def _busy(self) -> int:
        return sum(bool(worker.running) for worker in self.cluster.workers)

    @offloaded
    def wait_for_workers(self, n_workers: int, timeout: float | str | None = None) -> Any:
        """Wait until `n_workers` workers have started. Raises TimeoutError."""
        self.check_open()
        self.cluster.wait_for_workers(n_workers, timeout)

    @offloaded
    def replicate(
        self,
        futures: Any,
        n: int | None = None,
        workers: Collection[str] | None = None,
        branching_factor: int = 2,
    ) -> Any:
        """Wait for these results. Every worker reads them where they are: there is nothing to copy."""
        self.check_open()
        self.cluster.crew.check(workers)
        wait(futures_in(futures))

    @offloaded
    def rebalance(self, futures: Any = None, workers: Sequence[str] | None = None) -> Any:
        """Wait for these results. They are in memory that all workers read: none holds more of them than another."""
        self.check_open()
        self.cluster.crew.check(workers)
        if futures is not None:
            wait(futures_in(futures))

    @property
    def amm(self) -> MemoryManager:
        """What would keep copies of results in order; there are none."""
        return MemoryManager()

    @offloaded
    def start(self, **options: Any) -> Any:
        """The client itself: it has begun with its making."""
        self.check_open()
        return self
