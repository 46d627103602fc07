"""Pandas' row-wise methods for lazy frames and series: everything that needs one partition at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from pandas.api.types import is_dict_like, is_list_like

from chunkscope.dataframe.aggregate.reductions import Rows
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.how import Method
from chunkscope.dataframe.ops.columns import converted
from chunkscope.dataframe.ops.custom import map_partitions
from chunkscope.dataframe.ops.elementwise import binary, call
from chunkscope.dataframe.ops.labels import IndexOf, Undivided, reset
from chunkscope.dataframe.ops.locating import columns_at, located
from chunkscope.dataframe.ops.repartition import repartition
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["ColumnIndexer", "LabelIndexer", "PartitionMethods", "RowMethods", "no_default"]


class _NoDefault:
    def __repr__(self) -> str:
        return "no_default"


no_default: Any = _NoDefault()
"""Stands for an argument that was not given, where None means something."""


class PartitionMethods:
    """What frames, series and indexes can do with whole partitions."""

    __slots__ = ()

    if TYPE_CHECKING:
        _expr: FrameExpr

    def map_partitions(
        self,
        func: Callable[..., Any],
        *args: Any,
        meta: Any = no_default,
        enforce_metadata: bool = True,
        clear_divisions: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """`func(partition, *args, **kwargs)` for each partition; see `chunkscope.dataframe.map_partitions`."""
        known = None if meta is no_default else meta
        return wrap(
            map_partitions(
                func,
                (self, *args),
                kwargs,
                meta=known,
                enforce_metadata=enforce_metadata,
                clear_divisions=clear_divisions,
            )
        )

    def repartition(
        self,
        divisions: Any = None,
        npartitions: Any = None,
        partition_size: Any = None,
        freq: Any = None,
        force: bool = False,
    ) -> Self:
        """The same rows in other partitions: so many, of so many bytes at most, or cut at index values.

        Fewer partitions are neighbours joined, with about as many rows each. More are parts of the old ones: between
        known divisions of numbers or times, else by rows, after which the divisions are not known.
        """
        if freq is not None:
            if not self._expr.known_divisions or not isinstance(self._expr.divisions[0], pd.Timestamp):
                raise FrameError(
                    "repartition(freq=...) needs known divisions that are times; use npartitions="
                )
            divisions = _times(self._expr.divisions, freq)
        found: Self = wrap(repartition(self._expr, divisions, npartitions, partition_size, force))
        return found

    def copy(self, deep: bool = False) -> Self:
        """The same lazy value as another object: assigning columns to one leaves the other alone."""
        return type(self)(self._expr)  # type: ignore[call-arg]


class LabelIndexer:
    """What `x.loc` gives."""

    def __init__(self, expr: FrameExpr) -> None:
        self._expr = expr

    def __getitem__(self, key: Any) -> Any:
        return wrap(located(self._expr, key))


class ColumnIndexer:
    """What `x.iloc` gives."""

    def __init__(self, expr: FrameExpr) -> None:
        self._expr = expr

    def __getitem__(self, key: Any) -> Any:
        return wrap(columns_at(self._expr, key))


def _times(divisions: tuple[Any, ...], freq: Any) -> tuple[Any, ...]:
    first, last = divisions[0], divisions[-1]
    inner = [moment for moment in pd.date_range(first.floor("D"), last, freq=freq) if first < moment < last]
    return (first, *inner, last)


class RowMethods(PartitionMethods):
    """What frames and series have in common."""

    __slots__ = ()

    @property
    def index(self) -> Any:
        """The index, lazily."""
        return wrap(IndexOf.of(self._expr))

    @property
    def shape(self) -> tuple[Any, ...]:
        """Rows and columns; the number of rows is lazy where it is not counted."""
        meta = self._expr.meta
        rows = int(self._expr.rows.sum()) if self._expr.exact_rows else wrap(aggregated(Rows(), self._expr))
        return (rows, meta.shape[1]) if isinstance(meta, pd.DataFrame) else (rows,)

    @property
    def empty(self) -> bool:
        """Whether there are no values. Computes at once, unless the partitions are counted already."""
        if isinstance(self._expr.meta, pd.DataFrame) and not len(self._expr.columns):
            return True
        (rows, *_) = self.shape
        return not (rows if isinstance(rows, int) else rows.compute())

    @property
    def axes(self) -> list[Any]:
        """The lazy index, and the columns of a frame."""
        meta = self._expr.meta
        return [self.index, meta.columns] if isinstance(meta, pd.DataFrame) else [self.index]

    @property
    def values(self) -> Any:
        """Not possible: the partitions have no lengths that an array could be made of."""
        raise FrameError(
            "values would be an array of unknown length; use x.compute().to_numpy(), or map_partitions for work on "
            "the array of each partition"
        )

    def clear_divisions(self) -> Self:
        """The same rows, nothing said of index values between partitions."""
        found: Self = wrap(Undivided(self._expr))
        return found

    def combine_first(self, other: Any) -> Self:
        """Missing values filled from `other`, rows matched by index; rows of both are kept."""
        found: Self = wrap(binary(Method("combine_first"), [self, other], by_rows=True))
        return found

    @property
    def loc(self) -> LabelIndexer:
        """Rows by mask or by label, columns by name: `x.loc[mask, ["a", "b"]]`, `x.loc[10:20]`.

        Labels need known divisions; only the partitions that hold them are read. One label gives a frame or series
        of its rows, in partitions like any other.
        """
        return LabelIndexer(self._expr)

    # missing values

    def isna(self) -> Self:
        """Whether each value is missing."""
        return self._same("isna")

    def isnull(self) -> Self:
        """Whether each value is missing."""
        return self._same("isnull")

    def notna(self) -> Self:
        """Whether each value is there."""
        return self._same("notna")

    def notnull(self) -> Self:
        """Whether each value is there."""
        return self._same("notnull")

    def fillna(self, value: Any = None, axis: Any = None, limit: Any = None) -> Self:
        """Missing values replaced: by one value, by one for each column (a dict), or by another series' or frame's."""
        if value is None:
            raise FrameError("fillna needs a value; to carry values forward use ffill, backward bfill")
        if limit is not None:
            raise FrameError("fillna(limit=...) counts across partitions, which is not built; leave it out")
        options = {} if axis is None else {"axis": axis}
        return self._same("fillna", value, **options)

    # values

    def abs(self) -> Self:
        """Absolute values."""
        return self._same("abs")

    def round(self, decimals: Any = 0) -> Self:
        """Values rounded to so many decimals, or to so many for each column (a dict)."""
        return self._same("round", decimals)

    def clip(self, lower: Any = None, upper: Any = None, axis: Any = None) -> Self:
        """Values below `lower` become `lower`, values above `upper` become `upper`."""
        options = {} if axis is None else {"axis": axis}
        return self._same("clip", lower, upper, **options)

    def isin(self, values: Any) -> Self:
        """Whether each value is among `values`: a list, set or series; for a frame also a dict by column."""
        if isinstance(getattr(values, "_expr", None), FrameExpr):
            raise FrameError("isin needs values, found a lazy one; use isin(values.compute())")
        return self._same("isin", values)

    def replace(self, to_replace: Any = None, value: Any = no_default, regex: Any = False) -> Self:
        """Values in `to_replace` become `value`; or a dict says what becomes what."""
        if value is no_default:
            if not is_dict_like(to_replace) and (regex is False or regex is True):
                raise FrameError("replace needs a value, or a dict of old values and new ones")
            return self._same("replace", to_replace, regex=regex)
        return self._same("replace", to_replace, value, regex=regex)

    def where(self, cond: Any, other: Any = np.nan) -> Self:
        """Values where `cond` holds, `other` elsewhere."""
        return self._choose("where", cond, other)

    def mask(self, cond: Any, other: Any = np.nan) -> Self:
        """Values where `cond` does not hold, `other` elsewhere."""
        return self._choose("mask", cond, other)

    def _choose(self, name: str, cond: Any, other: Any) -> Self:
        cond = cond(self) if callable(cond) else cond
        other = other(self) if callable(other) else other
        for what, value in (("a condition", cond), ("other", other)):
            if _is_list(value) and not isinstance(value, (pd.Series, pd.DataFrame)):
                raise FrameError(
                    f"{name}: {what} of {type(value).__name__} cannot be matched with rows in partitions, whose "
                    "numbers are not known; make it a series with an index"
                )
        return self._same(name, cond, other)

    def astype(self, dtype: Any) -> Self:
        """Values converted to `dtype`; for a frame also to one for each column (a dict)."""
        kinds = list(dtype.values()) if is_dict_like(dtype) else [dtype]
        if any(_open_category(kind) for kind in kinds):
            raise FrameError(
                'astype("category") needs the categories, which only all values together tell; '
                "use astype(pd.CategoricalDtype([...])), or compute x.unique() first"
            )
        plain = dict(dtype) if is_dict_like(dtype) else dtype
        found: Self = wrap(converted(self._expr, plain))
        return found

    def rename_axis(
        self, mapper: Any = no_default, index: Any = no_default, columns: Any = no_default
    ) -> Self:
        """Another name for the index, or for the axis of columns."""
        given = {"mapper": mapper, "index": index, "columns": columns}
        return self._same("rename_axis", **{key: one for key, one in given.items() if one is not no_default})

    # rows

    def reset_index(self, drop: bool = False, **options: Any) -> Any:
        """The index as a column (left out where `drop`), and rows numbered in its place.

        Numbers run on from partition to partition where the rows of each are counted (`partition_rows_exact`);
        otherwise they begin at 0 in each partition.
        """
        return wrap(reset(self._expr, drop, options))

    def to_timestamp(self, freq: Any = None, how: str = "start") -> Self:
        """The index of periods as their first or last moments."""
        return self._same("to_timestamp", _keeps_index=False, freq=freq, how=how)

    def _same(self, name: str, /, *args: Any, _keeps_index: bool = True, **options: Any) -> Self:
        """The method of this name for each partition; every column follows from itself."""
        for arg in (*args, *options.values()):
            self._refuse_list(name, arg)
        by_column = not any(
            (_is_list(arg) and name not in _LISTS) or (isinstance(arg, pd.Series) and name == "clip")
            for arg in args
        )
        found: Self = wrap(
            call(self._expr, name, args, options, columnwise=by_column, keeps_index=_keeps_index)
        )
        return found

    def _refuse_list(self, name: str, arg: Any) -> None:
        if name in _LISTS or not _is_list(arg) or isinstance(self._expr.meta, pd.DataFrame):
            return
        raise FrameError(
            f"{name}: a {type(arg).__name__} of values cannot be matched with rows in partitions, whose numbers are "
            "not known; make it a series with an index, by pd.Series(values, index=...)"
        )


_LISTS = ("isin", "replace")
"""Methods whose arguments are lists of values, not one value for each column or row."""


def _is_list(value: Any) -> bool:
    """Whether it holds several values in order: lazy ones (which say that they can be iterated) and dicts do not."""
    lazy = isinstance(getattr(value, "_expr", None), FrameExpr)
    return not lazy and is_list_like(value) and not is_dict_like(value)


def _open_category(dtype: Any) -> bool:
    if isinstance(dtype, pd.CategoricalDtype):
        return dtype.categories is None
    return isinstance(dtype, str) and dtype == "category"
