"""How many workers a cluster has: scaling by hand, by load, one by one."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError
from chunkscope.executors import default_workers
from chunkscope.executors.clusters import CLUSTERS
from chunkscope.futures.adaptive import Adaptive, Load
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.scheduler import SchedulerInfo, Workers
from chunkscope.units import parse_bytes, parse_seconds

if TYPE_CHECKING:
    from chunkscope.futures.crews import Crew
    from chunkscope.futures.journal import Journal
    from chunkscope.futures.staff import Plugins

__all__ = ["Scaling"]

LOOK_SECONDS = 0.02


class Scaling:
    """The methods of a cluster that change how many workers it has."""

    name: str
    status: str
    memory_limit: int | None
    journal: Journal
    plugins: Plugins
    adaptive: Adaptive | None
    """What scales it by its load, where something does."""
    _crew: Crew

    # -- its workers ------------------------------------------------------------------------------------------

    @property
    def workers(self) -> Workers:
        """The workers as they are now: a list, with a page for a notebook."""
        return Workers(self._crew.workers())

    @property
    def scheduler(self) -> SchedulerInfo:
        """The scheduler, a thread of this process, to look at."""
        return SchedulerInfo(self)  # type: ignore[arg-type]  # what has these methods is a cluster

    @property
    def threads_per_worker(self) -> int:
        """How many tasks each worker runs at once."""
        return self._crew.nthreads

    @property
    def lanes(self) -> int:
        """How many tasks run at once."""
        return self._crew.lanes()

    @property
    def plan(self) -> set[str]:
        """The workers that there should be, by name."""
        return set(self._crew.names())

    requested = plan

    @property
    def observed(self) -> set[str]:
        """The workers that are there: for processes, those that have started."""
        return {worker.name for worker in self.workers if worker.pid}

    @property
    def fewest_workers(self) -> int:
        """How few it can have: worker processes end when there is no work at all, threads are always there."""
        return 0 if self._crew.kind == "processes" else 1

    @property
    def most_workers(self) -> int:
        """How many workers keep all cores busy."""
        return max(1, default_workers() // self.threads_per_worker, len(self._crew.names()))

    def load(self) -> Load:
        """What there is to do at this moment."""
        return self._crew.load()

    # -- by hand ----------------------------------------------------------------------------------------------

    def scale(self, n: int | None = None, memory: Any = None, cores: int | None = None) -> None:
        """Have `n` workers, or as many as have `cores` threads, or `memory` in all. Ends `adapt`.

        With 0 one stays in name: its process ends where there is no work, and starts again with the next.
        """
        n = self._number(n, memory, cores)
        if n is None or n < 0:
            raise ConfigError(f"scale({n}) is not a number of workers; use an integer of 0 or more")
        self._stop_adapting("scaled by hand")
        self._have(max(n, 1))
        if n < 1:
            self._crew.rest()
        self.journal.tell(f"scaled to {n} workers")

    scale_up = scale

    def scale_down(self, workers: Collection[str]) -> None:
        """Have these workers no more: they finish what they run. Ends `adapt`."""
        self._stop_adapting("scaled by hand")
        self.retire(workers)

    def retire(self, workers: Collection[str]) -> list[str]:
        """Have these workers no more, and return their names: they finish what they run. One is left at least."""
        names = self._crew.check(list(workers))
        if len(set(names)) >= len(self._crew.names()):
            raise ConfigError(
                f"retiring {', '.join(map(repr, names))} would leave no worker; "
                "a cluster has one at least, close() ends all"
            )
        if names:
            self._crew.retire(names)
            self.journal.tell(f"retired {', '.join(names)}")
            self._changed()
        return names

    def _number(self, n: int | None, memory: Any, cores: int | None) -> int | None:
        if n is None and cores is not None:
            n = -(-cores // self.threads_per_worker)
        if n is None and memory is not None and self.memory_limit:
            n = -(-parse_bytes(memory) // self.memory_limit)
        return n

    def _have(self, n: int) -> None:
        names = self._crew.names()
        if n < len(names):
            surplus = self.workers_to_close(n)
            if surplus:
                self._crew.retire(surplus)
        else:
            self._crew.scale(n)
        self._changed()

    def workers_to_close(self, n: int) -> list[str]:
        """The names of the workers that go if there are to be `n`: idle ones first, the youngest of them."""
        workers = self.workers
        by_worth = sorted(range(len(workers)), key=lambda i: (bool(workers[i].running), -i))
        willing = self.plugins.downscaling([workers[i].name for i in by_worth])
        return willing[: max(0, len(workers) - n)]

    @offloaded
    def wait_for_workers(self, n_workers: int, timeout: float | str | None = None) -> Any:
        """Start the workers that have not started yet, and wait until there are `n_workers`.

        Raises TimeoutError after `timeout`: somebody has to scale the cluster where it is smaller.
        """
        if type(n_workers) is not int or n_workers < 1:
            raise ConfigError(f"wait_for_workers({n_workers!r}) is not a number of workers; use 1 or more")
        until = None if timeout is None else time.monotonic() + parse_seconds(timeout)
        while True:
            self._crew.warm()
            found = len(self.observed)
            if found >= n_workers:
                return
            if until is not None and time.monotonic() > until:
                raise TimeoutError(
                    f"{found} of {n_workers} workers are there after {timeout}; use scale({n_workers})"
                )
            time.sleep(LOOK_SECONDS)

    # -- by load ----------------------------------------------------------------------------------------------

    def adapt(
        self,
        Adaptive: type[Adaptive] = Adaptive,  # the name that users give it by
        minimum: int = 0,
        maximum: float = math.inf,
        minimum_cores: int | None = None,
        maximum_cores: int | None = None,
        minimum_memory: Any = None,
        maximum_memory: Any = None,
        **options: Any,
    ) -> Adaptive:
        """Have as many workers as there is work for, from `minimum` to `maximum`, until `scale` or `close`.

        The bounds can be given in cores or in memory instead. Options: `interval`, `target_duration`, `wait_count`, see
        `Adaptive`. Without a maximum there are as many as keep all cores busy.
        """
        least = self._number(None, minimum_memory, minimum_cores)
        most = self._number(None, maximum_memory, maximum_cores)
        self._stop_adapting("adapted anew")
        self.adaptive = Adaptive(
            self,  # type: ignore[arg-type]
            minimum=max(minimum if least is None else least, self.fewest_workers),
            maximum=maximum if most is None else most,
            **options,
        )
        self.journal.tell(f"adapts: {self.adaptive.minimum} to {self.adaptive.maximum} workers")
        CLUSTERS.tell()
        return self.adaptive

    def adapted(self, n: int, why: str) -> None:
        """Have `n` workers because of the load."""
        self.journal.tell(f"adapted: {why}")
        self._have(max(n, 1))
        if n < 1:
            self._crew.rest()
        else:
            self._crew.warm()

    def _stop_adapting(self, reason: str) -> None:
        adaptive, self.adaptive = self.adaptive, None
        if adaptive is not None:
            adaptive.stop(reason)
            self.journal.tell(f"adapts no more: {reason}")

    # -- afresh -----------------------------------------------------------------------------------------------

    def restart(self, workers: Sequence[str] | None = None) -> list[str]:
        """Fresh workers in the place of all, or of these; their names."""
        names = self._crew.check(workers)
        self._crew.restart(None if workers is None else names)
        self.journal.tell(f"restarted {', '.join(names)}")
        self.plugins.restarted()
        CLUSTERS.tell()
        return names

    def kill(self, name: str) -> None:
        """Kill the process of a worker, to see what happens: its work is done again, and nothing else is lost."""
        self._crew.kill(name)
        self.journal.tell(f"killed {name}, as asked")
        CLUSTERS.tell()

    def _changed(self) -> None:
        self.plugins.staffed(self._crew.names())
        CLUSTERS.tell()
