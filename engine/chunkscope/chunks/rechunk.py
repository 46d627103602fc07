"""From one grid to another over the same shape: which old blocks each new block is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AxisOverlap", "axis_overlap", "block_edges"]


@dataclass(frozen=True, eq=False, slots=True)
class AxisOverlap:
    """Along one axis, new chunk `j` is made of the old chunks `low[j]` up to, not including, `high[j]`."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]


def axis_overlap(old: NDArray[np.int64], new: NDArray[np.int64]) -> AxisOverlap:
    """The old chunks under each new chunk, in O(chunks log chunks).

    >>> overlap = axis_overlap(np.array([4, 4]), np.array([3, 5]))
    >>> overlap.low.tolist(), overlap.high.tolist()
    ([0, 0], [1, 2])
    """
    old_ends, new_ends = np.cumsum(old), np.cumsum(new)
    low = np.searchsorted(old_ends, new_ends - new, side="right")
    high = np.searchsorted(old_ends, new_ends, side="left") + 1
    empty = new_ends == 0
    return AxisOverlap(np.where(empty, 0, low), np.where(empty, 1, high))


def block_edges(
    blocks: NDArray[np.int64], ranges: tuple[AxisOverlap, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each block of a new grid the entries of `blocks` (shaped as the old grid) in its box of old blocks, C order.

    Returns `ptr, values`: those of new block `i` are `values[ptr[i]:ptr[i + 1]]`. Vectorised over blocks and axes.

    >>> old = np.arange(4).reshape(2, 2)
    >>> both, each = AxisOverlap(np.array([0]), np.array([2])), AxisOverlap(np.array([0, 1]), np.array([1, 2]))
    >>> [part.tolist() for part in block_edges(old, (both, each))]
    [[0, 2, 4], [0, 2, 1, 3]]
    """
    counts: Any = np.int64(1)
    for part in ranges:
        counts = np.multiply.outer(counts, part.high - part.low)
    flat = np.asarray(counts).reshape(-1)
    ptr = np.concatenate([[0], np.cumsum(flat)]).astype(np.int64)
    owner = np.repeat(np.arange(len(flat)), flat)
    within = np.arange(ptr[-1]) - ptr[owner]
    place = np.zeros(len(owner), dtype=np.int64)
    stride = 1
    for part, n in zip(reversed(ranges), reversed(blocks.shape), strict=True):
        owner, j = np.divmod(owner, len(part.low))
        within, i = np.divmod(within, (part.high - part.low)[j])
        place += (part.low[j] + i) * stride
        stride *= n
    return ptr, blocks.reshape(-1)[place]
