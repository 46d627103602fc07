"""A crew that is a share of this process's threads."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from chunkscope.blocks import LEDGER, lend
from chunkscope.errors import ConfigError
from chunkscope.executors import Pool, Run, on_pool
from chunkscope.executors.cluster.callers import stack_text
from chunkscope.executors.watching import Watched
from chunkscope.futures.crews import Crew, WorkerInfo
from chunkscope.futures.workers import Worker

__all__ = ["Threads"]

_log = logging.getLogger("chunkscope.futures")


class Threads(Crew):
    """Workers that are a share of this process's threads: nothing is sent, all memory is one."""

    kind = "threads"

    def __init__(
        self, n_workers: int, nthreads: int, memory_limit: int | None, spill: bool = True, warm: bool = True
    ) -> None:
        """Threads start with the first work, whatever `warm` says."""
        super().__init__()
        self.nthreads = nthreads
        self._limit = memory_limit
        self._started = time.time()
        self._workers: dict[str, Worker] = {}
        self._preparations: dict[str, Callable[[Worker], Any]] = {}
        self._pool = Pool(self.lanes)
        self.scale(n_workers)

    def _worker(self, name: str) -> Worker:
        return Worker(name, self.nthreads, self._limit, self._pool.number)

    def start(self, run: Run, wait: bool) -> None:
        """Run it on this cluster's threads."""
        if any(worker.tells for worker in self._workers.values()):
            self._watch(run)
        on_pool(self._pool, run, wait)

    def _watch(self, run: Run) -> None:
        """Have the plugins that want to know told of each task, by the thread that runs it."""

        def tell(key: str, start: str, finish: str) -> None:
            thread, names = threading.get_ident(), self.names()
            lane = next((lane for lane, ident in list(run.log.threads.items()) if ident == thread), 0)
            worker = self._workers.get(names[lane // self.nthreads % len(names)])
            for hear in list(worker.tells.values()) if worker is not None else ():
                try:
                    hear(key, start, finish)
                except Exception:
                    _log.exception("a plugin raised at %s: %s to %s", key, start, finish)

        layers = run.table.layers
        for number, layer in enumerate(run.log.graph.layers):
            kernel, *rest = layers[number]
            layers[number] = (Watched(kernel, layer.name, layer.grid, tell), *rest)  # type: ignore[assignment]

    def pool(self) -> Pool:
        """Its own threads."""
        return self._pool

    def worker_of(self, thread: int) -> Worker:
        """Threads are shared out evenly."""
        workers = list(self._workers.values())
        return workers[thread // self.nthreads % len(workers)]

    def names(self) -> list[str]:
        """Numbers from 0."""
        return list(self._workers)

    def workers(self) -> list[WorkerInfo]:
        """The workers; memory is that of all blocks, shared out evenly, as are the threads that run something."""
        names = self.names()
        share = LEDGER.held // max(len(names), 1)
        running: list[list[tuple[int, int, float]]] = [[] for _ in names]
        for run in self._pool.runs():
            for lane, task, start in run.log.running():
                running[lane // self.nthreads % len(running)].append((run.log.number, task, start))
        return [
            WorkerInfo(
                name,
                os.getpid(),
                self.nthreads,
                self._limit,
                "running" if tasks else "idle",
                self._started,
                share,
                running=tuple(tasks),
            )
            for name, tasks in zip(names, running, strict=True)
        ]

    def keep(self, value: Any) -> Any:
        """`value`, read-only where it can be."""
        return lend(value)

    def scale(self, n: int) -> None:
        """Have `n` workers: from now on so many tasks more or less run at once."""
        before = self.lanes() if self._workers else 0
        self.retire(self.names()[n:])
        for number in range(n):
            if len(self._workers) < n and str(number) not in self._workers:
                worker = self._workers[str(number)] = self._worker(str(number))
                for prepare in list(self._preparations.values()):
                    prepare(worker)
        for run in self._pool.runs() if before else ():
            if run.max_lanes == before:  # as many as there were
                run.max_lanes = self.lanes()
                self._pool.wake(run)

    def warm(self) -> None:
        """Nothing: threads start with their first task."""

    def rest(self) -> None:
        """Nothing: threads without work end by themselves."""

    def retire(self, names: Sequence[str]) -> None:
        """Have these no more."""
        for name in names:
            self._workers.pop(name, None)

    def restart(self, names: Sequence[str] | None = None) -> None:
        """Workers that know nothing of what plugins and functions had put there; threads keep no other state."""
        for name in self.names() if names is None else names:
            worker = self._workers[name] = self._worker(name)
            for prepare in list(self._preparations.values()):
                prepare(worker)

    def each(
        self, function: Callable[[Worker], Any], names: Sequence[str], timeout: float | None = None
    ) -> dict[str, Any]:
        """Side by side, in threads of their own, which do not keep the program from ending.

        A thread cannot be stopped: after `timeout` it goes on, and a TimeoutError stands in the place of what it gives.
        """
        until = None if timeout is None else time.monotonic() + timeout
        found: dict[str, Any] = {}

        def perform(name: str) -> None:
            try:
                found[name] = function(self._workers[name])
            except Exception as error:
                found[name] = error

        here = names[:1] if until is None else []
        threads = [
            threading.Thread(target=perform, args=(name,), name="chunkscope-errand", daemon=True)
            for name in names[len(here) :]
        ]
        for thread in threads:
            thread.start()
        for name in here:
            perform(name)
        for thread in threads:
            thread.join(None if until is None else max(0.0, until - time.monotonic()))
        late = TimeoutError(f"not answered within {timeout} seconds; it goes on")
        return {name: found.get(name, late) for name in names}

    def prepare(self, name: str, function: Callable[[Worker], Any] | None) -> None:
        """For workers that `scale` and `restart` make."""
        if function is None:
            self._preparations.pop(name, None)
        else:
            self._preparations[name] = function

    def stacks(self) -> dict[str, dict[tuple[int, int], list[str]]]:
        """Of this process's threads."""
        frames = sys._current_frames()
        names = self.names()
        found: dict[str, dict[tuple[int, int], list[str]]] = {name: {} for name in names}
        for run in self._pool.runs():
            for lane, task, _ in run.log.running():
                frame = frames.get(run.log.threads.get(lane, 0))
                if frame is not None:
                    name = names[lane // self.nthreads % len(names)]
                    found[name][run.log.number, task] = stack_text(frame)
        return found

    def said(self, names: Sequence[str]) -> dict[str, list[tuple[float, str]]]:
        """Nothing: what tasks on threads print goes where this process prints."""
        return {name: [] for name in names}

    def kill(self, name: str) -> None:
        """Raises ConfigError: a thread cannot be killed."""
        raise ConfigError(
            f"kill({name!r}): these workers are threads of this process; LocalCluster(processes=True) has some to kill"
        )

    def close(self) -> None:
        """Nothing starts any more; threads without work end by themselves."""
        for run in self._pool.runs():
            run.cancel()

    def forget_in_child(self) -> None:
        """After a fork, in the child: the threads are not here."""
        self._pool.__init__(self.lanes)  # type: ignore[misc]
