"""Cutting the rows into other partitions: neighbours joined, partitions split, or at given index values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heapify, heapreplace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.assembler import concat
from chunkscope.dataframe.expr import FrameExpr, Geometry, Restricted, Wanted, unknown_divisions
from chunkscope.errors import FrameError
from chunkscope.expr import Expr, Slots
from chunkscope.graph import Ragged
from chunkscope.units import parse_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["ByDivisions", "Regrouped", "by_divisions", "repartition"]

Piece = tuple[int, int, int]
"""Part `1` of `2` of the rows of partition `0`: numbers count from 0."""


@dataclass(frozen=True, eq=False)
class Regrouped(FrameExpr):
    """Partitions made of neighbouring partitions, or of equal parts of one, in the same order of rows."""

    x: FrameExpr
    groups: tuple[tuple[Piece, ...], ...]
    op: ClassVar[str] = "repartition"

    @cached_property
    def geometry(self) -> Geometry:
        old = self.x.geometry
        rows = np.array(
            [sum(_share(int(old.rows[i]), part, of) for i, part, of in group) for group in self.groups],
            dtype=np.int64,
        )
        divisions = unknown_divisions(len(self.groups))
        if old.divisions[0] is not None and all(of == 1 for group in self.groups for _, _, of in group):
            divisions = (*(old.divisions[group[0][0]] for group in self.groups), old.divisions[-1])
        return replace(old, divisions=divisions, rows=rows, places=())

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        return (tuple(sorted({i for number in picked for i, _, _ in self.groups[number]})),)

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        position = {old: new for new, old in enumerate(self.reading(picked)[0])}
        groups = tuple(
            tuple((position[i], part, of) for i, part, of in self.groups[number]) for number in picked
        )
        (x,) = inputs
        assert isinstance(x, FrameExpr)
        return Regrouped(x, groups), picked

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        slots = inputs[0][0].reshape(-1)
        ptr = np.cumsum([0, *map(len, self.groups)], dtype=np.int64)
        picked = np.array([i for group in self.groups for i, _, _ in group], dtype=np.int64)
        kernel = _Join(tuple(tuple((part, of) for _, part, of in group) for group in self.groups))
        return self.add_layer(
            build,
            kernel,
            Ragged(ptr, slots[picked]),
            scratch_bytes=int(self.block_bytes().max(initial=0)),
            exact=self.exact_rows,
        )


def _share(rows: int, part: int, of: int) -> int:
    return rows * (part + 1) // of - rows * part // of


@dataclass(frozen=True, slots=True)
class _Join:
    groups: tuple[tuple[tuple[int, int], ...], ...]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        parts = []
        for x, (part, of) in zip(inputs, self.groups[block], strict=True):
            if of > 1:
                span = slice(len(x) * part // of, len(x) * (part + 1) // of)
                x = x[span] if isinstance(x, pd.Index) else x.iloc[span]
            parts.append(x)
        return concat(parts)


@dataclass(frozen=True, slots=True)
class Span:
    """Where one new partition begins and ends, and the old partitions that hold rows of it."""

    low: Any
    high: Any
    closed: bool
    """Whether the last index value belongs to it."""
    sources: tuple[int, ...]

    def of(self, x: Any) -> Any:
        """The rows of an old partition that belong here."""
        index = x if isinstance(x, pd.Index) else x.index
        inside = (index >= self.low) & ((index <= self.high) if self.closed else (index < self.high))
        return x if inside.all() else x[inside]


@dataclass(frozen=True, eq=False)
class ByDivisions(FrameExpr):
    """Partitions cut at index values: partition i holds `divisions[i] <= index < divisions[i + 1]`, the last both."""

    x: FrameExpr
    spans: tuple[Span, ...]
    op: ClassVar[str] = "repartition"

    @cached_property
    def geometry(self) -> Geometry:
        old = self.x.geometry
        readers = np.zeros(old.npartitions)
        for span in self.spans:
            readers[list(span.sources)] += 1
        share = np.ceil(old.rows / np.maximum(readers, 1))
        rows = np.array([share[list(span.sources)].sum() for span in self.spans]).astype(np.int64)
        divisions = unknown_divisions(len(self.spans))
        if all(a.high == b.low for a, b in pairwise(self.spans)):
            divisions = (*(span.low for span in self.spans), self.spans[-1].high)
        return replace(old, divisions=divisions, rows=rows, exact=False, places=())

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        return (tuple(sorted({i for number in picked for i in self.spans[number].sources})),)

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        position = {old: new for new, old in enumerate(self.reading(picked)[0])}
        spans = tuple(
            replace(self.spans[number], sources=tuple(position[i] for i in self.spans[number].sources))
            for number in picked
        )
        x = inputs[0] if position else self.x
        assert isinstance(x, FrameExpr)
        return ByDivisions(x, spans), picked

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        slots = inputs[0][0].reshape(-1)
        ptr = np.cumsum([0, *(len(span.sources) for span in self.spans)], dtype=np.int64)
        picked = np.array([i for span in self.spans for i in span.sources], dtype=np.int64)
        return self.add_layer(
            build,
            _Cut(self.spans, self.x.meta),
            Ragged(ptr, slots[picked]),
            scratch_bytes=int(self.block_bytes().max(initial=0)),
        )


@dataclass(frozen=True, slots=True)
class _Cut:
    spans: tuple[Span, ...]
    meta: Any

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        parts = [self.spans[block].of(x) for x in inputs]
        return concat(parts) if parts else self.meta


def _spans(old: tuple[Any, ...], edges: tuple[Any, ...]) -> tuple[Span, ...]:
    """The new partitions, and where in partitions that end at `old` their rows are."""
    begins = old[:-1]
    found = []
    for i, (low, high) in enumerate(pairwise(edges)):
        closed = i == len(edges) - 2
        stop = bisect_right(begins, high) if closed else bisect_left(begins, high)
        first = stop if low > old[-1] else max(bisect_right(begins, low) - 1, 0)
        found.append(Span(low, high, closed, tuple(range(first, stop))))
    return tuple(found)


def by_divisions(x: FrameExpr, divisions: Sequence[Any], force: bool = False) -> FrameExpr:
    """`x` cut at these index values, which must begin and end as its own do, unless `force`."""
    edges = tuple(divisions)
    if not x.known_divisions:
        raise FrameError(
            "repartition(divisions=...) needs a frame whose divisions are known, and these are not; "
            "use npartitions= or partition_size="
        )
    old = x.divisions
    try:
        strictly = all(low < high for low, high in pairwise(edges[:-1]))
        rising = len(edges) > 1 and strictly and edges[-2] <= edges[-1]
        inside = rising and not edges[0] > old[0] and not edges[-1] < old[-1]
        exact = rising and edges[0] == old[0] and edges[-1] == old[-1]
    except TypeError as error:
        raise FrameError(f"divisions {_some(edges)} cannot be compared with the index: {error}") from error
    if not rising:
        raise FrameError(f"divisions must rise, and be two at least; found {_some(edges)}")
    if not inside or (not exact and not force):
        remedy = "" if not inside else "; use force=True to extend them"
        raise FrameError(
            f"the divisions run from {old[0]!r} to {old[-1]!r}, asked were {edges[0]!r} to {edges[-1]!r}{remedy}"
        )
    return x if edges == old else ByDivisions(x, _spans(old, edges))


def _some(edges: tuple[Any, ...]) -> str:
    shown = ", ".join(map(repr, edges[:6]))
    return f"({shown}{', …' if len(edges) > 6 else ''})"


def repartition(
    x: FrameExpr,
    divisions: Any = None,
    npartitions: Any = None,
    partition_size: Any = None,
    force: bool = False,
) -> FrameExpr:
    """`x` in other partitions; exactly one of the three says how."""
    given = sum(value is not None for value in (divisions, npartitions, partition_size))
    if given != 1:
        raise FrameError(
            f"repartition takes one of npartitions=, partition_size= and divisions=; {given} were given"
        )
    if divisions is not None:
        return by_divisions(x, divisions, force)
    if partition_size is not None:
        return _by_size(x, parse_bytes(partition_size))
    if isinstance(npartitions, bool) or not isinstance(npartitions, (int, np.integer)) or npartitions < 1:
        raise FrameError(f"npartitions={npartitions!r} is not a number of 1 or more")
    wanted = int(npartitions)
    if wanted == x.npartitions:
        return x
    if wanted < x.npartitions:
        return Regrouped(x, _fewer(x.rows, wanted))
    edges = _interpolated(x.divisions, wanted)
    if edges is not None:
        return by_divisions(x, edges)
    return Regrouped(x, _more(x.rows, wanted))


def _fewer(rows: NDArray[np.int64], wanted: int) -> tuple[tuple[Piece, ...], ...]:
    """Neighbours joined into `wanted` groups of about as many rows each."""
    count = len(rows)
    before = np.concatenate([[0], np.cumsum(rows)]).astype(float)
    if before[-1] == 0:
        before = np.arange(count + 1, dtype=float)
    targets = before[-1] * np.arange(1, wanted) / wanted
    after = np.searchsorted(before, targets)  # the nearer of the two cuts around each target
    nearer = np.where(targets - before[after - 1] < before[after] - targets, after - 1, after)
    cuts = [0]
    for number, cut in enumerate(nearer.tolist(), start=1):
        cuts.append(min(max(cut, cuts[-1] + 1), count - (wanted - number)))
    cuts.append(count)
    return tuple(tuple((i, 0, 1) for i in range(a, b)) for a, b in pairwise(cuts))


def _more(rows: NDArray[np.int64], wanted: int) -> tuple[tuple[Piece, ...], ...]:
    """Each partition in equal parts: more of them where it has more rows."""
    parts = [1] * len(rows)
    largest = [(-int(n), i) for i, n in enumerate(rows)]
    heapify(largest)
    for _ in range(wanted - len(rows)):
        i = largest[0][1]
        parts[i] += 1
        heapreplace(largest, (-int(rows[i]) // parts[i], i))
    return tuple(((i, part, of),) for i, of in enumerate(parts) for part in range(of))


def _interpolated(old: tuple[Any, ...], wanted: int) -> tuple[Any, ...] | None:
    """Divisions between known ones, for numbers and times; None where there are none such."""
    index = pd.Index(list(old))
    numeric = index.dtype.kind in "iuf"
    if old[0] is None or (not numeric and not isinstance(index, pd.DatetimeIndex)):
        return None
    values = index.to_numpy() if numeric else index.asi8
    fine = np.interp(np.linspace(0, len(old) - 1, wanted + 1), np.arange(len(old)), values)
    if values.dtype.kind in "iu":
        fine = np.floor(fine).astype(values.dtype)
    fine[0], fine[-1] = values[0], values[-1]
    if not (np.diff(fine) > 0).all():
        return None
    if numeric:
        return tuple(fine.tolist())
    times = pd.DatetimeIndex(fine.astype("int64").view(f"M8[{index.unit}]"))
    return tuple(times if index.tz is None else times.tz_localize("UTC").tz_convert(index.tz))


def _by_size(x: FrameExpr, size: int) -> FrameExpr:
    """Partitions of at most `size` bytes each, as estimated: large ones split, small neighbours joined."""
    if size < 1:
        raise FrameError(f"partition_size={size!r} is not a number of bytes of 1 or more")
    groups: list[tuple[Piece, ...]] = []
    open_group: list[Piece] = []
    held = 0
    for i, nbytes in enumerate(x.block_bytes().tolist()):
        of = -(-nbytes // size)
        if open_group and held + nbytes > size:
            groups.append(tuple(open_group))
            open_group, held = [], 0
        if of > 1:
            groups.extend(((i, part, of),) for part in range(of))
        else:
            open_group.append((i, 0, 1))
            held += nbytes
    if open_group:
        groups.append(tuple(open_group))
    if len(groups) == x.npartitions and all(group == ((i, 0, 1),) for i, group in enumerate(groups)):
        return x
    return Regrouped(x, tuple(groups))
