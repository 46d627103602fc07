"""How much a lane is handed at once, and batches that go on along chains, for lanes that are far away.

What may follow in a batch is said in `scheduler/chains.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.executors.lanes import Lanes
from chunkscope.scheduler.forecast import BATCH_BYTES

if TYPE_CHECKING:
    from chunkscope.executors.faults import Faults
    from chunkscope.executors.report import Report
    from chunkscope.executors.run import Run
    from chunkscope.executors.table import TaskTable
    from chunkscope.observe import RunLog
    from chunkscope.scheduler import Machine

__all__ = ["Following"]

BATCH_SECONDS = 5e-4
BATCH_TASKS = 512
SMALL_BATCH = 8


class Following(Lanes):
    """Lanes with batches of the right size, which may hold more than is ready. Its methods are called with the lock."""

    machine: Machine
    table: TaskTable
    faults: Faults | None
    _returned: list[int]
    _nrunning: int
    _strict: bool
    admit: Callable[[Run, int, list[int]], int] | None

    def __init__(self, log: RunLog, max_lanes: int) -> None:
        super().__init__(log, max_lanes)
        self.batch_seconds = BATCH_SECONDS
        """How long a batch should take: longer where it has far to go."""
        self._cost = 0.0
        self._mean_bytes = 0.0
        self._looked_at, self._large = -1, False
        self.follows = False
        """Whether batches go on along chains: where it is far to a lane."""
        self.followers: dict[int, frozenset[int]] = {}
        """By lane, the tasks of its batch that wait for others of it: they have not started here."""

    def _learn(self, seconds: float, nbytes: float) -> None:
        """Follow what tasks cost: half by the last batch, half by those before."""
        self._cost = seconds if self._cost == 0.0 else 0.5 * (self._cost + seconds)
        self._mean_bytes = 0.5 * (self._mean_bytes + nbytes)

    def _want(self) -> int:
        """How many tasks to hand out at once: about `batch_seconds` worth, shared fairly, little memory.

        One by one where memory is promised: a batch gives back what it has read only when all of it is done.
        """
        if self._cost == 0.0 or self._strict:
            return 1
        fair = (self.machine.nready + len(self._returned)) // self.max_lanes
        return max(1, min(self._most(), fair))

    def _most(self) -> int:
        """How many tasks are enough for one batch."""
        light = int(BATCH_BYTES / self._mean_bytes) if self._mean_bytes > 0 else BATCH_TASKS
        return min(BATCH_TASKS, int(self.batch_seconds / self._cost), light)

    def _prolong(self, lane: int, batch: list[int]) -> None:
        """Make a batch longer by what goes on from it."""
        if not self.follows or self._strict or self._cost == 0.0 or self._returned:
            return
        most = self._most()
        if self.admit is not None and len(batch) < SMALL_BATCH and self._expects_large():
            return  # each task is looked at before it starts
        if len(batch) >= most or (self.faults is not None and self.faults.refused):
            return
        before = len(batch)
        fair = (self.machine.nready + before) // self.max_lanes
        followers = self.machine.prolong(batch, fair - before, most, self.table.output_at)
        self._nrunning += len(batch) - len(followers) - before
        if followers:
            self.followers[lane] = frozenset(followers)

    def _expects_large(self) -> bool:
        """Whether any block is foreseen that would fill a batch by itself."""
        if self._looked_at != len(self.table.slot_bytes):
            self._looked_at = len(self.table.slot_bytes)
            self._large = int(np.max(self.table.slot_bytes, initial=0)) > BATCH_BYTES
        return self._large

    def _take_turns(self, report: Report) -> list[int]:
        """Tell the machine of a batch with followers, before it is booked; returns the slots to drop."""
        done, followers, failed = report.done, report.followers, report.failed
        begun = failed if failed is not None and failed in followers else report.begun
        self._nrunning += sum(task in followers for task in done) + (begun >= 0)
        self.machine.follow(done, followers, report.stops, begun)
        return self.machine.freed

    def _without_followers(self, report: Report) -> list[int]:
        """What a lost lane had. If it died of a follower, batches hold none any more: it is to be found out which."""
        if not report.followers:
            return report.batch
        if report.loss is not None and report.loss.task in report.followers:
            self.follows = False
        return [task for task in report.batch if task not in report.followers]
