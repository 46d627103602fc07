"""`get_task_stream`: the tasks that ran in a block of code, as rows and as a chart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from chunkscope.diagnostics.profiler import Profiler
from chunkscope.errors import ConfigError

__all__ = ["get_task_stream"]

PLOTS = (False, True, "save")


class get_task_stream:
    """Collects the tasks of the runs in a `with` block; `data` is a list of rows as dicts.

    A row has Dask's names: key, name (the operation), worker, thread, status, nbytes, and `startstops`, a list of
    actions with start and stop in seconds since 1970: "wait", from the last input's arrival to the start, where there
    was a wait, and "compute".

    All runs of this process are collected, whichever `client` is named. `plot`: True makes `figure`, a Bokeh chart,
    when the block ends; "save" writes it to `filename` too.

    >>> from chunkscope import delayed
    >>> from chunkscope.diagnostics import get_task_stream
    >>> with get_task_stream() as ts:
    ...     delayed(sum)([1, 2]).compute()
    3
    >>> [(row["key"], row["name"], row["status"]) for row in ts.data]
    [('sum-0[0]', 'sum', 'OK')]
    """

    def __init__(
        self,
        client: Any = None,
        plot: bool | str = False,
        filename: str | os.PathLike[str] = "task-stream.html",
    ) -> None:
        if plot not in PLOTS:
            raise ConfigError(f"plot={plot!r} is not known; use True, False or 'save'")
        self.data: list[dict[str, Any]] = []
        self.figure: Any = None
        self._plot = plot
        self._filename = filename
        self._profiler = Profiler()

    def __enter__(self) -> get_task_stream:
        self._profiler.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._profiler.unregister()
        self.data = list(self._rows())
        if self._plot:
            from chunkscope.diagnostics.charts import MOST_BARS, task_chart
            from chunkscope.diagnostics.showing import chart_page, show_in_notebook

            bars, total = self._profiler.longest(MOST_BARS)
            self.figure = task_chart(bars, total=total)
            if self._plot == "save":
                Path(self._filename).write_text(chart_page(self.figure, "Task stream"), encoding="utf-8")
            else:
                show_in_notebook(self.figure)

    def _rows(self) -> Any:
        results = iter(self._profiler.results)
        for run in self._profiler.runs:
            rows = run.rows
            waits = (rows.start - rows.ready).tolist()
            for nbytes, wait, ready in zip(rows.bytes_out.tolist(), waits, rows.ready.tolist(), strict=True):
                task = next(results)
                actions = [{"action": "compute", "start": task.start_time, "stop": task.end_time}]
                if ready > run.started and wait > 0:
                    actions.insert(
                        0, {"action": "wait", "start": task.start_time - wait, "stop": task.start_time}
                    )
                yield {
                    "key": str(task.key),
                    "name": task.task,
                    "run": run.number,
                    "worker": run.executor,
                    "thread": task.worker_id,
                    "status": "OK",
                    "nbytes": nbytes,
                    "startstops": actions,
                }
