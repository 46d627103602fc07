"""Pandas' row-wise methods that only frames have."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Self

import pandas as pd
from pandas.api.types import is_list_like

from chunkscope.dataframe.arithmetic import add_arithmetic
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.methods import ColumnIndexer, RowMethods, no_default
from chunkscope.dataframe.ops.columns import assigned, dropped, new_names, renamed
from chunkscope.dataframe.ops.custom import each
from chunkscope.dataframe.ops.elementwise import call
from chunkscope.dataframe.ops.merging import join, merge
from chunkscope.dataframe.ops.rowchoice import dropna, evaluated, exploded, queried
from chunkscope.dataframe.ops.selection import Partitions, projection
from chunkscope.dataframe.order_methods import OrderMethods
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError
from chunkscope.types import Origin

__all__ = ["FrameMethods"]


class FrameMethods(OrderMethods, RowMethods):
    """Mixin of `DataFrame`."""

    __slots__ = ()

    # columns

    @property
    def iloc(self) -> ColumnIndexer:
        """Columns by number: `x.iloc[:, 0]`, `x.iloc[:, [1, 2]]`. The numbers of rows are not known."""
        return ColumnIndexer(self._expr)

    def assign(self, **pairs: Any) -> Self:
        """The frame with these columns added or replaced; a function gets the frame as it is by then.

        >>> import pandas as pd
        >>> import chunkscope.dataframe as cd
        >>> x = cd.from_pandas(pd.DataFrame({"a": [1, 2]}), npartitions=2)
        >>> x.assign(b=x.a * 2, c=lambda y: y.b + 1).compute().values.tolist()
        [[1, 2, 3], [2, 4, 5]]
        """
        found: FrameExpr = self._expr
        ready: dict[Hashable, Any] = {}
        for name, value in pairs.items():
            if callable(value):
                found = assigned(found, ready) if ready else found
                ready = {}
                value = value(wrap(found))
            ready[name] = value
        lazy: Self = wrap(assigned(found, ready) if ready else found)
        return lazy

    def __setitem__(self, key: Any, value: Any) -> None:
        mask = getattr(key, "_expr", None)
        if isinstance(mask, FrameExpr):
            if not isinstance(mask.meta, pd.DataFrame):
                raise FrameError(
                    "x[rows] = value changes some rows of all columns; use x.mask(rows, value), "
                    "or x['column'] = x['column'].mask(rows, value)"
                )
            self._become(self.mask(key, value)._expr)
        elif isinstance(key, list):
            lazy = getattr(value, "_expr", None)
            if isinstance(lazy, FrameExpr) and isinstance(lazy.meta, pd.DataFrame):
                if len(lazy.columns) != len(key):
                    raise FrameError(f"{len(key)} columns were named, the frame has {len(lazy.columns)}")
                parts = {
                    name: wrap(projection(lazy, old)) for name, old in zip(key, lazy.columns, strict=True)
                }
            elif is_list_like(value) and not isinstance(value, pd.Series):
                parts = dict(zip(key, value, strict=True))
            else:
                parts = dict.fromkeys(key, value)
            self._become(assigned(self._expr, parts))
        elif isinstance(key, slice):
            raise FrameError("x[start:stop] = value needs row numbers, which are not known; use x.mask")
        else:
            self._become(assigned(self._expr, {key: value}))

    def __delitem__(self, key: Any) -> None:
        self._become(dropped(self._expr, [key], "raise"))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._expr.meta.columns:
            self[name] = value
        elif isinstance(getattr(type(self), name, None), property):
            object.__setattr__(self, name, value)
        else:
            raise AttributeError(
                f"a frame has no attribute {name!r} to set; for a new column use x[{name!r}] = …"
            )

    def _become(self, expr: FrameExpr) -> None:
        expr.traced(Origin.here())
        object.__setattr__(self, "_expr", expr)

    def pop(self, item: Any) -> Any:
        """The column `item`, which the frame then lacks."""
        found = wrap(projection(self._expr, item))
        del self[item]
        return found

    def drop(self, labels: Any = None, axis: Any = 0, columns: Any = None, errors: str = "raise") -> Self:
        """The frame without these columns: `drop(columns=[...])`, or `drop([...], axis=1)`."""
        if columns is None and axis in (1, "columns"):
            columns = labels
        elif labels is not None:
            raise FrameError(
                "drop takes columns: drop(columns=[...]); rows are left out with a filter x[mask]"
            )
        if columns is None:
            raise FrameError("drop needs the names of columns: drop(columns=[...])")
        found: Self = wrap(dropped(self._expr, columns, errors))
        return found

    def rename(
        self,
        mapper: Any = None,
        index: Any = None,
        columns: Any = None,
        axis: Any = None,
        errors: str = "ignore",
    ) -> Self:
        """The frame with other names for its columns, or other index values: by a dict or a function."""
        if mapper is not None:
            if axis in (1, "columns"):
                columns = mapper
            else:
                index = mapper
        if columns is None and index is None:
            raise FrameError("rename needs columns= or index=, a dict or a function")
        expr = self._expr
        if columns is not None:
            missing = [] if callable(columns) else [old for old in columns if old not in expr.meta.columns]
            if missing and errors == "raise":
                raise KeyError(f"no column {', '.join(map(repr, missing))} to rename")
            expr = renamed(expr, new_names(expr.columns, columns))
        if index is not None:
            expr = call(expr, "rename", (), {"index": index}, columnwise=True, keeps_index=False)
        found: Self = wrap(expr)
        return found

    def add_prefix(self, prefix: str) -> Self:
        """The frame with `prefix` before the name of each column."""
        found: Self = wrap(renamed(self._expr, [f"{prefix}{name}" for name in self._expr.columns]))
        return found

    def add_suffix(self, suffix: str) -> Self:
        """The frame with `suffix` behind the name of each column."""
        found: Self = wrap(renamed(self._expr, [f"{name}{suffix}" for name in self._expr.columns]))
        return found

    def select_dtypes(self, include: Any = None, exclude: Any = None) -> Self:
        """The columns of some dtypes."""
        names = list(self._expr.meta.select_dtypes(include=include, exclude=exclude).columns)
        found: Self = wrap(projection(self._expr, names))
        return found

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Name and lazy series of each column."""
        for name in self._expr.columns:
            yield name, wrap(projection(self._expr, name))

    def squeeze(self, axis: Any = None) -> Any:
        """The only column as a series, or the frame where there are several."""
        single = len(self._expr.columns) == 1 and axis in (None, 1, "columns")
        return wrap(projection(self._expr, self._expr.columns[0])) if single else self

    # rows

    def dropna(
        self, axis: Any = 0, how: Any = no_default, thresh: Any = no_default, subset: Any = None
    ) -> Self:
        """The rows without missing values, in the columns `subset` where given."""
        if axis not in (0, "index"):
            raise FrameError("dropna(axis=1) needs all values to know the columns; use drop(columns=[...])")
        options = {key: one for key, one in (("how", how), ("thresh", thresh)) if one is not no_default}
        found: Self = wrap(dropna(self._expr, subset, options))
        return found

    def explode(self, column: Any) -> Self:
        """A row for each element of the lists in `column`, the other columns repeated."""
        found: Self = wrap(exploded(self._expr, column))
        return found

    def query(self, expr: str, local_dict: Any = None, **options: Any) -> Self:
        """The rows for which `expr`, such as "x > 1 and y == @limit", holds; `@` names variables of the caller."""
        found: Self = wrap(queried(self._expr, expr, local_dict, sys._getframe(1), options))
        return found

    def eval(self, expr: str, local_dict: Any = None, **options: Any) -> Any:
        """The value of `expr` for each row; "z = x + y" gives the frame with that column."""
        return wrap(evaluated(self._expr, expr, local_dict, sys._getframe(1), options))

    # other frames

    def merge(
        self,
        right: Any,
        how: str = "inner",
        on: Any = None,
        left_on: Any = None,
        right_on: Any = None,
        left_index: bool = False,
        right_index: bool = False,
        suffixes: Any = ("_x", "_y"),
        indicator: bool | str = False,
        npartitions: int | None = None,
        shuffle_method: Any = None,
        broadcast: Any = None,
    ) -> Any:
        """Rows matched with those of `right`; see `chunkscope.dataframe.merge`."""
        return wrap(
            merge(self, right, how, on, left_on, right_on, left_index, right_index, suffixes, indicator)
        )

    def join(
        self, other: Any, on: Any = None, how: str = "left", lsuffix: str = "", rsuffix: str = ""
    ) -> Any:
        """The frame with the columns of `other`, looked up by its index: with the index, or with the columns `on`.

        `other` is a pandas frame or series, or a lazy one of one partition, unless this frame has one.
        """
        return wrap(join(self._expr, other, on, how, lsuffix, rsuffix))

    # the user's functions

    def apply(
        self,
        function: Callable[..., Any],
        axis: Any = 0,
        args: Any = (),
        meta: Any = no_default,
        **kwargs: Any,
    ) -> Any:
        """`function(row, *args, **kwargs)` for each row: `axis=1` alone, a call for each row, so it is slow."""
        if axis not in (1, "columns"):
            raise FrameError(
                "apply(axis=0) would need whole columns; use axis=1 for rows, a reduction such as x.sum(), "
                "or map_partitions"
            )
        known = None if meta is no_default else meta
        options = {"axis": 1, "args": tuple(args), **kwargs}
        return wrap(each(self._expr, "apply", function, (), options, known))

    def map(self, func: Callable[..., Any], na_action: Any = None, meta: Any = no_default) -> Self:
        """`func(value)` for each value of each column."""
        known = None if meta is no_default else meta
        found: Self = wrap(each(self._expr, "map", func, (), {"na_action": na_action}, known))
        return found

    # one partition after the other

    def iterrows(self) -> Iterator[tuple[Any, pd.Series[Any]]]:
        """Index value and row of each row, computed one partition at a time."""
        for part in self._computed_parts():
            yield from part.iterrows()

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterator[Any]:
        """A named tuple for each row, computed one partition at a time."""
        for part in self._computed_parts():
            yield from part.itertuples(index=index, name=name)

    def _computed_parts(self) -> Iterator[Any]:
        for number in range(self._expr.npartitions):
            yield wrap(Partitions(self._expr, (number,))).compute()


add_arithmetic(FrameMethods, frame=True)
