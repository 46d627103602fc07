"""The hot entry of the machine: what finished goes in, what starts comes out, about a microsecond a task.

Here is what happens all the time; what happens now and then (holds, failures, cancellations, segments) is in
`machine.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush, heapreplace

import numpy as np

from chunkscope.errors import IllegalTransition
from chunkscope.scheduler.admission import Admission
from chunkscope.scheduler.records import FINISHED, RUNNING, Records
from chunkscope.scheduler.states import Stimulus
from chunkscope.scheduler.tables import END

__all__ = ["Flow"]


class Flow(Records):
    """Records that move on as tasks finish."""

    __slots__ = ("_early", "_plain", "_unstamped", "admission", "freed")

    def __init__(self, lanes: int, keep_outputs: bool, budget: int | None) -> None:
        super().__init__(lanes, keep_outputs)
        self.freed: list[int] = []
        """Slots whose last user has finished or gone, since the last call: stored blocks that can be dropped."""
        self.admission = Admission(budget)
        """The memory accounts."""
        # Slots that nobody needs any more, although their task has yet to finish.
        self._early: set[int] = set()
        self._unstamped: list[range] = []  # segments whose sources have no `ready_at` yet
        self._plain = False  # whether the tables are all that `advance` has to look at

    def advance(self, done: Sequence[int], now: float, want: int, room: int | None = None) -> list[int]:
        """The tasks to start now, at most `want`, lowest rank first, after the tasks `done` have finished.

        What is started together has ranks without a gap, so that a batch runs in the static order, as one by one would.
        `room`: bytes that are free now. A task whose predicted outputs and temporaries do not fit waits, and all that
        comes after it waits too; only when nothing of this run is running does one task start anyway. Afterwards
        `freed` are the slots to drop. Raises IllegalTransition, changing nothing, when a task of `done` is not running.
        """
        if self._plain and len(done) == 1 and want > 0 and room is None:
            return self._next(done[0], now, want)
        self._finish(done)
        self.freed = []
        fresh = self._release(done, now)
        if not self._plain:
            self._settle(done, now)
        if room is None and self.admission.budget is None:
            return self._start(want, fresh)
        for rank in fresh:
            heappush(self._heap, rank)
        return self.admission.start(self, want, room)

    def _next(self, task: int, now: float, want: int) -> list[int]:
        """What a lane does all the time: one task done. `_finish`, `_release` and `_start` in one piece.

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
            return self._start(want)
        missing[task] = -1
        self.nstarted += 1
        if want == 1 or (self._source != best + 1 and not (heap and heap[0] <= best + 1)):
            return [task]
        return self._stretch(task, want)

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

    def _release(self, done: Sequence[int], now: float) -> list[int]:
        """Pass the news to slots and dependents; the ranks of tasks that are ready now and not in the queue yet."""
        fresh: list[int] = []
        freed = self.freed
        missing = self._missing
        users = self._users
        row = self._row
        pointer = self._pointer
        ready_at = self.ready_at
        rank_of = self._rank_of
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
                    ready_at[entry] = now
                    fresh.append(rank_of[entry])
                else:
                    missing[~entry] -= 1
        return fresh

    def _start(self, want: int, fresh: Sequence[int] = ()) -> list[int]:
        """Start the first ready task and those that follow it; the tasks of the ranks `fresh` are ready and join in."""
        heap = self._heap
        if len(fresh) > 8 and len(heap) < 4 * len(fresh):
            heap.extend(fresh)
            heap.sort()  # a sorted list is a heap too, and this is cheaper than pushing
        else:
            for rank in fresh:
                heappush(heap, rank)
        task = self.first_ready() if want > 0 else -1
        if task < 0:
            return []
        self.start_first()
        return self._stretch(task, want)

    def _stretch(self, task: int, want: int) -> list[int]:
        """`task`, which has just started, and up to `want - 1` more, started too, whose ranks follow without a gap.

        No ready task ranks below `task`, so the next rank is at the head of the queue or not ready.
        """
        started = [task]
        missing = self._missing
        heap = self._heap
        sources = self._sources
        task_of = self._task_of
        source = self._source
        rank = self._rank_of[task]
        while len(started) < want:
            rank += 1
            while heap and heap[0] < rank:
                heappop(heap)
                self._stale -= 1
            while source < rank:
                source = sources.pop()
                self._stale -= 1
            if rank == source:
                source = sources.pop()
            elif heap and heap[0] == rank:
                heappop(heap)
            else:
                break
            task = task_of[rank]
            if missing[task]:
                self._stale -= 1
                break
            missing[task] = RUNNING
            started.append(task)
        self._source = source
        self.nstarted += len(started) - 1
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

    # --- for admission, which looks at a task before it starts it ---------------------------------------------------

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
