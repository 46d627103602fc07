"""What is kept of one column for each group, how the parts of several partitions merge, and the series it becomes.

`merge` gets the parts in order, and `rows`: the group of each entry of all parts one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate import kernels
from chunkscope.dataframe.aggregate.columns import as_floats
from chunkscope.dataframe.aggregate.keys import encoded, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.dataframe.aggregate.kernels import Rows

__all__ = ["Counts", "Deviations", "Extremes", "Folded", "GroupState", "Pairs", "Sizes", "Sums"]


class GroupState(Protocol):
    """One thing kept of one column; frozen, so that two outputs that need it share it."""

    @property
    def column(self) -> int:
        """The number of the column; -1 where none is looked at."""

    def partial(self, x: pd.Series[Any], rows: Rows) -> Any:
        """What is kept of one partition: entries in the order of the groups."""

    def merge(self, parts: Sequence[Any], rows: Rows) -> Any:
        """The same for several partitions together."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of each group."""

    column: int = -1

    def partial(self, x: pd.Series[Any], rows: Rows) -> NDArray[np.int64]:
        return kernels.sizes(rows)

    def merge(self, parts: Sequence[Any], rows: Rows) -> NDArray[np.int64]:
        return kernels.totals(np.concatenate(parts), rows)[0]


@dataclass(frozen=True, slots=True)
class Counts:
    """Values of each group that are not missing."""

    column: int

    def partial(self, x: pd.Series[Any], rows: Rows) -> NDArray[np.int64]:
        return kernels.counted(x, rows)

    def merge(self, parts: Sequence[Any], rows: Rows) -> NDArray[np.int64]:
        return kernels.totals(np.concatenate(parts), rows)[0]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sum and count of each group: of floats as float64, of whole numbers as 64-bit integers.

    `floats`: everything as float64, as a mean needs it. Times are added as integers, in two halves.
    """

    column: int
    kind: str

    def partial(self, x: pd.Series[Any], rows: Rows) -> tuple[NDArray[Any], ...]:
        if self.kind == "times":
            there = x.notna().to_numpy()
            ticks = np.zeros(len(x), dtype=np.int64)
            ticks[there] = x[there].astype(np.int64).to_numpy()
            high, low = kernels.totals(ticks >> 32, rows)[0], kernels.totals(ticks & 0xFFFFFFFF, rows)[0]
            return high, low, kernels.counted(x, rows)
        values = as_floats(x) if self.kind == "floats" else x.to_numpy()
        sums, count = kernels.totals(values, rows)
        return sums, kernels.sizes(rows) if count is None else count

    def merge(self, parts: Sequence[Any], rows: Rows) -> tuple[NDArray[Any], ...]:
        return tuple(_added(np.concatenate(column), rows) for column in zip(*parts, strict=True))


def _added(values: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """The sum for each group; NaN stays NaN."""
    if values.dtype.kind == "f":
        return np.bincount(rows.inside, weights=values, minlength=rows.ngroups)
    return kernels.totals(values, rows)[0]


@dataclass(frozen=True, slots=True)
class Extremes:
    """Least or greatest value of each group, of plain numbers."""

    column: int
    name: str

    def partial(self, x: pd.Series[Any], rows: Rows) -> NDArray[Any]:
        return kernels.extreme(self.name, x.to_numpy(), rows)

    def merge(self, parts: Sequence[Any], rows: Rows) -> NDArray[Any]:
        return kernels.extreme(self.name, np.concatenate(parts), rows)


@dataclass(frozen=True, slots=True)
class Folded:
    """An aggregation of pandas' that can be applied to its own results: sum, prod, min, max, first, last, any, all."""

    column: int
    name: str
    skipna: bool = True
    wide: bool = False
    """Whether whole numbers are taken as 64-bit first."""

    def partial(self, x: pd.Series[Any], rows: Rows) -> pd.Series[Any]:
        if self.wide:
            x = x.astype(np.uint64 if x.dtype.kind == "u" else np.int64)
        return kernels.by_pandas(self.name, x, rows, **({} if self.skipna else {"skipna": False}))

    def merge(self, parts: Sequence[Any], rows: Rows) -> pd.Series[Any]:
        values = joined(parts)
        return kernels.by_pandas(self.name, values, rows, **({} if self.skipna else {"skipna": False}))


@dataclass(frozen=True, slots=True)
class Deviations:
    """Count, mean and sum of squared deviations of each group."""

    column: int

    def partial(self, x: pd.Series[Any], rows: Rows) -> tuple[NDArray[Any], ...]:
        if x.dtype.kind in "mM":
            values = np.full(len(x), np.nan)
            there = x.notna().to_numpy()
            values[there] = x[there].astype(np.int64).to_numpy()
            x = pd.Series(values)
        return kernels.moments(x, rows)

    def merge(self, parts: Sequence[Any], rows: Rows) -> tuple[NDArray[Any], ...]:
        n, mean, m2 = (np.concatenate(column) for column in zip(*parts, strict=True))
        with np.errstate(invalid="ignore", over="ignore"):
            count = _added(n, rows)
            divisor = np.maximum(count, 1)
            centre = _added(mean * n, rows) / divisor
            delta = np.where(n > 0, mean - centre[rows.inside], 0.0)
            drift = _added(delta * n, rows)  # what rounding left of the mean
            spread = _added(m2 + delta * delta * n, rows) - drift * drift / divisor
            better = np.where(np.isfinite(drift), centre + drift / divisor, centre)
            return count, better, np.maximum(spread, 0.0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Values with the group of each: every different one (`unique`), or all of them."""

    column: int
    unique: bool

    def partial(self, x: pd.Series[Any], rows: Rows) -> tuple[NDArray[np.intp], pd.Series[Any]]:
        inside = rows.codes >= 0
        if not inside.all():
            return self._kept(rows.codes[inside], x[inside].reset_index(drop=True))
        return self._kept(rows.codes, pd.Series(x.array))

    def merge(self, parts: Sequence[Any], rows: Rows) -> tuple[NDArray[np.intp], pd.Series[Any]]:
        return self._kept(
            np.concatenate([codes for codes, _ in parts]), joined([values for _, values in parts])
        )

    def _kept(self, codes: NDArray[np.intp], x: pd.Series[Any]) -> tuple[NDArray[np.intp], pd.Series[Any]]:
        if not self.unique:
            return codes, x
        numbers, uniques = encoded(x, dropna=False)
        width = max(len(uniques), 1)
        pairs = np.asarray(pd.factorize(codes * width + numbers)[1])
        return (pairs // width).astype(np.intp, copy=False), uniques.take(pairs % width).reset_index(
            drop=True
        )
