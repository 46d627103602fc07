"""Which chunks several arrays have in common: broadcast shapes, and the coarsest cut that refines every one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.chunks.grid import ChunkGrid
from chunkscope.errors import ShapeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["broadcast_shapes", "common_sizes", "unify"]


def broadcast_shapes(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape that all shapes broadcast to.

    Raises ShapeError, which names the axis, where two lengths differ and neither is 1.

    >>> broadcast_shapes([(4, 1), (3,)])
    (4, 3)
    """
    ndim = max((len(shape) for shape in shapes), default=0)
    found = [1] * ndim
    for shape in shapes:
        for axis, n in enumerate(shape, ndim - len(shape)):
            if n != 1:
                if found[axis] not in (1, n):
                    asked = " and ".join(map(str, shapes))
                    raise ShapeError(
                        f"shapes {asked} do not broadcast: axis {axis - ndim} has lengths {found[axis]} and {n}; "
                        "lengths must be equal or 1"
                    )
                found[axis] = n
    return tuple(found)


def common_sizes(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The coarsest chunk sizes whose boundaries hold every boundary of `parts`, which all cut the same length.

    >>> common_sizes([np.array([4, 4]), np.array([3, 5])]).tolist()
    [3, 1, 4]
    """
    first = parts[0]
    if all(part is first or np.array_equal(part, first) for part in parts[1:]):
        return first
    ends = np.unique(np.concatenate([np.cumsum(part) for part in parts]))
    return np.diff(ends, prepend=0)


def unify(grids: Sequence[ChunkGrid]) -> tuple[ChunkGrid, tuple[ChunkGrid, ...]]:
    """The grid of the broadcast result, and for each input the grid that it must have to fit it.

    An axis of length 1 that is stretched stays one chunk. Chunks are only ever cut smaller, never joined.

    >>> x, y = ChunkGrid([(4, 4), (3,)]), ChunkGrid([(2, 1)])
    >>> result, (x2, y2) = unify([x, y])
    >>> result.chunks, x2.chunks, y2.chunks
    (((4, 4), (2, 1)), ((4, 4), (2, 1)), ((2, 1),))
    """
    if all(grid is grids[0] for grid in grids[1:]):
        return grids[0], tuple(grids)
    shape = broadcast_shapes([grid.shape for grid in grids])
    ndim = len(shape)
    sizes = []
    for axis, n in enumerate(shape):
        parts = []
        for grid in grids:
            own = axis - ndim + grid.ndim
            if own >= 0 and grid.shape[own] == n:
                parts.append(grid.sizes[own])
        sizes.append(common_sizes(parts))
    result = ChunkGrid(sizes)
    fitted = []
    for grid in grids:
        offset = ndim - grid.ndim
        own_sizes = [
            result.sizes[offset + axis] if grid.shape[axis] == shape[offset + axis] else part
            for axis, part in enumerate(grid.sizes)
        ]
        fit = ChunkGrid(own_sizes)
        fitted.append(grid if fit == grid else fit)
    return result, tuple(fitted)
