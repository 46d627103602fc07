"""`performance_report`: everything about the runs of a block of code in one HTML file that opens anywhere, offline."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from chunkscope.diagnostics.charts import MOST_BARS, memory_chart, resource_chart, task_chart
from chunkscope.diagnostics.code_lines import caller_code, code_costs
from chunkscope.diagnostics.profiler import Profiler
from chunkscope.diagnostics.resource_profiler import ResourceProfiler
from chunkscope.diagnostics.showing import embedded, page_of
from chunkscope.display import visualize
from chunkscope.display.costs import costs_of
from chunkscope.display.explanation import account_body
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.memory import memory_table
from chunkscope.display.tables import Bar, fact_table, foldable, row_table, swatch
from chunkscope.display.theme import wrap
from chunkscope.errors import ConfigError
from chunkscope.observe import RunLog
from chunkscope.units import format_bytes, format_count, format_seconds

__all__ = ["performance_report"]

MOST_RUNS = 12
"""Runs that are shown one by one: those that took longest."""


MOST_TOLD = 4
"""Runs that are told in words."""


class performance_report:
    """Writes one HTML file about all runs of a `with` block: words, time line, operations, memory, graph, code.

    `filename`: where to, "chunkscope-report.html" by default. `stacklevel`: whose code is shown, 1 is the caller's.
    `mode`: only "inline" is taken; a report must open without a network. `dt`: seconds between samples of processor and
    memory. The file holds everything, BokehJS too (1 MB); all that users wrote is escaped.

    >>> import os, tempfile
    >>> from chunkscope import delayed
    >>> from chunkscope.diagnostics import performance_report
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "report.html")
    ...     with performance_report(filename=path):
    ...         delayed(sum)([1, 2]).compute()
    ...     os.path.getsize(path) > 100_000
    3
    True
    """

    def __init__(
        self,
        filename: str | os.PathLike[str] = "chunkscope-report.html",
        stacklevel: int = 1,
        mode: str | None = None,
        storage_options: Any = None,
        *,
        dt: float = 0.1,
    ) -> None:
        if mode not in (None, "inline"):
            raise ConfigError(
                f"mode={mode!r} loads scripts from elsewhere; use mode='inline', or leave it out"
            )
        if storage_options:
            raise ConfigError(
                f"storage_options={storage_options!r}: the report is a file of this machine; leave them out"
            )
        self.filename = Path(filename)
        self._stacklevel = stacklevel
        self._tasks = Profiler()
        self._resources = ResourceProfiler(dt=dt)
        self._code = ""
        self._begin = 0.0

    def __enter__(self) -> Self:
        self._code = caller_code(self._stacklevel + 1)
        self._begin = time.time()
        self._tasks.__enter__()
        self._resources.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.__exit__()
        self._tasks.unregister()
        words = "" if error is None else f"{kind.__name__ if kind else ''}: {error}"
        page = report_page(
            self._tasks, self._resources, self._code, self._begin, time.time() - self._begin, words
        )
        self.filename.write_text(page, encoding="utf-8")


def report_page(
    tasks: Profiler, resources: ResourceProfiler, code: str, began: float, seconds: float, error: str = ""
) -> str:
    """The report as one HTML page. `began`: seconds since 1970; `seconds`: how long the block took."""
    runs = tasks.runs
    shown = sorted(sorted(runs, key=lambda run: -run.seconds)[:MOST_RUNS], key=lambda run: run.number)
    bars, total = tasks.longest(MOST_BARS)
    timeline = task_chart(bars, began, total=total)
    process = resource_chart(resources.results, began, x_range=timeline.x_range)
    memories = [run.memory() for run in shown]
    script, places = embedded([timeline, process, *(memory_chart(use) for use in memories)])
    title = "chunkscope performance report"
    sections: list[tuple[str, str, Markup]] = [
        ("summary", "Summary", _summary(runs, shown, began, seconds, error)),
        (
            "words",
            "In words",
            fragment(account_body(run.explain(), open_=False) for run in shown[:MOST_TOLD]),
        ),
        ("timeline", "Time line", fragment(places[:2])),
        ("operations", "Operations", _operations(runs)),
        (
            "memory",
            "Memory",
            fragment(
                element("div", place, memory_table(use))
                for place, use in zip(places[2:], memories, strict=True)
            ),
        ),
        ("graph", "Graph", fragment(_graph(run) for run in shown)),
        ("code", "Code", _code(runs, code)),
    ]
    links = element(
        "nav", *(element("a", head, href=f"#{name}") for name, head, _ in sections), aria_label="Parts"
    )
    body = [
        element("section", element("h2", head), content, id=name, aria_label=head)
        for name, head, content in sections
    ]
    return page_of(title, element("h1", title), links, wrap(fragment(body)), scripts=[script])


def _summary(
    runs: Sequence[RunLog], shown: Sequence[RunLog], began: float, seconds: float, error: str
) -> Markup:
    busy = sum(run.busy_seconds for run in runs)
    lanes = {name for run in runs for name in run.lanes}
    peak = max((run.peak_bytes for run in runs), default=0)
    facts: list[tuple[str, object]] = [
        ("When", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began))),
        ("Took", format_seconds(seconds)),
        ("Runs", f"{len(runs):,}"),
        ("Tasks", f"{sum(run.nfinished for run in runs):,} of {sum(run.ntasks for run in runs):,}"),
        ("In kernels", f"{format_seconds(busy)} over {format_count(len(lanes), 'lane')}"),
        ("Peak of a run", f"{format_bytes(peak)}, blocks and temporaries as measured"),
        ("Made", format_bytes(sum(int(run.rows.bytes_out.sum()) for run in runs))),
        ("With", f"Python {platform.python_version()}, NumPy {np.__version__}, {_cores()}"),
    ]
    if error:
        facts.append(("Ended with", element("strong", shorten(error, 400))))
    rows = []
    for run in shown:
        forecast = run.forecast
        lanes_used = len(set(run.rows.lane.tolist()))
        rows.append(
            (
                f"{run.number}" + (f" {shorten(run.label, 40)}" if run.label else ""),
                run.state.value,
                f"{run.executor}, {format_count(lanes_used, 'lane')}",
                run.nfinished,
                format_seconds(run.seconds),
                f"{run.overhead_share:.0%}",
                format_bytes(run.peak_bytes),
                "unknown" if forecast is None else format_bytes(forecast.peak_bytes),
            )
        )
    columns = ("Run", "State", "On", "Tasks", "Took", "Overhead", "Peak measured", "Peak forecast")
    more = len(runs) - len(shown)
    parts = [fact_table(facts), row_table(columns, rows)]
    if more:
        parts.append(
            element("p", f"and {more:,} shorter ones, which the other parts count too", class_="dim")
        )
    parts += [
        element("pre", shorten(run.error.describe().replace("\n", " · "), 2_000))
        for run in shown
        if run.error is not None
    ]
    return fragment(parts)


def _operations(runs: Sequence[RunLog]) -> Markup:
    """What each operation cost over all runs, the costliest first."""
    table: dict[str, list[float]] = {}
    for run in runs:
        for cost in costs_of(run):
            row = table.setdefault(cost.title, [len(table), 0, 0.0, 0.0, 0])
            row[1] += cost.finished
            row[2] += cost.seconds
            row[3] = max(row[3], cost.longest)
            row[4] += cost.bytes_out
    total = sum(row[2] for row in table.values())
    rows = [
        (
            fragment([swatch(int(number)), shorten(title, 60)]),
            int(ntasks),
            Bar(seconds / total if total else 0.0, f"{format_seconds(seconds)} ({_share(seconds, total)})"),
            format_seconds(seconds / ntasks) if ntasks else "",
            format_seconds(longest),
            format_bytes(nbytes),
        )
        for title, (number, ntasks, seconds, longest, nbytes) in sorted(
            table.items(), key=lambda item: -item[1][2]
        )
    ]
    columns = ("Operation", "Tasks", "Seconds in kernels", "Mean task", "Longest task", "Bytes made")
    return row_table(columns, rows, limit=200)


def _graph(run: RunLog) -> Markup:
    picture = visualize(run)._repr_mimebundle_()["text/html"]
    return foldable(
        f"run {run.number}: {format_count(run.ntasks, 'task')}", Markup(picture), open_=run.ntasks <= 60
    )


def _code(runs: Sequence[RunLog], code: str) -> Markup:
    costs = code_costs(runs)
    total = sum(cost.seconds for cost in costs)
    rows = [
        (
            f"{cost.place}, line {cost.line}" if cost.line else cost.place,
            element("code", shorten(cost.text, 100)),
            shorten(", ".join(cost.operations), 60),
            cost.ntasks,
            Bar(cost.seconds / total if total else 0.0, format_seconds(cost.seconds)),
            format_bytes(cost.bytes_out),
        )
        for cost in costs
    ]
    table = row_table(("Where", "Line", "Operations", "Tasks", "Seconds in kernels", "Bytes made"), rows, 200)
    return fragment([table, foldable("The whole code", element("pre", code))] if code else [table])


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole else "0%"


def _cores() -> str:
    from chunkscope.executors import default_workers

    return format_count(default_workers(), "core")
