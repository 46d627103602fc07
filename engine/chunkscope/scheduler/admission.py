"""Which ready tasks may start when memory is limited.

The rule that keeps a budget: what is run in order needs at most the highest rest of the forecast curve. So a task that
is not the next in order may start only if its own bytes, and those of all others that ran ahead, fit beside that. The
next in order may always start. Then the run can never paint itself into a corner: if all that ran ahead stays, the
rest still fits, one task at a time. (It is the banker's algorithm, with the static order as the known safe sequence.)
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chunkscope.scheduler.forecast import forecast
from chunkscope.scheduler.tables import needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph
    from chunkscope.scheduler.flow import Flow

__all__ = ["Admission", "Blocked"]


class Blocked(NamedTuple):
    """A task that was ready but not let in."""

    task: int
    need_bytes: int
    free_bytes: int


class Admission:
    """The memory accounts of one run: only touched when there is a limit."""

    __slots__ = (
        "_ahead",
        "_ahead_bytes",
        "_need",
        "_next",
        "_rest",
        "_segments",
        "_slot_bytes",
        "blocked",
        "budget",
    )

    def __init__(self, budget: int | None) -> None:
        self.budget = budget
        self.blocked: Blocked | None = None
        """The task that waits for memory since the last call, if one does."""
        self._segments = 0
        self._need = array("q")  # predicted bytes of each task: outputs and temporaries
        self._slot_bytes = array("q")
        self._rest = array("q")  # by rank: highest bytes from this step of the forecast on
        self._next = 0  # the lowest rank that is not final: the next in order
        self._ahead: dict[int, int] = {}  # bytes of tasks that started while they were not the next
        self._ahead_bytes = 0

    def need(self, machine: Flow, task: int) -> int:
        """Predicted bytes of `task`: outputs and temporaries."""
        self._catch_up(machine)
        return self._need[task]

    def extend(self, machine: Flow, graph: Graph, ranks: NDArray[np.int64], held: set[int]) -> None:
        """Plan for one more segment. `held`: slots of earlier segments that are still there when it begins."""
        if self.budget is None:
            return
        self._catch_up(machine)
        held_bytes = sum(self._slot_bytes[slot] for slot in held)
        during = forecast(graph, ranks, keep_outputs=machine.keep_outputs, held_bytes=held_bytes).during
        rest = np.maximum.accumulate(during[::-1])[::-1]
        if len(self._rest) and len(rest):
            before = np.frombuffer(self._rest, dtype=np.int64)
            self._rest = _array(np.maximum(before, rest[0]))
        self._rest.extend(_array(rest))

    def _catch_up(self, machine: Flow) -> None:
        """Take over the sizes of segments that were not looked at yet."""
        for graph in machine.graphs[self._segments :]:
            self._need.extend(_array(needs(graph)))
            self._slot_bytes.extend(_array(graph.slot_bytes))
        self._segments = len(machine.graphs)

    def settle(self, machine: Flow, ended: set[int]) -> None:
        """Book that tasks have ended and that `machine.freed` slots are gone."""
        ahead = self._ahead
        for task in ended:
            if task in ahead:
                kept = sum(
                    self._slot_bytes[slot] for slot in machine.slots_of(task) if machine.is_stored(slot)
                )
                self._ahead_bytes -= ahead[task] - kept
                ahead[task] = kept
        for slot in machine.freed:
            maker = machine.maker_of(slot)
            # A task of `ended` has been counted without its freed slots above.
            if maker in ahead and maker not in ended:
                ahead[maker] -= self._slot_bytes[slot]
                self._ahead_bytes -= self._slot_bytes[slot]
        while self._next < machine.ntasks:
            task = machine.task_at(self._next)
            self._ahead_bytes -= ahead.pop(task, 0)
            if not machine.state(task).final:
                break
            self._next += 1

    def forget(self, tasks: Iterable[int]) -> None:
        """Book that tasks which had started are back where they were, and hold nothing."""
        for task in tasks:
            self._ahead_bytes -= self._ahead.pop(task, 0)

    def start(self, machine: Flow, want: int, room: int | None) -> list[int]:
        """Start up to `want` ready tasks in order, as long as their ranks have no gap and the next of them fits."""
        self._catch_up(machine)
        self.blocked = None
        started: list[int] = []
        while len(started) < want:
            task = machine.first_ready()
            if task < 0 or (started and machine.rank_of(task) != machine.rank_of(started[-1]) + 1):
                break
            need = self._need[task]
            free = self._free(machine, task, room)
            if free is not None and need > free and (started or machine.nrunning):
                self.blocked = Blocked(task, need, max(free, 0))
                break
            machine.start_first()
            started.append(task)
            if room is not None:
                room -= need
            if self.budget is not None:
                self.run_ahead(machine, task)
        return started

    def run_ahead(self, machine: Flow, task: int) -> None:
        """Book a task that has started, if it is not the next in order."""
        if machine.task_at(self._next) != task:
            self._ahead[task] = need = self.need(machine, task)
            self._ahead_bytes += need

    def spare(self) -> int:
        """Bytes that tasks may take which are not the next in order. Only asked where there is a budget."""
        assert self.budget is not None
        return self.budget - self._rest[self._next] - self._ahead_bytes

    def _free(self, machine: Flow, task: int, room: int | None) -> int | None:
        """Bytes that `task` may take; None is no limit."""
        if self.budget is None or machine.task_at(self._next) == task:
            return room
        spare = self.spare()
        return spare if room is None else min(room, spare)


def _array(values: NDArray[np.int64]) -> array[int]:
    result = array("q")
    result.frombytes(np.ascontiguousarray(values, dtype=np.int64).view(np.uint8).data)
    return result
