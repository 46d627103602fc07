"""Turns a run log into wire messages: what is new since the last look, keyframes, and the whole run at once.

Reads the log from any thread and never writes to it. One `Feed` for each viewer's stream and run.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.events import Failure
from chunkscope.observe.account import account
from chunkscope.observe.operations import LONGEST_TEXT, Operations, place_of, place_of_span
from chunkscope.observe.records import FailureInfo, PartInfo, RewriteInfo, RunSummary
from chunkscope.observe.runlog import RunLog, RunState, Step
from chunkscope.observe.wire import (
    AccountOf,
    Keyframe,
    Message,
    Notices,
    RowWindow,
    RunEnded,
    RunHeader,
    RunStatus,
    StackSamples,
    TaskEdges,
    WorkerLoad,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Feed", "summary"]

EDGE_BUDGET = 500_000
"""Edges that a stream or a recording carries; a run with more shows its operations' edges only."""
KEYFRAME_EDGES = 20_000
"""Edges that every keyframe repeats; a page that joins a larger run late asks for them when it can."""
WINDOW_ROWS = 20_000
"""Rows of one message: 1 MB."""
KEYFRAME_ROWS = 4_000
"""Earlier rows that every keyframe repeats, a window that moves on: any page has all of them after a few."""
FORECAST_TASKS = 20_000
"""Tasks of the largest run whose forecast is worked out while it runs."""
FORECAST_POINTS = 1_000
LONGEST_ERROR = 4_000
LONGEST_REASON = 300
MOST_OTHERS = 4
"""Operations that one step of a rewrite names."""
STACKS_S = 1.0
"""Seconds between two trees of sampled stacks, and two tellings of what workers take."""
KEYFRAME_NOTICES = 100
"""Earlier notices that every keyframe repeats."""


class Feed:
    """The messages of one run, in the order of the wire format.

    `delta()` gives what is new since the last call, `keyframe()` what a late page needs, `everything()` it all.
    """

    def __init__(self, log: RunLog, session: str = "") -> None:
        self.log = log
        self.session = session
        self._cursor = 0
        self._window = 0
        self._segments = 0
        self._lanes = 0
        self._operations: Operations | None = None
        self._seen = 0
        self._steps: tuple[RewriteInfo, ...] | None = None
        self._told = 0
        self._sampled = 0
        self._stacked = 0.0
        self._looks = 0
        self._loaded = 0.0
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the end of the run has been given out."""
        return self._ended

    def give_up(self) -> None:
        """Give out nothing more, as if the run had ended."""
        self._ended = True

    @property
    def operations(self) -> Operations:
        """The operations and edges of the segments so far."""
        graphs = self.log.graphs
        if self._operations is None or self._seen != len(graphs):
            self._operations, self._seen = (
                Operations.of(graphs, self.log.wall_started, self.log.record),
                len(graphs),
            )
        return self._operations

    def delta(self) -> list[Message]:
        """What is new: header (first, and after a new segment or lane), edges, rows, a status, the end."""
        ended = self.log.stopped is not None  # before the rows are read: none comes after
        messages: list[Message] = []
        segments, lanes = len(self.log.graphs), len(self.log.lanes)
        if (segments, lanes) != (self._segments, self._lanes):
            messages.append(self.header())
            messages += self._edges(EDGE_BUDGET) if segments != self._segments else []
            self._segments, self._lanes = segments, lanes
        rows = self._rows(self._cursor, self._cursor + WINDOW_ROWS)
        if len(rows.task):
            self._cursor += len(rows.task)
            messages.append(rows)
        for notices in self._notices(self._told):
            self._told = notices.cursor + len(notices.texts)
            messages.append(notices)
        tree = self.log.stack_tree
        if tree is not None and tree.samples > self._sampled and (ended or self._stacks_due()):
            messages += self._stacks()
        looks = len(self.log.workload)
        if looks > self._looks and (ended or time.monotonic() - self._loaded >= STACKS_S):
            messages += self._load()
        if not ended:
            messages.append(self._status())
        elif self._cursor >= len(self.log.columns) and not self._ended:
            self._ended = True
            messages.append(self._end())
        return messages

    def late(self) -> list[Message]:
        """What was told of the run after its end: that its blocks went to disk, for one."""
        messages: list[Message] = []
        for notices in self._notices(self._told):
            self._told = notices.cursor + len(notices.texts)
            messages.append(notices)
        return messages

    def keyframe(self) -> list[Message]:
        """All that a page needs that has seen nothing, and one window of earlier rows."""
        if self._window >= self._cursor:
            self._window = 0
        window = self._rows(self._window, min(self._window + KEYFRAME_ROWS, self._cursor))
        self._window += len(window.task)
        late: list[Message] = [
            *self._notices(max(self._told - KEYFRAME_NOTICES, 0)),
            *self._stacks(),
            *self._load(),
        ]
        return [self.header(), *self._edges(KEYFRAME_EDGES), self._keyframe(), window, *late, self._status()]

    def everything(self, *, told: bool = False) -> list[Message]:
        """The whole run so far, as a recording holds it; with `told`, also its account in words if it is over."""
        ended = self.log.stopped is not None
        end = len(self.log.columns)
        messages: list[Message] = [self.header(), *self._edges(EDGE_BUDGET)]
        messages += [self._rows(at, min(at + WINDOW_ROWS, end)) for at in range(0, end, WINDOW_ROWS)]
        messages += self._notices(0)
        messages += self._stacks()
        messages += self._load()
        if told and ended:
            messages.append(AccountOf(self.session, self.log.number, account(self.log).chapters))
        messages.append(self._end() if ended else self._status())
        return messages

    def header(self) -> RunHeader:
        """What the run is."""
        log, operations = self.log, self.operations
        forecast = log.forecast if log.stopped is not None or log.ntasks <= FORECAST_TASKS else None
        curve: NDArray[Any] = np.zeros(0) if forecast is None else _thinned(np.asarray(forecast.during))
        return RunHeader(
            session=self.session,
            run=log.number,
            label=log.label,
            executor=log.executor,
            wall_started=log.wall_started,
            lanes=tuple(log.lanes),
            layers=operations.layers,
            layer_edges=operations.edges,
            ntasks=log.ntasks,
            nedges=len(operations.producer),
            budget=None if log.budget is None else float(log.budget),
            forecast_peak=None if forecast is None else float(forecast.peak_bytes),
            origin=place_of(log.origin, log.wall_started),
            forecast=curve,
            kept=operations.kept,
            part=operations.part,
            rewrites=self._rewrites(),
            written=log.written,
            planned=log.planned,
            group=log.group,
        )

    def _stacks_due(self) -> bool:
        """Whether the last tree of stacks is old enough to be replaced."""
        return time.monotonic() - self._stacked >= STACKS_S

    def _stacks(self) -> list[StackSamples]:
        """The tree of sampled stacks, if any was seen."""
        log = self.log
        if log.stack_tree is None:
            return []
        found = log.stacks()
        self._sampled, self._stacked = found.samples, time.monotonic()
        return [
            StackSamples(
                self.session,
                log.number,
                found.interval,
                found.samples,
                found.frames,
                found.parent,
                found.frame,
                found.layer,
                found.own,
            )
        ]

    def _load(self) -> list[WorkerLoad]:
        """What worker processes took, if any was looked at."""
        workload = self.log.workload
        self._looks, self._loaded = len(workload), time.monotonic()
        if not self._looks:
            return []
        found = workload.samples()
        return [
            WorkerLoad(
                self.session,
                self.log.number,
                workload.names,
                np.array([limit or 0 for limit in workload.limits], dtype=np.float64),
                np.maximum(found.time - self.log.started, 0.0),
                found.worker,
                found.own,
                found.mapped,
                found.cores(),
            )
        ]

    def _rewrites(self) -> tuple[RewriteInfo, ...]:
        """The steps of the rewrite; worked out once."""
        if self._steps is None:
            self._steps = tuple(_rewrite(step, self.log.wall_started) for step in self.log.record)
        return self._steps

    def _notices(self, cursor: int) -> list[Notices]:
        """What was decided since number `cursor`, if anything was; in two parts where the middle was forgotten."""
        log = self.log
        messages: list[Notices] = []
        first, some = log.notices.since(cursor)
        while some:
            message = Notices(
                session=self.session,
                run=log.number,
                cursor=first,
                total=log.notices.total,
                topics=tuple(notice.topic for notice in some),
                texts=tuple(notice.text[:LONGEST_REASON] for notice in some),
                time=np.array([max(notice.seconds - log.started, 0.0) for notice in some]),
                task=np.array([notice.task for notice in some], dtype=np.int32),
            )
            messages.append(message)
            first, some = log.notices.since(first + len(some))
        return messages

    def _edges(self, budget: int) -> list[TaskEdges]:
        """The task edges, or nothing where they do not fit the budget."""
        operations = self.operations
        if len(operations.producer) > budget:
            return []
        return [TaskEdges(self.session, self.log.number, operations.ptr, operations.producer)]

    def _rows(self, cursor: int, until: int) -> RowWindow:
        log = self.log
        rows = log.columns.since(cursor, until)
        start = rows.start - log.started
        return RowWindow(
            session=self.session,
            run=log.number,
            cursor=cursor,
            task=rows.task,
            lane=rows.lane,
            ready=np.clip(rows.ready - log.started, 0.0, start),
            start=start,
            stop=rows.stop - log.started,
            bytes_out=rows.bytes_out,
            stored=rows.stored,
            scratch=rows.scratch if rows.scratch.any() else rows.scratch[:0],
        )

    def _status(self) -> RunStatus:
        log = self.log
        running = log.running()
        count = len(log.columns)
        last = log.columns.since(count - 1, count) if count else None
        return RunStatus(
            session=self.session,
            run=log.number,
            now=_now(log),
            nfinished=log.nfinished,
            stored=0.0 if last is None else float(last.stored[0]),
            scratch=float(sum(log.graph_at(task).layer_at(task).scratch_bytes for _, task, _ in running)),
            lane=np.array([lane for lane, _, _ in running], dtype=np.int32),
            task=np.array([task for _, task, _ in running], dtype=np.int32),
            start=np.array([start for _, _, start in running], dtype=np.float64) - log.started,
        )

    def _keyframe(self) -> Keyframe:
        log = self.log
        finished = np.zeros(log.ntasks, dtype=bool)
        finished[log.columns.since(0, self._cursor).task] = True
        return Keyframe(self.session, log.number, self._cursor, _now(log), np.packbits(finished))

    def _end(self) -> RunEnded:
        log = self.log
        failure = None
        if log.error is not None:
            failure = failure_info(log.error, log.wall_started)
        state = RunState(log.state).value
        nrows = len(log.columns)
        return RunEnded(
            self.session,
            log.number,
            state,
            log.seconds,
            nrows,
            float(log.peak_bytes),
            float(log.peak_block_bytes),
            failure,
            None if log.processor is None else log.processor.seconds,
            0 if log.processor is None else log.processor.preempted,
        )


def failure_info(failure: Failure, seconds: float | None = None) -> FailureInfo:
    """A failure as the wire carries it: long texts are cut."""
    return FailureInfo(
        failure.task,
        failure.error[:LONGEST_ERROR],
        place_of_span(failure.origin, seconds),
        failure.operation,
        failure.variable[:LONGEST_TEXT],
        failure.region,
        failure.partition[:LONGEST_TEXT],
        failure.file[:LONGEST_TEXT],
    )


def _rewrite(step: Step, seconds: float) -> RewriteInfo:
    """A step of the rewrite as the wire carries it: long texts are cut."""
    before, after, reason = (text[:LONGEST_TEXT] for text in (step.before, step.after, step.reason))
    origin = place_of(step.origin, seconds)
    others = tuple(PartInfo(op, place_of(where, seconds)) for op, where in step.others[:MOST_OTHERS])
    return RewriteInfo(step.rule, before, after, not step.after, reason, step.op, origin, others)


def summary(log: RunLog) -> RunSummary:
    """The run as one line of a list."""
    return RunSummary(
        run=log.number,
        label=log.label or _named(log),
        executor=log.executor,
        state=RunState(log.state).value,
        ntasks=log.ntasks,
        nfinished=log.nfinished,
        seconds=log.seconds,
        wall_started=log.wall_started,
        group=log.group,
    )


def _named(log: RunLog) -> str:
    """The name of a run that has none of its own: its last operation."""
    layers = log.graphs[-1].layers if log.graphs else ()
    return (layers[-1].label or layers[-1].op)[:LONGEST_TEXT] if layers else ""


def _now(log: RunLog) -> float:
    """Seconds since the run started, by the run's own clock."""
    virtual = log.executor == "simulated"
    return log.seconds if virtual or log.stopped is not None else time.perf_counter() - log.started


def _thinned(curve: NDArray[Any]) -> NDArray[Any]:
    """`curve` in a few hundred points, each the largest of its stretch: a peak is never lost."""
    if len(curve) <= FORECAST_POINTS:
        return curve
    return np.maximum.reduceat(curve, np.arange(FORECAST_POINTS) * len(curve) // FORECAST_POINTS)
