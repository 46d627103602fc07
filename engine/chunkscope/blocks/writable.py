"""A block as its user's own array: a copy, or for a large one in shared memory a view with pages copied on writing.

Such a view shows the pages of the block until somebody writes to one of them, and has its own copy of that page from
then on. Nothing is copied that is only read, the block stays as it is, and its memory is kept as long as the view.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from chunkscope.blocks import memory_file
from chunkscope.blocks.allocator import PAGE
from chunkscope.blocks.arenas import ARENAS, Lease, Mapped
from chunkscope.blocks.spilling import SPILLER

__all__ = ["writable"]

SMALLEST_BYTES = 1 << 22
"""Below this a copy costs less than a mapping."""
MOST_SHARE = 0.5
"""Of the shared memory that is allowed: beyond, copies are made, because views keep blocks from moving to disk."""


def writable(block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array in C order with the content of a block, and memory that is nobody else's to see.

    >>> from chunkscope.blocks.packing import pack
    >>> x = pack(np.zeros(1_000_000))
    >>> y = writable(x.load())
    >>> y[5] = 7.0
    >>> y[5], x.load()[5]
    (np.float64(7.0), np.float64(0.0))
    """
    lease = _lease_of(block)
    if (
        lease is None
        or block.nbytes < SMALLEST_BYTES
        or block.dtype.hasobject
        or not block.flags.c_contiguous
        or 2 * block.nbytes < lease.extent.size
        or (SPILLER.limit is not None and ARENAS.used_bytes > MOST_SHARE * SPILLER.limit)
    ):
        return block.copy()
    return _view(block, lease)


def _lease_of(block: np.ndarray[Any, Any]) -> Lease | None:
    """The memory that a block lies in, where that is an arena of this process."""
    base: Any = block
    while type(base) is not Mapped:
        base = getattr(base, "base", None)
        if base is None:
            return None
    hold = base.hold
    return hold if isinstance(hold, Lease) and hold.arenas is ARENAS else None


def _view(block: np.ndarray[Any, Any], lease: Lease) -> np.ndarray[Any, Any]:
    position = lease.arenas.position_of(block, lease)
    start = position // PAGE * PAGE
    size = -(-(position + block.nbytes - start) // PAGE) * PAGE
    memory = memory_file.map_private(lease.arenas.file(lease.extent.arena)[0], start, size)
    if memory is None:
        return block.copy()
    weakref.finalize(
        memory, _nothing, lease
    ).atexit = False  # the block's memory is not used again until then
    return np.ndarray(block.shape, block.dtype, memory, position - start)


def _nothing(lease: Lease) -> None:
    """Only holds its argument."""
