"""Reductions as methods of frames, series and indexes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from chunkscope.dataframe.aggregate.custom import MemoryUsage, user_reduction
from chunkscope.dataframe.aggregate.distributions import Distributions, SeriesDistributions
from chunkscope.dataframe.aggregate.reductions import Rows, reduce_by_name
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.how import Method
from chunkscope.dataframe.meta import empty, meta_nonempty
from chunkscope.dataframe.partitionwise import Apply
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

if TYPE_CHECKING:
    from chunkscope.dataframe.aggregate.groupby import DataFrameGroupBy, SeriesGroupBy
    from chunkscope.dataframe.expr import FrameExpr

__all__ = ["Aggregations", "IndexAggregations", "SeriesAggregations"]


class Reductions:
    """What frames, series and indexes have in common."""

    __slots__ = ()

    if TYPE_CHECKING:
        _expr: FrameExpr

    def __len__(self) -> int:
        """How many rows there are. Computes at once, unless the partitions are counted already."""
        __tracebackhide__ = True
        if self._expr.exact_rows:
            return int(self._expr.rows.sum())
        return int(wrap(aggregated(Rows(), self._expr)).compute())

    @property
    def size(self) -> Any:
        """How many values there are, lazily."""
        meta = self._expr.meta
        return wrap(
            aggregated(Rows(factor=meta.shape[1] if isinstance(meta, pd.DataFrame) else 1), self._expr)
        )

    def _reduced(self, name: str, axis: Any = 0, split_every: Any = None, **options: Any) -> Any:
        """The reduction `name` down the columns, or along the rows of each partition for axis 1."""
        if axis in (0, "index") or (axis is None and not isinstance(self._expr.meta, pd.DataFrame)):
            return wrap(reduce_by_name(name, self._expr, split_every, **options))
        if axis in (1, "columns") and isinstance(self._expr.meta, pd.DataFrame):
            kept = tuple(sorted({**options, "axis": 1}.items()))
            return wrap(Apply(Method(name, kept), (self._expr,)))
        raise FrameError(
            f"{name}(axis={axis!r}): use 0 for columns"
            + (" or 1 for rows" if isinstance(self._expr.meta, pd.DataFrame) else "")
        )

    def min(
        self, axis: Any = 0, skipna: bool = True, numeric_only: bool = False, split_every: Any = None
    ) -> Any:
        """The least value."""
        return self._reduced("min", axis, split_every, skipna=skipna, numeric_only=numeric_only)

    def max(
        self, axis: Any = 0, skipna: bool = True, numeric_only: bool = False, split_every: Any = None
    ) -> Any:
        """The greatest value."""
        return self._reduced("max", axis, split_every, skipna=skipna, numeric_only=numeric_only)

    def any(self, axis: Any = 0, skipna: bool = True, split_every: Any = None) -> Any:
        """Whether any value is true."""
        return self._reduced("any", axis, split_every, skipna=skipna)

    def all(self, axis: Any = 0, skipna: bool = True, split_every: Any = None) -> Any:
        """Whether all values are true."""
        return self._reduced("all", axis, split_every, skipna=skipna)

    def nunique(self, axis: Any = 0, dropna: bool = True, split_every: Any = None) -> Any:
        """How many different values there are: exact, so every one of them is kept."""
        return self._reduced("nunique", axis, split_every, dropna=dropna)


class IndexAggregations(Reductions):
    """Reductions of indexes."""

    __slots__ = ()


class Aggregations(Distributions, Reductions):
    """Reductions and counting of frames and series, as trees over the partitions.

    >>> import chunkscope.dataframe as cd
    >>> x = cd.from_pandas(pd.DataFrame({"a": [1, 2, 3, 4], "b": [1.0, None, 3.0, 5.0]}), npartitions=2)
    >>> x.mean().compute()
    a    2.5
    b    3.0
    dtype: float64
    >>> x.b.count().compute()
    np.int64(3)
    """

    __slots__ = ()

    def sum(
        self,
        axis: Any = 0,
        skipna: bool = True,
        numeric_only: bool = False,
        min_count: int = 0,
        split_every: Any = None,
    ) -> Any:
        """The sum; of nothing 0, or missing where fewer than `min_count` values are there."""
        return self._reduced(
            "sum", axis, split_every, skipna=skipna, numeric_only=numeric_only, min_count=min_count
        )

    def prod(
        self,
        axis: Any = 0,
        skipna: bool = True,
        numeric_only: bool = False,
        min_count: int = 0,
        split_every: Any = None,
    ) -> Any:
        """The product; of nothing 1, or missing where fewer than `min_count` values are there."""
        return self._reduced(
            "prod", axis, split_every, skipna=skipna, numeric_only=numeric_only, min_count=min_count
        )

    product = prod

    def mean(
        self, axis: Any = 0, skipna: bool = True, numeric_only: bool = False, split_every: Any = None
    ) -> Any:
        """The mean: sums and counts of the partitions, divided once at the end."""
        return self._reduced("mean", axis, split_every, skipna=skipna, numeric_only=numeric_only)

    def count(self, axis: Any = 0, numeric_only: bool = False, split_every: Any = None) -> Any:
        """How many values are not missing."""
        if not isinstance(self._expr.meta, pd.DataFrame):
            return self._reduced("count", axis, split_every)
        return self._reduced("count", axis, split_every, numeric_only=numeric_only)

    def var(
        self,
        axis: Any = 0,
        skipna: bool = True,
        ddof: int = 1,
        numeric_only: bool = False,
        split_every: Any = None,
    ) -> Any:
        """The variance, from each partition's own mean: no digits are lost where the mean is large."""
        return self._reduced("var", axis, split_every, skipna=skipna, ddof=ddof, numeric_only=numeric_only)

    def std(
        self,
        axis: Any = 0,
        skipna: bool = True,
        ddof: int = 1,
        numeric_only: bool = False,
        split_every: Any = None,
    ) -> Any:
        """The standard deviation."""
        return self._reduced("std", axis, split_every, skipna=skipna, ddof=ddof, numeric_only=numeric_only)

    def sem(
        self,
        axis: Any = 0,
        skipna: bool = True,
        ddof: int = 1,
        numeric_only: bool = False,
        split_every: Any = None,
    ) -> Any:
        """The standard error of the mean."""
        return self._reduced("sem", axis, split_every, skipna=skipna, ddof=ddof, numeric_only=numeric_only)

    def reduction(
        self,
        chunk: Callable[..., Any],
        aggregate: Callable[..., Any] | None = None,
        combine: Callable[..., Any] | None = None,
        meta: Any = None,
        split_every: Any = None,
        chunk_kwargs: Mapping[str, Any] | None = None,
        aggregate_kwargs: Mapping[str, Any] | None = None,
        combine_kwargs: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """A tree of your own functions: `chunk` of each partition, `combine` of a few results, `aggregate` at the end.

        Results of `chunk` are handed on one below the other: frames as they are, a series as one row, plain values as
        a series. Without `combine`, `aggregate` combines too; without both, `chunk` does.

        >>> import chunkscope.dataframe as cd
        >>> x = cd.from_pandas(pd.DataFrame({"a": [1, 2, 3, 4]}), npartitions=2)
        >>> x.a.reduction(lambda part: part.max(), lambda found: found.max()).compute()
        np.int64(4)
        """
        kept = ({**options, **(chunk_kwargs or {})}, dict(combine_kwargs or {}), dict(aggregate_kwargs or {}))
        return wrap(user_reduction(self._expr, chunk, combine, aggregate, kept, meta, split_every))

    def memory_usage(self, index: bool = True, deep: bool = False) -> Any:
        """The bytes of each column in memory, as pandas counts them, partition by partition."""
        found = meta_nonempty(self._expr.meta).memory_usage(index=index, deep=deep)
        return wrap(aggregated(MemoryUsage(empty(found), index, deep), self._expr))

    def groupby(
        self,
        by: Any,
        group_keys: bool = True,
        sort: bool = True,
        observed: bool = True,
        dropna: bool = True,
    ) -> DataFrameGroupBy | SeriesGroupBy:
        """Rows grouped by one key or a list: names of columns, or series with the same partitions.

        `sort`: groups in the order of their keys, else as they first appear. `observed`: of a categorical key only
        the categories that are there. `dropna`: without the rows that miss a key.

        >>> import chunkscope.dataframe as cd
        >>> x = cd.from_pandas(pd.DataFrame({"k": ["u", "v", "u"], "a": [1, 2, 4]}), npartitions=2)
        >>> x.groupby("k").a.agg(["sum", "max"]).compute()
           sum  max
        k
        u    5    4
        v    2    2
        """
        from chunkscope.dataframe.aggregate.groupby import grouped_rows

        return grouped_rows(self._expr, by, sort, observed, dropna)


class SeriesAggregations(SeriesDistributions, Aggregations):
    """The same for series, with value counts and different values."""

    __slots__ = ()
