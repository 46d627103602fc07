"""What the user gives for `dtype=`."""

from __future__ import annotations

from typing import Any

import numpy as np

from chunkscope.errors import DTypeError

__all__ = ["checked_dtype"]


def checked_dtype(dtype: Any) -> np.dtype[Any]:
    """The dtype meant; raises DTypeError for what is none.

    >>> checked_dtype("float32"), checked_dtype(int)
    (dtype('float32'), dtype('int64'))
    """
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        raise DTypeError(f"{dtype!r} is no dtype; use one as 'float32', int or numpy.int64") from None
    return found
