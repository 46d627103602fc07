"""How one column is reduced: the state of a part, how states merge, and the one-element series at the end.

Plain numbers go through NumPy; everything else through pandas, whose result for one row more is its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.moments import Moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ColumnReducer", "Count", "Distinct", "Extreme", "Fold", "Mean", "Spread", "Total", "as_floats"]


class ColumnReducer(Protocol):
    """One reduction of one column of a known dtype. States are small and picklable."""

    def partial(self, x: pd.Series[Any]) -> Any:
        """The state of one part."""

    def merge(self, states: Sequence[Any]) -> Any:
        """One state for several parts, given in order."""

    def finish(self, state: Any) -> pd.Series[Any]:
        """The result as a series of one element, with pandas' dtype."""


def as_floats(x: pd.Series[Any]) -> NDArray[np.float64]:
    """The values as float64, NaN for what is missing."""
    if isinstance(x.dtype, np.dtype):
        return x.to_numpy().astype(np.float64, copy=False)
    return x.to_numpy(dtype=np.float64, na_value=np.nan)


def one(value: Any, dtype: Any) -> pd.Series[Any]:
    """A series of one element."""
    found: pd.Series[Any] = pd.Series([value], dtype=dtype)
    return found


def missing(empty: pd.Series[Any], name: str, rows: int = 0, **options: Any) -> pd.Series[Any]:
    """What pandas answers for a column of this dtype without a value, and with `rows` missing ones."""
    values = empty.reindex([0]) if rows and empty.dtype.kind in "fmM" else empty
    found: pd.Series[Any] = getattr(values.to_frame(0), name)(**options)
    return found


@dataclass(frozen=True, slots=True)
class Fold:
    """pandas' own reduction, applied to its results: sum, prod, min, max, any, all."""

    name: str
    empty: pd.Series[Any]
    skipna: bool = True
    min_count: int = 0

    def partial(self, x: pd.Series[Any]) -> Any:
        if not len(x):
            return 0, None
        count = int(x.count()) if self.min_count > 0 else 0
        return count, getattr(x.to_frame(0), self.name)(skipna=self.skipna)

    def merge(self, states: Sequence[Any]) -> Any:
        values = [value for _, value in states if value is not None]
        if len(values) > 1:
            values = [
                getattr(pd.concat(values, ignore_index=True).to_frame(0), self.name)(skipna=self.skipna)
            ]
        return sum(count for count, _ in states), values[0] if values else None

    def finish(self, state: Any) -> pd.Series[Any]:
        count, value = state
        options = {"min_count": self.min_count} if self.min_count > 0 else {}
        if value is None or count < self.min_count:
            return missing(self.empty, self.name, skipna=self.skipna, **options)
        return value  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of plain numbers. A sum that is not NaN says by itself that nothing was missing."""

    empty: pd.Series[Any]
    dtype: Any
    skipna: bool = True
    min_count: int = 0

    def partial(self, x: pd.Series[Any]) -> Any:
        values = x.to_numpy()
        wide = np.float64 if values.dtype.kind == "f" else self.dtype
        with np.errstate(invalid="ignore", over="ignore"):
            total = np.add.reduce(values, dtype=wide)
            count = len(values)
            if values.dtype.kind == "f" and self.skipna and total != total:
                bad = np.isnan(values)
                count -= int(np.count_nonzero(bad))
                total = np.add.reduce(values[~bad], dtype=wide)
        return count, total

    def merge(self, states: Sequence[Any]) -> Any:
        with np.errstate(invalid="ignore", over="ignore"):
            return sum(count for count, _ in states), np.add.reduce([total for _, total in states])

    def finish(self, state: Any) -> pd.Series[Any]:
        count, total = state
        if count < self.min_count:
            return missing(self.empty, "sum", min_count=self.min_count)
        with np.errstate(over="ignore"):
            return pd.Series(np.asarray([total]).astype(self.dtype))


@dataclass(frozen=True, slots=True)
class Extreme:
    """The least or greatest of plain numbers."""

    name: str
    empty: pd.Series[Any]
    skipna: bool = True

    def partial(self, x: pd.Series[Any]) -> Any:
        return self._reduced(x.to_numpy()) if len(x) else None

    def _reduced(self, values: NDArray[Any]) -> Any:
        if self.skipna:
            return (np.fmin if self.name == "min" else np.fmax).reduce(values)
        with np.errstate(invalid="ignore"):  # NumPy warns of a NaN, or not, by where it lies
            return (np.minimum if self.name == "min" else np.maximum).reduce(values)

    def merge(self, states: Sequence[Any]) -> Any:
        found = [state for state in states if state is not None]
        return self._reduced(np.asarray(found)) if found else None

    def finish(self, state: Any) -> pd.Series[Any]:
        if state is None:
            return missing(self.empty, self.name)
        return pd.Series(np.asarray([state]), dtype=self.empty.dtype)


@dataclass(frozen=True, slots=True)
class Count:
    """How many values are there."""

    def partial(self, x: pd.Series[Any]) -> int:
        return int(x.count())

    def merge(self, states: Sequence[int]) -> int:
        return sum(states)

    def finish(self, state: int) -> pd.Series[Any]:
        return pd.Series([state], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Mean:
    """Sum and count, divided at the end. Times are added as exact integers of their unit."""

    empty: pd.Series[Any]
    dtype: Any
    skipna: bool = True

    @property
    def times(self) -> bool:
        """Whether the values are dates or durations."""
        return self.empty.dtype.kind in "mM"

    def partial(self, x: pd.Series[Any]) -> Any:
        if self.times:
            return self._time_partial(x)
        if self.empty.dtype == object:
            return len(x), int(x.count()), x.sum(skipna=self.skipna) if len(x) else 0
        values = as_floats(x)
        with np.errstate(invalid="ignore", over="ignore"):
            total, count = float(np.add.reduce(values)), len(values)
            if self.skipna and math.isnan(total):
                bad = np.isnan(values)
                count -= int(np.count_nonzero(bad))
                total = float(np.add.reduce(values[~bad]))
        return len(x), count, total

    def _time_partial(self, x: pd.Series[Any]) -> Any:
        there = x.notna().to_numpy()
        if not self.skipna and not there.all():
            return len(x), len(x), None
        ticks = x.astype(np.int64).to_numpy()[there] if there.all() else x[there].astype(np.int64).to_numpy()
        high = int(np.add.reduce(ticks >> 32))  # no sum of halves can overflow
        return len(x), len(ticks), (high << 32) + int(np.add.reduce(ticks & 0xFFFFFFFF))

    def merge(self, states: Sequence[Any]) -> Any:
        rows, count = sum(state[0] for state in states), sum(state[1] for state in states)
        totals = [state[2] for state in states]
        return rows, count, None if None in totals else sum(totals[1:], totals[0])

    def finish(self, state: Any) -> pd.Series[Any]:
        rows, count, total = state
        if not count or total is None:
            return missing(self.empty, "mean", rows)
        if self.times:
            ticks = abs(total) // count * (1 if total >= 0 else -1)
            return pd.Series(np.array([ticks], dtype=np.int64), dtype=np.int64).astype(self.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            return one(total / count, self.dtype)


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance, standard deviation or standard error of the mean."""

    name: str
    empty: pd.Series[Any]
    dtype: Any
    ddof: int = 1
    skipna: bool = True

    def partial(self, x: pd.Series[Any]) -> tuple[int, Moments]:
        if self.empty.dtype.kind in "mM":
            there = x.notna().to_numpy()
            values = np.full(len(x), np.nan)
            values[there] = x[there].astype(np.int64).to_numpy()
            return len(x), Moments.of(values, self.skipna)
        return len(x), Moments.of(as_floats(x), self.skipna)

    def merge(self, states: Sequence[tuple[int, Moments]]) -> tuple[int, Moments]:
        return sum(rows for rows, _ in states), Moments.together(part for _, part in states)

    def finish(self, state: tuple[int, Moments]) -> pd.Series[Any]:
        rows, moments = state
        if not moments.n:
            return missing(self.empty, self.name, rows, ddof=self.ddof)
        found = moments.finish(self.name, self.ddof)
        if getattr(self.dtype, "kind", "O") == "m":
            value = pd.NaT if math.isnan(found) else np.array(int(found)).astype(self.dtype)[()]
            return one(value, self.dtype)
        return one(found, self.dtype)


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different values there are: the values of the parts, joined."""

    dropna: bool = True

    def partial(self, x: pd.Series[Any]) -> pd.Series[Any]:
        return pd.Series(x.unique())

    def merge(self, states: Sequence[pd.Series[Any]]) -> pd.Series[Any]:
        found = [state for state in states if len(state)] or [states[0]]
        return pd.Series(pd.concat(found, ignore_index=True).unique())

    def finish(self, state: pd.Series[Any]) -> pd.Series[Any]:
        return pd.Series([int(state.count()) if self.dropna else len(state)], dtype=np.int64)
