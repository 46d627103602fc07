"""What can be read of the record of a run: figures from its columns, typed events, the run in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, overload

from chunkscope.events import (
    Columns,
    Event,
    Failure,
    NoticeList,
    Rows,
    RunFinished,
    RunStarted,
    TaskFailed,
    TaskFinished,
)
from chunkscope.graph import Graph
from chunkscope.observe import figures
from chunkscope.observe.reads import FileRead, file_reads, reads_of_path
from chunkscope.observe.steps import REFUSED, OperationFigures, RunState
from chunkscope.units import format_bytes, format_count, format_seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Readings"]


class Readings:
    """The reading side of a record; what it reads is written by `RunLog`."""

    number: int
    label: str
    executor: str
    graphs: tuple[Graph, ...]
    lanes: list[str]
    budget: int | None
    started: float
    stopped: float | None
    state: RunState
    error: Failure | None
    columns: Columns
    notices: NoticeList

    # -- its graph -------------------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        """The first segment; `graphs` has them all."""
        return self.graphs[0]

    @property
    def ntasks(self) -> int:
        """Number of tasks in all segments."""
        return sum(graph.ntasks for graph in self.graphs)

    @property
    def nfinished(self) -> int:
        """Tasks that have finished so far."""
        return len(self.columns) + self.columns.dropped

    @property
    def nbytes(self) -> int:
        """Bytes that this record holds, about: columns and the graph's arrays."""
        arrays = sum(
            g.dep_ptr.nbytes + g.deps.nbytes + g.slot_bytes.nbytes + g.outputs.nbytes for g in self.graphs
        )
        return self.columns.nbytes + arrays + 60 * self.ntasks  # and the machine, which tells why

    def graph_at(self, task: int) -> Graph:
        """The segment that holds `task`."""
        for graph in self.graphs:
            if graph.first_task <= task < graph.first_task + graph.ntasks:
                return graph
        raise KeyError(f"run {self.number} has no task {task}; its tasks are 0 to {self.ntasks - 1}")

    # -- its figures ------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Rows:
        """A copy of every row so far."""
        return self.columns.since(0)

    @property
    def seconds(self) -> float:
        """How long the run took, or has taken so far."""
        if self.stopped is not None:
            return self.stopped - self.started
        last = self.columns.stop[-1] if len(self.columns) else self.started
        return max(last - self.started, 0.0)

    @property
    def peak_bytes(self) -> int:
        """The largest number of tracked bytes: blocks, and the temporaries of the tasks that ran at that moment."""
        return int(self.held.max(initial=0))

    @property
    def held(self) -> NDArray[np.int64]:
        """Bytes in use when each row's task ended: blocks, and temporaries of what ran then."""
        return figures.held(self.rows)

    @property
    def peak_block_bytes(self) -> int:
        """The largest number of bytes of blocks stored at once."""
        stored = self.rows.stored
        return int(stored.max()) if len(stored) else 0

    @property
    def busy_seconds(self) -> float:
        """Seconds spent in kernels, over all lanes."""
        rows = self.rows
        return float((rows.stop - rows.start).sum())

    @property
    def concurrency(self) -> float:
        """Mean number of busy lanes: kernel seconds over the run's seconds."""
        return self.busy_seconds / self.seconds if self.seconds else 0.0

    @property
    def peak_concurrency(self) -> int:
        """The largest number of tasks that ran at the same time."""
        rows = self.rows
        return figures.peak_overlap(rows.start, rows.stop)

    @property
    def overhead_share(self) -> float:
        """The share of the lanes' time that no kernel used, 0 to 1: bookkeeping, hand-over and idling."""
        used = len(set(self.rows.lane.tolist()))
        return max(0.0, 1 - self.busy_seconds / (self.seconds * used)) if used and self.seconds else 0.0

    def by_operation(self) -> list[OperationFigures]:
        """Tasks, kernel seconds and bytes of each operation, in graph order."""
        table: dict[str, list[float]] = {}
        for graph in self.graphs:
            for layer in graph.layers:
                table.setdefault(layer.op, [0, 0, 0.0, 0, 0.0])[0] += layer.ntasks
        rows = self.rows
        if len(rows.task):
            figures.add_operations(table, self.graphs, rows)
        return [OperationFigures(op, int(v[0]), int(v[1]), v[2], int(v[3]), v[4]) for op, v in table.items()]

    @overload
    def reads(self) -> dict[str, FileRead]: ...
    @overload
    def reads(self, path: str | os.PathLike[str]) -> FileRead: ...
    def reads(self, path: str | os.PathLike[str] | None = None) -> dict[str, FileRead] | FileRead:
        """How the finished tasks read files: of all files by path, or of one, by path or by name.

        `run.reads("x.csv").count` is 1 where every part of it was read once, 0 where nothing of it was.
        """
        found = file_reads(self.graphs, self.rows)
        return found if path is None else reads_of_path(found, path)

    def tasks(self) -> Iterator[TaskFinished]:
        """The finished tasks as typed events, in the order of finishing."""
        for task, lane, ready, start, stop, nbytes, stored, scratch in zip(
            *(c.tolist() for c in self.rows), strict=True
        ):
            key = self.graph_at(task).key(task)
            name = self.lanes[lane] if lane < len(self.lanes) else str(lane)
            yield TaskFinished(self.number, stop, key, name, ready, start, nbytes, stored, scratch)

    def events(self) -> Iterator[Event]:
        """Everything that happened, typed, in order."""
        yield RunStarted(self.number, self.started, self.ntasks, self.executor)
        yield from self.tasks()
        if self.error is not None and self.stopped is not None:
            yield TaskFailed(self.number, self.stopped, self.error)
        if self.stopped is not None:
            yield RunFinished(self.number, self.stopped, self.state.value)

    def critical_path(self) -> list[int]:
        """The chain of finished tasks with the largest sum of kernel seconds, first to last."""
        return figures.critical_path(self.graphs, self.rows)

    # -- in words ---------------------------------------------------------------------------------------------

    @property
    def refusal(self) -> str:
        """Why the plan could not run, for one that was refused before anything started; else empty."""
        return next((one.text for one in self.notices if one.topic == "refused"), "")

    def describe(self) -> str:
        """The run in words: the text twin of every view."""
        head = f"run {self.number}" + (f" ({self.label})" if self.label else "")
        lines = [
            f"{head}: {REFUSED if self.refusal else self.state.value} on {self.executor}, {self.nfinished:,} of "
            f"{format_count(self.ntasks, 'task')} in {format_seconds(self.seconds)}",
            f"  lanes: {len(set(self.rows.lane.tolist()))} used, {self.concurrency:.1f} busy on average, "
            f"{self.peak_concurrency} at most",
            f"  memory: {format_bytes(self.peak_bytes)} at the peak"
            + ("" if self.peak_block_bytes == self.peak_bytes else ", temporaries included")
            + (f", budget {format_bytes(self.budget)}" if self.budget is not None else ""),
        ]
        for row in self.by_operation():
            lines.append(
                f"  {row.op}: {row.finished:,} of {format_count(row.ntasks, 'task')}, "
                f"{format_seconds(row.seconds)} in kernels, {format_bytes(row.bytes_out)} made"
            )
        if self.error is not None:
            lines.append(self.error.describe())
        if self.refusal:
            lines.append(f"  {self.refusal}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<RunLog {self.number} {self.state.value}: {self.nfinished} of {self.ntasks} tasks>"
