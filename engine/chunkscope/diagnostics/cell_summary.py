"""What one cell, or any block of code, made the engine do: the summary that `%%chunkscope` shows."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from chunkscope.diagnostics.memory_profiler import MemoryProfiler
from chunkscope.diagnostics.sampling import Sampler
from chunkscope.display.costs import costs_of
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.memory import memory_svg
from chunkscope.display.tables import Bar, fact_table, foldable, row_table, swatch
from chunkscope.display.theme import wrap
from chunkscope.display.timeline import timeline_svg
from chunkscope.observe import RunLog
from chunkscope.units import format_bytes, format_count, format_seconds

__all__ = ["CellSummary"]

SHOWN = 3
"""Runs that are drawn: those that took longest."""
INTERVAL = 0.02


class CellSummary:
    """Watches the runs and the process in a `with` block, and shows what it saw.

    >>> from chunkscope import delayed
    >>> with CellSummary() as cell:
    ...     delayed(sum)([1, 2]).compute()
    3
    >>> print(cell)
    this cell: 1 run, 1 task in ..., ... of it in runs
      memory of the process: ..., ... at the most
      run ...: 1 of 1 task in ... on threads, peak ...
        sum: 1 task, ...
    """

    def __init__(self, measure: str = "tracked") -> None:
        self.profiler = MemoryProfiler(measure)
        self.seconds = 0.0
        self._sampler = Sampler(INTERVAL)
        self._began = 0.0

    @property
    def runs(self) -> list[RunLog]:
        """The runs that the block started."""
        return self.profiler.runs

    def __enter__(self) -> Self:
        self._sampler.start()
        self.profiler.__enter__()
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._began
        self.profiler.__exit__()
        self._sampler.stop()

    @property
    def resident(self) -> tuple[int, int, int]:
        """Resident bytes of the process before, at the most, and after; samples lie 20 ms apart."""
        values = [int(sample.mem * 1e6) for sample in self._sampler.samples] or [0]
        return values[0], max(values), values[-1]

    def __repr__(self) -> str:
        runs = self.runs
        tasks = sum(run.nfinished for run in runs)
        inside = sum(run.seconds for run in runs if run.executor != "simulated")
        before, most, after = self.resident
        lines = [
            f"this cell: {format_count(len(runs), 'run')}, {format_count(tasks, 'task')} in "
            f"{format_seconds(self.seconds)}" + (f", {format_seconds(inside)} of it in runs" if runs else ""),
            f"  memory of the process: {_change(before, after)}, {format_bytes(most)} at the most",
        ]
        for run in runs:
            lines.append(
                f"  run {run.number}{_label(run)}: {run.nfinished:,} of {format_count(run.ntasks, 'task')} in "
                f"{format_seconds(run.seconds)} on {run.executor}, peak {format_bytes(run.peak_bytes)}"
                + ("" if run.state.value == "finished" else f", {run.state.value}")
            )
            lines += [
                f"    {cost.title}: {format_count(cost.finished, 'task')}, {format_seconds(cost.seconds)} in kernels"
                for cost in costs_of(run)
            ]
        if self.profiler.measure == "tracemalloc":
            lines.append(self.profiler.describe())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        runs = self.runs
        before, most, after = self.resident
        inside = sum(run.seconds for run in runs if run.executor != "simulated")
        facts: list[tuple[str, object]] = [
            (
                "This cell",
                format_seconds(self.seconds) + (f", {format_seconds(inside)} of it in runs" if runs else ""),
            ),
            ("Process memory", f"{_change(before, after)}, {format_bytes(most)} at the most"),
        ]
        if not runs:
            facts.append(("Runs", "none: nothing was computed"))
        longest = max((run.seconds for run in runs), default=0.0)
        rows = [
            (
                f"{run.number}{_label(run)}",
                run.state.value,
                run.nfinished,
                Bar(run.seconds / longest if longest else 0.0, format_seconds(run.seconds)),
                f"{run.concurrency:.1f} of {format_count(len(set(run.rows.lane.tolist())), 'lane')}",
                format_bytes(run.peak_bytes),
                "unknown" if run.forecast is None else format_bytes(run.forecast.peak_bytes),
            )
            for run in runs
        ]
        columns = ("Run", "State", "Tasks", "Took", "Busy", "Peak", "Forecast")
        parts: list[Markup | str] = [fact_table(facts)]
        if rows:
            parts.append(row_table(columns, rows, limit=20))
        shown = sorted(sorted(runs, key=lambda run: -run.seconds)[:SHOWN], key=lambda run: run.number)
        parts += [_picture(run, open_=len(shown) == 1) for run in shown if run.nfinished]
        body = [wrap(fragment(parts))]
        if self.profiler.measure == "tracemalloc" and runs:
            body.append(Markup(self.profiler._repr_html_()))
        return str(fragment(body))


def _picture(run: RunLog, *, open_: bool) -> Markup:
    """Time line, memory and operations of one run."""
    costs = [cost for cost in costs_of(run) if cost.finished]
    most = max((cost.seconds for cost in costs), default=0.0)
    rows = [
        (
            fragment([swatch(cost.number), shorten(cost.title, 40)]),
            cost.finished,
            Bar(cost.seconds / most if most else 0.0, format_seconds(cost.seconds)),
            format_bytes(cost.bytes_out),
        )
        for cost in costs
    ]
    table = row_table(("Operation", "Tasks", "Seconds in kernels", "Bytes made"), rows)
    drawn = element("div", element("div", timeline_svg(run)), memory_svg(run.memory()), class_="row")
    return foldable(f"run {run.number}{_label(run)}", fragment([drawn, table]), open_=open_)


def _label(run: RunLog) -> str:
    return f" {shorten(run.label, 40)}" if run.label else ""


def _change(before: int, after: int) -> str:
    sign = "+" if after >= before else "-"
    return f"{format_bytes(after)} ({sign}{format_bytes(abs(after - before))})"
