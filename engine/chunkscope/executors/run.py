"""A run while it runs: the machine, the blocks and the log under one lock, driven by its lanes.

A lane is whatever performs batches: the caller's own thread, a thread of the pool, a stand-in for another process. Each
calls `exchange(lane, report)`, which takes the outcome of its last batch and hands it the next one. There is no thread
that only schedules.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from chunkscope.blocks import LEDGER, RECYCLER
from chunkscope.blocks.packing import loaded
from chunkscope.blocks.recycle import SMALLEST_BYTES
from chunkscope.errors import RunCancelled, TaskExitError
from chunkscope.executors.delivery import Delivery
from chunkscope.executors.failure import explain_failure, span_of
from chunkscope.executors.faults import Faults
from chunkscope.executors.holding import Holding
from chunkscope.executors.loss import Deaths, Loss
from chunkscope.executors.narrate import tell_held, words_of_joining
from chunkscope.executors.report import Report
from chunkscope.executors.table import TaskTable
from chunkscope.executors.taker import Taker
from chunkscope.graph import Graph, Strategy
from chunkscope.observe import RunLog, RunState
from chunkscope.scheduler import Machine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chunkscope.events import Failure

__all__ = ["Run"]

WAKE_SECONDS = 1e-3
BOOKING_BYTES = 1 << 16


class Run(Holding):
    """One graph on its way through an executor."""

    def __init__(
        self,
        graph: Graph,
        ranks: NDArray[np.int64],
        log: RunLog,
        takers: Sequence[Taker],
        counts: Sequence[int],
        *,
        max_lanes: int,
        budget: int | None = None,
        limit: int | None = None,
        faults: Faults | None = None,
    ) -> None:
        """`budget` is the user's, shared with other runs; `limit` what was forecast, which a run is held to as well.

        With `faults` a task that fails takes only those with it that need it; otherwise it ends the run.
        """
        super().__init__(log, max_lanes)
        self.faults = faults
        self.priority = 0.0
        self.depth = 0
        """How many tasks of others wait above it: the deepest run of a priority goes first, so that those end soon."""
        self.budget = budget
        self.done = threading.Event()
        self.error: BaseException | None = None
        self.stopping = False
        self.admit: Callable[[Run, int, list[int]], int] | None = None
        """How many tasks of a batch a lane may start now. Asked under the lock."""
        self.on_end: list[Callable[[Run], None]] = []
        """Called once, without the lock, when the run has ended, before `done` is set."""
        self.delivery = Delivery(takers, counts)
        self.table = TaskTable()
        self.table.extend(graph)
        self.data: list[Any] = [None] * len(self.table.slot_bytes)
        self.machine = Machine(
            graph,
            ranks,
            lanes=max_lanes,
            budget=limit if budget is None else min(budget, limit or budget),
            keep_outputs=False,
        )
        self.deaths = Deaths()
        self._returned: list[int] = []
        self._nrunning = 0
        self._stored = 0
        self._booked = 0
        self._held: set[int] = set()
        self._ended = False
        alone = max_lanes == 1 and any(layer.strategy is not Strategy.CALL for layer in graph.layers)
        self._strict = budget is not None or alone
        log.attach(running=self.running, why=self.machine.why, complete=lambda: self.delivery.complete)
        self._hold_pending(graph)

    # -- lanes ----------------------------------------------------------------------------------------------

    def joins(self) -> str:
        return words_of_joining(self.machine, len(self.current))

    @property
    def has_work(self) -> bool:
        """Whether another lane would probably find a task. Read without the lock; a hint."""
        return (
            not self.stopping
            and not self._blocked
            and self.active_lanes < self.max_lanes
            and bool(self._returned or self.machine.nready)
        )

    def exchange(self, lane: int, report: Report | None, *, leaves: bool = False) -> list[int] | None:
        """Take the outcome of a lane's batch, give it the next one; None when there is nothing for it, or it leaves."""
        now = perf_counter()
        ended = False
        with self.lock:
            done = self._book(lane, report, now) if report is not None else []
            if self.unwanted and not self.stopping:
                self._stop("nobody has its results any more")
            batch = self._next(lane, done, now, leaves)
            if batch:
                self._prolong(lane, batch)
            if not self._nrunning and (self.stopping or self.machine.finished):
                ended = self._end(now)
        if self.faults is not None:
            self.delivery.miss(self.faults.missed())
        if ended:
            self._tell()
        elif self.on_work is not None and self._has_much():
            self.on_work(self)
        return batch

    def settle(self, lane: int) -> None:
        """What a lane has done of its batch is done, what it has not begun goes to others: its task waits."""
        report = self.reports[lane] if lane >= 0 else None
        if report is None or len(report.batch) == 1:
            return
        batch, n = report.batch, len(report.stops)
        part = Report(batch[:n])
        part.starts, part.stops, part.sizes = report.starts[:], report.stops[:], report.sizes[:]
        rest = batch[n + 1 :]
        batch[:] = [batch[n]]
        for told in (report.starts, report.stops, report.sizes):
            told.clear()
        self.settle_part(lane, part, rest)

    def settle_part(self, lane: int, part: Report, rest: list[int]) -> None:
        """Take in the part of a batch that is done, and take back the part that was not begun."""
        now = perf_counter()
        with self.lock:
            done = self._book(lane, part, now)
            self._returned.extend(rest)
            self._nrunning -= len(rest)
            self._hand_out(lane, done, now, leaves=True)
        if self.faults is not None:
            self.delivery.miss(self.faults.missed())
        if self.on_work is not None:
            self.on_work(self)

    def _has_much(self) -> bool:
        """Whether what is ready is worth waking another lane: a millisecond's work, or of unknown cost."""
        waiting = self.machine.nready
        return waiting > 0 and (self._cost == 0.0 or waiting * self._cost > WAKE_SECONDS) and self.has_work

    def _book(self, lane: int, report: Report, now: float) -> list[int]:
        """Write the rows of a report; returns the tasks to tell the machine."""
        if report.loss is not None:
            self._lose(self._without_followers(report), report.loss, now)
            return []
        freed = self._take_turns(report) if report.followers else None
        done = report.done
        n = len(done)
        self._nrunning -= n
        if n == 1:
            task, size, start, stop = done[0], report.sizes[0], report.starts[0], report.stops[0]
            self._stored += size
            ready = self.machine.ready_at[task]
            noted = self.table.noted
            scratch = noted.pop(task, 0) if noted else 0
            self.log.columns.append(task, lane, ready, start, stop, size, self._stored, scratch)
            self._learn(stop - start, size)
        elif n:
            stored = self._stored
            after = []
            for size in report.sizes:
                stored += size
                after.append(stored)
            self._stored = stored
            ready_at = self.machine.ready_at
            times = [ready_at[t] for t in done]
            noted = self.table.noted
            some = [noted.pop(t, 0) for t in done] if noted else None
            self.log.columns.extend(done, lane, times, report.starts, report.stops, report.sizes, after, some)
            self._learn((report.stops[-1] - report.starts[0]) / n, sum(report.sizes) / n)
        if freed is not None:
            self._drop(freed)
            done = []  # the machine knows
        if n < len(report.batch):
            self._take_back(report, now)
        return done

    def _take_back(self, report: Report, now: float) -> None:
        """Tasks of a batch that were not run: handed out again, or given up with the run."""
        left = report.left
        self._returned.extend(left)
        self._nrunning -= len(left)
        if report.failed is not None:
            self._nrunning -= 1
            assert report.error is not None
            self._fail(report.failed, report.error, now)

    def _lose(self, batch: list[int], loss: Loss, now: float) -> None:
        """A worker died: what it had is ready again, but for a task that has killed too many."""
        self._nrunning -= len(batch)
        task = loss.task
        given_up = self.deaths.count(loss, batch)
        self.log.tell("lost", loss.story(len(batch) - given_up), task, now)
        if given_up:
            graph = self.log.graph_at(task)
            nbytes = sum(self.table.slot_bytes[slot] for slot in graph.inputs_of(task))
            self._fail(task, self.deaths.error(graph.key(task), span_of(graph, task), nbytes), now)
            batch = [other for other in batch if other != task]
        self.machine.lose(batch)

    def _next(self, lane: int, done: list[int], now: float, leaves: bool) -> list[int] | None:
        batch = self._hand_out(lane, done, now, leaves)
        while batch and self.faults is not None and (self.faults.refused or self.faults.gone):
            refused = self.faults.refused
            if self.faults.gone:
                self.faults.refuse_gone(batch, self.machine.dependents_of)
            wanted = [task for task in batch if task not in refused]
            for task in batch:
                if task in refused:
                    self._fail_one(self.faults, task, refused[task], now)
            batch = wanted
            if wanted:
                break
            batch = self._hand_out(lane, [], now, leaves)
        self._nrunning += len(batch)
        return batch or None

    def _hand_out(self, lane: int, done: list[int], now: float, leaves: bool) -> list[int]:
        machine = self.machine
        want = 0 if self.stopping or self._returned or leaves else self._want()
        batch: list[int] = []
        if done or want:
            budget = self.budget
            room = None if budget is None else LEDGER.room(budget) + self._booked - self._stored
            batch = machine.advance(done, now, want, room)
            if machine.freed:
                self._drop(machine.freed)
            if self.budget is not None or abs(self._stored - self._booked) > BOOKING_BYTES:
                LEDGER.book(self._stored - self._booked)
                self._booked = self._stored
        if self._returned and not self.stopping and not leaves:
            take = self._want()
            batch, self._returned = self._returned[:take], self._returned[take:]
        admitted = len(batch) if self.admit is None or not batch else self.admit(self, lane, batch)
        if admitted < len(batch):
            machine.lose(batch[admitted:])
            del batch[admitted:]
            self._blocked = not batch
            return batch
        self._blocked = want > 0 and not batch and machine.nready > 0
        if self._blocked:
            tell_held(self.log, machine, now, self._held)
        return batch

    def _drop(self, slots: list[int]) -> None:
        """Let go of blocks that nobody needs any more; the memory of large ones is used again."""
        data, slot_bytes, stored = self.data, self.table.slot_bytes, self._stored
        large = []
        for slot in slots:
            if slot_bytes[slot] >= SMALLEST_BYTES:
                large.append([data[slot]])
            data[slot] = None
            stored -= slot_bytes[slot]
        self._stored = stored
        for holder in large:
            RECYCLER.give(holder)

    def extend(self, graph: Graph, ranks: NDArray[np.int64]) -> None:
        """Add a segment whose ids follow those of the run; its outputs are asked for by further tasks only."""
        with self.lock:
            self.table.extend(graph)
            self.data.extend([None] * graph.nslots)
            self.log.graphs = (*self.log.graphs, graph)
            self.machine.extend(graph, ranks)
        self._hold_pending(graph)
        if self.on_work is not None:
            self.on_work(self)

    # -- blocks ---------------------------------------------------------------------------------------------

    def deliver(self, slot: int, value: Any) -> None:
        """Hand an output block to whoever asked for it. Called by lanes, without the lock."""
        self.delivery.put(self.table.output_at[slot] - 1, value)
        for position in self.table.shared_outputs.get(slot, ()):
            self.delivery.put(position, value)

    # -- the end --------------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Start nothing more. Running tasks finish and are discarded; the run ends with the last of them."""
        ended = False
        with self.lock:
            if self._ended or self.stopping:
                return
            self._stop()
            if not self._nrunning:
                ended = self._end(perf_counter())
        if ended:
            self._tell()

    def abort(self, error: BaseException) -> None:
        """End the run with a fault of the engine itself, met by a lane, rather than wait for a lane that is gone."""
        with self.lock:
            self.stopping = True
            self.error = self.error or error
            ended = self._end(perf_counter())
        if ended:
            self._tell()

    def conclude(self, error: BaseException | None, failure: Failure | None) -> None:
        """The run was carried out by another process and has ended there: with this error, or well."""
        with self.lock:
            self.stopping = self.stopping or error is not None
            self.error = self.error or error
            self.log.error = self.log.error or failure
            ended = self._end(perf_counter())
        if ended:
            self._tell()

    def refuse(self, tasks: Iterable[int], error: BaseException) -> None:
        """Do not start these tasks any more, nor what needs them; one that runs already finishes for nothing."""
        assert self.faults is not None, "only a run that goes on after a failure can leave tasks out"
        with self.lock:
            self.faults.refused.update(dict.fromkeys(tasks, error))

    def _fail(self, task: int, error: BaseException, now: float) -> None:
        if self.stopping:
            return
        if isinstance(error, SystemExit):
            error = TaskExitError(
                f"the task called sys.exit({error.code!r}); raise an exception to end a run"
            )
        if self.faults is not None and isinstance(error, Exception):
            self._fail_one(self.faults, task, error, now)
            return
        self.stopping = True
        self.error = error
        if isinstance(error, KeyboardInterrupt):  # it met a task of the caller's own thread: nobody's mistake
            return
        self._explain(task, error)
        self.machine.fail(task, now)

    def _fail_one(self, faults: Faults, task: int, error: BaseException, now: float) -> None:
        """A task has failed in a run that goes on: try it again, or do without it and what needs it."""
        if task not in faults.refused and not isinstance(error, RunCancelled):
            if faults.try_again(task, error):
                self._returned.append(task)
                return
            self._explain(task, error)
        faults.miss(self.table, [task, *self.machine.fail(task, now)], error)
        self._drop(self.machine.freed)

    def _explain(self, task: int, error: BaseException) -> None:
        graph = self.log.graph_at(task)
        inputs = (loaded(self.data[slot]) for slot in graph.inputs_of(task))
        self.log.error = explain_failure(graph, task, error, inputs)

    def _end(self, now: float) -> bool:
        if self._ended:
            return False
        self._ended = True
        if self.log.error is not None:
            state = RunState.FAILED
        elif self.error is None:
            state = RunState.FINISHED
        else:
            state = RunState.CANCELLED
        LEDGER.book(-self._booked)
        self._booked = self._stored = 0
        RECYCLER.clear()
        self.log.close(state, now, self.log.error)
        self.machine.graphs = self.log.graphs
        self.wake.notify_all()
        return True

    def _tell(self) -> None:
        if self.error is not None:
            self.delivery.fail(self.error)
        self.data = []
        self.stop_sharing()
        for tell in self.on_end:
            tell(self)
        self.done.set()
