"""What the user says that a function of theirs gives: the many spellings of `meta=`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.meta import empty, is_scalar, meta_nonempty
from chunkscope.errors import FrameError

__all__ = ["found_meta", "made_up_result", "promised"]


def promised(meta: Any, index: pd.Index[Any] | None = None) -> Any:
    """The meta that the user means by a pandas object, a dict or list of names and dtypes, `(name, dtype)` or a dtype.

    >>> promised({"x": "float64"}).dtypes.to_dict()
    {'x': dtype('float64')}
    >>> promised(("x", "int64")).name
    'x'
    """
    lazy = getattr(getattr(meta, "_expr", None), "meta", None)
    if lazy is not None:
        return lazy
    if not is_scalar(meta):
        return empty(meta)
    index = None if index is None else index[:0]
    if isinstance(meta, Mapping):
        return pd.DataFrame({name: _column(dtype, index) for name, dtype in meta.items()}, index=index)
    if isinstance(meta, tuple) and len(meta) == 2 and not isinstance(meta[0], (tuple, list)):
        return _column(meta[1], index).rename(meta[0])
    if isinstance(meta, Sequence) and not isinstance(meta, str) and all(_is_pair(pair) for pair in meta):
        return pd.DataFrame({name: _column(dtype, index) for name, dtype in meta}, index=index)
    if meta is None or (np.isscalar(meta) and not isinstance(meta, (str, type))):
        return meta
    try:
        return meta_nonempty(_column(meta, None)).iloc[0]
    except (TypeError, ValueError) as error:
        raise FrameError(
            f"meta={meta!r} is no description of a result; use an empty pandas object, a dict of names and dtypes, "
            "(name, dtype) for a series, or a dtype for one value"
        ) from error


def _column(dtype: Any, index: pd.Index[Any] | None) -> pd.Series[Any]:
    made: pd.Series[Any] = pd.Series([], dtype=dtype, index=index)
    return made


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2


def found_meta(function: Callable[[], Any], name: str, asked: str) -> Any:
    """The meta of what `function()` gives for made-up rows; FrameError that asks for meta= where it raises."""
    return empty(made_up_result(function, name, asked))


def made_up_result(function: Callable[[], Any], name: str, asked: str) -> Any:
    """What `function()` gives; FrameError that asks for meta= where it raises."""
    try:
        with np.errstate(all="ignore"):
            return function()
    except Exception as error:
        raise FrameError(
            f"{asked} could not find what {name} gives: called on two rows of made-up values it raised "
            f"{type(error).__name__}: {error}; mend the function, or where real values would do say what it gives with "
            'meta=: an empty frame, a dict of names and dtypes, or ("name", "float64") for a series'
        ) from error
