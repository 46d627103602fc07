"""A group of worker processes: lanes of a pool, each of which has its process perform what it is handed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.member import Member
from chunkscope.executors.cluster.process import Preparations, Process
from chunkscope.executors.cluster.shipment import Shipment
from chunkscope.executors.drive import drive_alone, inside_task, wait_for
from chunkscope.executors.pool import Pool
from chunkscope.observe import registry

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["PROCESSES", "WorkerFigures", "WorkerGroup"]

PAUSE_SECONDS = 0.01
SHARED_SHARE = 0.6
BATCH_SECONDS = 2e-3
"""Going to another process and back costs about a tenth of a millisecond."""


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """One worker at this moment, for people."""

    name: str
    pid: int
    """0 where it has no process: not started yet, or just died."""
    nthreads: int
    status: str
    """"idle", "running" or "starting"."""
    running: tuple[tuple[int, int, float], ...]
    """(run, task, start) of each thread that runs a task."""
    resident_bytes: int
    """Memory that the process holds by itself: not what it reads of the shared blocks."""
    shared_bytes: int
    """Pages of shared blocks that it has read and has at hand."""
    processor_seconds: float
    """Of its process, since it started."""
    deaths: int
    """Processes of this name that have died."""


class WorkerGroup(Pool):
    """Processes that stay. They start with the first work that there is for them, or with `warm`.

    `n_workers`: how many; None for as many as runs ask for.
    """

    def __init__(
        self,
        n_workers: int | None = None,
        threads_per_worker: int = 1,
        name: str = "process",
        memory_limit: int | None = None,
    ) -> None:
        """`memory_limit`: bytes for each worker. Shared blocks move to disk beyond `SHARED_SHARE` of the sum.

        A process that holds more than its limit by itself is replaced after its task, one that holds far more at once.
        """
        super().__init__()
        self._memory_limit = memory_limit
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
        self._allow_memory()

    def _allow_memory(self) -> None:
        if self._memory_limit is not None and self._nworkers is not None:
            SPILLER.allow(self, int(SHARED_SHARE * self._nworkers * self._memory_limit))

    @property
    def lanes(self) -> int | None:
        """How many tasks it runs at a time; None where that is for each run to say."""
        return None if self._nworkers is None else self._nworkers * self._nthreads

    def start(self, run: Run, wait: bool) -> None:
        """Run it on the group; with `wait`, return when it has ended."""
        run.on_end.append(lambda run: registry.end(run.log))
        if self._closed:
            run.abort(ClusterError("these workers were closed; start others, or use scheduler='threads'"))
            return
        if inside_task():  # in the task's own thread, wherever that is
            run.max_lanes = 1
            drive_alone(run, threading.current_thread().name)
            return
        run.batch_seconds = BATCH_SECONDS
        self._shipments[run.log.number] = Shipment(run)
        run.on_end.append(self._end)
        self.submit(run)
        if wait:
            wait_for(run)

    # -- its workers ----------------------------------------------------------------------------------------

    def warm(self) -> None:
        """Start every process now, rather than with its first task."""
        for number in range(self._nworkers or 0):
            self._process(number).start()

    def workers(self) -> list[WorkerFigures]:
        """Every worker as it is now."""
        if self._nworkers is not None:
            for number in range(self._nworkers):
                self._process(number)
        return [self._figures(self._processes[number]) for number in sorted(self._processes)]

    def scale(self, n_workers: int) -> None:
        """Have so many workers. Those that are too many go when they are done with what they run."""
        if n_workers < 1:
            raise ClusterError(
                f"scale({n_workers}): a group of workers has at least one; use close() to end them all"
            )
        before, self._nworkers = self._nworkers, n_workers
        with self._changed:
            surplus = [self._processes.pop(n) for n in list(self._processes) if n >= n_workers]
            runs = list(self._runs)
        self._let_go(surplus)
        self._allow_memory()
        for run in runs:
            if before is not None and run.max_lanes == before * self._nthreads:
                run.max_lanes = n_workers * self._nthreads
            self.wake(run)

    def retire(self, names: Collection[str]) -> None:
        """Have these workers no more; they go when they are done with what they run. One is left at least."""
        leaving = self._named(names)
        if len(leaving) >= len(self._processes):
            raise ClusterError("a group of workers has at least one; use close() to end them all")
        with self._changed:
            left = [self._processes[n] for n in sorted(self._processes) if self._processes[n] not in leaving]
            self._processes = dict(enumerate(left))
            self._nworkers = len(left)
        self._let_go(leaving)
        self.scale(len(left))

    def _let_go(self, processes: Sequence[Process]) -> None:
        """End these, that are no part of the group any more: now, or when they are done with what they run."""
        with self._changed:
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

    def _named(self, names: Collection[str] | None) -> list[Process]:
        """All processes, or those of these names. Raises ClusterError for a name that there is not."""
        for number in range(self._nworkers or 0):
            self._process(number)
        processes = [self._processes[number] for number in sorted(self._processes)]
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

    def close(self) -> None:
        """End every process, and cancel what runs."""
        self._closed = True
        SPILLER.allow(self, None)
        with self._changed:
            runs = list(self._runs)
        for run in runs:
            run.cancel()
        with self._changed:
            gone = {*self._members, *self._processes.values()}
            for process in gone:
                process.leaving = True
            idle = [m for members in self._members.values() for m in members if m not in self._taken]
            self._processes.clear()
        for process in gone:
            process.dismiss()
        for member in idle:
            member.stand_up()
        ARENAS.trim()

    def _process(self, number: int) -> Process:
        found = self._processes.get(number)
        if found is None:
            process = Process(self._free_name(), self._nthreads, self._memory_limit, self.preparations)
            found = self._processes.setdefault(number, process)
        return found

    def _free_name(self) -> str:
        names = {process.name for process in (*self._processes.values(), *list(self._members))}
        return next(name for n in range(len(names) + 1) if (name := f"{self._name}-{n}") not in names)

    def _figures(self, process: Process) -> WorkerFigures:
        running = []
        for member in list(self._members.get(process, ())):
            run = member.run
            task, since = member.running()
            if run is not None and task >= 0:
                running.append((run.log.number, task, since))
        usage = process.usage()
        status = "running" if running else "idle" if process.pid else "starting"
        return WorkerFigures(
            process.name,
            process.pid,
            process.nthreads,
            status,
            tuple(running),
            usage.own_bytes,
            usage.mapped_bytes,
            usage.processor_seconds,
            process.deaths,
        )

    # -- its lanes ------------------------------------------------------------------------------------------

    def _end(self, run: Run) -> None:
        self._shipments.pop(run.log.number, None)
        for members in list(self._members.values()):
            for member in members:
                member.close_run(run.log.number)

    def _drive(self, run: Run, number: int) -> None:
        shipment = self._shipments.get(run.log.number)
        member = self._take_member() if shipment is not None else None
        if (
            shipment is None or member is None
        ):  # it has ended meanwhile, or there are fewer workers than lanes now
            time.sleep(PAUSE_SECONDS)
            return
        lane = run.add_lane(member.name)
        try:
            batch = run.exchange(lane, None)
            while batch is not None:
                report = member.perform(run, lane, batch, shipment)
                if excess := member.process.excess():
                    run.log.tell("lost", f"worker {member.process.name} starts afresh: {excess}")
                    member.process.dismiss()
                batch = run.exchange(lane, report, leaves=member.process.leaving)
        except BaseException as error:
            run.abort(error)
        finally:
            self._give_member(member)

    def _take_member(self) -> Member | None:
        """A stand-in that no lane uses; all processes have one lane before any has two."""
        with self._changed:
            most = self._nworkers or len(self._processes) + 1
            for thread in range(self._nthreads):
                for number in range(most):
                    process = self._process(number)
                    for member in self._members.setdefault(process, []):
                        if member.thread == thread and member not in self._taken:
                            self._taken.add(member)
                            return member
                    if not any(member.thread == thread for member in self._members[process]):
                        member = Member(process, thread)
                        self._members[process].append(member)
                        self._taken.add(member)
                        return member
        return None

    def _give_member(self, member: Member) -> None:
        process = member.process
        with self._changed:
            self._taken.discard(member)
            others = self._members.get(process, [member])
            gone = process.leaving and not any(other in self._taken for other in others)
            if gone:
                self._members.pop(process, None)
        if gone:
            process.dismiss()
            for other in others:
                other.stand_up()

    def _most_lanes(self) -> int:
        most = max((run.max_lanes for run in self._runs), default=0)  # runs that overlap share the processes
        return most if self.lanes is None else min(most, self.lanes)

    def _rest(self) -> None:
        ARENAS.trim()

    def forget_in_child(self) -> None:
        """After a fork, in the child: the processes are the parent's."""
        self.__init__(self._nworkers, self._nthreads, self._name, self._memory_limit)  # type: ignore[misc]


PROCESSES = WorkerGroup()
"""The warm pool of this process, for `scheduler="processes"`."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=PROCESSES.forget_in_child)
