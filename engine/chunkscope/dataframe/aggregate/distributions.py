"""Counting, describing and picking as methods of frames and series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from chunkscope.dataframe.aggregate.comoments import pairwise
from chunkscope.dataframe.aggregate.counting import DifferentRows, Largest, Modes, Uniques, ValueCounts
from chunkscope.dataframe.aggregate.describing import described, quantiles
from chunkscope.dataframe.aggregate.extremes import extreme_labels
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.meta import emulate
from chunkscope.dataframe.wrapping import as_frame_expr, wrap
from chunkscope.errors import FrameError

if TYPE_CHECKING:
    from chunkscope.dataframe.expr import FrameExpr

__all__ = ["Distributions", "SeriesDistributions"]


class Distributions:
    """What frames and series both have."""

    __slots__ = ()

    if TYPE_CHECKING:
        _expr: FrameExpr

    def describe(
        self,
        split_every: Any = None,
        percentiles: Sequence[float] | None = None,
        include: Any = None,
        exclude: Any = None,
    ) -> Any:
        """Count, mean, standard deviation, extremes and quartiles of each column, all exact, in one pass.

        Each column is kept as its different values with their counts: little for delays and distances, as much as the
        column itself for numbers that never repeat.

        >>> import chunkscope.dataframe as cd
        >>> x = cd.from_pandas(pd.DataFrame({"a": [1, 2, 3, 4]}), npartitions=2)
        >>> x.describe().compute().loc[["count", "25%"]]
                  a
        count  4.00
        25%    1.75
        """
        return wrap(described(self._expr, percentiles, include, exclude, split_every))

    def quantile(
        self,
        q: Any = 0.5,
        axis: Any = 0,
        numeric_only: bool = False,
        interpolation: str = "linear",
        method: str = "default",
    ) -> Any:
        """Exact quantiles; `q` is a number from 0 to 1, or several. Any `method` of Dask's is taken: all are exact."""
        if axis not in (0, "index"):
            raise FrameError(f"quantile(axis={axis!r}): only down the columns, axis=0")
        return wrap(quantiles(self._expr, q, numeric_only, interpolation))

    def median(self, axis: Any = 0, numeric_only: bool = False) -> Any:
        """The exact median of each column."""
        if axis not in (0, "index", None):
            raise FrameError(f"median(axis={axis!r}): only down the columns, axis=0")
        found = quantiles(self._expr, 0.5, numeric_only, "linear", name="median")
        return wrap(found)

    def cov(
        self,
        other: Any = None,
        min_periods: int | None = None,
        ddof: int = 1,
        numeric_only: bool = False,
        split_every: Any = None,
    ) -> Any:
        """The covariance of each pair of columns, or with another series, over the rows that have both."""
        return self._pairwise("cov", other, min_periods, numeric_only, split_every, ddof)

    def corr(
        self,
        other: Any = None,
        method: str = "pearson",
        min_periods: int | None = None,
        numeric_only: bool = False,
        split_every: Any = None,
    ) -> Any:
        """The correlation of each pair of columns, or with another series, over the rows that have both."""
        if method != "pearson":
            raise FrameError(
                f'corr(method={method!r}): only "pearson" can be made a few partitions at a time'
            )
        return self._pairwise("corr", other, min_periods, numeric_only, split_every, 1)

    def _pairwise(
        self, name: str, other: Any, min_periods: int | None, numeric_only: bool, split_every: Any, ddof: int
    ) -> Any:
        second = None if other is None else as_frame_expr(other)
        if (second is None) != isinstance(self._expr.meta, pd.DataFrame):
            raise FrameError(
                f"{name}: a frame takes no other, x.{name}(); a series needs one, x.a.{name}(x.b)"
            )
        options: dict[str, Any] = {"min_periods": min_periods, "ddof": ddof, "numeric_only": numeric_only}
        return wrap(pairwise(name, self._expr, second, split_every=split_every, **options))

    def mode(self, dropna: bool = True, split_every: Any = None) -> Any:
        """The most frequent values, sorted; of a frame column by column."""
        meta = self._expr.meta
        return wrap(aggregated(Modes(meta, dropna), self._expr, split_every=split_every))

    def drop_duplicates(
        self,
        subset: Any = None,
        split_every: Any = None,
        split_out: int | bool = 1,
        ignore_index: bool = False,
        keep: str = "first",
    ) -> Any:
        """The rows without those that are there before (`keep="first"`) or after (`"last"`), in one partition.

        `subset`: the columns that have to be equal, all if not given.
        """
        if keep not in ("first", "last"):
            raise FrameError(
                f'drop_duplicates(keep={keep!r}): use "first" or "last"; which rows are there only once is known by '
                "x.groupby([...]).size()"
            )
        if split_out not in (None, 1, True, False):
            raise FrameError(
                f"drop_duplicates(split_out={split_out!r}): the result is one partition, split_out=1"
            )
        meta = self._expr.meta
        names: tuple[Any, ...] | None = None
        if subset is not None:
            if not isinstance(meta, pd.DataFrame):
                raise FrameError("drop_duplicates of a series takes no subset")
            names = tuple(subset) if isinstance(subset, list) else (subset,)
            missing = [name for name in names if name not in meta.columns]
            if missing:
                raise KeyError(
                    f"drop_duplicates(subset={subset!r}): no column {missing}; there are {list(meta.columns)}"
                )
        if ignore_index:
            meta = meta.reset_index(drop=True)
        reducer = DifferentRows(meta, names, keep, ignore_index, self._expr.row_bytes)
        return wrap(aggregated(reducer, self._expr, split_every=split_every))

    def idxmin(
        self, axis: Any = 0, skipna: bool = True, numeric_only: bool = False, split_every: Any = None
    ) -> Any:
        """The index label of the first least value."""
        return self._label("idxmin", axis, skipna, numeric_only, split_every)

    def idxmax(
        self, axis: Any = 0, skipna: bool = True, numeric_only: bool = False, split_every: Any = None
    ) -> Any:
        """The index label of the first greatest value."""
        return self._label("idxmax", axis, skipna, numeric_only, split_every)

    def _label(self, name: str, axis: Any, skipna: bool, numeric_only: bool, split_every: Any) -> Any:
        if axis not in (0, "index", None):
            raise FrameError(f"{name}(axis={axis!r}): only down the columns, axis=0")
        return wrap(extreme_labels(name, self._expr, skipna, numeric_only, split_every))

    def nlargest(self, n: int = 5, columns: Any = None, keep: str = "first", split_every: Any = None) -> Any:
        """The `n` rows with the largest values, in falling order. `columns`: what decides, for a frame."""
        return self._picked("nlargest", n, columns, keep, split_every)

    def nsmallest(self, n: int = 5, columns: Any = None, keep: str = "first", split_every: Any = None) -> Any:
        """The `n` rows with the smallest values, in rising order. `columns`: what decides, for a frame."""
        return self._picked("nsmallest", n, columns, keep, split_every)

    def _picked(self, name: str, n: int, columns: Any, keep: str, split_every: Any) -> Any:
        meta = self._expr.meta
        names: tuple[Any, ...] | None = None
        if isinstance(meta, pd.DataFrame):
            if columns is None:
                raise FrameError(f'{name} of a frame needs the columns that decide: {name}({n}, "a")')
            names = tuple(columns) if isinstance(columns, list) else (columns,)
            missing = [column for column in names if column not in meta.columns]
            if missing:
                raise KeyError(f"{name}: no column {missing}; there are {list(meta.columns)}")
        reducer = Largest(name, meta, int(n), names, keep, self._expr.row_bytes)
        emulate(reducer.finish, meta)  # what pandas says against such columns or such a `keep`
        return wrap(aggregated(reducer, self._expr, split_every=split_every))


class SeriesDistributions(Distributions):
    """What only series have."""

    __slots__ = ()

    def value_counts(
        self,
        sort: bool = True,
        ascending: bool = False,
        dropna: bool = True,
        normalize: bool = False,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """How often each value occurs, the most frequent first; equal counts in the order of first appearance.

        >>> import chunkscope.dataframe as cd
        >>> x = cd.from_pandas(pd.Series(["b", "a", "b"], name="x"), npartitions=2)
        >>> x.value_counts().compute()
        x
        b    2
        a    1
        Name: count, dtype: int64
        """
        if split_out not in (None, 1, True, False):
            raise FrameError(
                f"value_counts(split_out={split_out!r}): the result is one partition, split_out=1"
            )

        def asked(values: Any) -> Any:
            return values.value_counts(sort=sort, ascending=ascending, dropna=dropna, normalize=normalize)

        reducer = ValueCounts(emulate(asked, self._expr.meta), sort, ascending, dropna, normalize)
        return wrap(aggregated(reducer, self._expr, split_every=split_every))

    def unique(self, split_every: Any = None, split_out: int | bool = 1) -> Any:
        """The different values in the order of first appearance, lazily and as a series, as Dask has it."""
        if split_out not in (None, 1, True, False):
            raise FrameError(f"unique(split_out={split_out!r}): the result is one partition, split_out=1")
        meta = pd.Series(self._expr.meta.array, name=self._expr.meta.name)
        return wrap(aggregated(Uniques(meta), self._expr, split_every=split_every))
