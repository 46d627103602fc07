"""Values looked up one by one: `map` with a function, a dict or a series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.how import Method
from chunkscope.dataframe.ops.custom import each
from chunkscope.dataframe.ops.promise import promised
from chunkscope.dataframe.partitionwise import Apply, Literal
from chunkscope.errors import FrameError

__all__ = ["mapped"]


def mapped(x: FrameExpr, arg: Any, na_action: Any, meta: Any) -> FrameExpr:
    """`x.map(arg)` for a series or index."""
    lazy = getattr(arg, "_expr", None)
    if isinstance(lazy, FrameExpr):
        if lazy.npartitions > 1 or not isinstance(lazy.meta, pd.Series):
            raise FrameError(
                f"map looks values up in a whole series, found a lazy one of {lazy.npartitions} partitions; "
                "use map(series.compute()), or merge"
            )
        values: Any = lazy.meta
    elif isinstance(arg, (Mapping, pd.Series)) and not hasattr(type(arg), "__missing__"):
        values = arg
    elif callable(arg) or hasattr(type(arg), "__missing__"):
        return each(x, "map", arg, (), {"na_action": na_action}, meta)
    else:
        raise FrameError(f"map needs a function, dict or series, found {type(arg).__name__}")
    is_index = isinstance(x.meta, pd.Index)
    if meta is not None:
        known = promised(meta, None if is_index else x.meta.index)
    else:
        dtype = (values if isinstance(values, pd.Series) else pd.Series(dict(values))).dtype
        known = (
            pd.Index([], dtype=dtype, name=x.meta.name)
            if is_index
            else pd.Series([], dtype=dtype, index=x.meta.index, name=x.meta.name)
        )
    how = Method("map", (("na_action", na_action),))
    return Apply(how, (x, Literal(arg) if lazy is None else lazy), known, not is_index)
