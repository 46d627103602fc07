"""`x.groupby(...)`: the methods by which groups are aggregated. Made by `groupby` of frames and series."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from chunkscope.dataframe.aggregate.groupbuild import GroupKeys, grouped
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.ops.selection import projection
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError, LazyValueError

__all__ = ["DataFrameGroupBy", "SeriesGroupBy", "grouped_rows"]


class GroupBy:
    """Rows in groups. Aggregations are trees: each partition is grouped once, whatever is made of it.

    Every method takes `split_every`, the most partials that one task combines (8), and `split_out`, which is 1: the
    result is one partition.
    """

    __slots__ = ("_keys", "_selected")

    def __init__(self, keys: GroupKeys, selected: Hashable | list[Hashable] | None) -> None:
        self._keys = keys
        self._selected = selected

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"a group-by of chunkscope has no attribute or column {name!r}; aggregations are {_METHODS}"
        )

    def _made(self, name: str, split_every: Any, split_out: Any, **options: Any) -> Any:
        _checked_split(name, split_out)
        return wrap(
            grouped(self._keys, self._selected, name, method=True, split_every=split_every, **options)
        )

    def sum(
        self,
        numeric_only: bool = False,
        min_count: int = 0,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The sum of each group."""
        return self._made(
            "sum", split_every, split_out, numeric_only=numeric_only, min_count=min_count, skipna=skipna
        )

    def prod(
        self,
        numeric_only: bool = False,
        min_count: int = 0,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The product of each group."""
        return self._made(
            "prod", split_every, split_out, numeric_only=numeric_only, min_count=min_count, skipna=skipna
        )

    def mean(
        self,
        numeric_only: bool = False,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The mean of each group: sums and counts, divided once at the end."""
        return self._made("mean", split_every, split_out, numeric_only=numeric_only, skipna=skipna)

    def min(
        self,
        numeric_only: bool = False,
        min_count: int = -1,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The least value of each group."""
        return self._made(
            "min", split_every, split_out, numeric_only=numeric_only, min_count=min_count, skipna=skipna
        )

    def max(
        self,
        numeric_only: bool = False,
        min_count: int = -1,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The greatest value of each group."""
        return self._made(
            "max", split_every, split_out, numeric_only=numeric_only, min_count=min_count, skipna=skipna
        )

    def first(
        self,
        numeric_only: bool = False,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The first value of each group that is not missing, in the order of the rows."""
        return self._made("first", split_every, split_out, numeric_only=numeric_only, skipna=skipna)

    def last(
        self,
        numeric_only: bool = False,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The last value of each group that is not missing, in the order of the rows."""
        return self._made("last", split_every, split_out, numeric_only=numeric_only, skipna=skipna)

    def median(self, numeric_only: bool = False, split_every: Any = None, split_out: int | bool = 1) -> Any:
        """The median of each group, exact: the last task holds every value of the columns."""
        return self._made("median", split_every, split_out, numeric_only=numeric_only)

    def any(self, skipna: bool = True, split_every: Any = None, split_out: int | bool = 1) -> Any:
        """Whether any value of each group is true."""
        return self._made("any", split_every, split_out, skipna=skipna)

    def all(self, skipna: bool = True, split_every: Any = None, split_out: int | bool = 1) -> Any:
        """Whether all values of each group are true."""
        return self._made("all", split_every, split_out, skipna=skipna)

    def count(self, split_every: Any = None, split_out: int | bool = 1) -> Any:
        """How many values of each group are not missing."""
        return self._made("count", split_every, split_out)

    def size(self, split_every: Any = None, split_out: int | bool = 1) -> Any:
        """How many rows each group has."""
        return self._made("size", split_every, split_out)

    def nunique(self, dropna: bool = True, split_every: Any = None, split_out: int | bool = 1) -> Any:
        """How many different values each group has."""
        return self._made("nunique", split_every, split_out, dropna=dropna)

    def var(
        self,
        ddof: int = 1,
        numeric_only: bool = False,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The variance of each group, from deviations: no digits are lost where the mean is large."""
        return self._made("var", split_every, split_out, ddof=ddof, numeric_only=numeric_only, skipna=skipna)

    def std(
        self,
        ddof: int = 1,
        numeric_only: bool = False,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The standard deviation of each group."""
        return self._made("std", split_every, split_out, ddof=ddof, numeric_only=numeric_only, skipna=skipna)

    def sem(
        self,
        ddof: int = 1,
        numeric_only: bool = False,
        skipna: bool = True,
        split_every: Any = None,
        split_out: int | bool = 1,
    ) -> Any:
        """The standard error of the mean of each group."""
        return self._made("sem", split_every, split_out, ddof=ddof, numeric_only=numeric_only, skipna=skipna)

    def agg(self, arg: Any = None, split_every: Any = None, split_out: int | bool = 1, **named: Any) -> Any:
        """Several aggregations at once: a name, a list of names, a dict by column, or `new=("column", "name")`.

        All are made in one pass over the keys, and what they have in common is kept once.
        """
        _checked_split("agg", split_out)
        return wrap(grouped(self._keys, self._selected, arg, named, split_every=split_every))

    aggregate = agg

    def apply(self, *args: Any, **options: Any) -> Any:
        """Not offered: a function of whole groups needs the rows of each group in one place."""
        raise _needs_shuffle("apply")

    def transform(self, *args: Any, **options: Any) -> Any:
        """Not offered: a function of whole groups needs the rows of each group in one place."""
        raise _needs_shuffle("transform")

    def __iter__(self) -> Any:
        raise LazyValueError(
            "for needs the groups, and they are not computed yet; aggregate them, or iterate over "
            "x.compute().groupby(...)"
        )

    def __repr__(self) -> str:
        keys = ", ".join(str(_shown(key)) for key in self._keys.by)
        return f"chunkscope.{type(self).__name__}<by {keys}>"


class SeriesGroupBy(GroupBy):
    """Values of one column in groups."""

    __slots__ = ()


class DataFrameGroupBy(GroupBy):
    """Rows of a frame in groups; `x["a"]` and `x[["a", "b"]]` choose the columns that are aggregated."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> DataFrameGroupBy | SeriesGroupBy:
        if self._selected is not None:
            raise FrameError(f"columns {self._selected} are chosen already; choose them once")
        if isinstance(key, tuple):
            raise FrameError(f"choose several columns with a list: groupby(...)[{list(key)!r}]")
        found = projection(self._keys.x, key)  # says what there is where a name is not
        if isinstance(key, (list, pd.Index)):
            return DataFrameGroupBy(self._keys, list(found.names))
        return SeriesGroupBy(self._keys, key)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and self._selected is None and name in self._keys.x.meta.columns:
            return SeriesGroupBy(self._keys, name)
        return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        names = [name for name in self._keys.x.meta.columns if isinstance(name, str) and name.isidentifier()]
        return sorted({*object.__dir__(self), *names})


_METHODS = (
    "agg, all, any, count, first, last, max, mean, median, min, nunique, prod, sem, size, std, sum and var"
)


def grouped_rows(
    x: FrameExpr, by: Any, sort: bool, observed: bool, dropna: bool
) -> DataFrameGroupBy | SeriesGroupBy:
    """The rows of `x` grouped by `by`; raises KeyError for a column that is not there."""
    items = by if isinstance(by, list) else [by]
    if not items:
        raise FrameError("groupby needs at least one key: the name of a column, a series, or a list of them")
    keys = GroupKeys(x, tuple(_key(x, item) for item in items), bool(sort), bool(dropna), bool(observed))
    return DataFrameGroupBy(keys, None) if isinstance(x.meta, pd.DataFrame) else SeriesGroupBy(keys, None)


def _key(x: FrameExpr, item: Any) -> Hashable | FrameExpr:
    expr = getattr(item, "_expr", None)
    frame = isinstance(x.meta, pd.DataFrame)
    if isinstance(expr, FrameExpr):
        if not isinstance(expr.meta, (pd.Series, pd.Index)):
            raise FrameError(
                f"groupby needs names of columns or series as keys, found a {type(item).__name__}"
            )
        name: Hashable = expr.meta.name
        column = frame and isinstance(expr.meta, pd.Series) and name in x.meta.columns
        if column and isinstance(x.meta[name], pd.Series) and projection(x, name).token == expr.token:
            return name  # x.groupby(x.a) means the column itself, which is then a key and no value
        return expr
    if isinstance(item, (pd.Series, pd.Index, pd.Grouper)) or callable(item) or isinstance(item, dict):
        raise FrameError(
            f"groupby by a {type(item).__name__} is not offered; use the name of a column or a lazy series "
            "with the same partitions"
        )
    if not frame:
        raise FrameError(
            f"groupby of a series needs a series as key, found {item!r}; group the frame by name"
        )
    try:
        known = item in x.meta.columns
    except TypeError:
        known = False
    if not known:
        raise KeyError(projection_error(x, item))
    if isinstance(x.meta[item], pd.DataFrame):
        raise FrameError(f"groupby by {item!r}: more than one column has that name")
    return item  # type: ignore[no-any-return]


def projection_error(x: FrameExpr, item: Any) -> str:
    """What to say of a key that is no column."""
    columns = list(x.meta.columns)
    shown = ", ".join(map(repr, columns[:30])) + (
        f" and {len(columns) - 30} more" if len(columns) > 30 else ""
    )
    return f"groupby by {item!r}: no such column; the columns are {shown}"


def _shown(key: Hashable | FrameExpr) -> Any:
    return key.meta.name if isinstance(key, FrameExpr) else key


def _checked_split(name: str, split_out: Any) -> None:
    if split_out not in (None, 1, True, False):
        raise FrameError(
            f"{name}(split_out={split_out!r}): the result of a group-by is one partition here; use split_out=1 and "
            "repartition what comes out"
        )


def _needs_shuffle(name: str) -> FrameError:
    return FrameError(
        f"groupby(...).{name} needs all rows of a group in one partition: a shuffle, which is not offered here; use "
        f"agg with the aggregations there are ({_METHODS}), or x.compute().groupby(...).{name}(...)"
    )
