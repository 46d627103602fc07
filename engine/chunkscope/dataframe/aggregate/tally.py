"""How often each value of a column occurs: what value counts, modes and exact quantiles are made from.

`Tally` keeps values in the order of first appearance, as pandas shows them. `Sorted` keeps numbers in rising order;
where whole numbers lie close together it counts them in a table, at 2 ns a row, else it sorts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from chunkscope.dataframe.aggregate.keys import Grouping, in_one_piece, joined
from chunkscope.dataframe.aggregate.packing import factorised

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sorted", "Tally"]

TABLE = 1 << 20
"""Whole numbers are counted in a table of at most this many places."""


class Tally(NamedTuple):
    """Different values in the order of first appearance, and how often each occurs."""

    values: pd.Series[Any]
    counts: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """Bytes of values and counts."""
        return int(self.values.nbytes + self.counts.nbytes)

    @classmethod
    def of(cls, x: pd.Series[Any], dropna: bool) -> Tally:
        """The tally of a column; a missing value is one more value unless `dropna`.

        >>> found = Tally.of(pd.Series(["b", "a", "b"]), dropna=True)
        >>> found.values.tolist(), found.counts.tolist()
        (['b', 'a'], [2, 1])
        """
        if isinstance(x.dtype, pd.StringDtype) and x.dtype.storage == "pyarrow":
            return cls._of_strings(x, dropna)
        grouping = Grouping.of([x], dropna)
        codes, n = grouping.codes, grouping.ngroups
        if len(codes) and codes.min() < 0:
            codes = np.where(codes < 0, n, codes)
        return cls(grouping.keys[0], np.bincount(codes, minlength=n + 1)[:n].astype(np.int64, copy=False))

    @classmethod
    def _of_strings(cls, x: pd.Series[Any], dropna: bool) -> Tally:
        """Counted by Arrow, without the interpreter lock, or as numbers where they are short."""
        array = in_one_piece(x)
        short = factorised(array)
        if short is not None:
            counts = np.bincount(short[0], minlength=len(short[1]))
            return cls(pd.Series(short[1], dtype=x.dtype), counts.astype(np.int64, copy=False))
        values, found = pc.value_counts(array).flatten()
        if dropna and values.null_count:
            there = values.is_valid()
            values, found = values.filter(there), found.filter(there)
        return cls(pd.Series(values, dtype=x.dtype), found.to_numpy())

    @classmethod
    def together(cls, parts: Sequence[Tally]) -> Tally:
        """One tally of several, in order."""
        grouping = Grouping.of([joined([part.values for part in parts])], dropna=False)
        counts = np.zeros(grouping.ngroups, dtype=np.int64)
        np.add.at(counts, grouping.codes, np.concatenate([part.counts for part in parts]))
        return cls(grouping.keys[0], counts)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Different numbers in rising order, and how often each occurs (None: each once). No NaN."""

    values: NDArray[Any]
    counts: NDArray[np.int64] | None

    @property
    def nbytes(self) -> int:
        """Bytes of values and counts."""
        return self.values.nbytes + (0 if self.counts is None else self.counts.nbytes)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self.values) if self.counts is None else int(self.counts.sum())

    @classmethod
    def of(cls, x: NDArray[Any]) -> Sorted:
        """The numbers of an array without its NaNs.

        >>> Sorted.of(np.array([3.0, 1.0, np.nan, 3.0]))
        Sorted(values=array([1., 3.]), counts=array([1, 2]))
        """
        if x.dtype.kind == "b":
            x = x.view(np.uint8)
        if x.dtype.kind == "f":
            bad = np.isnan(x)
            if bad.any():
                x = x[~bad]
        if not len(x):
            return cls(x, None)
        low, high = x.min(), x.max()
        if (
            math.isfinite(low)
            and math.isfinite(high)
            and float(high) - float(low) < min(4 * len(x) + 1024, TABLE)
        ):
            whole = x if x.dtype.kind in "iu" else x.astype(np.int64)
            if x.dtype.kind in "iu" or (np.array_equal(whole, x) and not np.signbit(x[whole == 0]).any()):
                return cls._counted(whole, x.dtype)
        return cls._runs(np.sort(x), None)

    @classmethod
    def _counted(cls, whole: NDArray[Any], dtype: np.dtype[Any]) -> Sorted:
        low = int(whole.min())
        table = np.bincount((whole - whole.dtype.type(low)).astype(np.int64, copy=False))
        places = np.flatnonzero(table)
        return cls((places + low).astype(dtype), table[places].astype(np.int64, copy=False))

    @classmethod
    def _runs(cls, values: NDArray[Any], counts: NDArray[np.int64] | None) -> Sorted:
        """Sorted values with equal ones put together."""
        starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
        if counts is not None:
            return cls(values[starts], np.add.reduceat(counts, starts))
        if len(starts) > len(values) // 2:  # counts would weigh more than what they save
            return cls(values, None)
        return cls(values[starts], np.diff(np.append(starts, len(values))))

    @classmethod
    def together(cls, parts: Sequence[Sorted]) -> Sorted:
        """The numbers of all parts."""
        full = [part for part in parts if len(part.values)]
        if len(full) < 2:
            return full[0] if full else parts[0]
        values = np.concatenate([part.values for part in full])
        if all(part.counts is None for part in full):
            values.sort()
            return cls._runs(values, None)
        counts = np.concatenate(
            [np.ones(len(p.values), dtype=np.int64) if p.counts is None else p.counts for p in full]
        )
        order = np.argsort(values, kind="stable")
        return cls._runs(values[order], counts[order])

    def at(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """The numbers at these places of the sorted whole."""
        if self.counts is None:
            return self.values[places]
        return self.values[np.searchsorted(np.cumsum(self.counts), places, side="right")]

    def quantiles(self, q: NDArray[np.float64], interpolation: str = "linear") -> NDArray[Any]:
        """Exact quantiles; NaN of nothing. Between two numbers as NumPy's `percentile` does.

        >>> Sorted.of(np.array([4, 1, 2, 3])).quantiles(np.array([0.25, 0.5]))
        array([1.75, 2.5 ])
        """
        n = self.size
        if not n:
            return np.full(len(q), np.nan)
        place = q * (n - 1)
        below = np.floor(place).astype(np.int64)
        low, high = self.at(below), self.at(np.minimum(below + 1, n - 1))
        part = place - below
        if interpolation == "lower":
            return low
        if interpolation == "higher":
            return np.where(part > 0, high, low)
        if interpolation == "midpoint":
            middle: NDArray[Any] = np.where(part > 0, (low.astype(np.float64) + high) / 2, low)
            return middle
        if interpolation == "nearest":
            return self.at(np.rint(place).astype(np.int64))
        low, high = low.astype(np.float64), high.astype(np.float64)
        with np.errstate(invalid="ignore"):
            step = high - low
            found = np.where(part < 0.5, low + step * part, high - step * (1 - part))
        exact: NDArray[Any] = np.where(part == 0, low, found)  # also beside an infinity
        return exact
