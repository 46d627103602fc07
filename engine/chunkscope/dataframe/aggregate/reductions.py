"""Reductions of whole frames, series and indexes by name: which columns take part, and what pandas would answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.columns import (
    ColumnReducer,
    Count,
    Distinct,
    Extreme,
    Fold,
    Mean,
    Spread,
    Total,
)
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.expr import FrameExpr, Wanted
from chunkscope.dataframe.meta import meta_nonempty
from chunkscope.errors import DTypeError
from chunkscope.tokens import tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "DISTINCT",
    "ColumnsReduced",
    "Rows",
    "asked",
    "column_reducer",
    "plausible",
    "real_only",
    "reduce_by_name",
]


DISTINCT = 100_000
"""A column is taken to have at most this many different values, for the forecast of memory."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows there are, times `factor`."""

    meta: int = 1
    name: str = "size"
    factor: int = 1
    gathers: str = ""
    kept_bytes: float = 32.0

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        return (frozenset(),)

    def partial(self, *inputs: Any) -> int:
        return len(inputs[0])

    def combine(self, partials: Sequence[int]) -> int:
        return sum(partials)

    def finish(self, partial: int) -> int:
        return partial * self.factor

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.ones(len(rows), dtype=np.int64)

    def scratch_bytes(self, rows: int) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class ColumnsReduced:
    """Every column on its own: a series with one entry for each, or a scalar where the input is a series."""

    name: str
    meta: Any
    labels: pd.Index[Any] | None
    """Names of the columns that take part; None where the input is a series or an index."""
    positions: tuple[int, ...]
    """Their places, which tell columns of the same name apart."""
    reducers: tuple[ColumnReducer, ...]
    spec: tuple[Any, ...]
    """Name and options: with the input they say everything."""
    grows: bool = False
    """Whether a partial holds every different value of a column."""
    gathers: str = ""

    def __chunkscope_token__(self) -> str:
        return tokenise((type(self).__qualname__, self.spec))

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        if self.labels is None or not self.labels.is_unique:
            return (None,)
        return (frozenset(self.labels),)

    def partial(self, *inputs: Any) -> Any:
        (x,) = inputs
        if self.labels is None:
            return (self.reducers[0].partial(x if isinstance(x, pd.Series) else pd.Series(x)),)
        if self.labels.is_unique:  # by name: the frame may have lost columns that nobody reads
            return tuple(
                [reducer.partial(x[k]) for k, reducer in zip(self.labels, self.reducers, strict=True)]
            )
        columns = [x.iloc[:, i] for i in self.positions]
        return tuple([reducer.partial(c) for c, reducer in zip(columns, self.reducers, strict=True)])

    def combine(self, partials: Sequence[Any]) -> Any:
        return tuple(
            [reducer.merge(states) for reducer, *states in zip(self.reducers, *partials, strict=True)]
        )

    def finish(self, partial: Any) -> Any:
        found = [reducer.finish(state) for reducer, state in zip(self.reducers, partial, strict=True)]
        if self.labels is None:
            value = found[0].iloc[0]
            return value.item() if type(self.meta) in (int, bool) and isinstance(value, np.generic) else value
        if not found:
            return self.meta
        row = pd.concat([part.reset_index(drop=True) for part in found], axis=1, ignore_index=True).iloc[0]
        row.index = self.labels
        return row.rename(None)

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(rows, DISTINCT) if self.grows else np.ones(len(rows), dtype=np.int64)

    @property
    def kept_bytes(self) -> float:
        return (32.0 if self.grows else 160.0) * max(len(self.reducers), 1)

    def scratch_bytes(self, rows: int) -> int:
        return rows * 17


def reduce_by_name(name: str, x: FrameExpr, split_every: int | None = None, **options: Any) -> FrameExpr:
    """The reduction `name` of each column of `x`, with pandas' options (skipna, numeric_only, ddof, min_count …).

    What pandas raises for such columns is raised here.
    """
    nonempty = plausible(x.meta)
    only = {key: options.pop(key) for key in ("numeric_only", "bool_only") if key in options}
    only = {key: value for key, value in only.items() if value}
    if isinstance(nonempty, pd.DataFrame):
        width = range(nonempty.shape[1])
        columns = [nonempty.iloc[:, [i]] for i in width]
        places = [i for i in width if not only or len(getattr(columns[i], name)(**only, **options))]
        meta = asked(name, lambda x: getattr(x, name)(**options), nonempty.iloc[:, places])[:0]
        labels = nonempty.columns[places]
        parts = [columns[i].iloc[:, 0] for i in places]
    else:
        values = nonempty if isinstance(nonempty, pd.Series) else pd.Series(nonempty)
        source = nonempty if hasattr(nonempty, name) else values
        meta = asked(name, lambda x: getattr(x, name)(**options, **only), source)
        labels, places, parts = None, [], [values]
    reducers = tuple(column_reducer(name, part, options) for part in parts)
    spec = (name, tuple(sorted(options.items())), tuple(sorted(only)))
    reducer = ColumnsReduced(name, meta, labels, tuple(places), reducers, spec, name == "nunique")
    return aggregated(reducer, x, split_every=split_every)


def column_reducer(name: str, values: pd.Series[Any], options: dict[str, Any]) -> ColumnReducer:
    """How a column with the dtype of `values` is reduced."""
    if name == "count":
        return Count()
    if name == "nunique":
        return Distinct(options.get("dropna", True))
    real_only(name, values.name, values.dtype)
    empty, kind = values[:0], values.dtype.kind if isinstance(values.dtype, np.dtype) else "O"
    skipna, min_count = options.get("skipna", True), options.get("min_count", 0)
    dtype = (
        getattr(values.to_frame(0), name)(**options).dtype
        if name not in ("any", "all", "min", "max")
        else None
    )
    if name == "mean":
        return Mean(empty, dtype, skipna)
    if name in ("var", "std", "sem"):
        return Spread(name, empty, dtype, options.get("ddof", 1), skipna)
    if name == "sum" and kind in "iufb":
        return Total(empty, dtype, skipna, min_count)
    if name in ("min", "max") and kind in "iuf":
        return Extreme(name, empty, skipna)
    return Fold(name, empty, skipna, min_count)


def real_only(name: str, column: Any, dtype: Any) -> None:
    """Refuse means and deviations of complex numbers: they are kept as real ones here."""
    if name in ("mean", "var", "std", "sem") and dtype.kind == "c":
        raise DTypeError(
            f"{name} needs real numbers, column {column!r} is {dtype}; use sum and count, or pandas' own on x.compute()"
        )


def plausible(meta: Any) -> Any:
    """Two rows of values; numbers in columns of objects, which may be numbers as far as anybody knows."""
    found = meta_nonempty(meta)
    if isinstance(found, pd.DataFrame):
        for i, dtype in enumerate(found.dtypes):
            if isinstance(dtype, np.dtype) and dtype.kind == "O":
                found.isetitem(i, np.array([1.0, 2.0], dtype=object))
    elif isinstance(found, pd.Series) and isinstance(found.dtype, np.dtype) and found.dtype.kind == "O":
        found = pd.Series([1.0, 2.0], dtype=object, index=found.index, name=found.name)
    return found


def asked(name: str, ask: Callable[[Any], Any], values: Any) -> Any:
    """What pandas answers for `values`; its refusal names the columns and the way out in a note."""
    try:
        return ask(values)
    except TypeError as error:
        if isinstance(values, pd.DataFrame):
            culprits = [i for i in range(values.shape[1]) if _refuses(ask, values.iloc[:, [i]])]
            found = ", ".join(f"{values.columns[i]!r} ({values.dtypes.iloc[i]})" for i in culprits)
            error.add_note(
                f"{name} cannot take {found or 'these columns'}: choose other columns first, or pass "
                "numeric_only=True to take the numbers alone"
            )
        raise


def _refuses(ask: Callable[[Any], Any], values: Any) -> bool:
    try:
        ask(values)
    except TypeError:
        return True
    except (KeyError, ValueError):
        return False
    return False
