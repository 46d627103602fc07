"""Two runs, or recordings of them, side by side: their figures, their operations matched, the difference in words.

The page's Compare view works the same out of the same rows; tests hold both to one file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.events import Rows
from chunkscope.observe.facts import Spent, is_paced, spent, usual_gap
from chunkscope.observe.feed import Feed
from chunkscope.observe.recording import Recording
from chunkscope.observe.records import LayerInfo
from chunkscope.observe.runlog import RunLog
from chunkscope.observe.viewers import page
from chunkscope.observe.wire import RowWindow, RunEnded
from chunkscope.units import format_bytes, format_count, format_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Comparison", "Figure", "Match", "Side", "compare"]

ALIKE = 0.05
"""Differences below this share are none."""
PART = 0.1
"""A cause is named from this share of the difference on."""


@dataclass(frozen=True)
class Side:
    """One of two runs: what comparing needs to know of it."""

    number: int
    executor: str
    seconds: float
    peak_bytes: int
    ntasks: int
    lanes: int
    """Lanes that it used."""
    layers: tuple[LayerInfo, ...]
    kernels: NDArray[np.float64]
    """Kernel seconds of each operation."""
    spent: Spent


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both runs."""

    name: str
    a: float
    b: float
    words: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Match:
    """One operation in both runs; -1 where a run has none like it."""

    name: str
    a: int
    b: int
    seconds_a: float
    seconds_b: float
    tasks_a: int
    tasks_b: int


@dataclass(frozen=True)
class Comparison:
    """Run `b` beside run `a`."""

    a: Side
    b: Side
    figures: tuple[Figure, ...]
    matches: tuple[Match, ...]
    """The operations, those whose kernel time differs most first."""
    sentences: tuple[str, ...]

    @property
    def speed_up(self) -> float:
        """How many times as fast run `b` was as run `a`: 0.5 is half as fast."""
        return self.a.seconds / self.b.seconds if self.b.seconds else 1.0

    def describe(self) -> str:
        """The difference in words, then the figures and the operations."""
        lines = [text.replace("`", "") for text in self.sentences]
        lines += [f"  {one.name}: {one.words(one.a)} → {one.words(one.b)}" for one in self.figures]
        for one in self.matches:
            old = "none" if one.a < 0 else format_seconds(one.seconds_a)
            new = "none" if one.b < 0 else format_seconds(one.seconds_b)
            lines.append(f"  {one.name}, in kernels: {old} → {new}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str | None:
        return page(self)


def compare(run: RunLog | Recording, other: RunLog | Recording) -> Comparison:
    """`run` beside `other`: how much faster or slower it was, where the difference lies, what was set otherwise.

    >>> from chunkscope import delayed, simulate
    >>> calls = [delayed(abs)(i) for i in range(8)]
    >>> one, two = (simulate(calls, workers=n, cost=1.0) for n in (1, 2))
    >>> compare(two, one).speed_up
    2.0
    """
    a, b = side_of(other), side_of(run)
    matches = matched(a, b)
    return Comparison(a, b, _figures(a, b), matches, tuple(_sentences(a, b, matches)))


def side_of(run: RunLog | Recording) -> Side:
    """What comparing needs to know of a run or a recording."""
    if isinstance(run, RunLog):
        header, rows = Feed(run).header(), run.rows
        seconds, peak = run.seconds, run.peak_bytes
        started = run.started
    else:
        header, rows, started = run.header, _rows_of(run), 0.0
        ended = [message for message in run.messages if isinstance(message, RunEnded)]
        seconds = ended[-1].seconds if ended else float(rows.stop.max(initial=0.0))
        peak = int(ended[-1].peak_bytes) if ended else int(rows.stored.max(initial=0))
    lanes = len(set(rows.lane.tolist()))
    firsts = np.array([layer.first_task for layer in header.layers], dtype=np.int64)
    of_row = np.searchsorted(firsts, rows.task, side="right") - 1
    kernels = np.bincount(of_row, weights=rows.stop - rows.start, minlength=len(firsts)).astype(np.float64)
    rows = rows._replace(ready=np.maximum(rows.ready, started))
    return Side(
        header.run,
        header.executor,
        seconds,
        peak,
        header.ntasks,
        lanes,
        tuple(header.layers),
        kernels,
        spent(rows, lanes, usual_gap(rows), paced=is_paced(header.budget, header.forecast_peak, peak)),
    )


def _rows_of(recording: Recording) -> Rows:
    """All rows of a recording."""
    windows = [message for message in recording.messages if isinstance(message, RowWindow)]
    columns: dict[str, NDArray[Any]] = {}
    for name in Rows._fields:
        parts = [getattr(window, name) for window in windows]
        parts = [
            part if len(part) == len(window.task) else np.zeros(len(window.task))
            for part, window in zip(parts, windows, strict=True)
        ]
        columns[name] = np.concatenate(parts) if parts else np.zeros(0)
    for name in ("task", "lane"):
        columns[name] = columns[name].astype(np.int64)
    return Rows(**columns)


def matched(a: Side, b: Side) -> tuple[Match, ...]:
    """The operations of both runs, matched by their token, else by name and line, else by name and turn."""
    other = [-1] * len(a.layers)
    free = list(range(len(b.layers)))
    for way in (_token, _name_and_line, _name):
        waiting: dict[str, list[int]] = {}
        for j in free:
            waiting.setdefault(way(b.layers[j]), []).append(j)
        for i, layer in enumerate(a.layers):
            key = way(layer)
            if other[i] < 0 and key and waiting.get(key):
                other[i] = waiting[key].pop(0)
                free.remove(other[i])
    pairs = [(i, j, _name(a.layers[i])) for i, j in enumerate(other)]
    pairs += [(-1, j, _name(b.layers[j])) for j in free]
    found = [
        Match(
            name,
            i,
            j,
            float(a.kernels[i]) if i >= 0 else 0.0,
            float(b.kernels[j]) if j >= 0 else 0.0,
            a.layers[i].ntasks if i >= 0 else 0,
            b.layers[j].ntasks if j >= 0 else 0,
        )
        for i, j, name in pairs
    ]
    return tuple(sorted(found, key=lambda one: -abs(one.seconds_b - one.seconds_a)))


def _token(layer: LayerInfo) -> str:
    return layer.token


def _name_and_line(layer: LayerInfo) -> str:
    return "" if layer.origin is None else f"{_name(layer)}|{layer.origin.text}"


def _name(layer: LayerInfo) -> str:
    return layer.label or layer.op


def _figures(a: Side, b: Side) -> tuple[Figure, ...]:
    def count(value: float) -> str:
        return f"{value:,.0f}"

    held = Figure("Held back for memory", a.spent.held, b.spent.held, format_seconds)
    return (
        Figure("Took", a.seconds, b.seconds, format_seconds),
        Figure("In kernels", a.spent.kernels, b.spent.kernels, format_seconds),
        Figure("Waiting for inputs", a.spent.waiting, b.spent.waiting, format_seconds),
        Figure("Handing over", a.spent.overhead, b.spent.overhead, format_seconds),
        *([held] if held.a or held.b else []),
        Figure("Peak memory", a.peak_bytes, b.peak_bytes, format_bytes),
        Figure("Tasks", a.ntasks, b.ntasks, count),
        Figure("Lanes", a.lanes, b.lanes, count),
    )


# -- in words --------------------------------------------------------------------------------------------------


def _sentences(a: Side, b: Side, matches: tuple[Match, ...]) -> list[str]:
    took = f"{format_seconds(b.seconds)} instead of {format_seconds(a.seconds)}"
    if not a.seconds or not b.seconds or abs(b.seconds / a.seconds - 1) < ALIKE:
        first = f"Run {b.number} took about as long as run {a.number}: {took}."
    elif b.seconds < a.seconds:
        times = _digits(a.seconds / b.seconds)
        first = f"Run {b.number} was {times} times as fast as run {a.number}: {took}."
    else:
        times = _digits(b.seconds / a.seconds)
        first = f"Run {b.number} took {times} times as long as run {a.number}: {took}."
    return [first, *_causes(a, b), *_by_operation(matches), *_settings(a, b), *_memory(a, b)]


def _causes(a: Side, b: Side) -> list[str]:
    """Where the difference comes from: seconds of kernels, waiting and handing over, for each lane."""
    difference = b.seconds - a.seconds
    if not a.lanes or not b.lanes or abs(difference) < ALIKE * a.seconds:
        return []
    parts = [
        ("in kernels", b.spent.kernels / b.lanes - a.spent.kernels / a.lanes),
        ("waiting for inputs", b.spent.waiting / b.lanes - a.spent.waiting / a.lanes),
        ("handing tasks over", b.spent.overhead / b.lanes - a.spent.overhead / a.lanes),
        ("held back for memory", b.spent.held / b.lanes - a.spent.held / a.lanes),
    ]
    words = [
        f"{format_seconds(abs(part))} {'less' if part < 0 else 'more'} {name}"
        for name, part in sorted(parts, key=lambda one: -abs(one[1]))
        if abs(part) > PART * abs(difference)
    ]
    return [f"Each lane spent {', '.join(words)}."] if words else []


def _by_operation(matches: tuple[Match, ...]) -> list[str]:
    total = sum(max(one.seconds_a, one.seconds_b) for one in matches)
    if not matches or abs(matches[0].seconds_b - matches[0].seconds_a) < ALIKE * total:
        return []
    one = matches[0]
    if one.a < 0:
        return [f"`{one.name}` is new: {format_seconds(one.seconds_b)} in kernels."]
    if one.b < 0:
        return [f"`{one.name}` is gone: it had {format_seconds(one.seconds_a)} in kernels."]
    new, old = format_seconds(one.seconds_b), format_seconds(one.seconds_a)
    return [f"`{one.name}` differs most: {new} in kernels instead of {old}."]


def _settings(a: Side, b: Side) -> list[str]:
    """What was set otherwise: lanes, executor, chunks."""
    found = []
    if a.lanes != b.lanes and a.lanes and b.lanes:
        found.append(f"It had {format_count(b.lanes, 'lane')} instead of {a.lanes}.")
    if a.executor != b.executor:
        found.append(f"It ran on {b.executor} instead of {a.executor}.")
    if a.ntasks != b.ntasks:
        found.append(f"It had {format_count(b.ntasks, 'task')} instead of {a.ntasks:,}.")
    return found


def _memory(a: Side, b: Side) -> list[str]:
    if not a.peak_bytes or not b.peak_bytes or abs(b.peak_bytes / a.peak_bytes - 1) < ALIKE:
        return []
    new, old = format_bytes(b.peak_bytes), format_bytes(a.peak_bytes)
    return [f"Its peak of memory was {new} instead of {old}."]


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
