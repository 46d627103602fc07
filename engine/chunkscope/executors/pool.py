"""The threads that all runs of this process share. They start when there is work and end when there has been none.

A lane takes the run of the highest priority, the oldest among equals, that has work for one more lane, performs its
batches until there is none for it, and looks again. Nobody hands tasks to lanes: a lane that makes more work than it
can do wakes another.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from bisect import insort
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ClusterError
from chunkscope.executors.drive import drive
from chunkscope.executors.place import away, in_place

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["POOL", "Place", "Pool", "away", "default_workers"]

IDLE_SECONDS = 0.2
PATIENCE_SECONDS = 10.0
"""A task that has waited for others waits so long at most for its place: a lane may be stuck in what the task holds."""


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


class Place:
    """The place of one lane in a pool. The pool's lock guards it."""

    def __init__(self, pool: Pool, run: Run, number: int = 0) -> None:
        self.pool = pool
        self.run = run
        self.number = number
        """Which thread of the pool has it."""
        self.lane = -1
        """Which lane of the run has it."""
        self.member: Any = None
        """Where the lane's tasks run in another process: who stands in for it."""
        self.depth = run.depth + 1
        self.left = 0
        """How often its task has left it and is not back."""
        self.stays = False
        """Whether no other lane has it although its task waits: there are too many such."""
        self._epoch = 0

    def leave(self) -> int:
        """Give it to another lane, with all that the lane's batch has done and has still to do. Nests."""
        pool = self.pool
        if not self.left and self.member is None:
            self.run.settle(self.lane)
        with pool.changed:
            self.left += 1
            first, epoch = self.left == 1, self._epoch
        if first:
            self.stays = not pool.step_out(self)
        return epoch

    def back(self, left: int) -> None:
        """Have it again, once there is room, or after `PATIENCE_SECONDS`: who is at work may wait for this task."""
        with self.pool.changed:
            if left != self._epoch or not self.left:
                return
            if self.left == 1 and not self.stays:
                self.pool.step_in(self, lambda: left == self._epoch)
            if left == self._epoch:
                self.left -= 1

    def is_away(self, left: int) -> bool:
        """Whether its task has left, is not back, and is not over."""
        return left == self._epoch and self.left > 0

    def over(self) -> bool:
        """The task has ended, wherever it was; whether it had left, so that there may be a lane too many now."""
        if not self.left:
            return False
        with self.pool.changed:
            self._epoch += 1
            if self.left and not self.stays:
                self.pool.count_in(self)
            self.left = 0
            self.pool.room.notify_all()
        return True


def _nobody() -> None:
    """There is no cluster."""


_numbers = itertools.count(1)


class Pool:
    """Lanes for runs. Thread-safe; `submit` returns at once.

    Every run can have as many lanes as it may use, or all runs together at most `limit()`.
    """

    def __init__(self, limit: Callable[[], int] | None = None) -> None:
        self._limit = limit
        self.number = next(_numbers)
        """Which of this process's pools it is: what its workers say where they tell something of themselves."""
        self.serves: Callable[[], Any] = _nobody
        """What its tasks find when they ask for their cluster."""
        self.changed = threading.Condition()
        self.room = threading.Condition(self.changed._lock)  # type: ignore[attr-defined]  # both guard the same
        """Told when a lane gives its place up: somebody may want it again."""
        self.returning: list[Place] = []
        """Places whose tasks want them again."""
        self._runs: list[Run] = []
        self._idle = 0
        self._lanes: set[int] = set()
        self._active = 0
        self._away = 0

    @property
    def nlanes(self) -> int:
        """Threads alive now."""
        return len(self._lanes)

    def runs(self) -> list[Run]:
        """The runs that have not ended."""
        with self.changed:
            return list(self._runs)

    def submit(self, run: Run) -> None:
        """Enter a run; lanes begin with it at once."""
        run.on_work = self.wake
        run.on_end.append(self.withdraw)
        with self.changed:
            insort(self._runs, run, key=lambda run: (-run.priority, -run.depth))  # after its equals
        if run.log.stopped is not None:  # cancelled before it was entered
            self.withdraw(run)
        self.wake(run)

    def withdraw(self, run: Run) -> None:
        """Take out a run that has ended."""
        with self.changed:
            if run in self._runs:
                self._runs.remove(run)

    def wake(self, run: Run) -> None:
        """Have one more lane look for work: an idle one, or a new one where the run may have more."""
        if not run.has_work:
            return
        with self.changed:
            if self._idle:
                self.changed.notify()
                return
            if len(self._lanes) - self._away < self._most_lanes():
                number = next(i for i in range(len(self._lanes) + 1) if i not in self._lanes)
                self._lanes.add(number)
                thread = threading.Thread(
                    target=self._live, args=(number,), name=f"chunkscope-{number}", daemon=True
                )
                try:
                    thread.start()
                    return
                except RuntimeError as error:
                    self._lanes.discard(number)
                    if len(self._lanes) > self._away:  # those that there are will do it
                        return
                    reason = error
            else:
                return
        run.abort(
            ClusterError(f"no thread could be started for tasks: {reason}; scheduler='sync' needs none")
        )

    # -- tasks that wait for others -------------------------------------------------------------------------

    def step_out(self, place: Place) -> bool:
        """A task waits for other tasks: another lane has its place. Whether one can."""
        with self.changed:
            place.run.active_lanes -= 1
            self._active -= 1
            self._away += 1
            runs = list(self._runs)
            self.room.notify_all()
        for run in runs:
            self.wake(run)
        return True

    def step_in(self, place: Place, wanted: Callable[[], bool]) -> None:
        """The task goes on: waits until there is room for it. The lock is held."""
        self.returning.append(place)
        until = time.monotonic() + PATIENCE_SECONDS
        try:
            while wanted() and place.run in self._runs and not self.has_room(place):
                if not self.room.wait(until - time.monotonic()):
                    break
        finally:
            self.returning.remove(place)
        if wanted():
            self.count_in(place)

    def count_in(self, place: Place) -> None:
        """The task is at work in its place again. The lock is held."""
        place.run.active_lanes += 1
        self._active += 1
        self._away -= 1

    def has_room(self, place: Place) -> bool:
        """Whether one more task may run in that place. The lock is held."""
        return self._active < self._most_lanes() and place.run.active_lanes < place.run.max_lanes

    def is_wanted(self, place: Place) -> bool:
        """Whether a lane should leave its place to a task that wants to go on. Read without the lock; a hint."""
        return bool(self.returning)

    def _live(self, number: int) -> None:
        while True:
            run = self._find(number)
            if run is None:
                return
            place = Place(self, run, number)
            try:
                with in_place(place):
                    self._drive(run, number, place)
            except BaseException as error:  # a fault of the engine: nobody may wait for a lane that is gone
                run.abort(error)
            finally:
                place.over()
                with self.changed:
                    run.active_lanes -= 1
                    self._active -= 1
                    if self.returning:
                        self.room.notify_all()
            del run, place

    def _drive(self, run: Run, number: int, place: Place) -> None:
        """What one lane does for a run until there is nothing more for it."""
        place.lane = lane = run.add_lane(f"thread-{number}")
        if lane:
            run.share_cores()
        drive(run, lane, lambda: place.over() or self.is_wanted(place))

    def _most_lanes(self) -> int:
        """How many lanes there may be. Called with the lock held."""
        most = sum(run.max_lanes for run in self._runs)
        return most if self._limit is None else min(most, self._limit())

    def _rest(self) -> None:
        """The last lane ends. Called with the lock held."""

    def _find(self, number: int) -> Run | None:
        """The next run for a lane, with its place taken; None when the lane has been idle for long, and ends."""
        with self.changed:
            self._idle += 1
            try:
                while True:
                    found = next((run for run in self._runs if run.has_work), None)
                    if found is not None and self._active + len(self.returning) < self._most_lanes():
                        found.active_lanes += 1
                        self._active += 1
                        return found
                    if not self.changed.wait(IDLE_SECONDS) and not any(r.has_work for r in self._runs):
                        self._lanes.discard(number)
                        if not self._lanes:
                            self._rest()
                        return None
            finally:
                self._idle -= 1


POOL = Pool()
"""The pool of this process."""
