"""The hot face of the scheduler: integers in, integers out, lists and `array`s only, about a microsecond a task.

It means the same as `reference.py`, which is the one to read first; property tests show the two equal. Whoever drives a
run owns one Machine, calls it from one thread at a time (under the run's lock) and does what it says. Memory admission
is in `admission.py`, sentences are in `why.py`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.errors import GraphError, IllegalTransition
from chunkscope.scheduler.admission import Admission
from chunkscope.scheduler.records import CANCELLED, FAILED, FINISHED, GONE, RUNNING, SKIPPED, Records
from chunkscope.scheduler.states import Stimulus, TaskState
from chunkscope.scheduler.tables import END, compact
from chunkscope.scheduler.why import why

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph

__all__ = ["Machine"]


class Machine(Records):
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

    __slots__ = ("_early", "_plain", "_unstamped", "admission", "freed")

    def __init__(
        self,
        graph: Graph,
        ranks: NDArray[np.int64],
        *,
        lanes: int = 1,
        budget: int | None = None,
        keep_outputs: bool = True,
    ) -> None:
        super().__init__(lanes, keep_outputs)
        self.freed: list[int] = []
        """Slots whose last user has finished or gone, since the last call: stored blocks that can be dropped."""
        self.admission = Admission(budget)
        """The memory accounts."""
        self._early: set[int] = (
            set()
        )  # slots that nobody needs any more, although their task has yet to finish
        self._unstamped: list[range] = []  # segments whose sources have no `ready_at` yet
        self._plain = False  # whether the tables are all that `advance` has to look at
        self.extend(graph, ranks)

    # --- the hot entry ----------------------------------------------------------------------------------------------

    def advance(self, done: Sequence[int], now: float, want: int, room: int | None = None) -> list[int]:
        """The tasks to start now, at most `want`, lowest rank first, after the tasks `done` have finished.

        What is started together has ranks without a gap, so that a batch runs in the static order, as one by one would.
        `room`: bytes that are free now. A task whose predicted outputs and temporaries do not fit waits, and all that
        comes after it waits too; only when nothing of this run is running does one task start anyway. Afterwards
        `freed` are the slots to drop. Raises IllegalTransition, changing nothing, when a task of `done` is not running.
        """
        if self._plain and want == 1 and len(done) == 1 and room is None:
            return self._next(done[0], now)
        self._finish(done)
        self.freed = []
        if done:
            self._release(done, now)
        if not self._plain:
            self._settle(done, now)
        if room is None and self.admission.budget is None:
            return self._start(want)
        return self.admission.start(self, want, room)

    def _next(self, task: int, now: float) -> list[int]:
        """What a lane does all the time: one task done, one wanted. `_finish`, `_release` and `_start` in one piece.

        The best task that has just become ready need not go through the heap.
        """
        missing = self._missing
        try:
            if missing[task] != RUNNING:
                self._illegal(task, Stimulus.DONE)
        except IndexError:
            self._illegal(task, Stimulus.DONE)
        missing[task] = -2
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
        missing[task] = -1
        self.nstarted += 1
        return [task]

    def _finish(self, done: Sequence[int]) -> None:
        """Mark all of `done` as finished, or none."""
        missing = self._missing
        marked = 0
        try:
            for task in done:
                if missing[task] != RUNNING:
                    break
                missing[task] = FINISHED
                marked += 1
            else:
                self.nfinished += marked
                return
        except IndexError:
            pass
        for task in done[:marked]:
            missing[task] = RUNNING
        # A task that is named twice is found running here.
        if done[marked] in done[:marked]:
            raise IllegalTransition(f"task {done[marked]} cannot finish twice in one report")
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
        """Start up to `want` ready tasks, lowest rank first, as long as their ranks have no gap."""
        started: list[int] = []
        missing = self._missing
        heap = self._heap
        sources = self._sources
        task_of = self._task_of
        source = self._source
        last = -1
        while want > 0:
            rank = heap[0] if heap and heap[0] < source else source
            if rank == END or (started and rank != last + 1 and not missing[task_of[rank]]):
                break
            if rank == source:
                source = sources.pop()
            else:
                heappop(heap)
            task = task_of[rank]
            if missing[task]:
                self._stale -= 1
                continue
            last = rank
            missing[task] = RUNNING
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
        if self.late:
            for task in done:
                for other in self.late.pop(task, ()):
                    self._arrived(other, now)
        if self._early:
            early = {slot for task in done for slot in self.slots_of(task)} & self._early
            self._early -= early
            self.freed.extend(sorted(early))
        self._book(done)

    def _book(self, ended: Iterable[int]) -> None:
        """Tell the memory accounts; find out whether the next call can be plain."""
        limited = self.admission.budget is not None
        if limited:
            self.admission.settle(self, set(ended))
        self._plain = not (self._unstamped or self.late or self._early or limited)

    def _arrived(self, task: int, now: float) -> None:
        """One thing less that `task` waits for."""
        self._missing[task] -= 1
        if self._missing[task] == 0:
            self.ready_at[task] = now
            heappush(self._heap, self._rank_of[task])

    # --- the other stimuli ------------------------------------------------------------------------------------------

    def extend(self, graph: Graph, ranks: NDArray[np.int64]) -> None:
        """Add a segment; its tasks rank after all earlier ones. It may read slots of earlier segments that are held.

        Raises GraphError where its ids do not follow on, or where it reads a slot that is gone; IllegalTransition
        after `cancel`.
        """
        if self.cancelled:
            raise IllegalTransition("cannot extend a run that was cancelled; submit a new run")
        if (graph.first_task, graph.first_slot) != (self.ntasks, self.nslots):
            raise GraphError(
                f"the run has {self.ntasks} tasks and {self.nslots} slots, so its next segment begins there, "
                f"not at task {graph.first_task} and slot {graph.first_slot}"
            )
        outer = self._outer_edges(graph)
        tables = compact(graph, ranks, self.keep_outputs, self._pointer[-1])
        held = self._claimed.union(slot for slot, _ in outer)
        self.admission.extend(self, graph, ranks, held)
        self._row.extend(tables.row)
        self._pointer.extend(tables.pointer)
        self._missing.extend(tables.missing)
        self._users.extend(tables.users)
        self._rank_of.extend(tables.rank_of)
        self._task_of.extend(tables.task_of)
        self.ready_at.frombytes(bytes(8 * graph.ntasks))
        # The queue of sources from its far end: END, then the new ones, whose ranks are above all others, then the old.
        if self._source != END:
            self._sources.append(self._source)
        self._sources = array("i", [END]) + tables.sources + self._sources[1:]
        self._source = self._sources.pop()
        self._unstamped.append(range(self.ntasks, self.ntasks + graph.ntasks))
        if self.keep_outputs:
            self._claimed.update(graph.outputs[graph.outputs >= graph.first_slot].tolist())
        self.graphs = (*self.graphs, graph)
        self._one_each = self._one_each and graph.nslots == graph.ntasks
        self.ntasks += graph.ntasks
        self.nslots += graph.nslots
        for slot, reader in outer:
            self._users[slot] += 1
            self._early.discard(slot)
            maker = self.maker_of(slot)
            if self._missing[maker] != FINISHED:
                if self._missing[reader] == 0:
                    self._stale += 1
                self._missing[reader] += 1
                self.late.setdefault(maker, []).append(reader)
        self._plain = False

    def _outer_edges(self, graph: Graph) -> list[tuple[int, int]]:
        """Edges from earlier segments as (slot, reading task), checked."""
        outside = np.flatnonzero(graph.deps < graph.first_slot)
        slots = graph.deps[outside].tolist()
        readers = np.searchsorted(graph.dep_ptr, outside, side="right") - 1 + graph.first_task
        for slot in slots:
            state = self.state(self.maker_of(slot))
            if state.final and (state is not TaskState.FINISHED or self._users[slot] == 0):
                raise GraphError(f"the segment reads slot {slot}, which is gone: its task is {state.value}")
        return list(zip(slots, readers.tolist(), strict=True))

    def hold(self, tasks: Iterable[int]) -> None:
        """Keep tasks from starting until they are let go, once for each hold.

        Raises IllegalTransition, changing nothing, if one of them has started.
        """
        tasks = list(tasks)
        self._demand(tasks, Stimulus.HOLD, TaskState.WAITING, TaskState.READY)
        for task in tasks:
            if self._missing[task] == 0:
                self._stale += 1
            self._missing[task] += 1
            self.holds[task] = self.holds.get(task, 0) + 1

    def let_go(self, task: int, now: float = 0.0) -> None:
        """Drop one hold on a task. Raises IllegalTransition where there is none."""
        if task not in self.holds:
            self._illegal(task, Stimulus.LET_GO)
        self.holds[task] -= 1
        if not self.holds[task]:
            del self.holds[task]
        self._arrived(task, now)

    def fail(self, task: int, now: float) -> list[int]:
        """The tasks that will never run because the kernel of `task` raised: its transitive dependents, by id.

        What only they would have read is in `freed`. Raises IllegalTransition if the task is not running.
        """
        self._demand([task], Stimulus.FAIL, TaskState.RUNNING)
        self.freed = []
        self._missing[task] = FAILED
        self.nfailed += 1
        gone: set[int] = set()
        stack = [task]
        while stack:
            for other in self.dependents_of(stack.pop()):
                if other not in gone and self._missing[other] < GONE:
                    gone.add(other)
                    stack.append(other)
        skipped = sorted(gone)
        self.nskipped += len(skipped)
        self._leave(skipped, SKIPPED)
        self._give_up([task, *skipped])
        return skipped

    def cancel(self, now: float) -> None:
        """Stop the run: what has not started never will, what runs may finish. `freed`: what nobody reads any more."""
        self.freed = []
        self.cancelled = True
        gone = [task for task, missing in enumerate(self._missing) if 0 <= missing < GONE]
        self.ncancelled += len(gone)
        self._leave(gone, CANCELLED)
        self._give_up(gone)

    def take(self, slots: Iterable[int]) -> None:
        """Drop the caller's hold on output slots; those that nobody else reads are in `freed`. Twice is like once.

        Raises IllegalTransition, changing nothing, for a slot that is no output, or when outputs are not kept.
        """
        slots = list(slots)
        strange = set(slots) - self._claimed
        for graph in self.graphs if strange and self.keep_outputs else ():
            strange.difference_update(graph.outputs.tolist())
        if strange:
            raise IllegalTransition(f"cannot take slot {min(strange)}: it is no output that this run keeps")
        self.freed = []
        for slot in slots:
            if slot in self._claimed:
                self._claimed.discard(slot)
                self._drop_user(slot)
        self._book(())

    def _leave(self, tasks: Iterable[int], state: int) -> None:
        """Take unstarted tasks out of the run."""
        for task in tasks:
            if self._missing[task] == 0:
                self._stale += 1
            self._missing[task] = state
            self.holds.pop(task, None)

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
            if maker == FINISHED:
                self.freed.append(slot)
            elif maker != FAILED and maker < GONE:
                self._early.add(slot)

    # --- what can be asked, beside the records ------------------------------------------------------------------------

    def need_of(self, task: int) -> int:
        """Predicted bytes that a task asks for when it starts: its outputs and its declared temporaries."""
        return self.admission.need(self, task)

    def why(self, task: int) -> str:
        """One sentence: why the task is where it is."""
        return why(self, task)

    # --- for admission, which looks at a task before it starts it -----------------------------------------------------

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
        self._missing[task] = RUNNING
        self.nstarted += 1

    def _pop(self, rank: int) -> None:
        if self._heap and self._heap[0] == rank:
            heappop(self._heap)
        else:
            self._source = self._sources.pop()
