"""The scheduler of real runs: integers in, integers out, lists and `array`s only.

It means the same as `reference.py`, which is the one to read first; property tests show the two equal. Whoever drives a
run owns one Machine, calls it from one thread at a time (under the run's lock) and does what it says. Its hot entry,
`advance`, is in `flow.py`, longer batches for workers far away in `chains.py`, memory admission in `admission.py`, what
can be asked in `records.py` and `why.py`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from heapq import heappush
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.errors import GraphError, IllegalTransition
from chunkscope.scheduler.chains import Chains
from chunkscope.scheduler.records import CANCELLED, FAILED, FINISHED, GONE, SKIPPED
from chunkscope.scheduler.states import Stimulus, TaskState
from chunkscope.scheduler.tables import END, compact
from chunkscope.scheduler.why import why

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph

__all__ = ["Machine"]


class Machine(Chains):
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

    __slots__ = ()

    def __init__(
        self,
        graph: Graph,
        ranks: NDArray[np.int64],
        *,
        lanes: int = 1,
        budget: int | None = None,
        keep_outputs: bool = True,
    ) -> None:
        super().__init__(lanes, keep_outputs, budget)
        self.extend(graph, ranks)

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

    def lose(self, tasks: Iterable[int]) -> None:
        """Put tasks back whose worker died: they are ready again, and may be handed to another.

        Raises IllegalTransition, changing nothing, if one of them is not running, or is named twice.
        """
        tasks = list(tasks)
        self._demand(tasks, Stimulus.LOSE, TaskState.RUNNING)
        if len(set(tasks)) < len(tasks):
            raise IllegalTransition("a task cannot be lost twice at once")
        for task in tasks:
            self._missing[task] = 0
            heappush(self._heap, self._rank_of[task])
        self.nstarted -= len(tasks)
        self.admission.forget(tasks)

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
