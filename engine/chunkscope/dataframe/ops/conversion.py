"""Pandas' functions on whole series, one partition at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.meta import meta_nonempty
from chunkscope.dataframe.partitionwise import Apply
from chunkscope.errors import FrameError

__all__ = ["Function", "converted_values", "dummies"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of pandas, by name."""

    name: str
    options: tuple[tuple[str, Any], ...] = ()

    def __call__(self, *values: Any) -> Any:
        return getattr(pd, self.name)(*values, **dict(self.options))


def converted_values(name: str, x: Any, options: Mapping[str, Any]) -> FrameExpr:
    """`pd.<name>(x, **options)` for each partition; the dtype is asked of pandas with values that it can convert."""
    expr = getattr(x, "_expr", None)
    if not isinstance(expr, FrameExpr):
        raise FrameError(
            f"{name} needs a lazy series, found {type(x).__name__}; use pd.{name}, or from_pandas first"
        )
    how = Function(name, tuple(options.items()))
    return Apply(how, (expr,), how(_convertible(name, expr.meta, options))[:0])


def _convertible(name: str, meta: Any, options: Mapping[str, Any]) -> Any:
    """Made-up values; text that looks like what is asked for."""
    sample = meta_nonempty(meta)
    if isinstance(meta, pd.Series) and not (
        pd.api.types.is_numeric_dtype(meta.dtype) or meta.dtype.kind in "mM"
    ):
        if name == "to_datetime":
            moment = pd.Timestamp("2013-01-02 03:04:05")
            form = options.get("format") or "%Y-%m-%d %H:%M:%S"
            text = moment.isoformat() if form in ("ISO8601", "mixed") else moment.strftime(form)
            sample = pd.Series([text, text], index=sample.index, name=meta.name, dtype=meta.dtype)
        elif name == "to_timedelta" and options.get("unit") is None:
            sample = pd.Series(["1 days", "2 days"], index=sample.index, name=meta.name, dtype=meta.dtype)
        else:
            sample = pd.Series(["1", "2"], index=sample.index, name=meta.name, dtype=meta.dtype)
        if options.get("errors") == "coerce" and name == "to_numeric":
            sample.iloc[1] = "no number"
    if isinstance(meta, pd.DataFrame):
        sample = sample.apply(
            lambda column: [1] * len(column) if column.name != "year" else [2013] * len(column)
        )
    return sample


def dummies(x: Any, options: Mapping[str, Any]) -> FrameExpr:
    """`pd.get_dummies` for each partition: the categories say which columns there are."""
    expr = getattr(x, "_expr", None)
    if not isinstance(expr, FrameExpr):
        raise FrameError(
            f"get_dummies needs a lazy frame or series, found {type(x).__name__}; use pd.get_dummies"
        )
    meta = expr.meta
    asked = options.get("columns")
    if isinstance(meta, pd.Series):
        series = [meta]
    else:
        names = asked if asked is not None else [n for n, dtype in meta.dtypes.items() if _is_text(dtype)]
        series = [meta[name] for name in names]
    for one in series:
        if not isinstance(one.dtype, pd.CategoricalDtype):
            raise FrameError(
                f"get_dummies: column {one.name!r} is {one.dtype}, and which columns there will be is known only for "
                "categories; use astype(pd.CategoricalDtype([...])) first"
            )
    return Apply(Function("get_dummies", tuple(options.items())), (expr,))


def _is_text(dtype: Any) -> bool:
    return str(dtype) == "object" or isinstance(dtype, (pd.StringDtype, pd.CategoricalDtype))
