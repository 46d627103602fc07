"""`Profiler` and `CacheProfiler`: every task, and every block that was kept, as rows and as charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chunkscope.diagnostics.recorder import Recorder, epoch_of
from chunkscope.display.costs import titles_of
from chunkscope.events import Rows
from chunkscope.observe import RunLog
from chunkscope.observe.memory import lifetimes
from chunkscope.types import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        return [row for run in self.runs for row in _task_data(run, run.rows)]

    def longest(self, count: int) -> tuple[list[TaskData], int]:
        """The rows of the `count` tasks that took longest, in the order of finishing, and how many tasks there are."""
        several = [(run, run.rows) for run in self.runs]
        total = sum(len(rows.task) for _, rows in several)
        if total <= count:
            return [row for run, rows in several for row in _task_data(run, rows)], total
        seconds = np.concatenate([rows.stop - rows.start for _, rows in several])
        least = np.partition(seconds, total - count)[total - count]
        found: list[TaskData] = []
        for run, rows in several:
            long = rows.stop - rows.start >= least
            found += _task_data(run, Rows(*(column[long] for column in rows)))
        return found[:count], total

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
            columns = (of[rows.task], lives.blocks, lives.born + shift, lives.dies + shift)
            lists = (column.tolist() for column in columns)
            for key, title, nbytes, born, dies in zip(keys_of(run, rows.task), *lists, strict=True):
                found.append(CacheData(key, titles[title], self._metric(_Block(nbytes)), born, dies))
        return found

    def visualize(self, **options: Any) -> Any:
        """The chart, a Bokeh figure; options as in `chunkscope.diagnostics.visualize`."""
        from chunkscope.diagnostics.visualizing import visualize

        return visualize(self, **options)


def _task_data(run: RunLog, rows: Rows) -> list[TaskData]:
    """Some rows of a run, for people."""
    shift = epoch_of(run)
    titles, of = titles_of(run)
    names = dict(enumerate(run.lanes))
    columns = (of[rows.task], rows.start + shift, rows.stop + shift, rows.lane)
    return [
        TaskData(key, titles[title], start, stop, names.get(lane, str(lane)))
        for key, title, start, stop, lane in zip(
            keys_of(run, rows.task), *(column.tolist() for column in columns), strict=True
        )
    ]


def keys_of(run: RunLog, tasks: NDArray[np.int64]) -> list[Key]:
    """The keys of many tasks: a microsecond each, where `graph.key` takes ten."""
    found = np.empty(len(tasks), dtype=object)
    for graph in run.graphs:
        inside = np.flatnonzero((tasks >= graph.first_task) & (tasks < graph.first_task + graph.ntasks))
        local = tasks[inside] - graph.first_task
        numbers = graph.layer_of[local]
        for number in np.unique(numbers).tolist():
            layer = graph.layers[number]
            mine = numbers == number
            blocks = local[mine] - int(graph.task_ptr[number])
            places = [axis.tolist() for axis in np.unravel_index(blocks, layer.grid)] if layer.grid else []
            keys = (
                [Key(layer.name, block) for block in zip(*places, strict=True)]
                if places
                else [Key(layer.name, ())]
            )
            for at, key in zip(inside[mine].tolist(), keys, strict=True):
                found[at] = key
    return found.tolist()


class _Block:
    """A block that is gone, as far as its weight goes."""

    __slots__ = ("nbytes",)

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes

    def __sizeof__(self) -> int:
        return self.nbytes


def _one(block: _Block) -> int:
    return 1
