"""The workers of a group: started, listed, scaled, restarted, asked for something beside what they run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.allowance import Allowance
from chunkscope.executors.cluster.figures import MemoryFigures, WorkerFigures
from chunkscope.executors.cluster.member import Member
from chunkscope.executors.cluster.process import Preparations, Process
from chunkscope.executors.cluster.shipment import Shipment
from chunkscope.executors.pool import Pool

__all__ = ["Roster"]


class Roster(Pool):
    """The processes of a group by number, and the stand-ins of their threads; what runs on them is in `group.py`."""

    def __init__(
        self,
        n_workers: int | None = None,
        threads_per_worker: int = 1,
        name: str = "process",
        memory_limit: int | None = None,
        spill: bool = True,
    ) -> None:
        """`memory_limit`: bytes for each worker, see `allowance.py` and `relief.py` for how it is kept.

        `spill`: whether blocks may move to disk to keep it; otherwise a plan that does not fit in memory is refused.
        """
        super().__init__()
        self._memory_limit = memory_limit
        self._spill = spill
        self.allowance = (
            None if memory_limit is None or n_workers is None else Allowance(memory_limit, n_workers, spill)
        )
        self._name = name
        self._nworkers = n_workers
        self._nthreads = threads_per_worker
        self._processes: dict[int, Process] = {}
        self._members: dict[Process, list[Member]] = {}
        self._taken: set[Member] = set()
        self._shipments: dict[int, Shipment] = {}
        self._closed = False
        self.preparations: Preparations = {}
        """Errands by name that every process performs before its first task."""

    def _allow_memory(self, n_workers: int) -> None:
        if self.allowance is not None:
            self.allowance.resize(n_workers)
            self.allowance.look_again()

    @property
    def lanes(self) -> int | None:
        """How many tasks it runs at a time; None where that is for each run to say."""
        return None if self._nworkers is None else self._nworkers * self._nthreads

    def warm(self) -> None:
        """Start every process now, rather than with its first task."""
        for process in self._everyone():
            process.start()

    def workers(self) -> list[WorkerFigures]:
        """Every worker as it is now."""
        blocks = SPILLER.by_worker()
        return [self._figures(process, blocks) for process in self._everyone()]

    def memory(self) -> MemoryFigures:
        """What the workers take together, and the blocks that no worker has made."""
        workers = self.workers()
        limits = [worker.limit_bytes for worker in workers if worker.limit_bytes is not None]
        return MemoryFigures(
            managed_bytes=ARENAS.used_bytes,
            unmanaged_bytes=sum(worker.unmanaged_bytes for worker in workers),
            shared_bytes=sum(worker.shared_bytes for worker in workers),
            spilled_bytes=SPILLER.spilled_bytes,
            limit_bytes=sum(limits) if limits else None,
        )

    def scale(self, n_workers: int) -> None:
        """Have so many workers. Those that are too many go when they are done with what they run."""
        if n_workers < 1:
            raise ClusterError(
                f"scale({n_workers}): a group of workers has at least one; use close() to end them all"
            )
        before, self._nworkers = self._nworkers, n_workers
        with self.changed:
            surplus = [self._processes.pop(n) for n in list(self._processes) if n >= n_workers]
            runs = list(self._runs)
        self._let_go(surplus)
        self._allow_memory(n_workers)
        for run in runs:
            if before is not None and run.max_lanes == before * self._nthreads:
                run.max_lanes = n_workers * self._nthreads
            self.wake(run)

    def retire(self, names: Collection[str]) -> None:
        """Have these workers no more; they go when they are done with what they run. One is left at least."""
        leaving = self._named(names)
        if len(leaving) >= len(self._processes):
            raise ClusterError("a group of workers has at least one; use close() to end them all")
        with self.changed:
            left = [self._processes[n] for n in sorted(self._processes) if self._processes[n] not in leaving]
            self._processes = dict(enumerate(left))
            self._nworkers = len(left)
        self._let_go(leaving)
        self.scale(len(left))

    def _let_go(self, processes: Sequence[Process]) -> None:
        """End these, that are no part of the group any more: now, or when they are done with what they run."""
        with self.changed:
            for process in processes:
                process.leaving = True
            idle = [p for p in processes if not any(m in self._taken for m in self._members.get(p, ()))]
            seats = [member for process in idle for member in self._members.pop(process, ())]
        for process in idle:
            process.dismiss()
        for member in seats:
            member.stand_up()

    def restart(self, names: Collection[str] | None = None) -> None:
        """New processes in the place of all, or of these. What runs is run again."""
        for process in self._named(names):
            process.dismiss()

    def errand(
        self,
        function: Callable[..., Any],
        *args: Any,
        names: Collection[str] | None = None,
        timeout: float | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """What `function(*args, **kwargs)` gives in every process, or in these, by name: all at once, beside tasks.

        In the place of what it gives stands the exception that it raised.
        """
        found: dict[str, Any] = {}

        def ask(process: Process) -> None:
            try:
                found[process.name] = process.errand(function, *args, timeout=timeout, **kwargs)
            except Exception as error:
                found[process.name] = error

        processes = self._named(names)
        threads = [
            threading.Thread(target=ask, args=(p,), name="chunkscope-errand", daemon=True)
            for p in processes[1:]
        ]
        for thread in threads:
            thread.start()
        for process in processes[:1]:
            ask(process)
        for thread in threads:
            thread.join()
        return {process.name: found[process.name] for process in processes}

    def seated(self) -> dict[str, dict[int, tuple[int, int]]]:
        """What runs where: (run, task) by worker and thread."""
        found: dict[str, dict[int, tuple[int, int]]] = {}
        for process, members in list(self._members.items()):
            for member in list(members):
                run, (task, _) = member.run, member.running()
                if run is not None and task >= 0:
                    found.setdefault(process.name, {})[member.thread] = (run.log.number, task)
        return found

    def rest(self) -> None:
        """End the processes of a group that runs nothing; the next work starts them again."""
        with self.changed:
            if self._runs or self._taken:
                return
            processes = list(self._processes.values())
        for process in processes:
            process.dismiss()

    def said(self, names: Collection[str]) -> dict[str, list[tuple[float, str]]]:
        """What happened to these workers and what their tasks said, by name, with seconds since 1970."""
        return {process.name: list(process.said) for process in self._named(names)}

    def _named(self, names: Collection[str] | None) -> list[Process]:
        """All processes, or those of these names. Raises ClusterError for a name that there is not."""
        processes = self._everyone()
        if names is None:
            return processes
        by_name = {process.name: process for process in processes}
        for name in names:
            if name not in by_name:
                known = ", ".join(map(repr, by_name)) or "none"
                raise ClusterError(f"no worker is named {name!r}; the workers are {known}")
        return [by_name[name] for name in names]

    def kill(self, name: str) -> None:
        """Kill the process of a worker, as the system would: what it ran is run again by its successor."""
        self._named([name])[0].kill()

    def _everyone(self) -> list[Process]:
        """The processes of the group, those too that nothing has needed yet."""
        found = dict(self._processes)
        if len(found) < (self._nworkers or 0):
            with self.changed:  # how many there are does not change meanwhile
                for number in range(self._nworkers or 0):
                    self._process(number)
                found = dict(self._processes)
        return [found[number] for number in sorted(found)]

    def _process(self, number: int) -> Process:
        found = self._processes.get(number)
        if found is not None:
            return found
        with self.changed:  # two that come at once are not to have one name
            found = self._processes.get(number)
            if found is None:
                found = Process(self._free_name(), self._nthreads, self._memory_limit, self.preparations)
                found.serves, found.group = lambda: self.serves(), self.number
                found.leaving = self._closed  # whoever comes late starts nothing that stays
                self._processes[number] = found
            return found

    def _free_name(self) -> str:
        names = {process.name for process in (*self._processes.values(), *list(self._members))}
        return next(name for n in range(len(names) + 1) if (name := f"{self._name}-{n}") not in names)

    def _figures(self, process: Process, blocks: Mapping[str, tuple[int, int]]) -> WorkerFigures:
        running = []
        for member in list(self._members.get(process, ())):
            run = member.run
            task, since = member.running()
            if run is not None and task >= 0:
                running.append((run.log.number, task, since))
        usage = process.usage()
        status = (
            "paused" if process.paused else "running" if running else "idle" if process.pid else "starting"
        )
        memory, disk = blocks.get(process.signature, (0, 0))
        return WorkerFigures(
            name=process.name,
            pid=process.pid,
            nthreads=process.nthreads,
            status=status,
            running=tuple(running),
            managed_bytes=memory,
            unmanaged_bytes=usage.own_bytes,
            shared_bytes=usage.mapped_bytes,
            spilled_bytes=disk,
            limit_bytes=process.memory_limit,
            processor_seconds=usage.processor_seconds,
            deaths=process.deaths,
        )
