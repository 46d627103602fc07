"""What a block weighs, and how it is made read-only before anybody else sees it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from chunkscope.blocks.frames import frame_bytes, is_frame
from chunkscope.blocks.layout import compact, has_gaps

__all__ = ["describe_block", "lend", "own", "size_of"]

_FIXED = {kind: sys.getsizeof(kind()) for kind in (int, float, complex, bool)} | {type(None): 0}


def size_of(value: Any) -> int:
    """The bytes of a block: an array's or frame's own count, the shallow size of other Python objects.

    >>> size_of(np.zeros(4)), size_of(None)
    (32, 0)
    """
    kind = type(value)
    fixed = _FIXED.get(kind)
    if fixed is not None:
        return fixed
    if kind is np.ndarray:
        return _array_bytes(value)
    if is_frame(kind):
        return frame_bytes(value)
    nbytes = getattr(value, "nbytes", None)
    if type(nbytes) is int:  # an Arrow table, an array of another library
        return nbytes
    if kind in (tuple, list, set, frozenset):
        return sys.getsizeof(value) + sum(map(size_of, value)) if len(value) < 100 else sys.getsizeof(value)
    if kind is dict and len(value) < 100:
        return sys.getsizeof(value) + sum(map(size_of, value.values()))
    return sys.getsizeof(value)


def _array_bytes(value: np.ndarray[Any, Any]) -> int:
    """A view holds its base alive, so it counts the base."""
    base = value.base
    if type(base) is np.ndarray and base.nbytes > value.nbytes and base.flags.owndata:
        return base.nbytes
    return value.nbytes


def own(value: Any) -> Any:
    """The value as a block of ours may be stored: an array read-only, and a part of a larger array copied.

    Such a view would hold the whole array, and weigh more than its prediction. One with gaps is copied in any case, so
    that a block is the same wherever its task runs.
    """
    if type(value) is np.ndarray:
        if value.base is not None and (_array_bytes(value) > value.nbytes or has_gaps(value)):
            value = compact(value)
        value.setflags(write=False)
    return value


def lend(value: Any) -> Any:
    """The value as a block that may be the user's own array: a read-only view, so that theirs stays writable."""
    if type(value) is np.ndarray:
        value = value.view()
        value.setflags(write=False)
    return value


def describe_block(value: Any) -> str:
    """An input of a task in a few words: type, shape and dtype where it has them.

    >>> describe_block(np.zeros((2, 3)))
    'ndarray of shape (2, 3), float64'
    """
    name = type(value).__name__
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if isinstance(shape, tuple):
        return f"{name} of shape {shape}" + (f", {dtype}" if dtype is not None else "")
    if isinstance(value, int | float | complex | bool | type(None)):
        return f"{name} {value!r}"
    try:
        return f"{name} of length {len(value)}"
    except TypeError:
        return name
