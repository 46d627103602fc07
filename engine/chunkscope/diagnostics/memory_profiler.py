"""`MemoryProfiler`: bytes by operation and task, as declared, as tracked, and as Python's own allocator saw them."""

from __future__ import annotations

import sys
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Self

from chunkscope import config
from chunkscope.blocks import RECYCLER
from chunkscope.diagnostics.recorder import Recorder
from chunkscope.display.markup import element, fragment, shorten
from chunkscope.display.tables import Bar, row_table
from chunkscope.display.theme import wrap
from chunkscope.errors import ConfigError
from chunkscope.executors.instruments import INSTRUMENTS
from chunkscope.graph import Graph
from chunkscope.observe import Moment, RunLog
from chunkscope.observe.memory import MemoryUse
from chunkscope.types import Key
from chunkscope.units import format_bytes, format_count

__all__ = ["MeasuredOperation", "MeasuredTask", "MemoryProfiler"]

MEASURES = {
    "tracked": "from the run log: blocks as weighed, temporaries as kernels tell them; any executor, full speed",
    "tracemalloc": "each task alone, with Python's tracemalloc around it: its real peak; slow, one task at a time",
}


class MeasuredTask(NamedTuple):
    """The bytes of one task, beside the blocks that it reads."""

    run: int
    key: Key
    op: str
    declared: int
    """Blocks and temporaries that the plan predicted: the model."""
    tracked: int
    """Blocks as weighed, and temporaries as its kernel told."""
    measured: int | None
    """The highest that it really allocated at once, by tracemalloc; None where that was not measured."""


class MeasuredOperation(NamedTuple):
    """The largest task of each kind, of one operation."""

    op: str
    ntasks: int
    declared: int
    tracked: int
    measured: int | None


class MemoryProfiler(Recorder):
    """Tells for the runs of a `with` block how many bytes each task and operation took beside its inputs.

    measure="tracked" reads the run log. measure="tracemalloc" runs one task at a time, on "sync", and puts
    `tracemalloc` around each: the real peak of NumPy arrays and Python objects, in the user's own functions too. Calls
    that name another executor are not measured, as what other lanes let go meanwhile would be taken off. Memory of
    other libraries is not seen; of Arrow's, what a task leaves behind. Memory of earlier blocks is not used again
    meanwhile, so that every allocation counts.

    >>> import chunkscope.array as ca
    >>> x = ca.ones((1000, 1000), chunks=(500, 1000))
    >>> with MemoryProfiler(measure="tracemalloc") as prof:
    ...     _ = x.map_blocks(lambda b: (b + 1) * (b + 2)).sum().compute()
    >>> largest = max(prof.results, key=lambda row: row.measured)
    >>> largest.measured > 2 * 500 * 1000 * 8
    True
    """

    def __init__(self, measure: str = "tracked") -> None:
        super().__init__()
        if measure not in MEASURES:
            known = "; ".join(f"{name!r}: {about}" for name, about in MEASURES.items())
            raise ConfigError(f"measure={measure!r} is not known; use one of {known}")
        self.measure = measure
        self._tracer = _Tracer()
        self._sync: AbstractContextManager[object] | None = None

    def register(self) -> None:
        """Note the runs that start from now on. Registering twice is allowed."""
        if self._subscription is None and self.measure == "tracemalloc":
            self._tracer.start()
        super().register()

    def unregister(self) -> None:
        """Note no more runs, and take the instruments away."""
        if self._subscription is not None and self.measure == "tracemalloc":
            self._tracer.stop()
        super().unregister()

    def clear(self) -> None:
        """Forget what was noted."""
        super().clear()
        self._tracer.peaks.clear()

    def __enter__(self) -> Self:
        super().__enter__()
        if self.measure == "tracemalloc":
            self._sync = config.set(scheduler="sync")
            self._sync.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._sync is not None:
            self._sync.__exit__(None, None, None)
            self._sync = None
        self.unregister()

    @property
    def results(self) -> list[MeasuredTask]:
        """A row for each finished task, run after run."""
        found = []
        for run in self.runs:
            peaks = self._tracer.peaks.get(run.number, {})
            use = MemoryUse(run)
            for task, declared, tracked in use.by_task():
                graph = run.graph_at(task)
                op = graph.layer_at(task).op
                found.append(
                    MeasuredTask(run.number, graph.key(task), op, declared, tracked, peaks.get(task))
                )
        return found

    @property
    def operations(self) -> list[MeasuredOperation]:
        """For each operation the largest declared, tracked and measured bytes of a task, the largest first."""
        table: dict[str, list[MeasuredTask]] = {}
        for row in self.results:
            table.setdefault(row.op, []).append(row)
        rows = []
        for op, tasks in table.items():
            seen = [row.measured for row in tasks if row.measured is not None]
            rows.append(
                MeasuredOperation(
                    op,
                    len(tasks),
                    max(row.declared for row in tasks),
                    max(row.tracked for row in tasks),
                    max(seen) if seen else None,
                )
            )
        return sorted(rows, key=lambda row: -(row.tracked if row.measured is None else row.measured))

    def describe(self) -> str:
        """The largest task of each operation in words."""
        lines = [f"bytes of the largest task of each operation, beside its inputs ({self.measure})"]
        for row in self.operations:
            words = f"  {row.op}: {format_count(row.ntasks, 'task')}, declared {format_bytes(row.declared)}, "
            words += f"tracked {format_bytes(row.tracked)}"
            if row.measured is not None:
                words += f", measured {format_bytes(row.measured)} by tracemalloc"
            lines.append(words)
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<MemoryProfiler {self.measure}: {format_count(len(self.runs), 'run')}>"

    def _repr_html_(self) -> str:
        operations = self.operations
        most = max((max(row.declared, row.tracked, row.measured or 0) for row in operations), default=0) or 1

        def bar(value: int | None) -> object:
            return "not measured" if value is None else Bar(value / most, format_bytes(value))

        rows = [
            (shorten(row.op, 40), row.ntasks, bar(row.declared), bar(row.tracked), bar(row.measured))
            for row in operations
        ]
        head = element("p", "Bytes of the largest task of each operation, beside its inputs", class_="head")
        columns = ("Operation", "Tasks", "Declared (model)", "Tracked (run log)", "Measured (tracemalloc)")
        return str(wrap(fragment([head, row_table(columns, rows)])))

    def _told(self, run: RunLog, moment: Moment) -> None:
        super()._told(run, moment)
        if moment == "started":
            self._tracer.adopt(run)


class _Peaks(dict[int, int]):
    """The peak of each task of one run, while it is measured."""

    on = True


class _Tracer:
    """Puts tracemalloc around kernels, one at a time in this process."""

    def __init__(self) -> None:
        self.peaks: dict[int, dict[int, int]] = {}
        """By run and task."""
        self._waiting: dict[int, _Peaks] = {}
        self._lock = threading.RLock()
        self._stack: list[list[int]] = []
        self._began = False

    def start(self) -> None:
        """Trace the kernels of runs that start from now on."""
        self._began = not tracemalloc.is_tracing()
        if self._began:
            tracemalloc.start()
        INSTRUMENTS.append(self._around)

    def stop(self) -> None:
        """Trace no more."""
        INSTRUMENTS.remove(self._around)
        if self._began:
            tracemalloc.stop()
        self._waiting.clear()

    def adopt(self, run: RunLog) -> None:
        """Enter what is measured for a graph as this run's; let it be where tasks run side by side."""
        peaks = self._waiting.pop(id(run.graph), None)
        if peaks is not None:
            peaks.on = run.executor == "sync"
            self.peaks[run.number] = peaks

    def _around(self, kernel: Callable[..., Any], graph: Graph, number: int) -> Callable[..., Any]:
        peaks = self._waiting.setdefault(id(graph), _Peaks())
        first = graph.first_task + int(graph.task_ptr[number])

        def traced(block: int, /, *inputs: Any) -> Any:
            if not peaks.on:
                return kernel(block, *inputs)
            with self._lock:
                self._enter()
                try:
                    return kernel(block, *inputs)
                finally:
                    peaks[first + block] = self._leave()

        return traced

    def _enter(self) -> None:
        RECYCLER.clear()
        now, peak = tracemalloc.get_traced_memory()
        if self._stack:  # a task that computes: what it had reached before is not forgotten
            self._stack[-1][1] = max(self._stack[-1][1], peak)
        self._stack.append([now, now, _arrow_bytes()])
        tracemalloc.reset_peak()

    def _leave(self) -> int:
        _, peak = tracemalloc.get_traced_memory()
        before, highest, arrow = self._stack.pop()
        highest = max(highest, peak)
        if self._stack:
            self._stack[-1][1] = max(self._stack[-1][1], highest)
        tracemalloc.reset_peak()
        return max(highest - before, 0) + max(_arrow_bytes() - arrow, 0)


def _arrow_bytes() -> int:
    """Bytes that Arrow's allocator holds, where Arrow is loaded."""
    arrow = sys.modules.get("pyarrow")
    return 0 if arrow is None else int(arrow.total_allocated_bytes())
