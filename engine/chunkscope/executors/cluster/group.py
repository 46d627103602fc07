"""A group of worker processes: lanes of a pool, each of which has its process perform what it is handed."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING

from chunkscope.blocks.arenas import ARENAS
from chunkscope.executors.cluster.member import Member
from chunkscope.executors.cluster.shipment import Shipment
from chunkscope.executors.drive import drive, drive_alone, inside_task, wait_for
from chunkscope.executors.pool import Pool
from chunkscope.observe import registry

if TYPE_CHECKING:
    from chunkscope.executors.report import Report
    from chunkscope.executors.run import Run

__all__ = ["PROCESSES", "WorkerGroup"]

BATCH_SECONDS = 2e-3
"""Going to another process and back costs about a tenth of a millisecond."""


class WorkerGroup(Pool):
    """Processes that stay. They start with the first work that there is for them."""

    def __init__(self, name: str = "process") -> None:
        super().__init__()
        self._name = name
        self._members: dict[int, Member] = {}
        self._shipments: dict[int, Shipment] = {}

    def start(self, run: Run, wait: bool) -> None:
        """Run it on the group; with `wait`, return when it has ended."""
        run.on_end.append(lambda run: registry.end(run.log))
        if inside_task():  # in the task's own thread, wherever that is
            run.max_lanes = 1
            drive_alone(run, threading.current_thread().name)
            return
        run.batch_seconds = BATCH_SECONDS
        self._shipments[run.log.number] = Shipment(run)
        run.on_end.append(self._close)
        self.submit(run)
        if wait:
            wait_for(run)

    @property
    def members(self) -> list[Member]:
        """The workers, by number."""
        return [self._members[number] for number in sorted(self._members)]

    def _close(self, run: Run) -> None:
        self._shipments.pop(run.log.number, None)
        for member in self.members:
            member.close_run(run.log.number)

    def _drive(self, run: Run, number: int) -> None:
        shipment = self._shipments.get(run.log.number)
        if shipment is None:  # it has ended meanwhile
            return
        member = self._members.setdefault(number, Member(f"{self._name}-{number}"))
        drive(run, run.add_lane(member.name), partial(_perform, member, shipment))

    def _most_lanes(self) -> int:
        return max((run.max_lanes for run in self._runs), default=0)  # runs that overlap share the processes

    def _rest(self) -> None:
        ARENAS.trim()

    def stop(self) -> None:
        """End every process; the next run starts new ones. Nothing may be running."""
        for member in self.members:
            member.stop()
        ARENAS.trim()

    def forget_in_child(self) -> None:
        """After a fork, in the child: the processes are the parent's."""
        self.__init__(self._name)  # type: ignore[misc]


def _perform(member: Member, shipment: Shipment, run: Run, lane: int, batch: list[int]) -> Report:
    return member.perform(run, lane, batch, shipment)


PROCESSES = WorkerGroup()
"""The warm pool of this process, for `scheduler="processes"`."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=PROCESSES.forget_in_child)
