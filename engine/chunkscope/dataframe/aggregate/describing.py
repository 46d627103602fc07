"""`describe` and exact quantiles: each column is kept as its sorted different numbers, each with its count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.blocks import size_of
from chunkscope.dataframe.aggregate.columns import as_floats
from chunkscope.dataframe.aggregate.counting import ValueCounts
from chunkscope.dataframe.aggregate.reductions import DISTINCT, plausible
from chunkscope.dataframe.aggregate.tally import Sorted, Tally
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.expr import FrameExpr, Wanted
from chunkscope.errors import DTypeError, FrameError
from chunkscope.tokens import tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["checked_names", "described", "quantiles"]

WHY = "exact quantiles: the last task holds every different value of a column, with its count"


@dataclass(frozen=True, slots=True)
class Columns:
    """The sorted numbers, or the tallies of other values, of each column."""

    parts: tuple[Sorted | Tally, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        return sum(map(size_of, self.parts))


@dataclass(frozen=True, slots=True)
class _Distributed:
    """What both reducers share: the state of each column that takes part."""

    name: str
    meta: Any
    labels: pd.Index[Any] | None
    """Names of the columns that take part; None where the input is a series."""
    dtypes: tuple[Any, ...]
    spec: tuple[Any, ...]
    gathers: str = WHY

    def __chunkscope_token__(self) -> str:
        return tokenise((type(self).__qualname__, self.spec))

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        return (None if self.labels is None else frozenset(self.labels),)

    def partial(self, *inputs: Any) -> Columns:
        (x,) = inputs
        columns = [x] if self.labels is None else [x[label] for label in self.labels]
        return Columns(tuple([_state(column) for column in columns]))

    def combine(self, partials: Sequence[Columns]) -> Columns:
        found: list[Sorted | Tally] = []
        for parts in zip(*(partial.parts for partial in partials), strict=True):
            kind: Any = type(parts[0])
            found.append(kind.together(parts))
        return Columns(tuple(found))

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(rows, DISTINCT)

    @property
    def kept_bytes(self) -> float:
        """Bytes of a value and its count in each column."""
        return 16.0 * max(len(self.dtypes), 1)

    def scratch_bytes(self, rows: int) -> int:
        return rows * 24


def _state(x: pd.Series[Any]) -> Sorted | Tally:
    kind = getattr(x.dtype, "kind", "O")
    if isinstance(x.dtype, pd.CategoricalDtype) or kind not in "iufmM":
        return Tally.of(x, dropna=True)
    if kind in "mM":
        return Sorted.of(x[x.notna()].astype(np.int64).to_numpy())
    return Sorted.of(x.to_numpy() if isinstance(x.dtype, np.dtype) else as_floats(x))


def _expanded(numbers: Sorted, dtype: Any) -> pd.Series[Any]:
    """The values again, sorted: times, whose quantiles pandas itself is asked for."""
    ticks = numbers.values if numbers.counts is None else np.repeat(numbers.values, numbers.counts)
    return pd.Series(ticks.astype(np.int64)).astype(dtype)


@dataclass(frozen=True, slots=True)
class Description(_Distributed):
    """The table that `describe` makes."""

    percentiles: tuple[float, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """The names of the rows for each column."""
    results: tuple[Any, ...] = ()
    """The dtype of the result for each column."""

    def finish(self, partial: Columns) -> Any:
        found = [self._column(i, state) for i, state in enumerate(partial.parts)]
        if self.labels is None:
            return found[0].rename(self.meta.name)
        names = dict.fromkeys(name for rows in sorted(self.rows, key=len) for name in rows)
        table = pd.concat(found, axis=1, ignore_index=True, sort=False).reindex(list(names))
        table.columns = self.labels.copy()
        return table

    def _column(self, i: int, state: Sorted | Tally) -> pd.Series[Any]:
        rows, dtype = list(self.rows[i]), self.dtypes[i]
        if isinstance(state, Tally):
            return self._tallied(state)
        if dtype.kind in "mM":
            return _expanded(state, dtype).describe(percentiles=list(self.percentiles))
        n, values = state.size, state.values.astype(np.float64)
        counts: Any = 1.0 if state.counts is None else state.counts
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            mean = float(np.add.reduce(values * counts)) / n if n else np.nan
            spread = float(np.add.reduce((values - mean) ** 2 * counts))
        numbers = [
            float(n),
            mean,
            np.sqrt(spread / (n - 1)) if n > 1 else np.nan,
            values[0] if n else np.nan,
            *state.quantiles(np.array(self.percentiles)),
            values[-1] if n else np.nan,
        ]
        found: pd.Series[Any] = pd.Series(numbers, index=rows, dtype=self.results[i])
        return found

    def _tallied(self, state: Tally) -> pd.Series[Any]:
        meta = state.values[:0].value_counts()
        counts = ValueCounts(meta, sort=True, ascending=False, dropna=True, normalize=False).finish(state)
        unique = len(counts[counts != 0])
        top, freq = (counts.index[0], counts.iloc[0]) if unique else (np.nan, np.nan)
        dtype: Any = None if unique else "object"
        values = [np.int64(state.counts.sum()), unique, top, freq]
        found: pd.Series[Any] = pd.Series(values, index=["count", "unique", "top", "freq"], dtype=dtype)
        return found


def described(
    x: FrameExpr,
    percentiles: Any,
    include: Any,
    exclude: Any,
    split_every: int | None = None,
) -> FrameExpr:
    """`describe`, with quantiles as exact as pandas'. What pandas raises for such arguments is raised here."""
    values = plausible(x.meta)
    if isinstance(values, pd.DataFrame):
        meta = values.describe(percentiles=percentiles, include=include, exclude=exclude)
        labels = meta.columns
        checked_names("describe", labels)
        columns = [values[label] for label in labels]
    else:
        meta, labels, columns = values.describe(percentiles=percentiles), None, [values]
    each = [column.describe(percentiles=percentiles) for column in columns]
    q = (0.25, 0.5, 0.75) if percentiles is None else tuple(np.unique(np.asarray(percentiles)).tolist())
    reducer = Description(
        "describe",
        meta[:0],
        labels,
        tuple(column.dtype for column in columns),
        (q, None if labels is None else tuple(map(repr, labels))),
        percentiles=q,
        rows=tuple(tuple(map(str, one.index)) for one in each),
        results=tuple(one.dtype for one in each),
    )
    return aggregated(reducer, x, split_every=split_every)


@dataclass(frozen=True, slots=True)
class Quantiles(_Distributed):
    """Exact quantiles of each column."""

    q: tuple[float, ...] = ()
    single: bool = True
    interpolation: str = "linear"
    results: tuple[Any, ...] = ()

    def finish(self, partial: Columns) -> Any:
        found = [self._column(i, state) for i, state in enumerate(partial.parts)]
        if self.labels is None:
            return found[0].iloc[0] if self.single else found[0].rename(self.meta.name)
        table = pd.concat(found, axis=1, ignore_index=True)
        table.columns = self.labels.copy()
        return table.iloc[0].rename(self.q[0]) if self.single else table

    def _column(self, i: int, state: Any) -> pd.Series[Any]:
        index = pd.Index(self.q, dtype=np.float64)
        how: Any = self.interpolation
        if self.dtypes[i].kind in "mM":
            return _expanded(state, self.dtypes[i]).quantile(list(self.q), interpolation=how)
        values = state.quantiles(np.array(self.q), self.interpolation)
        if values.dtype.kind == "f" and getattr(self.results[i], "kind", "O") in "iu":
            return pd.Series(values, index=index)  # of nothing: NaN
        return pd.Series(values, index=index).astype(self.results[i])


def quantiles(
    x: FrameExpr,
    q: Any,
    numeric_only: bool,
    interpolation: str,
    split_every: int | None = None,
    name: str = "quantile",
) -> FrameExpr:
    """The quantiles `q` (a number, or several) of each column, exact."""
    values = plausible(x.meta)
    single = np.ndim(q) == 0
    if isinstance(values, pd.Series):
        _checked_kind(name, values)
    elif not numeric_only:
        for i in range(values.shape[1]):
            _checked_kind(name, values.iloc[:, i])
    else:
        values = values.loc[:, [not pd.api.types.is_bool_dtype(dtype) for dtype in values.dtypes]]
    options: dict[str, Any] = {"q": q, "interpolation": interpolation}
    if isinstance(values, pd.DataFrame):
        meta = values.quantile(numeric_only=numeric_only, **options)
        labels = meta.index if single else meta.columns
        checked_names(name, labels)
        columns = [values[label] for label in labels]
    else:
        meta, labels, columns = values.quantile(**options), None, [values]
    many = [float(item) for item in np.atleast_1d(q)]
    each = [column.quantile(q=many, interpolation=options["interpolation"]) for column in columns]
    reducer = Quantiles(
        name,
        meta[:0] if isinstance(meta, (pd.Series, pd.DataFrame)) else meta,
        labels,
        tuple(column.dtype for column in columns),
        (name, tuple(many), single, interpolation, None if labels is None else tuple(map(repr, labels))),
        q=tuple(many),
        single=single,
        interpolation=interpolation,
        results=tuple(one.dtype for one in each),
    )
    return aggregated(reducer, x, split_every=split_every)


def checked_names(name: str, labels: pd.Index[Any]) -> None:
    """Raises FrameError where a name is there more than once."""
    if not labels.is_unique:
        twice = list(dict.fromkeys(labels[labels.duplicated()]))
        raise FrameError(f"{name} needs column names that are there once; {twice} are there more than once")


def _checked_kind(name: str, x: pd.Series[Any]) -> None:
    kind = "O" if isinstance(x.dtype, pd.CategoricalDtype) else getattr(x.dtype, "kind", "O")
    if kind not in "iufmM":
        raise DTypeError(
            f"{name} needs numbers or times, column {x.name!r} is {x.dtype}; choose columns, or numeric_only=True"
        )
