"""A group of worker processes: lanes of a pool, each of which has its process perform what it is handed."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import ClusterError, MemoryBudgetError
from chunkscope.executors.cluster.figures import WorkerFigures
from chunkscope.executors.cluster.member import Member
from chunkscope.executors.cluster.process import Process
from chunkscope.executors.cluster.relief import has_eased, relieve
from chunkscope.executors.cluster.roster import Roster
from chunkscope.executors.cluster.shipment import Shipment
from chunkscope.executors.cluster.spillnews import tell_news
from chunkscope.executors.drive import drive_alone, inside_task, refuse, wait_for
from chunkscope.executors.pool import Place
from chunkscope.observe import registry

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["PROCESSES", "WorkerFigures", "WorkerGroup"]

PAUSE_SECONDS = 0.01
MOST_FURTHER = 200
"""Threads of one process beside its own: of tasks that wait for others. Beyond, such a task keeps its place."""
MOST_SPARE = 2
BATCH_SECONDS = 2e-3
"""Going to another process and back costs about a tenth of a millisecond."""


class WorkerGroup(Roster):
    """Processes that stay. They start with the first work that there is for them, or with `warm`.

    `n_workers`: how many; None for as many as runs ask for.
    """

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
        run.follows = True
        if self.allowance is not None:
            try:
                self.allowance.check(run)
            except MemoryBudgetError as error:
                refuse(run, error)
                return
            run.admit = self.allowance.admit
        self._shipments[run.log.number] = Shipment(run)
        run.on_end.append(self._end)
        self.submit(run)
        if wait:
            wait_for(run)

    def close(self) -> None:
        """End every process, and cancel what runs."""
        self._closed = True
        if self.allowance is not None:
            self.allowance.close()
        with self.changed:
            runs = list(self._runs)
        for run in runs:
            run.cancel()
        with self.changed:
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

    # -- its lanes ------------------------------------------------------------------------------------------

    def _end(self, run: Run) -> None:
        shipment = self._shipments.pop(run.log.number, None)
        soon = shipment is not None and shipment.names_things
        if self.allowance is not None:
            self.allowance.end(run)
        if SPILLER.news:
            tell_news([run.log], run.log)
        for members in list(self._members.values()):
            for member in members:
                member.close_run(run.log.number, soon=soon)
        if soon:
            with self.changed:
                for members in list(self._members.values()):
                    for member in members:
                        if member not in self._taken:
                            member.rest()

    def _drive(self, run: Run, number: int, place: Place) -> None:
        shipment = self._shipments.get(run.log.number)
        member = self._take_member(place) if shipment is not None else None
        if (
            shipment is None or member is None
        ):  # it has ended meanwhile, or there are fewer workers than lanes now
            time.sleep(PAUSE_SECONDS)
            return
        place.lane = lane = run.add_lane(member.name)
        process, allowance = member.process, self.allowance
        if allowance is not None:
            allowance.sit(run, lane, place)
        try:
            batch = run.exchange(lane, None)
            while batch is not None:
                if allowance is not None:
                    allowance.settle()
                report = member.perform(run, lane, batch, shipment)
                leaves = place.over() or member.gone or process.leaving or self.is_wanted(place)
                if allowance is not None:
                    leaves = relieve(run, process, *self._others(process)) or leaves
                    allowance.release(run, lane)
                if SPILLER.news:
                    tell_news([other.log for other in self.runs()], run.log)
                batch = run.exchange(lane, report, leaves=leaves)
        except BaseException as error:
            run.abort(error)
        finally:
            if allowance is not None:
                allowance.leave(run, lane)
            self._give_member(member)

    def _take_member(self, place: Place) -> Member | None:
        """A stand-in that no lane uses, of the process that has the least to do; for that place."""
        with self.changed:
            found: Process | None = None
            least = self._nthreads
            for number in range(self._nworkers or len(self._processes) + 1):
                process = self._process(number)
                busy = self._at_work(process) + sum(p.member.process is process for p in self.returning)
                if busy < least and has_eased(process, bool(self._at_work(process))):
                    found, least = process, busy
                if not least:
                    break  # one that has nothing to do; a further one would be made only to stay
            if found is None:
                return None
            members = self._members.setdefault(found, [])
            self._clear_out(found)
            member = next((one for one in members if one not in self._taken), None)
            if member is None:
                numbers = {one.thread for one in members}
                free = next((n for n in range(self._nthreads) if n not in numbers), None)
                if free is None:
                    return None
                member = Member(found, free)
                members.append(member)
                members.sort(key=lambda one: one.thread)
            self._taken.add(member)
            place.member, member.place = member, place
            return member

    def _at_work(self, process: Process) -> int:
        """How many of its threads have a task that does not wait for others. The lock is held."""
        members = self._members.get(process, ())
        return sum(one in self._taken and not (one.place and one.place.left) for one in members)

    def _others(self, process: Process) -> tuple[int, int]:
        """Of the threads of a process beside the one that asks: how many are at work, and how many wait for others."""
        with self.changed:
            at_work = self._at_work(process)
            taken = sum(one in self._taken for one in self._members.get(process, ()))
        return max(at_work - 1, 0), taken - at_work

    def _clear_out(self, process: Process) -> None:
        """Let go of further seats that went with the process they were in. The lock is held."""
        members = self._members[process]
        for one in [one for one in members if one.thread >= self._nthreads and one not in self._taken]:
            if one.gone or not one.seated:
                members.remove(one)
                one.stand_up()

    def _give_member(self, member: Member) -> None:
        process = member.process
        with self.changed:
            member.rest()
            self._taken.discard(member)
            member.place = None
            others = self._members.get(process, [member])
            gone = process.leaving and not any(other in self._taken for other in others)
            if gone:
                self._members.pop(process, None)
            elif process in self._members:
                self._clear_out(process)
                away = sum(bool(one.place and one.place.left) for one in others)
                further = [one for one in others if one.thread >= self._nthreads]
                spare = [one for one in further if one not in self._taken]
                for one in spare[: max(0, len(further) - away - MOST_SPARE)]:
                    others.remove(one)
                    one.stand_up()
        if gone:
            process.dismiss()
            for other in others:
                other.stand_up()

    # -- tasks that wait for others -------------------------------------------------------------------------

    def step_out(self, place: Place) -> bool:
        left = self._has_spare(place) and super().step_out(place)
        if left and self.allowance is not None:
            self.allowance.look_again()
        return left

    def _has_spare(self, place: Place) -> bool:
        """Whether its process has a thread for whoever comes in place of a task that waits; there is one more then."""
        member: Member = place.member
        process = member.process
        with self.changed:
            members = self._members.get(process, [])
            self._clear_out(process)
            away = sum(bool(one.place and one.place.left) for one in members)
            further = [one.thread for one in members if one.thread >= self._nthreads]
            if len(further) >= away:
                return True
            if len(further) >= MOST_FURTHER:
                return False
            number = next(n for n in range(self._nthreads, MOST_FURTHER + self._nthreads) if n not in further)
            one = member.seat_further(number)
            if one is not None:
                members.append(one)
            return True

    def has_room(self, place: Place) -> bool:
        return super().has_room(place) and self._at_work(place.member.process) < self._nthreads

    def is_wanted(self, place: Place) -> bool:
        process = place.member.process
        return any(
            other.member.process is process or self._at_work(other.member.process) < self._nthreads
            for other in list(self.returning)
        )

    def _most_lanes(self) -> int:
        most = max((run.max_lanes for run in self._runs), default=0)  # runs that overlap share the processes
        return most if self.lanes is None else min(most, self.lanes)

    def _rest(self) -> None:
        ARENAS.trim()

    def forget_in_child(self) -> None:
        """After a fork, in the child: the processes are the parent's."""
        self.__init__(self._nworkers, self._nthreads, self._name, self._memory_limit, self._spill)  # type: ignore[misc]


PROCESSES = WorkerGroup()
"""The warm pool of this process, for `scheduler="processes"`."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=PROCESSES.forget_in_child)
