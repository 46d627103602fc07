"""Who holds how many bytes of a run, by operation, task and moment: what was declared before it and what was measured.

Worked out from the log when somebody asks. *Declared* are the sizes that the plan predicted for blocks and temporaries;
*measured* are blocks as they were weighed when made, and temporaries as the kernels told them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chunkscope.events import Rows
from chunkscope.graph import Graph
from chunkscope.observe import figures
from chunkscope.observe.operations import Operations
from chunkscope.observe.viewers import page
from chunkscope.units import format_bytes, format_count, format_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.observe.runlog import RunLog
    from chunkscope.types import Key

__all__ = ["Lifetimes", "MemoryUse", "OperationMemory", "TaskMemory", "WorkerMemory", "lifetimes"]

MOMENTS = 400
"""Points of the curves by operation."""


class Lifetimes(NamedTuple):
    """From when to when each row's blocks and temporaries were held, in seconds of the run's clock; columns by row."""

    born: NDArray[np.float64]
    """When the blocks were there: the end of the task."""
    dies: NDArray[np.float64]
    """When their last reader had finished; the task's own end where nobody reads them."""
    begins: NDArray[np.float64]
    """When the temporaries began, with the task."""
    blocks: NDArray[np.int64]
    scratch: NDArray[np.int64]


class OperationMemory(NamedTuple):
    """The bytes of one operation."""

    op: str
    ntasks: int
    largest_block: int
    """The largest that one task made."""
    declared: int
    """At the peak of the run, by the sizes that were predicted."""
    measured: int
    """At the peak of the run, as measured."""
    temporaries: int
    """The part of `measured` that is temporaries of running tasks."""
    highest: int
    """The most that it held at any moment shown in the curve, as measured."""


class WorkerMemory(NamedTuple):
    """What a worker process held by itself, beside blocks that all of them read."""

    name: str
    highest: int
    """The most that was seen."""
    limit: int | None
    """Bytes that it may hold; None is no limit."""

    @property
    def words(self) -> str:
        """Both in words."""
        most = format_bytes(self.highest)
        return most if self.limit is None else f"{most} of {format_bytes(self.limit)}"


class TaskMemory(NamedTuple):
    """The bytes of one task."""

    task: int
    key: Key
    op: str
    declared: int
    """Blocks and temporaries that were predicted for it."""
    made: int
    """Bytes of its blocks, as measured."""
    temporaries: int
    """Bytes beside its blocks: as its kernel told, else as declared."""
    read: int
    """Bytes of the blocks that it read, as measured."""


def lifetimes(graphs: Sequence[Graph], rows: Rows, end: float) -> Lifetimes:
    """The lifetimes of the blocks of all rows. `end`: when the run ended; until then waits what was never read."""
    dies = _latest(graphs, rows, rows.stop, end)
    return Lifetimes(rows.stop, dies, rows.start, rows.bytes_out, rows.scratch)


def _latest(graphs: Sequence[Graph], rows: Rows, at: NDArray[np.float64], end: float) -> NDArray[np.float64]:
    """For each row the largest `at` of itself and its readers; a reader without a row counts as `end`."""
    edges = Operations.of(graphs)
    of_task = np.full(sum(graph.ntasks for graph in graphs), end)
    of_task[rows.task] = at
    found = of_task.copy()
    reader = np.repeat(np.arange(len(of_task)), np.diff(edges.ptr))
    np.maximum.at(found, edges.producer, of_task[reader])
    return np.asarray(found[rows.task])


class MemoryUse:
    """The memory of one run by operation, over time and at its peak. Made by `run.memory()`.

    >>> import chunkscope, chunkscope.array as ca
    >>> x = ca.ones((400, 400), chunks=(100, 200))
    >>> _ = (x + x.T.rechunk(x.chunks)).sum().compute(scheduler="sync")
    >>> use = chunkscope.last_run().memory()
    >>> use.peak_bytes == chunkscope.last_run().peak_bytes == sum(row.measured for row in use.operations)
    True
    """

    def __init__(self, run: RunLog) -> None:
        self.run = run
        self._graphs = run.graphs
        self._rows = run.rows
        self._held = figures.held(self._rows)
        self._blocks, self._scratch = self._rows.bytes_out, self._rows.scratch
        # Blocks by row, not by time: several rows may end at one moment, and each is booked after the other.
        self._order = np.arange(len(self._rows.task), dtype=np.float64)
        self._dies = _latest(self._graphs, self._rows, self._order, float(len(self._order)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The operations in graph order, each name once; "being let go" is what waits to be dropped with its batch."""
        return (*dict.fromkeys(layer.op for graph in self._graphs for layer in graph.layers), "being let go")

    @property
    def peak_bytes(self) -> int:
        """The largest number of bytes in use at once, as measured: blocks and temporaries."""
        return int(self._held.max(initial=0))

    @cached_property
    def peak_at(self) -> float:
        """When that was, in seconds since the run began."""
        return float(self._rows.stop[self._peak_row] - self.run.started) if len(self._held) else 0.0

    @property
    def forecast_bytes(self) -> int | None:
        """The peak that was forecast; None where the sizes of blocks were guesses."""
        return None if self.run.forecast is None else int(self.run.forecast.peak_bytes)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """Moments, seconds since the run began; no peak is left out."""
        return np.asarray(self._rows.stop[self._moments] - self.run.started)

    @cached_property
    def held(self) -> NDArray[np.int64]:
        """Bytes in use at each of `times`, as measured."""
        return np.asarray(self._held[self._moments])

    @cached_property
    def measured(self) -> NDArray[np.int64]:
        """Bytes by operation and moment, `(len(names), len(times))`; the columns add up to `held`."""
        blocks, scratch = self._by_operation(self._blocks, self._scratch, self._moments)
        found = np.zeros((len(self.names), len(self._moments)), dtype=np.int64)
        found[:-1] = blocks + scratch
        found[-1] = np.maximum(self._held[self._moments] - found.sum(axis=0), 0)
        return found

    @cached_property
    def declared(self) -> NDArray[np.int64]:
        """The same by the sizes that the plan predicted: what should have been held then."""
        blocks, scratch = self._by_operation(*self._predicted, self._moments)
        found = np.zeros((len(self.names), len(self._moments)), dtype=np.int64)
        found[:-1] = blocks + scratch
        return found

    @cached_property
    def operations(self) -> tuple[OperationMemory, ...]:
        """Each operation's share of the peak, in graph order."""
        if not len(self._held):
            return ()
        at = np.array([self._peak_row])
        blocks, scratch = (part[:, 0] for part in self._by_operation(self._blocks, self._scratch, at))
        blocks_said, scratch_said = self._by_operation(*self._predicted, at)
        said = (blocks_said + scratch_said)[:, 0]
        largest = np.zeros(len(self.names), dtype=np.int64)
        np.maximum.at(largest, self._op_of_row, self._blocks)
        counts = np.bincount(self._op_of_task, minlength=len(self.names))
        rest = int(self._held[self._peak_row] - blocks.sum() - scratch.sum())
        highest = self.measured.max(axis=1)
        rows = [
            OperationMemory(
                op,
                int(counts[i]),
                int(largest[i]),
                int(said[i]),
                int(blocks[i] + scratch[i]),
                int(scratch[i]),
                int(max(highest[i], blocks[i] + scratch[i])),
            )
            for i, op in enumerate(self.names[:-1])
        ]
        if rest > 0:
            rows.append(OperationMemory(self.names[-1], 0, 0, 0, rest, 0, int(highest[-1])))
        return tuple(rows)

    @property
    def workers(self) -> tuple[WorkerMemory, ...]:
        """Worker processes, those that held the most first; none where tasks ran in this process or were over soon."""
        workload = self.run.workload
        limits = dict(zip(workload.names, workload.limits, strict=True))
        found = [WorkerMemory(name, most, limits[name]) for name, most in workload.peaks().items()]
        return tuple(sorted(found, key=lambda one: -one.highest))

    def task(self, task: int) -> TaskMemory:
        """The bytes of one finished task. Raises KeyError for one that has not finished."""
        found = np.flatnonzero(self._rows.task == task)
        graph = self.run.graph_at(task)
        if not len(found):
            raise KeyError(f"task {task} of run {self.run.number} has not finished: nothing was measured")
        row = int(found[0])
        makers = {self._maker(slot) for slot in graph.inputs_of(task)}
        read = int(self._rows.bytes_out[np.isin(self._rows.task, list(makers))].sum())
        return TaskMemory(
            task,
            graph.key(task),
            graph.layer_at(task).op,
            int(self._predicted_of_task[task].sum()),
            int(self._rows.bytes_out[row]),
            int(self._rows.scratch[row]),
            read,
        )

    def by_task(self) -> list[tuple[int, int, int]]:
        """Each finished task with its declared and its measured bytes, blocks and temporaries together."""
        declared = self._predicted_of_task[self._rows.task].sum(axis=1)
        measured = self._blocks + self._scratch
        return list(zip(self._rows.task.tolist(), declared.tolist(), measured.tolist(), strict=True))

    def largest(self, count: int = 10) -> list[TaskMemory]:
        """The tasks that made and used the most bytes, the largest first."""
        order = np.argsort(-(self._blocks + self._scratch), kind="stable")[:count]
        return [self.task(int(task)) for task in self._rows.task[order]]

    def describe(self) -> str:
        """The table in words."""
        forecast = self.forecast_bytes
        lines = [
            f"memory of run {self.run.number}: {format_bytes(self.peak_bytes)} at the peak (measured: blocks weighed, "
            f"temporaries told by kernels), {format_seconds(self.peak_at)} after the start"
            + ("" if forecast is None else f"; forecast {format_bytes(forecast)}")
        ]
        for row in sorted(self.operations, key=lambda row: -row.measured):
            share = f"{row.measured / self.peak_bytes:.0%}" if self.peak_bytes else "0%"
            words = f"  {row.op}: {format_bytes(row.measured)} then ({share})"
            if row.temporaries:
                words += f", {format_bytes(row.temporaries)} of it temporaries"
            if row.ntasks:
                words += f"; declared {format_bytes(row.declared)}; "
                words += f"{format_count(row.ntasks, 'task')}, blocks up to {format_bytes(row.largest_block)}"
            lines.append(words)
        lines += [f"  {one.name}, by itself: at most {one.words}" for one in self.workers]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str | None:
        return page(self)

    # -- inside ---------------------------------------------------------------------------------------------

    @cached_property
    def _peak_row(self) -> int:
        return int(np.argmax(self._held))

    @cached_property
    def _moments(self) -> NDArray[np.int64]:
        """Rows, in order of time, one with the largest use of each stretch."""
        order = np.argsort(self._rows.stop, kind="stable")
        if len(order) <= MOMENTS:
            return order
        cuts = np.linspace(0, len(order), MOMENTS + 1).astype(int)
        parts = [order[a:b] for a, b in pairwise(cuts)]
        return np.array([part[np.argmax(self._held[part])] for part in parts])

    @cached_property
    def _op_of_task(self) -> NDArray[np.int64]:
        number = {op: i for i, op in enumerate(self.names)}
        parts = [
            np.array([number[layer.op] for layer in graph.layers], dtype=np.int64)[graph.layer_of]
            for graph in self._graphs
            if graph.ntasks
        ]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    @property
    def _op_of_row(self) -> NDArray[np.int64]:
        return np.asarray(self._op_of_task[self._rows.task])

    @cached_property
    def _predicted_of_task(self) -> NDArray[np.int64]:
        """Blocks and temporaries of each task, as declared, `(ntasks, 2)`; stored blocks are booked elsewhere."""
        parts = []
        for graph in self._graphs:
            blocks = np.bincount(graph.slot_task, weights=graph.slot_bytes, minlength=graph.ntasks)
            here = np.array([layer.strategy.value != "stored" for layer in graph.layers])[graph.layer_of]
            parts.append(np.stack([blocks.astype(np.int64) * here, graph.scratch], axis=1))
        return np.concatenate(parts)

    @cached_property
    def _predicted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Blocks and temporaries of each row, as declared."""
        blocks, scratch = self._predicted_of_task[self._rows.task].T
        return blocks, scratch

    def _by_operation(
        self, blocks: NDArray[np.int64], scratch: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Blocks and temporaries of each operation when these rows ended, `(operations, rows)` each."""
        log, numbers = self._rows, self._op_of_row
        held = np.zeros((len(self.names) - 1, len(rows)), dtype=np.int64)
        used = np.zeros_like(held)
        for i in range(len(held)):
            mine = numbers == i
            held[i] = _inside(self._order[rows], self._order[mine], self._dies[mine], blocks[mine], "right")
            used[i] = _inside(log.stop[rows], log.start[mine], log.stop[mine], scratch[mine], "left")
        return held, used

    def _maker(self, slot: int) -> int:
        graph = next(graph for graph in reversed(self._graphs) if graph.first_slot <= slot)
        return int(graph.slot_task[slot - graph.first_slot]) + graph.first_task


def _inside(
    at: NDArray[np.float64],
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    sizes: NDArray[np.int64],
    begins: str,
) -> NDArray[np.int64]:
    """The sum of `sizes` at each moment of `at`, each counted from `first` (itself too for "right") up to `last`."""
    if not sizes.any():
        return np.zeros(len(at), dtype=np.int64)
    by_first, by_last = np.argsort(first, kind="stable"), np.argsort(last, kind="stable")
    begun = np.concatenate([[0], np.cumsum(sizes[by_first])])
    ended = np.concatenate([[0], np.cumsum(sizes[by_last])])
    side: str = begins
    found: NDArray[np.int64] = (
        begun[np.searchsorted(first[by_first], at, side=side)]  # type: ignore[call-overload]
        - ended[np.searchsorted(last[by_last], at, side="left")]
    )
    return found
