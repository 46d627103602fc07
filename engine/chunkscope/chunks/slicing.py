"""Basic indexing on a grid of chunks: which blocks a slice touches, and what it takes from each.

`x[index]` is taken apart into three steps that later stages treat one by one: slices that keep every axis, axes that
integers drop, and new axes of length 1.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.chunks.grid import ChunkGrid
from chunkscope.errors import AxisError, DTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AxisCut", "SplitIndex", "cut_axis", "split_index", "take_blocks"]


@dataclass(frozen=True, eq=False, slots=True)
class AxisCut:
    """What a slice takes from one axis: from block `blocks[i]` the elements `starts[i] + step * arange(sizes[i])`.

    The blocks that nothing is taken from are left out, so output chunk `i` comes from one input chunk.
    """

    blocks: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    step: int
    whole: bool
    """Whether each block taken is taken whole and forwards: moving blocks is enough."""

    def local(self, i: int) -> slice:
        """The slice into the chunk that output chunk `i` comes from."""
        start, size = int(self.starts[i]), int(self.sizes[i])
        if self.step > 0:
            return slice(start, start + self.step * (size - 1) + 1 if size else start, self.step)
        stop = start + self.step * (size - 1) - 1
        return slice(start, None if stop < 0 else stop, self.step) if size else slice(0, 0)


def cut_axis(sizes: NDArray[np.int64], index: slice) -> AxisCut | None:
    """What `index` takes from an axis with these chunk sizes; None where it takes everything as it is.

    Equivalent to slicing `arange(n)` and looking up each number's chunk, at the cost of a few array operations over
    chunks.

    >>> cut = cut_axis(np.array([5, 5, 2]), slice(3, None, 4))      # 3, 7, 11
    >>> cut.blocks.tolist(), cut.starts.tolist(), cut.sizes.tolist()
    ([0, 1, 2], [3, 2, 1], [1, 1, 1])
    """
    n = int(sizes.sum())
    start, stop, step = index.indices(n)
    count = len(range(start, stop, step))
    if step == 1 and count == n:
        return None
    if count == 0:
        zero = np.zeros(1, dtype=np.int64)
        return AxisCut(zero, zero, zero, 1, False)
    low, high = (start, start + step * (count - 1))[:: 1 if step > 0 else -1]
    stride = abs(step)
    ends = np.cumsum(sizes)
    begins = ends - sizes
    # in each block, the first and last of the numbers low, low + stride, ... high
    first = np.maximum(-(-(begins - low) // stride), 0)
    last = np.minimum((ends - 1 - low) // stride, (high - low) // stride)
    taken = last - first + 1
    blocks = np.flatnonzero((taken > 0) & (ends > low) & (begins <= high))
    counts = taken[blocks]
    at = low + stride * (first[blocks] if step > 0 else last[blocks]) - begins[blocks]
    whole = stride == 1 and bool((counts == sizes[blocks]).all()) and (step > 0 or bool((counts == 1).all()))
    if step < 0:
        blocks, counts, at = blocks[::-1].copy(), counts[::-1].copy(), at[::-1].copy()
    return AxisCut(blocks, at, counts, step, whole)


def take_blocks(sizes: NDArray[np.int64], blocks: NDArray[np.int64]) -> AxisCut:
    """The cut that takes these blocks whole, in this order."""
    return AxisCut(blocks, np.zeros(len(blocks), dtype=np.int64), sizes[blocks], 1, True)


@dataclass(frozen=True, slots=True)
class SplitIndex:
    """An index taken apart: a slice for each axis, then the axes to drop, then where to put axes of length 1."""

    slices: tuple[slice, ...]
    dropped: tuple[int, ...]
    """Axes of the sliced array that integers drop."""
    added: tuple[int, ...]
    """Positions of new axes in the result."""


def split_index(index: Any, grid: ChunkGrid) -> SplitIndex:
    """Take `x[index]` apart, for integers, slices, Ellipsis and None.

    Raises AxisError for what is out of range and for too many indices, DTypeError for an index that is not basic.

    >>> split_index((2, None, slice(None, None, 2)), ChunkGrid([(4,), (6,)]))
    SplitIndex(slices=(slice(2, 3, None), slice(None, None, 2)), dropped=(0,), added=(0,))
    """
    items: Sequence[Any] = index if isinstance(index, tuple) else (index,)
    ndots = sum(item is Ellipsis for item in items)
    if ndots > 1:
        raise AxisError(f"an index can hold one '...', found {ndots}")
    named = sum(item is not None and item is not Ellipsis for item in items)
    if named > grid.ndim:
        raise AxisError(f"too many indices: the array has {grid.ndim} axes, {named} were indexed")
    fill = [slice(None)] * (grid.ndim - named)
    if ndots:
        dots = next(i for i, item in enumerate(items) if item is Ellipsis)
        items = [*items[:dots], *fill, *items[dots + 1 :]]
    else:
        items = [*items, *fill]
    slices: list[slice] = []
    dropped: list[int] = []
    added: list[int] = []
    for item in items:
        if item is None:
            added.append(len(slices) - len(dropped) + len(added))
            continue
        axis, n = len(slices), grid.shape[len(slices)]
        if isinstance(item, slice):
            slices.append(_plain(item))
            continue
        i = _integer(item)
        if not -n <= i < n:
            raise AxisError(f"index {i} is out of range for axis {axis} of length {n}: use {-n} to {n - 1}")
        i += n if i < 0 else 0
        slices.append(slice(i, i + 1))
        dropped.append(axis)
    return SplitIndex(tuple(slices), tuple(dropped), tuple(added))


def _integer(item: Any) -> int:
    if not isinstance(item, (bool, np.bool_)):
        try:
            return operator.index(item)
        except TypeError:
            pass
    raise DTypeError(
        f"cannot index an axis with {type(item).__name__}: use integers, slices, '...' and None; "
        "select elements by value with where(condition, x, y)"
    )


def _plain(item: slice) -> slice:
    """The slice with Python integers, so that it has a token."""
    parts = [part if part is None else _integer(part) for part in (item.start, item.stop, item.step)]
    if parts[2] == 0:
        raise AxisError("slice step cannot be 0")
    return slice(*parts)
