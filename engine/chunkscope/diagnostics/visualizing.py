"""`visualize`: the charts of one or several profilers, one below the other, in a file, a browser or a notebook."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chunkscope.diagnostics.charts import MOST_BARS, cache_chart, resource_chart, task_chart
from chunkscope.diagnostics.notebook import in_notebook
from chunkscope.diagnostics.profiler import CacheProfiler, Profiler
from chunkscope.diagnostics.recorder import epoch_of
from chunkscope.diagnostics.resource_profiler import ResourceProfiler
from chunkscope.diagnostics.showing import chart_page, show_in_browser, show_in_notebook
from chunkscope.errors import ConfigError

__all__ = ["visualize"]

_Any = Profiler | ResourceProfiler | CacheProfiler


def visualize(
    profilers: _Any | Sequence[_Any],
    filename: str | os.PathLike[str] = "profile.html",
    show: bool = True,
    save: bool | None = None,
    mode: str | None = None,
    **kwargs: Any,
) -> Any:
    """The charts of profilers as a Bokeh figure, or a column of figures over one time axis.

    In a notebook the chart is shown below the cell; elsewhere it is written to `filename` and, with `show`, opened in
    a browser. `save` says whether it is written, instead of that guess. `mode` is Bokeh's word for where BokehJS comes
    from: only "inline" is taken, as a page must open without a network. Other arguments go to `bokeh.plotting.figure`.

    Raises ConfigError for anything that is not a profiler, or another mode.
    """
    several = list(profilers) if isinstance(profilers, Sequence) else [profilers]
    if mode not in (None, "inline"):
        raise ConfigError(f"mode={mode!r} loads scripts from elsewhere; use mode='inline', or leave it out")
    for one in several:
        if not isinstance(one, _Any):
            raise ConfigError(
                f"cannot draw a {type(one).__name__}; give a Profiler, ResourceProfiler or CacheProfiler, or a list "
                "of them"
            )
    if not several:
        raise ConfigError("nothing to draw: give at least one profiler")
    chart = figure_of(several, **kwargs)
    inside = in_notebook()
    if save if save is not None else not inside:
        path = Path(filename)
        path.write_text(chart_page(chart), encoding="utf-8")
        if show and not inside:
            show_in_browser(path)
    if show:
        show_in_notebook(chart)
    return chart


def figure_of(profilers: Sequence[_Any], **options: Any) -> Any:
    """The figure of one profiler, or a column of figures that pan and zoom together."""
    from bokeh.layouts import column

    origin = min((start for one in profilers for start in _starts(one)), default=None)
    charts: list[Any] = []
    for one in profilers:
        shared = {"x_range": charts[0].x_range} if charts else {}
        if isinstance(one, Profiler):
            bars, total = one.longest(MOST_BARS)
            charts.append(task_chart(bars, origin, total=total, **shared, **options))
        elif isinstance(one, ResourceProfiler):
            charts.append(resource_chart(one.results, origin, **shared, **options))
        else:
            charts.append(cache_chart(one.results, one.metric_name, origin, **shared, **options))
    return charts[0] if len(charts) == 1 else column(charts, sizing_mode="stretch_width")


def _starts(one: _Any) -> list[float]:
    """When the rows of a profiler begin."""
    if isinstance(one, Profiler):
        return [float(run.rows.start.min()) + epoch_of(run) for run in one.runs if run.nfinished]
    if isinstance(one, ResourceProfiler):
        return [row.time for row in one.results[:1]]
    return [float(run.rows.stop.min()) + epoch_of(run) for run in one.runs if run.nfinished]
