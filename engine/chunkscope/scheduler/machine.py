"""The hot face of the scheduler: integers in, integers out, lists and `array`s only, about a microsecond a task.

It means the same as `reference.py`, which is the one to read first; property tests show the two equal. Whoever drives a
run owns one Machine, calls it from one thread at a time (under the run's lock) and does what it says. Memory admission
is in `admission.py`, sentences are in `why.py`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from chunkscope.errors import GraphError, IllegalTransition
from chunkscope.scheduler.admission import Admission
from chunkscope.scheduler.states import Stimulus, TaskState, allowed
from chunkscope.scheduler.tables import END, compact
from chunkscope.scheduler.why import why

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph
    from chunkscope.types import Key

__all__ = ["Machine"]

# `_missing[task]` is the whole state of a task: how many inputs and holds it waits for (0: ready), or one of these.
_RUNNING = -1
_FINISHED = -2
_FAILED = -3
# Inputs of such a task may still arrive and count it down, hence the distance.
_GONE = 1 << 40
_SKIPPED = 2 << 40
_CANCELLED = 4 << 40
_STATES = {
    0: TaskState.READY,
    _RUNNING: TaskState.RUNNING,
    _FINISHED: TaskState.FINISHED,
    _FAILED: TaskState.FAILED,
}


class Machine:
    """The state of one run, moved on by what finished.

    `ranks`: the priority of each task, see `order`. `budget`: bytes that the run may hold, by prediction; None is no
    limit. `keep_outputs`: keep the graph's outputs until `take`; otherwise they go like any other slot.

    >>> from chunkscope.graph import GraphBuilder, Layer
    >>> from chunkscope.scheduler.order import order
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "x", print, (2,)), nbytes=8)
    >>> (y,) = build.add(Layer("y", "y", print, ()), [x], nbytes=8)         # task 2 reads slots 0 and 1
    >>> graph = build.freeze(y)
    >>> machine = Machine(graph, order(graph), lanes=2)
    >>> machine.advance([], 0.0, want=2)
    [0, 1]
    >>> machine.advance([1], 0.5, want=1), machine.freed
    ([], [])
    >>> machine.advance([0], 0.7, want=1), machine.ready_at[2]
    ([2], 0.7)
    >>> machine.advance([2], 0.9, want=1), machine.freed, machine.finished
    ([], [0, 1], True)
    """

    __slots__ = (
        "_admission", "_claimed", "_early", "_heap", "_holds", "_late", "_missing", "_one_each", "_plain", "_pointer", "_rank_of", "_row",
        "_source", "_sources", "_stale", "_task_of", "_unstamped", "_users", "cancelled", "freed", "graphs", "keep_outputs",
        "lanes", "ncancelled", "nfailed", "nfinished", "nskipped", "nslots", "nstarted", "ntasks", "ready_at",
    )  # fmt: skip

    def __init__(
        self,
        graph: Graph,
        ranks: NDArray[np.int64],
        *,
        lanes: int = 1,
        budget: int | None = None,
        keep_outputs: bool = True,
    ) -> None:
        self.graphs: tuple[Graph, ...] = ()
        """The segments of the run."""
        self.lanes = lanes
        """How many tasks can run at a time; only for words, `want` decides."""
        self.keep_outputs = keep_outputs
        self.ntasks = self.nslots = self.nstarted = self.nfinished = self.nfailed = self.nskipped = self.ncancelled = 0
        self.cancelled = False
        self.freed: list[int] = []
        """Slots whose last user has finished or gone, since the last call: stored blocks that can be dropped."""
        self.ready_at = array("d")
        """When each task became ready, in the caller's seconds."""
        self._missing: list[int] = []
        self._users: list[int] = []
        self._row = array("i")
        self._pointer = array("i", [0])
        self._rank_of = array("i")
        self._task_of = array("i")
        # Ready tasks by rank: those that never waited are a falling array, popped from its end; the rest are a heap. An
        # entry whose task is not ready any more is stale and passed over.
        self._sources = array("i")
        self._source = END
        self._heap: list[int] = []
        self._stale = 0
        self._unstamped: list[range] = []  # segments whose sources have no `ready_at` yet
        self._holds: dict[int, int] = {}
        self._claimed: set[int] = set()  # outputs that the caller has not taken
        self._late: dict[int, list[int]] = {}  # dependents in later segments: task -> tasks
        self._early: set[int] = set()  # slots that nobody needs any more, although their task has yet to finish
        self._one_each = True  # task t makes slot t and no other
        self._plain = False  # nothing but `_row` has to be looked at
        self._admission = Admission(budget)
        self.extend(graph, ranks)

    # --- the hot entry ----------------------------------------------------------------------------------------------

    def advance(self, done: Sequence[int], now: float, want: int, room: int | None = None) -> list[int]:
        """The tasks to start now, at most `want`, lowest rank first, after the tasks `done` have finished.

        `room`: bytes that are free now; a task whose predicted outputs and temporaries do not fit waits, and so does all
        that comes after it; only when nothing of this run is running does one task start anyway. Afterwards `freed` are
        the slots to drop. Raises IllegalTransition, and changes nothing, when a task of `done` is not running.
        """
        missing = self._missing
        if self._plain and want == 1 and len(done) == 1 and room is None:
            # What a lane does all the time. The same as below, but for the best of the ready tasks, which need not go
            # through the heap.
            task = done[0]
            try:
                if missing[task] != _RUNNING:
                    self._illegal(task, Stimulus.DONE)
            except IndexError:
                self._illegal(task, Stimulus.DONE)
            missing[task] = _FINISHED
            self.freed = freed = []
            heap = self._heap
            users = self._users
            pointer = self._pointer
            source = best = self._source
            for entry in self._row[pointer[task] : pointer[task + 1]]:
                if entry >= 0:
                    if users[entry] == 1:
                        users[entry] = 0
                        freed.append(entry)
                    else:
                        users[entry] -= 1
                elif missing[~entry] == 1:
                    entry = ~entry
                    missing[entry] = 0
                    self.ready_at[entry] = now
                    rank = self._rank_of[entry]
                    if rank < best:
                        if best != source:
                            heappush(heap, best)
                        best = rank
                    else:
                        heappush(heap, rank)
                else:
                    missing[~entry] -= 1
            self.nfinished += 1
            if heap and heap[0] < best:
                best = heappop(heap) if best == source else heapreplace(heap, best)
            elif best == source:
                if best == END:
                    return []
                self._source = self._sources.pop()
            task = self._task_of[best]
            if missing[task]:
                self._stale -= 1
                return self._start(1)
            missing[task] = _RUNNING
            self.nstarted += 1
            return [task]
        self._finish(done)
        self.freed = []
        if done:
            self._release(done, now)
        if not self._plain:
            self._settle(done, now)
        if room is None and self._admission.budget is None:
            return self._start(want)
        return self._admission.start(self, want, room)

    def _finish(self, done: Sequence[int]) -> None:
        """Mark all of `done` as finished, or none."""
        missing = self._missing
        marked = 0
        try:
            for task in done:
                if missing[task] != _RUNNING:
                    break
                missing[task] = _FINISHED
                marked += 1
            else:
                self.nfinished += marked
                return
        except IndexError:
            pass
        for other in done[:marked]:
            missing[other] = _RUNNING
        self._illegal(done[marked], Stimulus.DONE)

    def _release(self, done: Sequence[int], now: float) -> None:
        """Pass the news to slots and dependents."""
        freed = self.freed
        missing = self._missing
        users = self._users
        row = self._row
        pointer = self._pointer
        heap = self._heap
        for task in done:
            for entry in row[pointer[task] : pointer[task + 1]]:
                if entry >= 0:
                    if users[entry] == 1:
                        users[entry] = 0
                        freed.append(entry)
                    else:
                        users[entry] -= 1
                elif missing[~entry] == 1:
                    entry = ~entry
                    missing[entry] = 0
                    self.ready_at[entry] = now
                    heappush(heap, self._rank_of[entry])
                else:
                    missing[~entry] -= 1

    def _start(self, want: int) -> list[int]:
        """Start up to `want` ready tasks, lowest rank first."""
        started: list[int] = []
        missing = self._missing
        heap = self._heap
        sources = self._sources
        task_of = self._task_of
        source = self._source
        while want > 0:
            if heap and heap[0] < source:
                task = task_of[heappop(heap)]
            elif source != END:
                task = task_of[source]
                source = sources.pop()
            else:
                break
            if missing[task]:
                self._stale -= 1
                continue
            missing[task] = _RUNNING
            started.append(task)
            want -= 1
        self._source = source
        self.nstarted += len(started)
        return started

    def _settle(self, done: Sequence[int], now: float) -> None:
        """What is rare: first calls, dependents in later segments, slots given up early, budgets."""
        for segment in self._unstamped:
            at = np.frombuffer(self.ready_at, dtype=np.float64)[segment.start : segment.stop]
            at[np.array(self._missing[segment.start : segment.stop]) == 0] = now
        self._unstamped.clear()
        if self._late:
            for task in done:
                for other in self._late.pop(task, ()):
                    self._arrived(other, now)
        if self._early:
            for task in done:
                for slot in self.slots_of(task):
                    if slot in self._early:
                        self._early.discard(slot)
                        self.freed.append(slot)
        self._book(done)

    def _book(self, ended: Iterable[int]) -> None:
        """Tell the memory accounts; find out whether the next call can be plain."""
        if self._admission.budget is not None:
            self._admission.settle(self, list(ended))
        self._plain = not (self._unstamped or self._late or self._early or self._admission.budget is not None)

    def _arrived(self, task: int, now: float) -> None:
        """One thing less that `task` waits for."""
        self._missing[task] -= 1
        if self._missing[task] == 0:
            self.ready_at[task] = now
            heappush(self._heap, self._rank_of[task])

    # --- the other stimuli ------------------------------------------------------------------------------------------

    def extend(self, graph: Graph, ranks: NDArray[np.int64]) -> None:
        """Add a segment; its tasks rank after all earlier ones. It may read slots of earlier segments that are still held.

        Raises GraphError where its ids do not follow on, or where it reads a slot that is gone; IllegalTransition after
        `cancel`.
        """
        if self.cancelled:
            raise IllegalTransition("cannot extend a run that was cancelled; submit a new run")
        if (graph.first_task, graph.first_slot) != (self.ntasks, self.nslots):
            raise GraphError(
                f"the run has {self.ntasks} tasks and {self.nslots} slots, so its next segment begins there, not at task "
                f"{graph.first_task} and slot {graph.first_slot}"
            )
        slots, readers = self._outer_edges(graph)
        tables = compact(graph, ranks, self.keep_outputs, self._pointer[-1])
        held = np.array(sorted(self._claimed.union(slots)), dtype=np.int64)
        self._admission.extend(self, graph, ranks, held)
        self._row.extend(tables.row)
        self._pointer.extend(tables.pointer)
        self._missing.extend(tables.missing)
        self._users.extend(tables.users)
        self._rank_of.extend(tables.rank_of)
        self._task_of.extend(tables.task_of)
        self.ready_at.frombytes(bytes(8 * graph.ntasks))
        self._push_sources(tables.sources)
        self._unstamped.append(range(self.ntasks, self.ntasks + graph.ntasks))
        if self.keep_outputs:
            self._claimed.update(graph.outputs[graph.outputs >= graph.first_slot].tolist())
        self.graphs = (*self.graphs, graph)
        self._one_each = self._one_each and graph.nslots == graph.ntasks
        self.ntasks += graph.ntasks
        self.nslots += graph.nslots
        for slot, reader in zip(slots, readers, strict=True):
            self._users[slot] += 1
            self._early.discard(slot)
            maker = self.maker_of(slot)
            if self._missing[maker] != _FINISHED:
                if self._missing[reader] == 0:
                    self._stale += 1
                self._missing[reader] += 1
                self._late.setdefault(maker, []).append(reader)
        self._plain = False

    def _outer_edges(self, graph: Graph) -> tuple[list[int], list[int]]:
        """Edges from earlier segments, (slots, reading tasks), checked."""
        outside = np.flatnonzero(graph.deps < graph.first_slot)
        slots = graph.deps[outside].tolist()
        readers = (np.searchsorted(graph.dep_ptr, outside, side="right") - 1 + graph.first_task).tolist()
        for slot in slots:
            state = self.state(self.maker_of(slot))
            if state.final and (state is not TaskState.FINISHED or self._users[slot] == 0):
                raise GraphError(f"the segment reads slot {slot}, which is gone: its task is {state.value}")
        return slots, readers

    def _push_sources(self, sources: array[int]) -> None:
        """Put the sources of a new segment, whose ranks are above all others, at the far end of the queue."""
        if self._source != END:
            self._sources.append(self._source)
        # END is the last to be popped, the new ones come before it.
        self._sources = array("i", [END]) + sources + self._sources[1:]
        self._source = self._sources.pop()

    def hold(self, tasks: Iterable[int]) -> None:
        """Keep tasks from starting until they are let go, once for each hold. Raises IllegalTransition if one has started."""
        tasks = list(tasks)
        for task in tasks:
            if self.state(task) not in (TaskState.WAITING, TaskState.READY):
                self._illegal(task, Stimulus.HOLD)
        for task in tasks:
            if self._missing[task] == 0:
                self._stale += 1
            self._missing[task] += 1
            self._holds[task] = self._holds.get(task, 0) + 1

    def let_go(self, task: int, now: float = 0.0) -> None:
        """Drop one hold on a task. Raises IllegalTransition where there is none."""
        if task not in self._holds:
            self._illegal(task, Stimulus.LET_GO)
        self._holds[task] -= 1
        if not self._holds[task]:
            del self._holds[task]
        self._arrived(task, now)

    def fail(self, task: int, now: float) -> list[int]:
        """The tasks that will never run because the kernel of `task` raised: its transitive dependents, by id.

        What only they would have read is in `freed`. Raises IllegalTransition if the task is not running.
        """
        if self.state(task) is not TaskState.RUNNING:
            self._illegal(task, Stimulus.FAIL)
        self.freed = []
        self._missing[task] = _FAILED
        self.nfailed += 1
        gone = self._dependents(task)
        for other in gone:
            self._leave(other, _SKIPPED)
        self.nskipped += len(gone)
        self._give_up([task, *gone])
        return gone

    def cancel(self, now: float) -> None:
        """Stop the run: what has not started never will; what runs may finish. What nobody reads any more is in `freed`."""
        self.freed = []
        self.cancelled = True
        gone = [task for task in range(self.ntasks) if 0 <= self._missing[task] < _GONE]
        for task in gone:
            self._leave(task, _CANCELLED)
        self.ncancelled += len(gone)
        self._give_up(gone)

    def take(self, slots: Iterable[int]) -> None:
        """Drop the caller's hold on output slots; those that nobody else reads are in `freed`. Taking twice is nothing.

        Raises IllegalTransition for a slot that is no output, or when outputs are not kept.
        """
        slots = list(slots)
        outputs = {slot for slot in slots if slot not in self._claimed}
        for graph in self.graphs if outputs and self.keep_outputs else ():
            outputs.difference_update(graph.outputs.tolist())
        if outputs:
            raise IllegalTransition(f"cannot take slot {min(outputs)}: it is no output that this run keeps")
        self.freed = []
        for slot in slots:
            if slot in self._claimed:
                self._claimed.discard(slot)
                self._drop_user(slot)
        self._book(())

    def _leave(self, task: int, state: int) -> None:
        """Take an unstarted task out of the run."""
        if self._missing[task] == 0:
            self._stale += 1
        self._missing[task] = state
        self._holds.pop(task, None)

    def _give_up(self, tasks: list[int]) -> None:
        """Release what tasks that have failed or left would have read."""
        for task in tasks:
            for entry in self._row[self._pointer[task] : self._pointer[task + 1]]:
                if entry >= 0:
                    self._drop_user(entry)
        self._book(tasks)

    def _drop_user(self, slot: int) -> None:
        self._users[slot] -= 1
        if self._users[slot] == 0:
            maker = self._missing[self.maker_of(slot)]
            if maker == _FINISHED:
                self.freed.append(slot)
            elif maker != _FAILED and maker < _GONE:
                self._early.add(slot)

    def _dependents(self, task: int) -> list[int]:
        """All tasks that cannot run without `task`, by id."""
        found: set[int] = set()
        stack = [task]
        while stack:
            maker = stack.pop()
            part = self._row[self._pointer[maker] : self._pointer[maker + 1]]
            for other in [~entry for entry in part if entry < 0] + self._late.get(maker, []):
                if other not in found and self._missing[other] < _GONE:
                    found.add(other)
                    stack.append(other)
        return sorted(found)

    def _illegal(self, task: int, stimulus: Stimulus) -> NoReturn:
        if not 0 <= task < self.ntasks:
            raise IllegalTransition(f"there is no task {task}; the run has {self.ntasks}")
        state = self.state(task)
        raise IllegalTransition(
            f"task {task} cannot {stimulus.name.lower()}: it is {state.value}, where only {allowed(state)} is allowed"
        )

    # --- what can be asked ------------------------------------------------------------------------------------------

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
        if missing >= _GONE:
            return TaskState.CANCELLED if missing > _SKIPPED + _GONE else TaskState.SKIPPED
        if missing > 0:
            return TaskState.WAITING
        return _STATES[missing]

    def key(self, task: int) -> Key:
        """The name of a task for people."""
        return self._segment(task).key(task)

    def slots_of(self, task: int) -> range:
        """The slots that a task makes."""
        if self._one_each:
            return range(task, task + 1)
        graph = self._segment(task)
        first, last = graph.first_slot_of[task - graph.first_task : task - graph.first_task + 2].tolist()
        return range(first + graph.first_slot, last + graph.first_slot)

    def maker_of(self, slot: int) -> int:
        """The task that makes a slot."""
        if self._one_each:
            return slot
        graph = next(graph for graph in reversed(self.graphs) if graph.first_slot <= slot)
        return int(graph.slot_task[slot - graph.first_slot]) + graph.first_task

    def is_stored(self, slot: int) -> bool:
        """Whether a slot was made and not released yet."""
        return self._users[slot] > 0 and self._missing[self.maker_of(slot)] == _FINISHED

    def task_at(self, rank: int) -> int:
        """The task at a rank; ranks count on from segment to segment."""
        return self._task_of[rank]

    def rank_of(self, task: int) -> int:
        """The rank of a task; ranks count on from segment to segment."""
        return self._rank_of[task]

    def _segment(self, task: int) -> Graph:
        return next(graph for graph in reversed(self.graphs) if graph.first_task <= task)

    # --- for admission, which looks at one task before it starts it ---------------------------------------------------

    def first_ready(self) -> int:
        """The ready task of lowest rank, or -1; it stays ready."""
        while True:
            rank = min(self._heap[0], self._source) if self._heap else self._source
            if rank == END:
                return -1
            task = self._task_of[rank]
            if self._missing[task] == 0:
                return task
            self._pop(rank)
            self._stale -= 1

    def start_first(self) -> None:
        """Start the task that `first_ready` has just named."""
        task = self.first_ready()
        self._pop(self._rank_of[task])
        self._missing[task] = _RUNNING
        self.nstarted += 1

    def _pop(self, rank: int) -> None:
        if self._heap and self._heap[0] == rank:
            heappop(self._heap)
        else:
            self._source = self._sources.pop()

    def why(self, task: int) -> str:
        """One sentence: why the task is where it is."""
        return why(self, task)
