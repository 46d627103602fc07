"""Memory of dropped blocks, used again for new ones of the same size.

A fresh array of some megabytes costs more than filling it: the system hands out its pages one by one, zeroed. A block
that a run drops, and that nobody else refers to, leaves its memory here for the next `empty` of the same size. What is
kept never adds to the peak: a new array that finds none of its size first lets go of as many bytes as it takes.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["RECYCLER", "Recycler", "empty", "lending"]

SMALLEST_BYTES = 1 << 18
"""Below this the allocator of the process recycles by itself."""
MOST_BYTES = 1 << 29
"""Kept at most."""


class _Source(threading.local):
    """Where this thread gets memory for outputs, beside what is here."""

    lend: Callable[[int], NDArray[np.uint8] | None] | None = None


_source = _Source()


@contextmanager
def lending(lend: Callable[[int], NDArray[np.uint8] | None]) -> Iterator[None]:
    """While inside, `empty` in this thread asks `lend` first: for bytes, or None where it has none."""
    before, _source.lend = _source.lend, lend
    try:
        yield
    finally:
        _source.lend = before


class Recycler:
    """Keeps memory of dropped blocks by size. Thread-safe.

    >>> recycler = Recycler()
    >>> x = recycler.empty((256, 256), np.float64)
    >>> address = x.ctypes.data
    >>> holder = [x]; del x
    >>> recycler.give(holder)
    >>> recycler.empty((512, 128), np.int64).ctypes.data == address    # as many bytes: the same memory
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[int, list[NDArray[Any]]] = {}
        self.kept_bytes = 0
        """Bytes that wait here."""

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array in C order with undefined content, on memory that was used before where there is some."""
        kind = np.dtype(dtype)
        nbytes = math.prod(shape) * kind.itemsize
        if nbytes < SMALLEST_BYTES or kind.hasobject:
            return np.empty(shape, kind)
        lent = None if _source.lend is None else _source.lend(nbytes)
        if lent is not None:
            return lent.view(np.ndarray).view(kind).reshape(shape)
        with self._lock:
            if nbytes in self._kept:
                raw = self._take(nbytes)
            else:
                self._let_go(nbytes)
                raw = np.empty(nbytes, np.uint8)
        return raw.view(kind).reshape(shape)

    def give(self, holder: list[Any]) -> None:
        """Take the memory of the one array in `holder`, if it came from `empty` and nobody else refers to it."""
        value = holder.pop()
        raw = getattr(value, "base", None)
        # references to the view: `value` and an argument; to its memory: the view's base, `raw` and an argument
        if (
            type(raw) is np.ndarray
            and raw.dtype == np.uint8
            and raw.ndim == 1
            and raw.nbytes == value.nbytes >= SMALLEST_BYTES
            and raw.flags.owndata
            and sys.getrefcount(value) == 2
            and sys.getrefcount(raw) == 3
        ):
            with self._lock:
                if self.kept_bytes + raw.nbytes <= MOST_BYTES:
                    self._kept.setdefault(raw.nbytes, []).append(raw)
                    self.kept_bytes += raw.nbytes

    def clear(self) -> None:
        """Give everything back to the system."""
        with self._lock:
            self._kept.clear()
            self.kept_bytes = 0

    def _let_go(self, nbytes: int) -> None:
        """Drop kept memory, at least `nbytes` of it or all."""
        before = self.kept_bytes
        while self._kept and before - self.kept_bytes < nbytes:
            self._take(next(iter(self._kept)))

    def _take(self, nbytes: int) -> NDArray[Any]:
        arrays = self._kept[nbytes]
        raw = arrays.pop()
        if not arrays:
            del self._kept[nbytes]
        self.kept_bytes -= nbytes
        return raw


RECYCLER = Recycler()
"""The one of this process."""

empty = RECYCLER.empty
