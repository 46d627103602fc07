"""Looks at what functions the lanes of runs are in, every now and then, from a thread of its own.

Lanes in worker processes are looked at there (`executors/cluster/looking.py`).

The thread lives while runs go on and ends soon after the last. A run is looked at from its first tenth of a second on:
short ones are never seen, and cost one entry in a list.
"""

from __future__ import annotations

import sys
import threading
import time
from types import CodeType
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.observe.stacks import StackTree, below_kernels

if TYPE_CHECKING:
    from chunkscope.observe.runlog import RunLog

__all__ = ["SAMPLER", "Sampler", "pause"]

FIRST_SECONDS = 0.1
"""How long a run is left alone."""
IDLE_SECONDS = 0.3
"""How long the thread waits for another run."""
BUSY_SHARE = 250
"""After each look the thread rests at least this many times as long as it worked for it."""
LONGEST_PAUSE_S = 0.5


class Sampler:
    """Samples the runs that it is given until they end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs: list[RunLog] = []
        self._thread: threading.Thread | None = None
        self._paused = False

    @property
    def alive(self) -> bool:
        """Whether its thread is there."""
        return self._thread is not None

    def watch(self, run: RunLog) -> None:
        """Look at `run`, which begins now, at the interval that it names."""
        if self.interval_of(run) is None or run.executor == "simulated":
            return
        with self._changed:
            self._runs.append(run)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chunkscope-stacks", daemon=True)
                self._thread.start()
            elif len(self._runs) == 1:
                self._changed.notify()

    def interval_of(self, run: RunLog) -> float | None:
        """Seconds between two looks at a run that begins now; None: never."""
        return None if self._paused else run.profile_interval

    def pause(self, paused: bool) -> None:
        """Look at nothing any more, or do again: at the runs that begin from now on."""
        with self._changed:
            self._paused = paused
            if paused:
                self._runs.clear()

    def _work(self) -> None:
        """The thread."""
        looked: dict[RunLog, float] = {}
        while True:
            with self._changed:
                if not self._runs and not self._changed.wait(IDLE_SECONDS) and not self._runs:
                    self._thread = None
                    return
                self._runs = [run for run in self._runs if run.stopped is None]
                runs = list(self._runs)
            began = time.perf_counter()
            due = [run for run in runs if began - run.started >= FIRST_SECONDS]
            looked = {run: looked.get(run, began - (run.profile_interval or 0.0)) for run in due}
            if due:
                spent = (
                    time.thread_time()
                )  # not the clock: most of a look may be waiting for the interpreter's lock
                self._look(due, looked, began)
                intervals = [run.profile_interval for run in due if run.profile_interval is not None]
                time.sleep(
                    max(min(intervals), min(BUSY_SHARE * (time.thread_time() - spent), LONGEST_PAUSE_S))
                )
            elif runs:
                time.sleep(min(max(FIRST_SECONDS - (began - run.started), 0.001) for run in runs))

    def _look(self, runs: list[RunLog], looked: dict[RunLog, float], now: float) -> None:
        """Count what every lane of these runs does at this moment."""
        frames = sys._current_frames()
        frames.pop(
            threading.get_ident(), None
        )  # a frame that holds itself would hold all blocks until the next gc
        kernels: dict[int, list[list[CodeType]]] = {}
        rank: dict[int, int] = {}
        for run in sorted(
            runs, key=lambda run: run.number
        ):  # a run inside a task of another one is the later one
            seconds, looked[run] = now - looked[run], now
            for lane, task, _ in run.running():
                thread = run.threads.get(lane)
                if thread is None or thread not in frames:
                    continue
                if thread not in kernels:
                    kernels[thread] = below_kernels(frames[thread])
                mine = rank[thread] = rank.get(thread, -1) + 1
                if mine < len(kernels[thread]):
                    if run.stack_tree is None:
                        run.stack_tree = StackTree(run.profile_interval or 0.0)
                    run.stack_tree.add(kernels[thread][mine], _layer(run, task), seconds)


def _layer(run: RunLog, task: int) -> int:
    """The number of a task's operation, counted over the segments."""
    before = 0
    for graph in run.graphs:
        if graph.first_task <= task < graph.first_task + graph.ntasks:
            local = task - graph.first_task
            return before + int(np.searchsorted(graph.task_ptr, local, side="right")) - 1
        before += len(graph.layers)
    return -1


SAMPLER = Sampler()
"""The sampler of this process."""


def pause(paused: bool) -> None:
    """Sample no run any more; with False, those that begin from now on."""
    SAMPLER.pause(paused)
