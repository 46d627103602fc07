"""Batches that go on along chains: for a lane that is far away, where each time that it asks costs more than a task.

A batch is a stretch of the static order, all ready. One for a worker process may go on over tasks that wait for nothing
but what is made earlier in the same batch, its *followers*. They stay waiting here until the batch is reported; then
each starts and finishes in turn, by the table of states. A batch that is lost or cut short thus costs nothing more.

Nobody may be kept waiting by that: a task is followed only by the one task that reads what it makes, and only where
the caller has not asked for its outputs.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from heapq import heappush
from typing import TYPE_CHECKING

from chunkscope.scheduler.flow import Flow
from chunkscope.scheduler.records import GONE, RUNNING
from chunkscope.scheduler.states import Stimulus

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Chains"]


class Chains(Flow):
    """The flow, with batches of more than what is ready."""

    __slots__ = ()

    def prolong(self, batch: list[int], want: int, most: int, asked: Sequence[Any]) -> list[int]:
        """Make a batch that has just started longer, up to `most` tasks; returns the followers among its tasks.

        It goes on in the static order without a gap: up to `want` more ready tasks, which start, and the followers
        between them. `asked[slot]` is true for outputs that somebody waits for.
        """
        made_here: dict[int, int] = {}
        for task in batch:
            self._note_reader(task, made_here, asked)
        followers: list[int] = []
        followed_bytes = 0
        limited = self.admission.budget is not None
        rank = self._rank_of[batch[-1]] + 1
        while len(batch) < most and rank < self.ntasks:
            task = self._task_of[rank]
            missing = self._missing[task]
            if missing == 0:
                if want <= 0 or self.first_ready() != task:
                    break
                if limited:
                    room = max(self.admission.spare() - followed_bytes, 0) if followed_bytes else None
                    if not self.admission.start(self, 1, room):
                        break
                else:
                    self.start_first()
                want -= 1
            elif made_here.get(task) == missing:
                if limited:
                    followed_bytes += self.admission.need(self, task)
                    if followed_bytes > self.admission.spare():
                        break
                followers.append(task)
            else:
                break
            batch.append(task)
            self._note_reader(task, made_here, asked)
            rank += 1
        return followers

    def _note_reader(self, task: int, made_here: dict[int, int], asked: Sequence[Any]) -> None:
        """Count what `task` makes for its reader, if it has one only and nobody else asks for it."""
        readers = [~entry for entry in self._row[self._pointer[task] : self._pointer[task + 1]] if entry < 0]
        if not readers or task in self.late or any(asked[slot] for slot in self.slots_of(task)):
            return
        first = readers[0]
        if len(readers) == 1 or readers.count(first) == len(readers):
            made_here[first] = made_here.get(first, 0) + len(readers)

    def follow(
        self, done: Sequence[int], followers: Container[int], stops: Sequence[float], begun: int = -1
    ) -> None:
        """The tasks `done` of one batch have finished in turn, at the times `stops`; `followers` among them start here.

        So does the follower `begun`, which came after them and has not finished. Afterwards `freed` are the slots to
        drop. Raises IllegalTransition, changing nothing, where a task is not running and no follower, or a follower is
        not waiting.
        """
        missing = self._missing
        started = {task for task in done if task in followers}
        if begun >= 0:
            started.add(begun)
        for task in (*done, *started):
            if task in started:
                if not 0 < missing[task] < GONE:
                    self._illegal(task, Stimulus.INPUT)
            elif missing[task] != RUNNING:
                self._illegal(task, Stimulus.DONE)
        self.freed = []
        for task, stop in zip(done, stops, strict=True):
            if task in started:
                self._start_follower(task)
            self._finish((task,))
            for rank in self._release((task,), stop):
                if self._task_of[rank] not in started:
                    heappush(self._heap, rank)
        if begun >= 0:
            self._start_follower(begun)
        if done and not self._plain:
            self._settle(done, stops[-1])

    def _start_follower(self, task: int) -> None:
        """Start a task whose last input has just come; it is in no queue."""
        if self._missing[task]:
            self._illegal(task, Stimulus.START)
        self._missing[task] = RUNNING
        self.nstarted += 1
        if self.admission.budget is not None:
            self.admission.run_ahead(self, task)
