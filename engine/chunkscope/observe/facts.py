"""What a run did with its time and its lanes, in numbers: what the rules about bottlenecks look at.

Worked out from the rows when somebody asks; no words are made here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chunkscope.events import Rows
from chunkscope.graph import Strategy
from chunkscope.observe import figures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.observe.runlog import RunLog

__all__ = ["Facts", "OperationFacts", "Spent", "facts_of", "is_paced", "spent", "usual_gap"]

HOLD_SECONDS = 1e-3
"""A lane that stands still this long beside ready tasks was held back, not slow to take one."""
HOLD_GAPS = 10
"""The same in usual gaps between two tasks of a lane."""
NEAR_PEAK = 0.7
"""A run that came this near to its foretold peak was paced by it."""


class Spent(NamedTuple):
    """Where the lanes' seconds went, from the first task's readiness to the last task's end."""

    kernels: float
    waiting: float
    """No task was ready: their inputs were still being made."""
    held: float
    """Tasks were ready, and stood still for longer than it takes to hand one over."""
    overhead: float
    """Tasks were ready: taken from the queue, handed over, booked."""
    tail: float
    """The part of the idle time after which no lane got anything any more: the end of the run."""
    unused: float = 0.0
    """All the time of lanes that ran no task at all."""
    kept_out: float = 0.0
    """The part of `held` of lanes that ran no task at all."""


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """One operation of a run."""

    layer: int
    """Its number in the run."""
    name: str
    strategy: Strategy
    ntasks: int
    finished: int
    seconds: float
    median: float
    longest: float
    longest_task: int
    """Its task that took longest; -1 where none has finished."""
    slow: int
    """Tasks that took twice the mean and more."""
    bytes_out: int
    largest_block: int
    read_bytes: int
    frame: bool = False
    """Whether it makes partitions of a table."""

    @property
    def mean(self) -> float:
        """Seconds of a task, on average."""
        return self.seconds / self.finished if self.finished else 0.0

    @property
    def skew(self) -> float:
        """The longest task in means: 1 where all are alike."""
        return self.longest / self.mean if self.mean else 1.0


@dataclass(frozen=True, slots=True)
class Facts:
    """One run in numbers; seconds throughout."""

    state: str
    modelled: bool
    cores: int
    """Processors that this process may use."""
    lanes: int
    """How many tasks could run at once."""
    used: int
    """Lanes that took part: those that ran a task."""
    wall: float
    before: float
    """Until the first task began."""
    after: float
    """Since the last task ended."""
    ntasks: int
    finished: int
    spent: Spent
    gap: float
    """The usual time between two tasks of a lane, where the next one was ready."""
    path: tuple[int, ...]
    """The tasks of the longest chain, first to last."""
    path_layers: tuple[int, ...]
    """The operation of each of them."""
    path_seconds: float
    path_longest: float
    """Seconds of the longest task in that chain."""
    cpu_seconds: float | None
    """Processor seconds of the process during the run; None where nobody counted."""
    preempted: int
    """How often a thread was put off a processor meanwhile."""
    peak_bytes: int
    budget: int | None
    forecast_peak: int | None
    operations: tuple[OperationFacts, ...]
    refusal: str = ""
    """Why the plan could not run; empty for one that did."""
    processes: int = 0
    """Worker processes that ran tasks; 0 where they ran in this one."""
    cluster: bool = False
    """Whether it ran on a cluster: how many lanes there are is asked of that, not of a call."""

    @property
    def apart(self) -> bool:
        """Whether each lane was a process of its own: no interpreter's lock is shared."""
        return self.processes >= self.used

    @property
    def concurrency(self) -> float:
        """Busy lanes on average, between the first and the last task."""
        return self.spent.kernels / self.inside if self.inside > 0 else 0.0

    @property
    def inside(self) -> float:
        """From the first task's start to the last task's end."""
        return max(self.wall - self.before - self.after, 0.0)

    @property
    def without_work(self) -> float:
        """Lane seconds in which a lane had nothing to do: waiting for inputs, or all the time."""
        return self.spent.waiting + self.spent.unused

    def share(self, lane_seconds: float) -> float:
        """Lane seconds as a share of all that the lanes had in the run."""
        return lane_seconds / (self.lanes * self.wall) if self.wall > 0 else 0.0

    def told_share(self, lane_seconds: float) -> float:
        """Lane seconds as a share of what the lanes that took part had in the run: what is told everywhere."""
        return lane_seconds / (self.used * self.wall) if self.wall > 0 and self.used else 0.0

    @property
    def outside(self) -> float:
        """Seconds of the lanes that took part, before the first task and after the last one."""
        return self.used * (self.before + self.after)

    @property
    def reading(self) -> float:
        """Kernel seconds of the operations that read files or the user's own arrays."""
        return sum(row.seconds for row in self.operations if row.read_bytes)

    @property
    def heaviest(self) -> OperationFacts | None:
        """The operation with the most kernel seconds."""
        return max(self.operations, key=lambda row: row.seconds, default=None)

    def at_best(self, lanes: int) -> float:
        """The least that the same tasks would take on so many lanes: their work shared out, or the longest chain."""
        return max(self.spent.kernels / lanes, self.path_seconds) + self.before + self.after


def facts_of(run: RunLog) -> Facts:
    """The facts of a run so far."""
    rows = run.rows
    lanes = max(run.workers, len(set(rows.lane.tolist())), 1)
    seconds = rows.stop - rows.start
    path = figures.critical_path(run.graphs, rows) if len(seconds) else []
    of_task = np.zeros(run.ntasks)
    of_task[rows.task] = seconds
    on_path = of_task[path] if path else np.zeros(1)
    begun = float(rows.start.min()) - run.started if len(seconds) else 0.0
    ended = float(rows.stop.max()) - run.started if len(seconds) else run.seconds
    forecast = run.forecast
    peak = run.peak_bytes
    forecast_peak = None if forecast is None else int(forecast.peak_bytes)
    gap = usual_gap(rows)
    processor = run.processor
    return Facts(
        state=run.state.value,
        modelled=run.executor == "simulated",
        cores=_cores(),
        lanes=lanes,
        used=len(set(rows.lane.tolist())),
        wall=run.seconds,
        before=max(begun, 0.0),
        after=max(run.seconds - ended, 0.0),
        ntasks=run.ntasks,
        finished=run.nfinished,
        spent=spent(rows, lanes, gap, paced=is_paced(run.budget, forecast_peak, peak)),
        gap=gap,
        path=tuple(path),
        path_layers=tuple(_layers_of(run, path)),
        path_seconds=float(on_path.sum()),
        path_longest=float(on_path.max()),
        cpu_seconds=None if processor is None else processor.seconds,
        preempted=0 if processor is None else processor.preempted,
        peak_bytes=peak,
        budget=run.budget,
        forecast_peak=forecast_peak,
        operations=tuple(_operations(run, rows)),
        refusal=run.refusal,
        processes=run.workload.nprocesses,
        cluster=run.executor == "cluster",
    )


def spent(rows: Rows, lanes: int, gap: float = 0.0, *, paced: bool = True) -> Spent:
    """Where the seconds of `lanes` lanes went between the first start and the last stop.

    `gap`: the usual time between two tasks of a lane. `paced`: whether tasks could be held back, by a budget.
    """
    n = len(rows.task)
    if not n:
        return Spent(0.0, 0.0, 0.0, 0.0, 0.0)
    begin, end = float(rows.start.min()), float(rows.stop.max())
    ready = np.clip(rows.ready, begin, rows.start)
    times = np.concatenate([ready, rows.start, rows.stop])
    busy = np.concatenate([np.zeros(n), np.ones(n), -np.ones(n)])
    queued = np.concatenate([np.ones(n), -np.ones(n), np.zeros(n)])
    order = np.argsort(times, kind="stable")
    length = np.diff(times[order])
    running = np.cumsum(busy[order])[:-1]
    able = np.maximum(np.cumsum(queued[order])[:-1], 0)
    starts = queued[order][:-1] < 0
    shortest = max(HOLD_SECONDS, HOLD_GAPS * gap)
    used = min(len(np.unique(rows.lane)), lanes)
    idle = np.maximum(used - running, 0)
    stuck = np.minimum(idle, able)
    held = _held(stuck, length, starts, shortest) if paced else 0.0
    unused, kept_out = (lanes - used) * (end - begin), 0.0
    if unused and paced:  # a budget can keep a lane out for the whole run
        every = np.minimum(np.maximum(lanes - running, 0), able)
        kept_out = min(max(_held(every, length, starts, shortest) - held, 0.0), unused)
    kernels = float((rows.stop - rows.start).sum())
    overhead = max(float((stuck * length).sum()) - held, 0.0)
    last_start = float(rows.start.max())
    inside = np.clip(np.minimum(times[order][1:], end) - np.maximum(times[order][:-1], last_start), 0, None)
    waiting = max(float(((idle - stuck) * length).sum()), 0.0)
    tail = float((idle * inside).sum())
    return Spent(kernels, waiting, held + kept_out, overhead, tail, unused - kept_out, kept_out)


def _held(
    stuck: NDArray[np.float64], length: NDArray[np.float64], starts: NDArray[np.bool_], shortest: float
) -> float:
    """Lane seconds in stretches during which ready tasks stood still for long, few being started meanwhile."""
    some = (stuck > 0) & (length > 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], some.astype(np.int8), [0]])))
    found = 0.0
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        lasted = float(length[first:last].sum())
        if lasted >= shortest * (int(starts[first:last].sum()) + 1):
            found += float((stuck[first:last] * length[first:last]).sum())
    return found


def is_paced(budget: float | None, forecast_peak: float | None, peak: float) -> bool:
    """Whether tasks of a run could be held back by its memory: it had a budget, or came near what was foretold."""
    return budget is not None or (forecast_peak is not None and peak >= NEAR_PEAK * forecast_peak)


def usual_gap(rows: Rows) -> float:
    """The usual time between two tasks of a lane, where the next was ready before the last had ended."""
    gaps = []
    for lane in set(rows.lane.tolist()):
        mine = np.flatnonzero(rows.lane == lane)
        mine = mine[np.argsort(rows.start[mine], kind="stable")]
        start, stop, ready = rows.start[mine][1:], rows.stop[mine][:-1], rows.ready[mine][1:]
        gaps.append((start - stop)[ready <= stop])
    every = np.concatenate(gaps) if gaps else np.zeros(0)
    return max(float(np.median(every)), 0.0) if len(every) else 0.0


def _layers_of(run: RunLog, tasks: Iterable[int]) -> Iterable[int]:
    """The number of each task's operation in the run."""
    firsts = np.concatenate([graph.first_task + graph.task_ptr[:-1] for graph in run.graphs])
    numbers: list[int] = (np.searchsorted(firsts, np.array(list(tasks)), side="right") - 1).tolist()
    return numbers


def _operations(run: RunLog, rows: Rows) -> Iterable[OperationFacts]:
    seconds = rows.stop - rows.start
    number = 0
    for graph in run.graphs:
        local = rows.task - graph.first_task
        mine = (local >= 0) & (local < graph.ntasks)
        layer_of = np.full(len(local), -1)
        layer_of[mine] = graph.layer_of[local[mine]]
        order = np.argsort(layer_of, kind="stable")
        cuts = np.searchsorted(layer_of[order], np.arange(len(graph.layers) + 1))
        for i, layer in enumerate(graph.layers):
            at = order[cuts[i] : cuts[i + 1]]
            took = seconds[at]
            some = bool(len(at))
            yield OperationFacts(
                layer=number,
                name=layer.label or layer.op,
                strategy=layer.strategy,
                ntasks=layer.ntasks,
                finished=len(at),
                seconds=float(took.sum()),
                median=float(np.median(took)) if some else 0.0,
                longest=float(took.max()) if some else 0.0,
                longest_task=int(rows.task[at[np.argmax(took)]]) if some else -1,
                slow=int((took >= 2 * took.mean()).sum()) if some else 0,
                bytes_out=int(rows.bytes_out[at].sum()),
                largest_block=int(rows.bytes_out[at].max()) if some else 0,
                read_bytes=layer.read_bytes,
                frame=layer.frame is not None,
            )
            number += 1


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
