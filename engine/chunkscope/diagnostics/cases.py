"""Combinations of chunks, workers and memory, foretold, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import Bar, foldable, row_table
from chunkscope.display.theme import wrap
from chunkscope.units import format_bytes, format_count, format_seconds

__all__ = ["Case", "WhatIf"]


@dataclass(frozen=True, slots=True)
class Case:
    """One combination of chunks, workers and memory, foretold."""

    chunks: Any
    """As they were given; None where the collection's own were taken."""
    workers: int
    budget: int | None
    ntasks: int
    block_bytes: int
    """The largest block, as predicted."""
    seconds: float | None
    """How long the run would take; None where it would be refused."""
    peak_bytes: int
    """Blocks and temporaries at the peak; where it would be refused, the least that it needs."""
    floor_seconds: float
    """The longest chain of tasks that need each other: no number of workers is faster."""
    measured_seconds: float | None
    """How long a past run of the same graph on as many workers took, the last one."""
    measured_peak: int | None
    spread: float = 0.0
    """By what share such predictions usually miss: three of four lie within; 0 where nobody knows."""

    @property
    def error(self) -> float | None:
        """By what share the prediction misses the measured time: 0.1 is 10 % too long."""
        if self.seconds is None or not self.measured_seconds:
            return None
        return self.seconds / self.measured_seconds - 1


@dataclass(frozen=True)
class WhatIf:
    """Every combination that was asked for, foretold; past runs beside it."""

    cases: tuple[Case, ...]
    learnt_from: tuple[int, ...]
    """The numbers of the runs whose costs were taken."""
    notes: tuple[str, ...]
    """What to know before these figures are believed."""

    @property
    def best(self) -> Case | None:
        """The fastest that is not refused; of equal ones, that with the lower peak."""
        able = [case for case in self.cases if case.seconds is not None]
        return min(able, key=lambda case: (case.seconds or 0.0, case.peak_bytes), default=None)

    def describe(self) -> str:
        """The table in words."""
        numbers = ", ".join(map(str, self.learnt_from))
        lines = [f"what if: costs learnt from run{'s' if len(self.learnt_from) > 1 else ''} {numbers}"]
        for case in self.cases:
            words = f"  {_setting(case)}: {format_count(case.ntasks, 'task')}, "
            if case.seconds is None:
                words += f"refused, it needs at least {format_bytes(case.peak_bytes)}"
            else:
                give_or_take = f" ± {case.spread:.0%}" if case.spread else ""
                words += f"{format_seconds(case.seconds)}{give_or_take}, peak {format_bytes(case.peak_bytes)}"
            if case.measured_seconds is not None and case.measured_peak is not None:
                words += f"; measured {format_seconds(case.measured_seconds)}"
                words += f", peak {format_bytes(case.measured_peak)}"
            lines.append(words)
        if self.best is not None:
            lines.append(f"  fastest: {_setting(self.best)}")
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str:
        longest = max((case.seconds or 0.0 for case in self.cases), default=0.0) or 1.0
        most = max((case.peak_bytes for case in self.cases), default=0) or 1
        rows = []
        for case in self.cases:
            time: object = "refused"
            peak: object = f"needs {format_bytes(case.peak_bytes)}"
            if case.seconds is not None:
                give_or_take = f" ± {case.spread:.0%}" if case.spread else ""
                time = Bar(case.seconds / longest, format_seconds(case.seconds) + give_or_take)
                peak = Bar(case.peak_bytes / most, format_bytes(case.peak_bytes))
            measured = [
                "" if case.measured_seconds is None else format_seconds(case.measured_seconds),
                "" if case.measured_peak is None else format_bytes(case.measured_peak),
            ]
            best = element("strong", "fastest") if case is self.best else ""
            chunks = "as it is" if case.chunks is None else shorten(case.chunks, 40)
            memory = "" if case.budget is None else format_bytes(case.budget)
            rows.append((best, chunks, case.workers, memory, case.ntasks, time, peak, *measured))
        columns = (
            "",
            "Chunks",
            "Workers",
            "Memory",
            "Tasks",
            "Time",
            "Peak",
            "Measured time",
            "Measured peak",
        )
        needless = {
            "Chunks": all(case.chunks is None for case in self.cases),
            "Memory": all(case.budget is None for case in self.cases),
        }
        told = [i for i, name in enumerate(columns) if not needless.get(name)]
        heads = tuple(columns[i] for i in told)
        rows = [tuple(row[i] for i in told) for row in rows]
        numbers = ", ".join(map(str, self.learnt_from))
        head = element("p", f"What if: foretold from run {numbers}", class_="head")
        notes = Markup().join(element("p", note, class_="dim") for note in self.notes)
        table = row_table(heads, rows, limit=len(rows))
        return str(wrap(fragment([head, table, foldable("How sure is this?", Markup(notes))])))


def _setting(case: Case) -> str:
    parts = [] if case.chunks is None else [f"chunks {shorten(case.chunks, 40)}"]
    parts.append(format_count(case.workers, "worker"))
    if case.budget is not None:
        parts.append(f"{format_bytes(case.budget)} of memory")
    return ", ".join(parts)
