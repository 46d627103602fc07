"""Aggregations of one column by group number: plain numbers through NumPy, everything else through pandas.

Both take group numbers as they are, so the keys are looked at once. For plain numbers NumPy's `bincount` and
`ufunc.at` cost 2 ns a row, against 10 for pandas' group-by; a sum that is not NaN says that nothing was missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.columns import as_floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Rows", "by_pandas", "counted", "extreme", "moments", "sizes", "totals"]


class Rows:
    """The group numbers of the rows of one partition, -1 for none; `kept` are those with a group."""

    def __init__(self, codes: NDArray[np.intp], ngroups: int) -> None:
        self.codes = codes
        self.ngroups = ngroups
        low = bool(len(codes)) and bool(codes.min() < 0)
        self.inside: NDArray[np.intp] = np.where(codes < 0, ngroups, codes) if low else codes
        """As `codes`, with one more group for rows that have none: what `bincount` can count."""
        self._category: Any = None

    @property
    def category(self) -> Any:
        """The group numbers as pandas takes them without looking at each again."""
        if self._category is None:
            numbers: Any = range(self.ngroups)
            self._category = pd.Categorical.from_codes(self.codes, categories=numbers, validate=False)
        return self._category

    def without(self, bad: NDArray[np.bool_]) -> NDArray[np.intp]:
        """`inside`, with the rows that are `bad` in the group for none."""
        return np.where(bad, self.ngroups, self.inside)


def sizes(rows: Rows) -> NDArray[np.int64]:
    """Rows in each group."""
    return np.bincount(rows.inside, minlength=rows.ngroups)[: rows.ngroups].astype(np.int64, copy=False)


def counted(x: pd.Series[Any], rows: Rows) -> NDArray[np.int64]:
    """Values in each group that are not missing."""
    plain = isinstance(x.dtype, np.dtype) and x.dtype.kind in "iub"
    bad = None if plain else x.isna().to_numpy()
    if bad is None or not bad.any():
        return sizes(rows)
    inside = rows.without(bad)
    return np.bincount(inside, minlength=rows.ngroups)[: rows.ngroups].astype(np.int64, copy=False)


def totals(values: NDArray[Any], rows: Rows) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    """The sum of each group without its NaNs, and the count of what is not NaN (None: nothing was missing).

    Whole numbers are added as 64-bit integers, others as float64.
    """
    n = rows.ngroups
    if values.dtype.kind != "f":
        wide = np.uint64 if values.dtype.kind == "u" else np.int64
        found = np.zeros(n + 1, dtype=wide)
        np.add.at(found, rows.inside, values.astype(wide, copy=False))
        return found[:n], None
    sums = np.bincount(rows.inside, weights=values, minlength=n + 1)
    if not np.isnan(sums[:n]).any():
        return sums[:n], None
    bad = np.isnan(values)
    inside = rows.without(bad)
    sums = np.bincount(inside, weights=values, minlength=n + 1)[:n]
    return sums, np.bincount(inside, minlength=n + 1)[:n].astype(np.int64, copy=False)


def extreme(name: str, values: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """The least ("min") or greatest ("max") value of each group; NaN where there is none."""
    ufunc = np.fmin if name == "min" else np.fmax
    if values.dtype.kind == "f":
        start: Any = np.nan
    else:
        limits = np.iinfo(values.dtype)
        start = limits.max if name == "min" else limits.min
    found = np.full(rows.ngroups + 1, start, dtype=values.dtype)
    ufunc.at(found, rows.inside, values)
    return found[: rows.ngroups]


def moments(
    x: pd.Series[Any], rows: Rows
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Count, mean and sum of squared deviations from that mean of each group, missing values left out."""
    values, n = as_floats(x), rows.ngroups
    with np.errstate(invalid="ignore", over="ignore"):
        sums, count = totals(values, rows)
        inside = rows.inside
        if count is None:
            count = sizes(rows)
        else:
            inside = rows.without(np.isnan(values))
        mean = sums / np.maximum(count, 1)
        deviation = values - np.append(mean, 0.0)[inside]
        drift = np.bincount(inside, weights=deviation, minlength=n + 1)[:n]
        np.multiply(deviation, deviation, out=deviation)
        m2 = np.bincount(inside, weights=deviation, minlength=n + 1)[:n]
        divisor = np.maximum(count, 1)
        better = np.where(np.isfinite(drift), mean + drift / divisor, mean)
        return count, better, np.maximum(m2 - drift * drift / divisor, 0.0)


def by_pandas(name: str, x: pd.Series[Any], rows: Rows, **options: Any) -> pd.Series[Any]:
    """Pandas' own aggregation of each group, in the order of the groups."""
    grouped = pd.Series(x.array, dtype=x.dtype).groupby(rows.category, observed=False, sort=True)
    found: pd.Series[Any] = getattr(grouped, name)(**options)
    return found.reset_index(drop=True)
