"""Functions that make frames from pandas objects and delayed values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from chunkscope.dataframe.expr import unknown_divisions
from chunkscope.dataframe.meta import empty
from chunkscope.dataframe.ops import custom, merging, stacking
from chunkscope.dataframe.ops.conversion import converted_values, dummies
from chunkscope.dataframe.ops.making import FromDelayed, from_pandas_expr
from chunkscope.dataframe.wrapping import wrap
from chunkscope.delayed import Delayed
from chunkscope.errors import FrameError

__all__ = [
    "concat",
    "from_delayed",
    "from_dict",
    "from_map",
    "from_pandas",
    "get_dummies",
    "isna",
    "map_overlap",
    "map_partitions",
    "merge",
    "repartition",
    "to_datetime",
    "to_numeric",
    "to_timedelta",
]


def from_pandas(
    data: pd.DataFrame | pd.Series[Any],
    npartitions: int | None = None,
    sort: bool = True,
    chunksize: int | None = None,
) -> Any:
    """A pandas object cut into partitions along its index.

    `npartitions` or `chunksize` (rows) says how finely; equal index values stay in one partition, so there may be
    fewer. `sort`: sort by the index first, which makes the divisions known; without it the order stays.

    >>> import pandas as pd
    >>> from_pandas(pd.Series([3, 1, 2], name="a"), npartitions=3).max().compute()
    np.int64(3)
    """
    return wrap(from_pandas_expr(data, npartitions, chunksize, sort))


def from_dict(
    data: Any, npartitions: int, orient: Any = "columns", dtype: Any = None, columns: Any = None
) -> Any:
    """A frame from a dict, as `pd.DataFrame.from_dict` reads it.

    >>> from_dict({"a": [1, 2, 3]}, npartitions=2).npartitions
    2
    """
    return from_pandas(pd.DataFrame.from_dict(data, orient=orient, dtype=dtype, columns=columns), npartitions)


def from_map(
    func: Callable[..., Any],
    *iterables: Iterable[Any],
    args: Sequence[Any] | None = None,
    meta: Any = None,
    divisions: Sequence[Any] | None = None,
    label: str | None = None,
    enforce_metadata: bool = True,
    **kwargs: Any,
) -> Any:
    """A frame with one partition for each value: `func(value, *args, **kwargs)`; several iterables go side by side.

    `meta`: what the function gives; without it the first call is made here to see. A function that takes `columns=`
    is told which columns are needed, if not all are. `enforce_metadata`: whether each partition is checked for the
    columns that were promised.

    >>> import pandas as pd
    >>> from_map(lambda n: pd.DataFrame({"a": range(n)}), [2, 3]).a.sum().compute()
    np.int64(4)
    """
    expr = stacking.from_map(func, iterables, args or (), kwargs, meta, divisions, enforce_metadata)
    return wrap(expr, label)


def concat(
    dfs: Iterable[Any], axis: Any = 0, join: str = "outer", interleave_partitions: bool = False
) -> Any:
    """Frames one below the other, lazy or pandas' own, as `pd.concat` does: no task of its own where columns agree.

    Divisions stay known where those of the next frame begin after those of the one before.

    >>> import pandas as pd
    >>> x = from_pandas(pd.Series([1, 2], name="a"), npartitions=2)
    >>> concat([x, x]).npartitions
    4
    """
    if axis not in (0, "index"):
        raise FrameError(
            "concat(axis=1) is not built; use assign, or merge and join for rows matched by keys"
        )
    if interleave_partitions:
        raise FrameError(
            "concat(interleave_partitions=True) is not built; leave it out: frames stand one below the other"
        )
    if join not in ("outer", "inner"):
        raise FrameError(f"join={join!r} is not one of 'outer', 'inner'")
    return wrap(stacking.stacked(dfs, join))


def get_dummies(data: Any, **options: Any) -> Any:
    """A column of 0 and 1 for each category. Columns must be of a category dtype, whose categories are known.

    >>> import pandas as pd
    >>> x = from_pandas(pd.Series(["u", "v"], dtype=pd.CategoricalDtype(["u", "v"])), npartitions=2)
    >>> get_dummies(x, dtype="int64").compute().values.tolist()
    [[1, 0], [0, 1]]
    """
    return wrap(dummies(data, options))


def from_delayed(
    dfs: Any,
    meta: Any = None,
    divisions: Sequence[Any] | None = None,
    prefix: str = "from-delayed",
    verify_meta: bool = True,
) -> Any:
    """A frame with one partition for each delayed value that will be a pandas object.

    `meta`: an empty pandas object with the right columns and dtypes; without it the first value is computed here to
    see. `verify_meta`: whether each partition is checked against it when it runs.

    >>> import pandas as pd
    >>> from chunkscope import delayed
    >>> make = delayed(lambda n: pd.DataFrame({"a": range(n)}))
    >>> len(from_delayed([make(2), make(3)]))
    5
    """
    parts = [dfs] if isinstance(dfs, Delayed) else list(dfs) if isinstance(dfs, Iterable) else []
    if not parts or not all(isinstance(part, Delayed) for part in parts):
        raise FrameError(
            "from_delayed needs delayed values, one for each partition; wrap the function with delayed()"
        )
    if divisions is not None and len(divisions) != len(parts) + 1:
        raise FrameError(f"{len(parts)} partitions have {len(parts) + 1} divisions, found {len(divisions)}")
    known = empty(parts[0].compute() if meta is None else meta)
    if not isinstance(known, (pd.DataFrame, pd.Series)):
        raise FrameError(f"from_delayed needs pandas objects, the first value is a {type(known).__name__}")
    edges = unknown_divisions(len(parts)) if divisions is None else tuple(divisions)
    exprs = tuple(part.__chunkscope_expr__() for part in parts)
    return wrap(FromDelayed(exprs, known, edges, verify_meta))


def map_partitions(
    func: Callable[..., Any],
    *args: Any,
    meta: Any = None,
    enforce_metadata: bool = True,
    clear_divisions: bool | None = None,
    **kwargs: Any,
) -> Any:
    """`func(*args, **kwargs)` for each partition, lazily: at least one argument is a lazy frame or series.

    Lazy arguments have as many partitions as each other, or one, which goes to every call; other arguments go as they
    are. A function that takes `partition_info` is told the number and the division of its partition. A function that
    gives one value makes a series with a row for each partition.

    `meta`: what the function gives, as an empty pandas object, a dict of names and dtypes, or ("name", dtype) for a
    series; without it the function is called once on two rows of made-up values. `enforce_metadata`: whether the
    columns of each result are checked against it. Divisions stay known where the made-up call shows that the index
    stays, or where `clear_divisions=False` says so.

    >>> import pandas as pd
    >>> x = from_pandas(pd.DataFrame({"a": [1, 2, 3]}), npartitions=3)
    >>> map_partitions(lambda part, n: part.a * n, x, 10).compute().tolist()
    [10, 20, 30]
    """
    return wrap(
        custom.map_partitions(
            func,
            args,
            kwargs,
            meta=meta,
            enforce_metadata=enforce_metadata,
            clear_divisions=clear_divisions,
        )
    )


def map_overlap(
    func: Callable[..., Any], df: Any, before: int, after: int, *args: Any, meta: Any = None, **kwargs: Any
) -> Any:
    """`func(rows, *args, **kwargs)` for each partition of `df` with some rows before and behind it.

    The function gives as many rows as it gets; those of the neighbours are dropped. `meta` as in map_partitions.

    >>> import pandas as pd
    >>> x = from_pandas(pd.Series([1, 2, 4]), npartitions=3)
    >>> map_overlap(lambda rows: rows.rolling(2).max(), x, 1, 0).compute().tolist()
    [nan, 2.0, 4.0]
    """
    return df.map_overlap(func, before, after, *args, meta=meta, **kwargs)


def merge(
    left: Any,
    right: Any,
    how: str = "inner",
    on: Any = None,
    left_on: Any = None,
    right_on: Any = None,
    left_index: bool = False,
    right_index: bool = False,
    suffixes: Any = ("_x", "_y"),
    indicator: bool | str = False,
) -> Any:
    """Rows of two frames matched by columns or index, as `pd.merge` does; one of them is small.

    The small frame is pandas' own, or a lazy one of one partition: it goes whole to each partition of the other, and
    nothing is shuffled. Rows come in the order of the large frame's partitions, within each in pandas' order; where
    pandas would number the rows of the result, each partition is numbered from 0.

    >>> import pandas as pd
    >>> x = from_pandas(pd.DataFrame({"code": ["a", "b", "a"]}), npartitions=3)
    >>> merge(x, pd.DataFrame({"code": ["a", "b"], "name": ["Ann", "Bob"]}), on="code").name.compute().tolist()
    ['Ann', 'Bob', 'Ann']
    """
    return wrap(
        merging.merge(left, right, how, on, left_on, right_on, left_index, right_index, suffixes, indicator)
    )


def isna(arg: Any) -> Any:
    """Whether each value of a lazy frame or series is missing.

    >>> import pandas as pd
    >>> isna(from_pandas(pd.Series([1.0, None]), npartitions=2)).compute().tolist()
    [False, True]
    """
    return arg.isna()


def repartition(df: Any, divisions: Any = None, force: bool = False) -> Any:
    """A lazy or pandas frame cut at these index values.

    >>> import pandas as pd
    >>> repartition(pd.DataFrame({"a": [1, 2, 3]}), divisions=(0, 1, 2)).npartitions
    2
    """
    lazy = from_pandas(df, npartitions=1) if isinstance(df, (pd.DataFrame, pd.Series)) else df
    return lazy.repartition(divisions=divisions, force=force)


def to_numeric(arg: Any, errors: str = "raise", downcast: Any = None) -> Any:
    """Numbers from a series of strings; what is none is an error, or missing with `errors="coerce"`.

    >>> import pandas as pd
    >>> to_numeric(from_pandas(pd.Series(["1", "x"]), npartitions=2), errors="coerce").compute().tolist()
    [1.0, nan]
    """
    return wrap(converted_values("to_numeric", arg, {"errors": errors, "downcast": downcast}))


def to_datetime(arg: Any, **options: Any) -> Any:
    """Times from a series of strings or numbers, or from a frame of years, months, days. Options: pandas' own.

    Give `format=`: without it pandas guesses from the first value of each partition, and partitions may differ.

    >>> import pandas as pd
    >>> x = from_pandas(pd.Series(["2013-01-02", "2013-03-04"]), npartitions=2)
    >>> to_datetime(x, format="%Y-%m-%d").dt.month.compute().tolist()
    [1, 3]
    """
    return wrap(converted_values("to_datetime", arg, options))


def to_timedelta(arg: Any, unit: Any = None, errors: str = "raise") -> Any:
    """Time differences from a series of strings or numbers.

    >>> import pandas as pd
    >>> to_timedelta(from_pandas(pd.Series([1, 2]), npartitions=2), unit="D").dt.days.compute().tolist()
    [1, 2]
    """
    return wrap(converted_values("to_timedelta", arg, {"unit": unit, "errors": errors}))
