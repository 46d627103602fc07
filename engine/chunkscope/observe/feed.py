"""Turns a run log into wire messages: what is new since the last look, keyframes, and the whole run at once.

Reads the log from any thread and never writes to it. One `Feed` for each viewer's stream and run.
"""

from __future__ import annotations

import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.observe.runlog import RunLog, RunState
from chunkscope.observe.wire import (
    FailureInfo,
    Keyframe,
    LayerInfo,
    Message,
    Place,
    RowWindow,
    RunEnded,
    RunHeader,
    RunStatus,
    RunSummary,
    TaskEdges,
)
from chunkscope.types import Origin, SourceSpan

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
FORECAST_POINTS = 256


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
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the end of the run has been given out."""
        return self._ended

    def delta(self) -> list[Message]:
        """What is new: header and edges (first, and after each new segment), rows, a status, the end."""
        ended = self.log.stopped is not None  # before the rows are read: none comes after
        messages: list[Message] = []
        if self._segments != len(self.log.graphs):
            self._segments = len(self.log.graphs)
            messages += [self.header(), *self._edges(EDGE_BUDGET)]
        rows = self._rows(self._cursor, self._cursor + WINDOW_ROWS)
        if len(rows.task):
            self._cursor += len(rows.task)
            messages.append(rows)
        if ended and self._cursor >= len(self.log.columns) and not self._ended:
            self._ended = True
            messages.append(self._end())
        elif not ended:
            messages.append(self._status())
        return messages

    def keyframe(self) -> list[Message]:
        """All that a page needs that has seen nothing, and one window of earlier rows."""
        if self._window >= self._cursor:
            self._window = 0
        window = self._rows(self._window, min(self._window + KEYFRAME_ROWS, self._cursor))
        self._window += len(window.task)
        return [self.header(), *self._edges(KEYFRAME_EDGES), self._keyframe(), window, self._status()]

    def everything(self) -> list[Message]:
        """The whole run so far, as a recording holds it."""
        messages: list[Message] = [self.header(), *self._edges(EDGE_BUDGET)]
        ended = self.log.stopped is not None
        end = len(self.log.columns)
        messages += [self._rows(at, min(at + WINDOW_ROWS, end)) for at in range(0, end, WINDOW_ROWS)]
        messages.append(self._end() if ended else self._status())
        return messages

    def header(self) -> RunHeader:
        """What the run is."""
        log = self.log
        layers: list[LayerInfo] = []
        layer_edges: list[tuple[int, int]] = []
        for graph in log.graphs:
            offset = len(layers)
            for number, layer in enumerate(graph.layers):
                first = graph.first_task + int(graph.task_ptr[number])
                layers.append(
                    LayerInfo(
                        layer.name,
                        layer.op,
                        layer.label or "",
                        layer.strategy.value,
                        layer.grid,
                        layer.chunks,
                        layer.dtype,
                        layer.detail,
                        first,
                        layer.ntasks,
                        _place(layer.origin),
                    )
                )
            layer_edges += [(a + offset, b + offset) for a, b in graph.layer_edges()]
            layer_edges += _edges_from_before(log, graph, layers, offset)
        forecast = log.forecast if log.stopped is not None or log.ntasks <= FORECAST_TASKS else None
        curve: NDArray[Any] = np.zeros(0) if forecast is None else _thinned(np.asarray(forecast.curve))
        kept = [_slot_tasks(log)[graph.outputs] for graph in log.graphs]
        return RunHeader(
            session=self.session,
            run=log.number,
            label=log.label,
            executor=log.executor,
            wall_started=log.wall_started,
            lanes=tuple(log.lanes),
            layers=tuple(layers),
            layer_edges=tuple(layer_edges),
            ntasks=log.ntasks,
            nedges=sum(g.nedges for g in log.graphs),
            budget=None if log.budget is None else float(log.budget),
            forecast_peak=None if forecast is None else float(forecast.peak_bytes),
            origin=_place(log.origin),
            forecast=curve,
            kept=np.unique(np.concatenate(kept)),
        )

    def _edges(self, budget: int) -> list[TaskEdges]:
        """The task edges, or nothing where they do not fit the budget."""
        graphs = self.log.graphs
        if sum(g.nedges for g in graphs) > budget:
            return []
        counts = np.concatenate([np.diff(g.dep_ptr) for g in graphs])
        producer = _slot_tasks(self.log)[np.concatenate([g.deps for g in graphs])]
        return [TaskEdges(self.session, self.log.number, np.concatenate([[0], np.cumsum(counts)]), producer)]

    def _rows(self, cursor: int, until: int) -> RowWindow:
        log = self.log
        rows = log.columns.since(cursor, until)
        zero = log.started
        start = rows.start - zero
        return RowWindow(
            self.session,
            log.number,
            cursor,
            rows.task,
            rows.lane,
            np.clip(rows.ready - zero, 0.0, start),
            start,
            rows.stop - zero,
            rows.bytes_out,
            rows.stored,
        )

    def _status(self) -> RunStatus:
        log = self.log
        running = log.running()
        starts = np.array([start for _, _, start in running], dtype=np.float64) - log.started
        count = len(log.columns)
        last = log.columns.since(count - 1, count) if count else None
        return RunStatus(
            self.session,
            log.number,
            _now(log),
            log.nfinished,
            0.0 if last is None else float(last.stored[0]),
            lane=np.array([lane for lane, _, _ in running], dtype=np.int32),
            task=np.array([task for _, task, _ in running], dtype=np.int32),
            start=starts,
        )

    def _keyframe(self) -> Keyframe:
        log = self.log
        finished = np.zeros(log.ntasks, dtype=bool)
        finished[log.columns.since(0, self._cursor).task] = True
        return Keyframe(self.session, log.number, self._cursor, _now(log), np.packbits(finished))

    def _end(self) -> RunEnded:
        log = self.log
        error = log.error
        failure = None if error is None else FailureInfo(error.task, error.error, _span_place(error.origin))
        return RunEnded(
            self.session,
            log.number,
            RunState(log.state).value,
            log.seconds,
            len(log.columns),
            float(log.peak_bytes),
            failure,
        )


def summary(log: RunLog) -> RunSummary:
    """The run as one line of a list."""
    return RunSummary(
        log.number,
        log.label,
        log.executor,
        RunState(log.state).value,
        log.ntasks,
        log.nfinished,
        log.seconds,
        log.wall_started,
    )


def _now(log: RunLog) -> float:
    """Seconds since the run started, by the run's own clock."""
    virtual = log.executor == "simulated"
    return log.seconds if virtual or log.stopped is not None else time.perf_counter() - log.started


def _slot_tasks(log: RunLog) -> NDArray[np.int64]:
    """The task that makes each slot, over all segments."""
    return np.concatenate([graph.slot_task + graph.first_task for graph in log.graphs])


def _edges_from_before(
    log: RunLog, graph: Any, layers: list[LayerInfo], offset: int
) -> list[tuple[int, int]]:
    """Pairs (earlier layer, layer of this segment) for the edges that come from earlier segments."""
    before = graph.deps < graph.first_slot
    if not before.any():
        return []
    producers = _slot_tasks(log)[graph.deps[before]]
    firsts = np.array([layer.first_task for layer in layers])
    consumers = np.repeat(graph.layer_of, np.diff(graph.dep_ptr))[before].astype(np.int64) + offset
    pairs = np.unique(np.stack([np.searchsorted(firsts, producers, side="right") - 1, consumers]), axis=1)
    return [(int(a), int(b)) for a, b in pairs.T]


def _thinned(curve: NDArray[Any]) -> NDArray[Any]:
    """`curve` in a few hundred points, each the largest of its stretch: a peak is never lost."""
    if len(curve) <= FORECAST_POINTS:
        return curve
    return np.maximum.reduceat(curve, np.arange(FORECAST_POINTS) * len(curve) // FORECAST_POINTS)


def _place(origin: Origin | None) -> Place | None:
    return None if origin is None else _span_place(origin.span)


def _span_place(span: SourceSpan | None) -> Place | None:
    if span is None:
        return None
    path = PurePath(span.filename)
    cell = "ipykernel" in span.filename or span.filename.startswith("<")
    return Place("this notebook" if cell else path.name, span.line, span.text[:200])
