"""Functions that make frames from pandas objects and delayed values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from chunkscope.dataframe.expr import unknown_divisions
from chunkscope.dataframe.meta import empty
from chunkscope.dataframe.ops.making import FromDelayed, from_pandas_expr
from chunkscope.dataframe.wrapping import wrap
from chunkscope.delayed import Delayed
from chunkscope.errors import FrameError

__all__ = ["from_delayed", "from_dict", "from_pandas"]


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
