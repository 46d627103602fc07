"""What `groupby(...).agg(...)` may be given, as a plain list of (column, aggregation) in pandas' order."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.groupouts import AGGREGATIONS
from chunkscope.errors import FrameError

__all__ = ["asked_for", "name_of"]

_FUNCTIONS: dict[Any, str] = {
    builtins.sum: "sum", builtins.min: "min", builtins.max: "max", builtins.len: "size", builtins.any: "any",
    builtins.all: "all", np.sum: "sum", np.mean: "mean", np.min: "min", np.max: "max", np.std: "std", np.var: "var",
    np.prod: "prod", np.median: "median",
}  # fmt: skip
_SAME = {"product": "prod", "amin": "min", "amax": "max"}


def name_of(how: str | Callable[..., Any]) -> str:
    """The aggregation that `how` stands for: a name, or a function that everybody knows by that name."""
    if isinstance(how, str):
        name = _SAME.get(how, how)
        if name in AGGREGATIONS:
            return name
    elif how in _FUNCTIONS:
        return _FUNCTIONS[how]
    shown = repr(how) if isinstance(how, str) else f"the function {getattr(how, '__name__', how)!r}"
    raise FrameError(
        f"a group-by cannot aggregate by {shown} a few partitions at a time; give one of {', '.join(AGGREGATIONS)}"
    )


def asked_for(
    spec: Any, named: Mapping[str, Any], columns: Sequence[Hashable], series: bool
) -> list[tuple[Hashable, str]]:
    """The outputs in order. `columns`: those that a name alone or a list of names applies to.

    >>> asked_for({"x": ["sum", "max"], "y": "mean"}, {}, ["x", "y"], False)
    [('x', 'sum'), ('x', 'max'), ('y', 'mean')]
    >>> asked_for(None, {"low": ("x", "min")}, ["x", "y"], False)
    [('x', 'min')]
    """
    if spec is None:
        if not named:
            raise FrameError(
                'agg needs what to make: "mean", ["mean", "max"], {"x": "mean"} or y=("x", "mean")'
            )
        if series:
            return [(columns[0], name_of(_inner(how))) for how in named.values()]
        return [_pair(name, how) for name, how in named.items()]
    if isinstance(spec, Mapping):
        if series:
            raise FrameError('agg of one column takes no dict; use agg(y="mean") to name what it makes')
        unknown = [name for name in spec if name not in columns]
        if unknown:
            raise FrameError(f"agg names columns that are not there: {unknown}; there are {list(columns)}")
        return [(name, name_of(how)) for name, given in spec.items() for how in _listed(given)]
    return [(name, name_of(how)) for name in columns for how in _listed(spec)]


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _inner(how: Any) -> Any:
    return how.aggfunc if isinstance(how, pd.NamedAgg) else how


def _pair(name: str, how: Any) -> tuple[Hashable, str]:
    if isinstance(how, pd.NamedAgg):
        return how.column, name_of(how.aggfunc)
    if isinstance(how, tuple) and len(how) == 2:
        return how[0], name_of(how[1])
    raise FrameError(
        f'agg({name}=…) needs a pair of column and aggregation, such as ("x", "mean"); found {how!r}'
    )
