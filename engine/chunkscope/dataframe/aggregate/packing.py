"""Short strings of one length as numbers: up to eight bytes fit a 64-bit integer, which is hashed faster than text.

Codes of airports and carriers are such strings: 6 ns a row, against 20 of Arrow's dictionary, which all others get.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["factorised"]

FEWEST = 1_000
"""Fewer rows are not worth looking at twice."""


def factorised(array: pa.Array) -> tuple[NDArray[np.intp], pa.Array] | None:
    """The number of each string in order of first appearance, and the strings; None where they do not fit.

    >>> codes, values = factorised(pa.array(["bb", "ab", "bb", "ab"] * 500, pa.large_string()))
    >>> codes[:4].tolist(), values.to_pylist()
    ([0, 1, 0, 1], ['bb', 'ab'])
    """
    width = _width(array)
    if not width:
        return None
    _, ends, data = array.buffers()
    start = int(np.frombuffer(ends, _offset_kind(array.type))[array.offset])
    words = _words(data, start, len(array), width) & np.uint64((1 << (8 * width)) - 1)
    codes, uniques = pd.factorize(words)
    letters = np.asarray(uniques).view(np.uint8).reshape(-1, 8)[:, :width]
    offsets = np.arange(0, letters.size + 1, width, dtype=_offset_kind(array.type))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))]
    return codes.astype(np.intp, copy=False), pa.Array.from_buffers(array.type, len(letters), buffers)


def _offset_kind(kind: pa.DataType) -> Any:
    return np.int64 if pa.types.is_large_string(kind) else np.int32


def _width(array: pa.Array) -> int:
    """The bytes that each string has; 0 where lengths differ, are above eight or some are missing."""
    n = len(array)
    if n < FEWEST or array.null_count or sys.byteorder != "little":
        return 0
    if not (pa.types.is_large_string(array.type) or pa.types.is_string(array.type)):
        return 0
    offsets: Any = np.frombuffer(array.buffers()[1], _offset_kind(array.type))
    offsets = offsets[array.offset : array.offset + n + 1]
    width = int(offsets[1] - offsets[0])
    same = 0 < width <= 8 and int(offsets[-1] - offsets[0]) == width * n
    return width if same and bool((offsets[1:] - offsets[:-1] == width).all()) else 0


def _words(data: pa.Buffer, start: int, count: int, width: int) -> NDArray[np.uint64]:
    """Eight bytes from every `width`-th place on; behind the end of the buffer they are zeros."""
    size = count * width
    if start + size - width + 8 > data.size:  # copy what is there, with room behind it
        whole = np.zeros(size + 8, dtype=np.uint8)
        whole[:size] = np.frombuffer(data, np.uint8)[start : start + size]
        return np.ndarray(count, np.uint64, buffer=whole.data, strides=(width,))
    return np.ndarray(count, np.uint64, buffer=data, offset=start, strides=(width,))
