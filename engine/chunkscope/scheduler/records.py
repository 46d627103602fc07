"""What the machine knows about its run: tables, counters, and the questions that they answer. Nothing changes here."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from chunkscope.errors import IllegalTransition
from chunkscope.scheduler.states import Stimulus, TaskState, refusal
from chunkscope.scheduler.tables import END

if TYPE_CHECKING:
    from chunkscope.graph import Graph
    from chunkscope.types import Key

__all__ = ["CANCELLED", "FAILED", "FINISHED", "GONE", "RUNNING", "SKIPPED", "Records"]

# The whole state of a task is one integer: how many inputs and holds it waits for (0: ready), or one of these.
RUNNING = -1
FINISHED = -2
FAILED = -3
# Inputs of such a task may still arrive and count it down, hence the distance.
GONE = 1 << 40
SKIPPED = 2 << 40
CANCELLED = 4 << 40

_STATES = {
    0: TaskState.READY,
    RUNNING: TaskState.RUNNING,
    FINISHED: TaskState.FINISHED,
    FAILED: TaskState.FAILED,
}


class Records:
    """The tables of one run, and what can be asked."""

    __slots__ = (
        "_claimed", "_heap", "_missing", "_one_each", "_pointer", "_rank_of", "_row", "_source", "_sources", "_stale",
        "_task_of", "_users", "cancelled", "graphs", "holds", "keep_outputs", "lanes", "late", "ncancelled", "nfailed",
        "nfinished", "nskipped", "nslots", "nstarted", "ntasks", "ready_at",
    )  # fmt: skip

    def __init__(self, lanes: int, keep_outputs: bool) -> None:
        self.graphs: tuple[Graph, ...] = ()
        """The segments of the run."""
        self.lanes = lanes
        """How many tasks can run at a time; only for words, `want` decides."""
        self.keep_outputs = keep_outputs
        self.ntasks = 0
        self.nslots = 0
        self.nstarted = 0
        self.nfinished = 0
        self.nfailed = 0
        self.nskipped = 0
        self.ncancelled = 0
        self.cancelled = False
        self.ready_at = array("d")
        """When each task became ready, in the caller's seconds."""
        self.holds: dict[int, int] = {}
        """How many holds there are on a task."""
        self.late: dict[int, list[int]] = {}
        """Dependents in later segments of tasks that have not finished."""
        # By task, by slot, and the CSR pair of `Tables`.
        self._missing: list[int] = []
        self._users: list[int] = []
        self._row = array("i")
        self._pointer = array("i", [0])
        self._rank_of = array("i")
        self._task_of = array("i")
        self._one_each = True  # task t makes slot t and no other
        self._claimed: set[int] = set()  # outputs that the caller has not taken
        # Ready tasks by rank: those that never waited are a falling array, popped from its end, the last popped is
        # `_source`; the rest are a heap. An entry whose task is not ready any more is stale and passed over.
        self._sources = array("i")
        self._source = END
        self._heap: list[int] = []
        self._stale = 0

    @property
    def nrunning(self) -> int:
        """Tasks that were handed out and have not come back."""
        return self.nstarted - self.nfinished - self.nfailed

    @property
    def nready(self) -> int:
        """Tasks that could start now."""
        return len(self._heap) + len(self._sources) - self._stale

    @property
    def nwaiting(self) -> int:
        """Tasks that wait for an input, or are held."""
        return self.ntasks - self.nready - self.nstarted - self.nskipped - self.ncancelled

    @property
    def finished(self) -> bool:
        """Whether every task is in a final state."""
        return self.nfinished + self.nfailed + self.nskipped + self.ncancelled == self.ntasks

    def state(self, task: int) -> TaskState:
        """Where a task stands."""
        if not 0 <= task < self.ntasks:
            raise IllegalTransition(f"there is no task {task}; the run has {self.ntasks}")
        missing = self._missing[task]
        if missing >= GONE:
            return TaskState.CANCELLED if missing > SKIPPED + GONE else TaskState.SKIPPED
        return TaskState.WAITING if missing > 0 else _STATES[missing]

    def key(self, task: int) -> Key:
        """The name of a task for people."""
        return self._segment(task).key(task)

    def inputs_of(self, task: int) -> list[int]:
        """The slots that a task reads, in argument order."""
        return self._segment(task).inputs_of(task)

    def slots_of(self, task: int) -> range:
        """The slots that a task makes."""
        if self._one_each:
            return range(task, task + 1)
        graph = self._segment(task)
        local = task - graph.first_task
        first, last = graph.first_slot_of[local : local + 2].tolist()
        return range(first + graph.first_slot, last + graph.first_slot)

    def maker_of(self, slot: int) -> int:
        """The task that makes a slot."""
        if self._one_each:
            return slot
        graph = next(graph for graph in reversed(self.graphs) if graph.first_slot <= slot)
        return int(graph.slot_task[slot - graph.first_slot]) + graph.first_task

    def dependents_of(self, task: int) -> list[int]:
        """The tasks that read what a task makes, once for each edge, unless they have seen it finish."""
        part = self._row[self._pointer[task] : self._pointer[task + 1]]
        return [~entry for entry in part if entry < 0] + self.late.get(task, [])

    def is_stored(self, slot: int) -> bool:
        """Whether a slot was made and not released yet."""
        return self._users[slot] > 0 and self._missing[self.maker_of(slot)] == FINISHED

    def task_at(self, rank: int) -> int:
        """The task at a rank; ranks count on from segment to segment."""
        return self._task_of[rank]

    def rank_of(self, task: int) -> int:
        """The rank of a task; ranks count on from segment to segment."""
        return self._rank_of[task]

    def ready_tasks(self) -> list[int]:
        """The ready tasks, lowest rank first. Sorts them: for people, not for the hot path."""
        ranks = {*self._heap, *self._sources, self._source}
        return [
            task for rank in sorted(ranks) if rank != END and self._missing[task := self._task_of[rank]] == 0
        ]

    def running_tasks(self) -> list[int]:
        """The tasks that were handed out and have not come back, by id. Looks at every task: for people."""
        return [task for task, missing in enumerate(self._missing) if missing == RUNNING]

    def _segment(self, task: int) -> Graph:
        return next(graph for graph in reversed(self.graphs) if graph.first_task <= task)

    def _demand(self, tasks: Iterable[int], stimulus: Stimulus, *states: TaskState) -> None:
        """Raise IllegalTransition unless all tasks are in one of the states."""
        for task in tasks:
            if self.state(task) not in states:
                self._illegal(task, stimulus)

    def _illegal(self, task: int, stimulus: Stimulus) -> NoReturn:
        raise IllegalTransition(refusal(task, self.state(task), stimulus))
