"""Pandas' row-wise methods of series and indexes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pandas as pd
from pandas.api.types import is_dict_like

from chunkscope.dataframe.accessors import CategoricalAccessor, DatetimeAccessor, StringAccessor
from chunkscope.dataframe.arithmetic import add_arithmetic
from chunkscope.dataframe.how import Attribute, Method
from chunkscope.dataframe.methods import PartitionMethods, RowMethods, no_default
from chunkscope.dataframe.ops.custom import each
from chunkscope.dataframe.ops.elementwise import Subset, call
from chunkscope.dataframe.ops.mapping import mapped
from chunkscope.dataframe.order_methods import OrderMethods
from chunkscope.dataframe.partitionwise import Apply
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["IndexMethods", "SeriesMethods"]


class _Values(PartitionMethods):
    """What series and indexes have in common."""

    __slots__ = ()

    @property
    def str(self) -> StringAccessor:
        """Methods on strings: `x.str.lower()`."""
        return StringAccessor(self._expr)

    def map(self, arg: Any, na_action: Any = None, meta: Any = no_default) -> Any:
        """Each value replaced: by what a function gives for it, or what a dict or series holds for it.

        `meta`: name and dtype of the result, where the function cannot be called on made-up values.
        """
        known = None if meta is no_default else meta
        return wrap(mapped(self._expr, arg, na_action, known))


class SeriesMethods(OrderMethods, _Values, RowMethods):
    """Mixin of `Series`."""

    __slots__ = ()

    @property
    def dt(self) -> DatetimeAccessor:
        """Parts of times: `x.dt.month`."""
        return DatetimeAccessor(self._expr)

    @property
    def cat(self) -> CategoricalAccessor:
        """Codes and categories: `x.cat.codes`."""
        return CategoricalAccessor(self._expr)

    def between(self, left: Any, right: Any, inclusive: Any = "both") -> Self:
        """Whether each value lies between `left` and `right`."""
        return self._same("between", left, right, inclusive=inclusive)

    def dropna(self) -> Self:
        """The values that are not missing."""
        found: Self = wrap(Subset(Method("dropna"), (self._expr,)))
        return found

    def explode(self) -> Self:
        """A row for each element of the lists in the series."""
        found: Self = wrap(Subset(Method("explode"), (self._expr,)))
        return found

    def rename(self, index: Any = None) -> Self:
        """The series with another name; with a dict or a function, with other index values."""
        labels = callable(index) or is_dict_like(index)
        found: Self = wrap(call(self._expr, "rename", (), {"index": index}, keeps_index=not labels))
        return found

    def add_prefix(self, prefix: Any) -> Self:
        """The series with `prefix` before each index value."""
        return self._same("add_prefix", prefix, _keeps_index=False)

    def add_suffix(self, suffix: Any) -> Self:
        """The series with `suffix` behind each index value."""
        return self._same("add_suffix", suffix, _keeps_index=False)

    def to_frame(self, name: Any = no_default) -> Any:
        """The series as a frame of one column."""
        options = {} if name is no_default else {"name": name}
        return self._same("to_frame", **options)

    def squeeze(self) -> Self:
        """The series itself."""
        return self

    def case_when(self, caselist: Any) -> Self:
        """Values replaced by those of the first condition that holds: a list of (condition, replacement)."""
        found = self
        for condition, replacement in reversed(list(caselist)):
            found = found.mask(condition, replacement)
        return found

    def apply(
        self,
        function: Callable[..., Any],
        args: Any = (),
        axis: Any = 0,
        meta: Any = no_default,
        **kwargs: Any,
    ) -> Any:
        """`function(value, *args, **kwargs)` for each value."""
        known = None if meta is no_default else meta
        return wrap(each(self._expr, "apply", function, (), {"args": tuple(args), **kwargs}, known))


class IndexMethods(_Values):
    """Mixin of `Index`."""

    __slots__ = ()

    def to_series(self, index: Any = None, name: Any = None) -> Any:
        """The index values as a series with the same index."""
        if index is not None:
            raise FrameError("to_series(index=...) is not built; the index values themselves are its index")
        return wrap(call(self._expr, "to_series", (), {} if name is None else {"name": name}))

    def to_frame(self, index: bool = True, name: Any = no_default) -> Any:
        """The index values as a frame of one column; numbered in each partition where index=False."""
        options = {"index": index, **({} if name is no_default else {"name": name})}
        return wrap(call(self._expr, "to_frame", (), options, keeps_index=bool(index)))

    def astype(self, dtype: Any) -> Self:
        """The values converted to `dtype`."""
        found: Self = wrap(call(self._expr, "astype", (dtype,), keeps_index=False))
        return found

    def rename(self, name: Any) -> Self:
        """The index with another name."""
        found: Self = wrap(call(self._expr, "rename", (name,)))
        return found

    def isin(self, values: Any) -> Any:
        """Not possible: pandas gives an array, which partitions do not have."""
        raise FrameError("isin of an index gives an array; use x.index.to_series().isin(values), a series")

    def __getattr__(self, name: Any) -> Any:
        if not name.startswith("_") and isinstance(
            self._expr.meta, (pd.DatetimeIndex, pd.TimedeltaIndex, pd.PeriodIndex)
        ):
            from chunkscope.dataframe.accessors import DATETIME_FIELDS, DATETIME_METHODS, SAME_FIELDS

            if name in DATETIME_FIELDS:
                found = Apply(Attribute(SAME_FIELDS.get(name, name)), (self._expr,), None, False)
                if isinstance(found.meta, pd.Index):
                    return wrap(found)
            if name in DATETIME_METHODS:
                return lambda *args, **options: wrap(call(self._expr, name, args, options, keeps_index=False))
        raise AttributeError(
            f"an Index of chunkscope has no attribute {name!r}; pandas' own may be used on x.compute(), "
            "or as a series by x.to_series()"
        )


add_arithmetic(SeriesMethods, frame=False)
