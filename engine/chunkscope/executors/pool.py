"""The threads that all runs of this process share. They start when there is work and end when there has been none.

A lane takes the run of the highest priority, the oldest among equals, that has work for one more lane, performs its
batches until there is none for it, and looks again. Nobody hands tasks to lanes: a lane that makes more work than it
can do wakes another.
"""

from __future__ import annotations

import os
import threading
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chunkscope.executors.drive import drive

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["POOL", "Pool", "away", "default_workers"]

IDLE_SECONDS = 0.2


def default_workers() -> int:
    """Cores this process may use: its affinity, within the limit of its control group.

    >>> default_workers() >= 1
    True
    """
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        cores = os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max") as file:
            quota, period = file.read().split()
        if quota != "max":
            cores = min(cores, max(1, round(int(quota) / int(period))))
    except (OSError, ValueError):
        pass
    return cores


_here = threading.local()


@contextmanager
def away() -> Iterator[None]:
    """For a task that waits for other tasks: while inside, its lane's place is free for another lane."""
    place: tuple[Pool, Run] | None = getattr(_here, "place", None)
    if place is None:
        yield
        return
    pool, run = place
    with pool.without(run):
        yield


def place() -> Any:
    """The place of this thread's lane, for `in_place`."""
    return getattr(_here, "place", None)


@contextmanager
def in_place(lane: Any) -> Iterator[None]:
    """While inside, this thread stands in the place of a lane: what waits here frees that lane's place."""
    before, _here.place = place(), lane
    try:
        yield
    finally:
        _here.place = before


class Pool:
    """Lanes for runs. Thread-safe; `submit` returns at once.

    Every run can have as many lanes as it may use, or all runs together at most `limit()`.
    """

    def __init__(self, limit: Callable[[], int] | None = None) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._runs: list[Run] = []
        self._idle = 0
        self._lanes: set[int] = set()
        self._away = 0

    @property
    def nlanes(self) -> int:
        """Threads alive now."""
        return len(self._lanes)

    def submit(self, run: Run) -> None:
        """Enter a run; lanes begin with it at once."""
        run.on_work = self.wake
        run.on_end.append(self.withdraw)
        with self._changed:
            insort(self._runs, run, key=lambda run: -run.priority)  # after those of the same priority
        self.wake(run)

    def withdraw(self, run: Run) -> None:
        """Take out a run that has ended."""
        with self._changed:
            if run in self._runs:
                self._runs.remove(run)

    def wake(self, run: Run) -> None:
        """Have one more lane look for work: an idle one, or a new one where the run may have more."""
        if not run.has_work:
            return
        with self._changed:
            if self._idle:
                self._changed.notify()
            elif len(self._lanes) - self._away < self._most_lanes():
                number = next(i for i in range(len(self._lanes) + 1) if i not in self._lanes)
                self._lanes.add(number)
                thread = threading.Thread(
                    target=self._live, args=(number,), name=f"chunkscope-{number}", daemon=True
                )
                thread.start()

    @contextmanager
    def without(self, run: Run) -> Iterator[None]:
        """While a lane of `run` waits for other tasks, another lane has its place."""
        with self._changed:
            run.active_lanes -= 1
            self._away += 1
            runs = list(self._runs)
        for other in runs:
            self.wake(other)
        try:
            yield
        finally:
            with self._changed:
                run.active_lanes += 1
                self._away -= 1

    def _live(self, number: int) -> None:
        while True:
            run = self._find(number)
            if run is None:
                return
            _here.place = (self, run)
            try:
                self._drive(run, number)
            except BaseException as error:  # a fault of the engine: nobody may wait for a lane that is gone
                run.abort(error)
            finally:
                _here.place = None
                with self._changed:
                    run.active_lanes -= 1
            del run

    def _drive(self, run: Run, number: int) -> None:
        """What one lane does for a run until there is nothing more for it."""
        lane = run.add_lane(f"thread-{number}")
        if lane:
            run.share_cores()
        drive(run, lane)

    def _most_lanes(self) -> int:
        """How many lanes there may be. Called with the lock held."""
        most = sum(run.max_lanes for run in self._runs)
        return most if self._limit is None else min(most, self._limit())

    def _rest(self) -> None:
        """The last lane ends. Called with the lock held."""

    def _find(self, number: int) -> Run | None:
        """The next run for a lane, with its place taken; None when the lane has been idle for long, and ends."""
        with self._changed:
            self._idle += 1
            try:
                while True:
                    found = next((run for run in self._runs if run.has_work), None)
                    if found is not None:
                        found.active_lanes += 1
                        return found
                    if not self._changed.wait(IDLE_SECONDS) and not any(r.has_work for r in self._runs):
                        self._lanes.discard(number)
                        if not self._lanes:
                            self._rest()
                        return None
            finally:
                self._idle -= 1


POOL = Pool()
"""The pool of this process."""
