"""`x.loc` and `x.iloc`: rows by label where divisions are known, columns by name or number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like

from chunkscope.dataframe.expr import FrameExpr, Geometry, Wanted
from chunkscope.dataframe.ops.rowchoice import masked
from chunkscope.dataframe.ops.selection import Partitions, projection
from chunkscope.dataframe.partitionwise import PartitionWise
from chunkscope.dataframe.program import Step
from chunkscope.errors import FrameError

__all__ = ["Between", "Labelled", "columns_at", "located"]


@dataclass(frozen=True, eq=False)
class Between(PartitionWise):
    """The rows of each partition whose index values lie between two, both included; None: no bound."""

    x: FrameExpr
    low: Any
    high: Any
    op: ClassVar[str] = "loc"
    keeps_labels: ClassVar[bool] = True

    @cached_property
    def geometry(self) -> Geometry:
        old = self.x.geometry
        edges = list(old.divisions)
        if self.x.known_divisions and self.low is not None:
            edges = [max(edge, self.low) for edge in edges]
        if self.x.known_divisions and self.high is not None:
            edges = [min(edge, self.high) for edge in edges]
        return replace(old, divisions=tuple(edges), exact=False)

    def step(self) -> Step:
        return _Between(self.low, self.high)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)


@dataclass(frozen=True, slots=True)
class _Between:
    low: Any
    high: Any

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        (x,) = inputs
        inside = np.ones(len(x), dtype=bool)
        if self.low is not None:
            inside &= np.asarray(x.index >= self.low)
        if self.high is not None:
            inside &= np.asarray(x.index <= self.high)
        return x if inside.all() else x[inside]


@dataclass(frozen=True, eq=False)
class Labelled(PartitionWise):
    """The rows with these index values: partition i has to hold `labels[i]`, or pandas' KeyError is raised."""

    x: FrameExpr
    labels: tuple[tuple[Any, ...], ...]
    op: ClassVar[str] = "loc"
    movable: ClassVar[bool] = False
    keeps_labels: ClassVar[bool] = True

    @cached_property
    def geometry(self) -> Geometry:
        return self.x.geometry.at_most()

    def step(self) -> Step:
        return _Labelled(self.labels)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)


@dataclass(frozen=True, slots=True)
class _Labelled:
    labels: tuple[tuple[Any, ...], ...]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return inputs[0].loc[list(self.labels[block])]


def located(x: FrameExpr, key: Any) -> FrameExpr:
    """`x.loc[key]`."""
    if isinstance(x.meta, pd.DataFrame) and isinstance(key, tuple):
        if len(key) != 2:
            raise FrameError(f"loc takes rows, or rows and columns; found {len(key)} keys")
        rows, names = key
        if isinstance(names, slice):
            whole = x.meta.loc[:, names]
            names = list(whole.columns)
        elif callable(names):
            raise FrameError("loc takes names of columns, not a function of them")
        elif is_list_like(names) and not isinstance(names, tuple):
            names = list(names)
            if names and all(isinstance(name, bool) for name in names):
                names = [name for name, keep in zip(x.columns, names, strict=True) if keep]
        return projection(_rows(x, rows), names)
    return _rows(x, key)


def _rows(x: FrameExpr, key: Any) -> FrameExpr:
    mask = getattr(key, "_expr", None)
    if isinstance(mask, FrameExpr):
        return masked(x, mask)
    if isinstance(key, slice):
        if key.step is not None:
            raise FrameError("loc[a:b:step] needs row numbers, which are not known; use loc[a:b]")
        if key.start is None and key.stop is None:
            return x
        if not x.known_divisions:
            raise FrameError(_unknown(key))
        low, high = _fitting(x, key.start), _fitting(x, key.stop)
        return Between(_parts(x, low, high), low, high)
    if callable(key):
        raise FrameError("loc takes labels, slices of labels or a mask, not a function")
    labels = list(key) if is_list_like(key) else [key]
    if labels and all(isinstance(label, bool) for label in labels):
        raise FrameError(
            "loc takes a lazy mask, such as x.loc[x.a > 0]; a list of booleans cannot be matched with rows"
        )
    if not x.known_divisions:
        raise FrameError(_unknown(key))
    labels = [_fitting(x, label) for label in labels]
    try:
        missing = [label for label in labels if not x.divisions[0] <= label <= x.divisions[-1]]
    except TypeError as error:
        raise FrameError(f"loc[{key!r}] cannot be compared with the index: {error}") from error
    if missing:
        raise KeyError(
            f"no label {missing[0]!r}: the index runs from {x.divisions[0]!r} to {x.divisions[-1]!r}"
        )
    begins = x.divisions[:-1]
    by_partition: dict[int, list[Any]] = {}
    for label in labels:
        by_partition.setdefault(max(bisect_right(begins, label) - 1, 0), []).append(label)
    numbers = list(by_partition)
    if numbers != sorted(numbers):
        raise FrameError(
            f"loc[{key!r}]: rows come in the order of the index; give the labels in rising order"
        )
    if not labels:
        numbers, by_partition = [0], {0: []}
    return Labelled(_picked(x, numbers), tuple(tuple(by_partition[i]) for i in numbers))


def _unknown(key: Any) -> str:
    shown = f"{key.start!r}:{key.stop!r}" if isinstance(key, slice) else repr(key)
    return (
        f"loc[{shown}] looks for labels, and the divisions are not known; use a mask such as "
        "x[x.index.to_series() > label], or a frame whose index is sorted"
    )


def _fitting(x: FrameExpr, label: Any) -> Any:
    if isinstance(x.meta.index, pd.DatetimeIndex) and isinstance(label, str):
        raise FrameError(
            f"loc[{label!r}]: give a time as pd.Timestamp({label!r}); parts of times in words are not built"
        )
    return label


def _parts(x: FrameExpr, low: Any, high: Any) -> FrameExpr:
    """The partitions that may hold labels from `low` to `high`; the first one where none does."""
    begins = x.divisions[:-1]
    try:
        first = 0 if low is None else max(bisect_right(begins, low) - 1, 0)
        stop = len(begins) if high is None else bisect_right(begins, high)
    except TypeError as error:
        raise FrameError(f"loc cannot compare its labels with the index: {error}") from error
    return _picked(x, range(first, max(stop, first + 1)))


def _picked(x: FrameExpr, numbers: Sequence[int]) -> FrameExpr:
    picked = tuple(numbers)
    return x if len(picked) == x.npartitions else Partitions(x, picked)


def columns_at(x: FrameExpr, key: Any) -> FrameExpr:
    """`x.iloc[:, key]`: columns by number."""
    if not isinstance(key, tuple) or len(key) != 2 or key[0] != slice(None):
        raise FrameError(
            "iloc takes all rows and some columns, iloc[:, columns]: the numbers of rows in partitions are not known; "
            "use head, tail or partitions"
        )
    names = x.meta.columns
    if not names.is_unique:
        raise FrameError("iloc needs names of columns that differ; rename them first")
    picked = names[key[1]]
    return projection(x, list(picked) if isinstance(picked, pd.Index) else picked)
