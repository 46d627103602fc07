"""The classes `DataFrame`, `Series`, `Index` and `Scalar`: thin wrapping of expressions. Families come as mixins."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chunkscope.dataframe.aggregate.methods import Aggregations, IndexAggregations, SeriesAggregations
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.frame import Frame, Rowed
from chunkscope.dataframe.frame_methods import FrameMethods
from chunkscope.dataframe.io.methods import FrameWriting, Writing
from chunkscope.dataframe.operators import Operators
from chunkscope.dataframe.ops.columns import renamed
from chunkscope.dataframe.ops.rowchoice import masked
from chunkscope.dataframe.ops.selection import projection
from chunkscope.dataframe.series_methods import IndexMethods, SeriesMethods
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError, LazyValueError

__all__ = ["DataFrame", "Frame", "Index", "Scalar", "Series"]


class DataFrame(FrameWriting, FrameMethods, Aggregations, Operators, Rowed):
    """A table in partitions along its index, whose values are not computed yet. Made by `read_csv`, `from_pandas` …

    Attributes and operations follow pandas; `npartitions`, `divisions`, `compute`, `persist` and `map_partitions`
    follow Dask.

    >>> import pandas as pd
    >>> import chunkscope.dataframe as cd
    >>> x = cd.from_pandas(pd.DataFrame({"a": [1, 2, 3, 4], "b": [10.0, 20.0, 30.0, 40.0]}), npartitions=2)
    >>> x.npartitions, x.divisions, list(x.columns)
    (2, (0, 2, 3), ['a', 'b'])
    >>> x[x.a > 2].compute()
       a     b
    2  3  30.0
    3  4  40.0
    """

    __slots__ = ()

    @property
    def columns(self) -> pd.Index[Any]:
        """Names of the columns."""
        names: pd.Index[Any] = self._meta.columns
        return names

    @columns.setter
    def columns(self, names: Any) -> None:
        if len(names) != len(self._meta.columns):
            raise FrameError(
                f"the frame has {len(self._meta.columns)} columns, {len(names)} names were given"
            )
        self._become(renamed(self._expr, list(names)))

    @property
    def dtypes(self) -> pd.Series[Any]:
        """The dtype of each column."""
        found: pd.Series[Any] = self._meta.dtypes
        return found

    @property
    def ndim(self) -> int:
        """2."""
        return 2

    @property
    def name(self) -> Any:
        """The column "name" where there is one; else the user's name for the frame, or its operation and token."""
        return wrap(projection(self._expr, "name")) if "name" in self else super().name

    def __getitem__(self, key: Any) -> Any:
        mask = getattr(key, "_expr", None)
        if isinstance(mask, FrameExpr):
            return wrap(masked(self._expr, mask))
        if isinstance(key, slice):
            raise FrameError(
                "x[start:stop] needs row numbers, which are not known; use x.head, x.loc or x.partitions"
            )
        return wrap(projection(self._expr, key))

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._expr.meta.columns:
            return wrap(projection(self._expr, name))
        raise AttributeError(
            f"a DataFrame of chunkscope has no attribute {name!r}; pandas' own may be used on x.compute(), "
            "or partition by partition with x.map_partitions"
        )

    def __contains__(self, key: Any) -> bool:
        return key in self._expr.meta.columns

    def __dir__(self) -> list[str]:
        names = [name for name in self._expr.meta.columns if isinstance(name, str) and name.isidentifier()]
        return sorted({*object.__dir__(self), *names})

    def __repr__(self) -> str:
        names = ", ".join(map(str, list(self.columns)[:6])) + (", …" if len(self.columns) > 6 else "")
        return f"chunkscope.DataFrame<{self._expr.title}, columns=[{names}], npartitions={self.npartitions}>"

    def describe_text(self) -> str:
        """What it is, in words."""
        from chunkscope.display import describe_frame

        return describe_frame(self)


class Series(Writing, SeriesMethods, SeriesAggregations, Operators, Rowed):
    """One column in partitions, whose values are not computed yet."""

    __slots__ = ()

    @property
    def name(self) -> Any:
        """The name of the column."""
        return self._meta.name

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self._meta.dtype

    @property
    def dtypes(self) -> Any:
        """The dtype of the values, as pandas' Series has it."""
        return self._meta.dtype

    @property
    def ndim(self) -> int:
        """1."""
        return 1

    def __getitem__(self, key: Any) -> Any:
        mask = getattr(key, "_expr", None)
        if isinstance(mask, FrameExpr):
            return wrap(masked(self._expr, mask))
        raise FrameError(
            f"x[{key!r}] needs rows by label, which is not built yet; use a mask, x.head or x.partitions"
        )

    def __repr__(self) -> str:
        return f"chunkscope.Series<{self.name}, dtype={self.dtype}, npartitions={self.npartitions}>"


class Index(IndexMethods, IndexAggregations, Operators, Rowed):
    """The index of a frame or series, in partitions."""

    __slots__ = ()

    @property
    def name(self) -> Any:
        """The name of the index."""
        return self._meta.name

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self._meta.dtype

    def __repr__(self) -> str:
        return f"chunkscope.Index<{self.name}, dtype={self.dtype}, npartitions={self.npartitions}>"


class Scalar(Operators, Frame):
    """One value that is not computed yet, such as the sum of a column."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """The dtype of the value."""
        return getattr(self._meta, "dtype", type(self._meta))

    def __len__(self) -> int:
        raise LazyValueError("a Scalar has no length; it is one value")

    def __float__(self) -> float:
        raise LazyValueError(
            "float needs a value, and this Scalar is not computed yet; use float(x.compute())"
        )

    def __int__(self) -> int:
        raise LazyValueError("int needs a value, and this Scalar is not computed yet; use int(x.compute())")

    def __repr__(self) -> str:
        return f"chunkscope.Scalar<{self._expr.title}, dtype={self.dtype}>"
