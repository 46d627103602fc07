"""`Profiler` and `CacheProfiler`: every task, and every block that was kept, as rows and as charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chunkscope.diagnostics.recorder import Recorder, epoch_of
from chunkscope.display.costs import titles_of
from chunkscope.observe.memory import lifetimes
from chunkscope.types import Key

__all__ = ["CacheData", "CacheProfiler", "Profiler", "TaskData"]


class TaskData(NamedTuple):
    """One task that finished. Times are seconds since 1970."""

    key: Key
    task: str
    """The operation."""
    start_time: float
    end_time: float
    worker_id: str


class CacheData(NamedTuple):
    """One task's output, while it was held. Times are seconds since 1970."""

    key: Key
    task: str
    metric: Any
    cache_time: float
    free_time: float


class Profiler(Recorder):
    """Records each task of the runs in a `with` block: what, where, from when to when.

    >>> from chunkscope import delayed
    >>> from chunkscope.diagnostics import Profiler
    >>> with Profiler() as prof:
    ...     delayed(sum)([1, 2]).compute()
    3
    >>> [(str(row.key), row.task, row.end_time >= row.start_time) for row in prof.results]
    [('sum-0[0]', 'sum', True)]

    `prof.visualize()` draws the tasks by lane over time, with Bokeh. As in Dask, entering the block forgets earlier
    results, `register()` records until `unregister()`, and `clear()` forgets.
    """

    @property
    def results(self) -> list[TaskData]:
        """A row for each finished task, run after run, in the order of finishing."""
        found = []
        for run in self.runs:
            shift = epoch_of(run)
            rows = run.rows
            titles, of = titles_of(run)
            columns = (rows.task, of[rows.task], rows.start + shift, rows.stop + shift, rows.lane)
            for task, title, start, stop, lane in zip(*(c.tolist() for c in columns), strict=True):
                name = run.lanes[lane] if lane < len(run.lanes) else str(lane)
                found.append(TaskData(run.graph_at(task).key(task), titles[title], start, stop, name))
        return found

    def visualize(self, **options: Any) -> Any:
        """The chart, a Bokeh figure; options as in `chunkscope.diagnostics.visualize`."""
        from chunkscope.diagnostics.visualizing import visualize

        return visualize(self, **options)


class CacheProfiler(Recorder):
    """Records from when to when the output of each task was held, and how much it weighed.

    `metric`: a function of a block that weighs it; by default each output counts 1. Data never leaves a run through
    its log, so the function is given a stand-in that has the block's `nbytes`: cachey's `nbytes`, `sys.getsizeof` and
    `lambda block: block.nbytes` give bytes. `metric_name`: what the chart calls it.

    An output of the run that nobody else reads is handed to the caller and held no longer.

    >>> from chunkscope import delayed
    >>> from chunkscope.diagnostics import CacheProfiler
    >>> with CacheProfiler(metric=lambda block: block.nbytes) as prof:
    ...     (delayed(bytes)(1000) + b"1").compute(scheduler="sync")[-1]
    49
    >>> [(row.task, row.metric > 1000) for row in prof.results]
    [('bytes', True), ('add', True)]
    """

    def __init__(self, metric: Callable[[Any], Any] | None = None, metric_name: str | None = None) -> None:
        super().__init__()
        self._metric: Callable[[Any], Any] = metric if metric is not None else _one
        name = getattr(metric, "__name__", "metric") if metric is not None else "count"
        self.metric_name = metric_name or ("metric" if name == "<lambda>" else name)

    @property
    def results(self) -> list[CacheData]:
        """A row for each output, run after run, in the order in which they were made."""
        found = []
        for run in self.runs:
            shift, rows = epoch_of(run), run.rows
            end = run.stopped if run.stopped is not None else float(rows.stop.max(initial=run.started))
            lives = lifetimes(run.graphs, rows, end)
            titles, of = titles_of(run)
            columns = (rows.task, of[rows.task], lives.blocks, lives.born + shift, lives.dies + shift)
            for task, title, nbytes, born, dies in zip(*(c.tolist() for c in columns), strict=True):
                key = run.graph_at(task).key(task)
                found.append(CacheData(key, titles[title], self._metric(_Block(nbytes)), born, dies))
        return found

    def visualize(self, **options: Any) -> Any:
        """The chart, a Bokeh figure; options as in `chunkscope.diagnostics.visualize`."""
        from chunkscope.diagnostics.visualizing import visualize

        return visualize(self, **options)


class _Block:
    """A block that is gone, as far as its weight goes."""

    __slots__ = ("nbytes",)

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes

    def __sizeof__(self) -> int:
        return self.nbytes


def _one(block: _Block) -> int:
    return 1
