"""The Bokeh charts of profiles: tasks by lane, processor and memory, blocks held. Data in, figure out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.display.markup import shorten
from chunkscope.display.theme import category
from chunkscope.units import format_bytes, format_seconds

if TYPE_CHECKING:
    from chunkscope.diagnostics.profiler import CacheData, TaskData
    from chunkscope.diagnostics.sampling import ResourceData
    from chunkscope.observe.memory import MemoryUse

__all__ = [
    "MOST_BARS",
    "cache_chart",
    "empty_chart",
    "memory_chart",
    "resource_chart",
    "sample_chart",
    "task_chart",
]

MOST_BARS = 10_000
"""Tasks that a time line draws: of more, the longest."""
MOST_BANDS = 12
"""Operations that a chart tells apart; the rest are one."""
MOST_POINTS = 4_000
UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (0, "bytes"))


def _figure(title: str, y: str, height: int, options: Mapping[str, Any]) -> Any:
    from bokeh.models import NumeralTickFormatter
    from bokeh.plotting import figure

    given: dict[str, Any] = {
        "title": title,
        "height": height,
        "sizing_mode": "stretch_width",
        "x_axis_label": "seconds",
        "y_axis_label": y,
        "tools": "xpan,xwheel_zoom,box_zoom,reset,save",
        "active_drag": "box_zoom",
        **options,
    }
    if given["active_drag"] not in str(given["tools"]):
        given.pop("active_drag")
    if "width" in given:
        given.pop("sizing_mode")
    chart: Any = figure(**given)
    chart.toolbar.logo = None
    chart.title.text_font_size = "13px"
    chart.grid.grid_line_alpha = 0.4
    chart.min_border_left = 90  # so that charts one below the other begin at the same place
    chart.xaxis.formatter = NumeralTickFormatter(format="0.[000000]")
    return chart


def empty_chart(words: str, **options: Any) -> Any:
    """A chart that says why there is nothing on it."""
    chart = _figure(words, "", 120, options)
    chart.line([0.0, 1.0], [0.0, 0.0], alpha=0)
    chart.yaxis.visible = False
    return chart


def _mark_legend(chart: Any, names: int) -> None:
    """The legend beside the plot, where it hides no data; a click hides an operation."""
    legend = chart.legend[0]
    chart.add_layout(legend, "right")
    legend.click_policy = "hide"
    legend.label_text_font_size = "11px"
    legend.spacing = 0
    legend.padding = 4
    legend.visible = names > 0


def task_chart(
    shown: Sequence[TaskData], origin: float | None = None, *, total: int | None = None, **options: Any
) -> Any:
    """The tasks as bars by lane over the seconds since `origin`, coloured by operation; `total`: of how many tasks."""
    from bokeh.models import ColumnDataSource, HoverTool

    if not shown:
        return empty_chart("Tasks: none has finished", **options)
    first = min(row.start_time for row in shown) if origin is None else origin
    title = "Tasks by lane"
    if total is not None and total > len(shown):
        title += f": the {len(shown):,} longest of {total:,}"
    lanes = sorted({row.worker_id for row in shown}, key=lambda name: (len(name), name))
    by_op: dict[str, list[TaskData]] = {}
    for row in shown:
        by_op.setdefault(row.task, []).append(row)
    ops = list(by_op)
    height = 90 + max(26 * len(lanes), 20 * min(len(ops), MOST_BANDS) - 30)
    chart = _figure(title, "", max(min(height, 600), 150), {"y_range": [*reversed(lanes)], **options})
    chart.ygrid.grid_line_color = None
    for number, op in enumerate(ops):
        rows = by_op[op]
        source = ColumnDataSource(
            {
                "left": np.array([row.start_time - first for row in rows]),
                "right": np.array([row.end_time - first for row in rows]),
                "lane": [row.worker_id for row in rows],
                "op": [op] * len(rows),
                "key": [str(row.key) for row in rows],
                "took": [format_seconds(row.end_time - row.start_time) for row in rows],
                "at": [format_seconds(row.start_time - first) for row in rows],
            }
        )
        chart.hbar(
            y="lane",
            left="left",
            right="right",
            height=0.8,
            source=source,
            color=category(number),
            line_color="white",
            line_width=0.4,
            **({"legend_label": shorten(op, 30)} if number < MOST_BANDS else {}),
        )
    tips = [
        ("task", "@key"),
        ("operation", "@op"),
        ("took", "@took"),
        ("began after", "@at"),
        ("on", "@lane"),
    ]
    chart.add_tools(HoverTool(tooltips=tips))
    _mark_legend(chart, len(ops))
    return chart


def resource_chart(results: Sequence[ResourceData], origin: float | None = None, **options: Any) -> Any:
    """Processor use, resident memory and managed bytes over the seconds since `origin`."""
    from bokeh.models import ColumnDataSource, HoverTool, LinearAxis, Range1d

    if not results:
        return empty_chart("Processor and memory: no samples", **options)
    first = results[0].time if origin is None else origin
    source = ColumnDataSource(
        {
            "x": [row.time - first for row in results],
            "cpu": [row.cpu for row in results],
            "mem": [row.mem for row in results],
            "managed": [row.managed / 1e6 for row in results],
        }
    )
    chart = _figure("Processor and memory of this process", "% of one core", 220, options)
    most = max([*(row.cpu for row in results), 100.0])
    chart.y_range = Range1d(start=0, end=most * 1.1)
    top = max([*(row.mem for row in results), *(row.managed / 1e6 for row in results), 1.0])
    chart.extra_y_ranges = {"memory": Range1d(start=0, end=top * 1.1)}
    chart.add_layout(LinearAxis(y_range_name="memory", axis_label="MB"), "right")
    line = chart.line("x", "cpu", source=source, color=category(0), line_width=2, legend_label="processor")
    side = {"source": source, "y_range_name": "memory", "line_width": 2}
    chart.line("x", "mem", color=category(5), line_dash="dashed", legend_label="resident memory", **side)
    chart.line("x", "managed", color=category(2), line_dash="dotted", legend_label="managed bytes", **side)
    tips = [("after", "@x{0.000} s"), ("processor", "@cpu{0} %"), ("resident", "@mem{0.0} MB")]
    tips.append(("managed", "@managed{0.0} MB"))
    chart.add_tools(HoverTool(tooltips=tips, renderers=[line], mode="vline"))
    _mark_legend(chart, 3)
    return chart


def cache_chart(
    results: Sequence[CacheData], metric_name: str, origin: float | None = None, **options: Any
) -> Any:
    """What was held, by operation, over the seconds since `origin`: the sum of the metric of the blocks alive."""
    if not results:
        return empty_chart("Blocks held: none was made", **options)
    from bokeh.models import NumeralTickFormatter

    first = min(row.cache_time for row in results) if origin is None else origin
    chart = _figure("Blocks held, by operation", metric_name, 220, options)
    chart.yaxis.formatter = NumeralTickFormatter(format="0.[0]a")
    ops = list(dict.fromkeys(row.task for row in results))
    for number, op in enumerate(ops[:MOST_BANDS]):
        rows = [row for row in results if row.task == op]
        times = np.array([row.cache_time - first for row in rows] + [row.free_time - first for row in rows])
        steps = np.array([float(row.metric) for row in rows] + [-float(row.metric) for row in rows])
        order = np.argsort(times, kind="stable")
        x, y = _thinned(times[order], np.cumsum(steps[order]))
        dash = ("solid", "dashed", "dotted", "dotdash")[number // 7 % 4]
        chart.step(
            x,
            y,
            mode="after",
            color=category(number),
            line_width=2,
            line_dash=dash,
            legend_label=shorten(op, 30),
        )
    if len(ops) > MOST_BANDS:
        chart.title.text += f" (the first {MOST_BANDS} of {len(ops)})"
    _mark_legend(chart, len(ops))
    return chart


def memory_chart(use: MemoryUse, **options: Any) -> Any:
    """Bytes in use over time, stacked by operation as measured, with the declared sum, the forecast and the budget."""
    from bokeh.models import ColumnDataSource

    run = use.run
    if not len(use.times):
        return empty_chart(f"Memory of run {run.number}: no task has finished", **options)
    scale, unit = next((max(n, 1), name) for n, name in UNITS if use.peak_bytes >= n)
    title = f"Memory of run {run.number}: {format_bytes(use.peak_bytes)} at the peak"
    chart = _figure(title, unit, 240, options)
    order = np.argsort(-use.measured.max(axis=1), kind="stable")
    order = order[use.measured[order].max(axis=1) > 0]
    bands = {shorten(use.names[i], 30): use.measured[i] / scale for i in order[:MOST_BANDS].tolist()}
    if len(order) > MOST_BANDS:
        bands["all others"] = use.measured[order[MOST_BANDS:]].sum(axis=0) / scale
    if bands:
        x = np.repeat(np.concatenate([[0.0], use.times]), 2)[1:-1]
        data = {name: np.repeat(values, 2) for name, values in bands.items()}
        columns = {f"band {i}": values for i, values in enumerate(data.values())}
        colours = [category(int(i)) for i in order[:MOST_BANDS]] + ["#8a8a8a"]
        chart.varea_stack(
            stackers=list(columns),
            x="x",
            source=ColumnDataSource({"x": x, **columns}),
            color=colours[: len(columns)],
            alpha=0.85,
            legend_label=list(bands),
        )
    said = use.declared.sum(axis=0) / scale
    chart.step(
        use.times,
        said,
        mode="before",
        color="black",
        line_dash="dotted",
        legend_label="declared, same moments",
    )
    levels = [(use.forecast_bytes, "forecast peak", "dashed"), (run.budget, "budget", "solid")]
    top = max(float(use.peak_bytes), float(said.max(initial=0)) * scale)
    for value, words, dash in levels:
        if value is not None and value < 4 * use.peak_bytes:
            top = max(top, float(value))
            level = [value / scale] * 2
            label = f"{words}, {format_bytes(value)}"
            chart.line([0.0, run.seconds], level, color="#59636e", line_dash=dash, legend_label=label)
    chart.y_range.start = 0
    chart.y_range.end = max(top / scale * 1.08, 1e-6)
    _mark_legend(chart, 1)
    return chart


def sample_chart(
    samples: Mapping[str, Sequence[tuple[float, int]]], *, align: bool = False, **options: Any
) -> Any:
    """Labelled curves of memory over time."""
    begins = [curve[0][0] for curve in samples.values() if curve]
    if not begins:
        return empty_chart("Memory: no samples", **options)
    chart = _figure("Memory over time", "MB", 260, options)
    for number, (label, curve) in enumerate(samples.items()):
        if not curve:
            continue
        first = curve[0][0] if align else min(begins)
        x, y = _thinned(np.array([at - first for at, _ in curve]), np.array([n / 1e6 for _, n in curve]))
        dash = ("solid", "dashed", "dotted", "dotdash")[number % 4]
        name = shorten(label, 40)
        chart.line(x, y, color=category(number), line_width=2, line_dash=dash, legend_label=name)
    chart.y_range.start = 0
    _mark_legend(chart, len(samples))
    return chart


def _thinned(x: Any, y: Any) -> tuple[Any, Any]:
    """A curve in a few thousand points, each the highest of its stretch."""
    if len(x) <= MOST_POINTS:
        return x, y
    size = math.ceil(len(x) / MOST_POINTS)
    starts = range(0, len(x), size)
    best = [start + int(np.argmax(y[start : start + size])) for start in starts]
    return x[best], y[best]
