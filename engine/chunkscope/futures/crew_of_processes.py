"""A crew of processes of this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chunkscope.executors import Pool, Run
from chunkscope.executors.cluster.callers import stacks_here
from chunkscope.futures.crews import Crew, WorkerInfo
from chunkscope.futures.workers import Worker, on_worker

if TYPE_CHECKING:
    from chunkscope.executors.cluster.group import WorkerFigures

__all__ = ["Processes"]

STACKS_SECONDS = 5.0
"""A worker that is at an errand all that time tells no stacks."""


_parents: list[dict[str, Any]] = []
"""In a forked child: what it has of the parent's. It is not taken apart here."""


class Processes(Crew):
    """Workers that are processes of this machine and stay; blocks are in memory that all of them read."""

    kind = "processes"

    def __init__(
        self, n_workers: int, nthreads: int, memory_limit: int | None, spill: bool = True, warm: bool = True
    ) -> None:
        """With `warm`, the processes start now, else with the first work."""
        from chunkscope.executors.cluster.group import WorkerGroup

        super().__init__()
        self.nthreads = nthreads
        self._group = WorkerGroup(n_workers, nthreads, "worker", memory_limit, spill)
        self._limit = memory_limit
        self._started = time.time()
        if warm:
            self._group.warm()

    def start(self, run: Run, wait: bool) -> None:
        """Run it on these workers."""
        self._group.start(run, wait)

    def pool(self) -> Pool:
        """The lanes of the processes."""
        return self._group

    def names(self) -> list[str]:
        """The names of the processes."""
        return [figures.name for figures in self._group.workers()]

    def lanes(self) -> int:
        """How many tasks run at once."""
        return max(1, self._group.lanes or 1)

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
            figures.unmanaged_bytes,
            figures.shared_bytes,
            figures.processor_seconds,
            figures.deaths,
            figures.running,
            figures.spilled_bytes,
            figures.managed_bytes,
        )

    def keep(self, value: Any) -> Any:
        """`value` as a block that all workers can read: in shared memory where it is large."""
        from chunkscope.blocks.packing import pack

        return pack(value)

    def scale(self, n: int) -> None:
        """Have `n` workers; those that are too many finish what they run."""
        self._group.scale(n)

    def warm(self) -> None:
        """Start the processes that have not started yet."""
        self._group.warm()

    def rest(self) -> None:
        """End all processes, if none runs anything; the next work starts them again."""
        self._group.rest()

    def retire(self, names: Sequence[str]) -> None:
        """These finish what they run, and end."""
        self._group.retire(names)

    def restart(self, names: Sequence[str] | None = None) -> None:
        """Fresh processes; what ran is run again."""
        self._group.restart(names)
        self._group.warm()

    def each(
        self, function: Callable[[Worker], Any], names: Sequence[str], timeout: float | None = None
    ) -> dict[str, Any]:
        """In the processes, beside what they run."""
        return self._group.errand(on_worker, function, names=names, timeout=timeout)

    def prepare(self, name: str, function: Callable[[Worker], Any] | None) -> None:
        """For every fresh process."""
        if function is None:
            self._group.preparations.pop(name, None)
        else:
            self._group.preparations[name] = (on_worker, (function,))

    def stacks(self) -> dict[str, dict[tuple[int, int], list[str]]]:
        """Asked of the processes."""
        seated = self._group.seated()
        told = self._group.errand(stacks_here, names=self.names(), timeout=STACKS_SECONDS)
        return {
            name: {
                seated[name][thread]: stack
                for thread, stack in stacks.items()
                if thread in seated.get(name, ())
            }
            for name, stacks in told.items()
            if isinstance(stacks, dict)
        }

    def said(self, names: Sequence[str]) -> dict[str, list[tuple[float, str]]]:
        """As the processes told it."""
        return self._group.said(names)

    def kill(self, name: str) -> None:
        """Kill the process of a worker, as the system would; another one takes its name and its work."""
        self._group.kill(name)

    def close(self) -> None:
        """End all processes."""
        self._group.close()

    def forget_in_child(self) -> None:
        """After a fork, in the child: the processes are the parent's."""
        _parents.append(vars(self._group).copy())
        self._group.forget_in_child()
        self._group.close()


def _status(figures: WorkerFigures) -> str:
    """Its status; "dead" where its process is gone and no work has called for a successor yet."""
    seen = figures.unmanaged_bytes or figures.shared_bytes or not sys.platform.startswith("linux")
    if figures.pid and seen:
        return figures.status
    return "dead" if figures.pid or figures.deaths else "starting"
