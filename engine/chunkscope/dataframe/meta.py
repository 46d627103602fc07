"""What an operation gives before it runs: pandas itself is asked, with two rows of plausible values.

`meta` is always pandas' own object without rows; for a scalar it is one example value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["empty", "emulate", "is_scalar", "kind_of", "meta_nonempty", "same_dtypes"]


def is_scalar(meta: Any) -> bool:
    """Whether a meta stands for one value, not for rows."""
    return not isinstance(meta, (pd.DataFrame, pd.Series, pd.Index))


def kind_of(meta: Any) -> str:
    """The kind of collection that a meta stands for: "DataFrame", "Series", "Index" or "Scalar"."""
    for kind in ("DataFrame", "Series", "Index"):
        if isinstance(meta, getattr(pd, kind)):
            return kind
    return "Scalar"


def empty(value: Any) -> Any:
    """The meta of a pandas object: the same without rows; of a scalar the scalar.

    >>> empty(pd.Series([1, 2], name="x"))
    Series([], Name: x, dtype: int64)
    """
    return value if is_scalar(value) else value[:0]


def meta_nonempty(meta: Any) -> Any:
    """Two rows of plausible values with the columns, dtypes, names and index of `meta`.

    >>> meta_nonempty(pd.DataFrame({"x": pd.Series(dtype="float64"), "y": pd.Series(dtype="str")}))
         x  y
    0  1.0  a
    1  1.0  b
    """
    if is_scalar(meta):
        return meta
    if isinstance(meta, pd.Index):
        return _index(meta)
    index = _index(meta.index)
    if isinstance(meta, pd.Series):
        return pd.Series(_values(meta.dtype), index=index, name=meta.name, dtype=meta.dtype)
    columns = {i: pd.Series(_values(dtype), index=index, dtype=dtype) for i, dtype in enumerate(meta.dtypes)}
    frame = pd.DataFrame(columns, index=index)
    frame.columns = meta.columns
    return frame


def emulate(function: Callable[..., Any], *metas: Any) -> Any:
    """The meta of `function(*values)`; what pandas raises for such values is raised here, before any work.

    >>> emulate(lambda x: x * 1.5, pd.Series([], dtype="int64", name="x"))
    Series([], Name: x, dtype: float64)
    """
    with np.errstate(all="ignore"):
        return empty(function(*map(meta_nonempty, metas)))


def same_dtypes(meta: Any, value: Any) -> bool:
    """Whether a partition has the columns and dtypes that were promised."""
    if isinstance(meta, pd.DataFrame):
        return (
            isinstance(value, pd.DataFrame)
            and list(meta.columns) == list(value.columns)
            and list(meta.dtypes) == list(value.dtypes)
        )
    if isinstance(meta, pd.Series):
        return isinstance(value, pd.Series) and meta.dtype == value.dtype
    return True


def _index(index: pd.Index[Any]) -> pd.Index[Any]:
    if isinstance(index, pd.RangeIndex):
        return pd.RangeIndex(2, name=index.name)
    if isinstance(index, pd.MultiIndex):
        levels = [_values(level.dtype) for level in index.levels]
        arrays = [
            pd.Index(values, dtype=level.dtype) for values, level in zip(levels, index.levels, strict=True)
        ]
        return pd.MultiIndex.from_arrays(arrays, names=index.names)
    made: pd.Index[Any] = pd.Index(_values(index.dtype), dtype=index.dtype, name=index.name)
    return made


def _values(dtype: Any) -> Any:
    """Two values that a column of `dtype` may hold."""
    if isinstance(dtype, pd.CategoricalDtype):
        known = dtype.categories
        codes = [0, min(1, len(known) - 1)] if len(known) else [-1, -1]
        return pd.Categorical.from_codes(codes, dtype=dtype)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(["2013-01-01", "2013-01-02"]).tz_localize(dtype.tz).astype(dtype)
    if isinstance(dtype, pd.PeriodDtype):
        return pd.period_range("2013-01-01", periods=2, freq=dtype.freq)
    if isinstance(dtype, pd.IntervalDtype):
        return pd.interval_range(0, 2, closed=dtype.closed or "right").astype(dtype)
    kind = getattr(dtype, "kind", "O")
    if kind in "iufc":
        return [1, 1]
    if kind == "b":
        return [True, False]
    if kind == "M":
        return pd.DatetimeIndex(["2013-01-01", "2013-01-02"]).astype(dtype)
    if kind == "m":
        return pd.to_timedelta([1, 2], unit="D").astype(dtype)
    return ["a", "b"]
