"""Pandas' methods that look at rows before and behind: running values, shifts, fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.how import Method
from chunkscope.dataframe.ops.elementwise import call
from chunkscope.dataframe.ops.neighbours import filled, map_overlap, neighbours
from chunkscope.dataframe.ops.scanning import cumulated
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["OrderMethods"]

_UNSET: Any = object()


class OrderMethods:
    """What frames and series have in common. Values cross partitions: what came before is carried along."""

    __slots__ = ()

    if TYPE_CHECKING:
        _expr: FrameExpr

    def cumsum(self, axis: Any = 0, skipna: bool = True) -> Self:
        """Running sums; a sum of floats may differ from pandas' in its last digits."""
        return self._cumulated("cumsum", axis, skipna)

    def cumprod(self, axis: Any = 0, skipna: bool = True) -> Self:
        """Running products; a product of floats may differ from pandas' in its last digits."""
        return self._cumulated("cumprod", axis, skipna)

    def cummax(self, axis: Any = 0, skipna: bool = True) -> Self:
        """Running maxima."""
        return self._cumulated("cummax", axis, skipna)

    def cummin(self, axis: Any = 0, skipna: bool = True) -> Self:
        """Running minima."""
        return self._cumulated("cummin", axis, skipna)

    def _cumulated(self, name: str, axis: Any, skipna: bool) -> Self:
        across = axis in (1, "columns")
        options = {"axis": 1, "skipna": skipna}
        found: Self = wrap(
            call(self._expr, name, (), options) if across else cumulated(self._expr, name, skipna)
        )
        return found

    def shift(self, periods: int = 1, freq: Any = None, axis: Any = 0, fill_value: Any = _UNSET) -> Self:
        """Values moved down by so many rows (up where negative), across the borders of partitions."""
        if freq is not None:
            raise FrameError("shift(freq=...) moves the index, which is not built; use shift(periods)")
        options = {} if fill_value is _UNSET else {"fill_value": fill_value}
        return self._near("shift", periods, axis, options)

    def diff(self, periods: int = 1, axis: Any = 0) -> Self:
        """Each value less the value so many rows before it, across the borders of partitions."""
        return self._near("diff", periods, axis, {})

    def _near(self, name: str, periods: Any, axis: Any, options: dict[str, Any]) -> Self:
        if isinstance(periods, bool) or not isinstance(periods, (int, np.integer)):
            raise FrameError(f"{name}: periods={periods!r} is not a number of rows")
        count = int(periods)
        if axis in (1, "columns"):
            expr = call(self._expr, name, (count,), {"axis": 1, **options})
        else:
            how = Method(name, (("periods", count), *options.items()))
            expr = neighbours(self._expr, how, max(count, 0), max(-count, 0), columnwise=True)
        found: Self = wrap(expr)
        return found

    def ffill(self, axis: Any = 0, limit: int | None = None) -> Self:
        """Missing values filled with the last value before them, `limit` in a row at most."""
        return self._filled("ffill", axis, limit)

    def bfill(self, axis: Any = 0, limit: int | None = None) -> Self:
        """Missing values filled with the next value behind them, `limit` in a row at most."""
        return self._filled("bfill", axis, limit)

    def _filled(self, name: str, axis: Any, limit: int | None) -> Self:
        if limit is not None and (isinstance(limit, bool) or limit < 1):
            raise FrameError(f"{name}: limit={limit!r} is not a number of 1 or more")
        across = axis in (1, "columns")
        options = {"axis": 1, "limit": limit}
        found: Self = wrap(call(self._expr, name, (), options) if across else filled(self._expr, name, limit))
        return found

    def map_overlap(
        self, func: Callable[..., Any], before: int, after: int, *args: Any, meta: Any = None, **kwargs: Any
    ) -> Any:
        """`func(rows, *args, **kwargs)` for each partition with `before` rows before it and `after` behind it.

        The function gives as many rows as it gets; those of the neighbours are dropped. `meta` as in map_partitions.

        >>> import pandas as pd
        >>> import chunkscope.dataframe as cd
        >>> x = cd.from_pandas(pd.Series([1.0, 2.0, 4.0, 8.0]), npartitions=4)
        >>> x.map_overlap(lambda rows: rows.rolling(2).sum(), 1, 0).compute().tolist()
        [nan, 3.0, 6.0, 12.0]
        """
        return wrap(map_overlap(self._expr, func, before, after, args, kwargs, meta))
