"""The grid of chunks that an array is cut into: one array of sizes for each axis, and what follows from it.

A *chunk* is the stored piece, a *block* its index position. Sizes are NumPy arrays, so that a million chunks cost
megabytes and no Python objects; the tuple form that people read is made on demand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.errors import ChunkError
from chunkscope.tokens import tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ChunkGrid"]


class ChunkGrid:
    """Chunk sizes along each axis. Immutable, hashable; no chunk is empty, but for the one chunk of an empty axis.

    >>> x = ChunkGrid([(5, 5, 2), (4,)])
    >>> x.shape, x.numblocks, x.chunks
    ((12, 4), (3, 1), ((5, 5, 2), (4,)))
    >>> x.slices(2)
    (slice(10, 12, None), slice(0, 4, None))
    """

    __slots__ = ("__dict__", "sizes")

    sizes: tuple[NDArray[np.int64], ...]
    """Sizes of the chunks along each axis, read-only."""

    def __init__(self, sizes: Iterable[Sequence[int] | NDArray[np.int64]]) -> None:
        self.sizes = tuple(_frozen(axis) for axis in sizes)
        for axis, part in enumerate(self.sizes):
            if not len(part) or (part < 0).any():
                raise ChunkError(
                    f"axis {axis} cannot have chunks {_shown(part)}: sizes are positive whole numbers"
                )
            if len(part) > 1 and (part == 0).any():
                raise ChunkError(
                    f"axis {axis} cannot have chunks {_shown(part)}: leave out the chunks of size 0"
                )

    @classmethod
    def regular(cls, shape: Sequence[int], chunkshape: Sequence[int]) -> ChunkGrid:
        """Chunks of one shape; the last along each axis may be smaller.

        >>> ChunkGrid.regular((7, 0), (3, 3)).chunks
        ((3, 3, 1), (0,))
        """
        return cls([even_sizes(n, size) for n, size in zip(shape, chunkshape, strict=True)])

    @classmethod
    def whole(cls, shape: Sequence[int]) -> ChunkGrid:
        """A single chunk."""
        return cls([(n,) for n in shape])

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return tuple(int(axis.sum()) for axis in self.sizes)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.sizes)

    @cached_property
    def numblocks(self) -> tuple[int, ...]:
        """Number of blocks along each axis."""
        return tuple(len(axis) for axis in self.sizes)

    @property
    def nblocks(self) -> int:
        """Number of blocks in all."""
        return math.prod(self.numblocks)

    @cached_property
    def chunks(self) -> tuple[tuple[int, ...], ...]:
        """The sizes as tuples of Python integers; equal neighbours share one object."""
        return tuple(_as_tuple(axis) for axis in self.sizes)

    @cached_property
    def chunksize(self) -> tuple[int, ...]:
        """The largest chunk size along each axis."""
        return tuple(int(axis.max()) for axis in self.sizes)

    @property
    def max_elements(self) -> int:
        """Elements in the largest chunk."""
        return math.prod(self.chunksize)

    @cached_property
    def starts(self) -> tuple[NDArray[np.int64], ...]:
        """Where each chunk begins along each axis, and the end: one entry more than there are chunks."""
        return tuple(np.concatenate([[0], np.cumsum(axis)]).astype(np.int64) for axis in self.sizes)

    def elements(self) -> NDArray[np.int64]:
        """Elements of each block, shaped as the grid; a broadcast view where all blocks are equal.

        >>> ChunkGrid([(2, 1), (3, 3)]).elements().tolist()
        [[6, 6], [3, 3]]
        """
        if self._only_shape is not None:
            return np.broadcast_to(np.int64(math.prod(self.chunksize)), self.numblocks)
        found = np.ones((), dtype=np.int64)
        for axis in self.sizes:
            found = np.multiply.outer(found, axis)
        return found

    @cached_property
    def _only_shape(self) -> tuple[int, ...] | None:
        """The shape of every chunk, where all have one."""
        alike = all(int(axis[0]) == int(axis[-1]) and (axis == axis[0]).all() for axis in self.sizes)
        return self.chunksize if alike else None

    def coordinates(self, block: int) -> tuple[int, ...]:
        """Block coordinates of the flat block number, C order."""
        found = []
        for n in reversed(self.numblocks):
            block, i = divmod(block, n)
            found.append(i)
        return tuple(reversed(found))

    def block_shape(self, block: int) -> tuple[int, ...]:
        """Shape of the chunk at the flat block number."""
        if self._only_shape is not None:
            return self._only_shape
        return tuple(int(axis[i]) for axis, i in zip(self.sizes, self.coordinates(block), strict=True))

    def slices(self, block: int) -> tuple[slice, ...]:
        """Where the chunk at the flat block number lies in the whole array."""
        return tuple(
            slice(int(start[i]), int(start[i + 1]))
            for start, i in zip(self.starts, self.coordinates(block), strict=True)
        )

    def take(self, axes: Iterable[int]) -> ChunkGrid:
        """The grid of these axes, in this order."""
        return _trusted(tuple(self.sizes[axis] for axis in axes))

    def with_axis(self, axis: int, sizes: Sequence[int] | NDArray[np.int64]) -> ChunkGrid:
        """The same grid with other chunk sizes along one axis."""
        return ChunkGrid((*self.sizes[:axis], sizes, *self.sizes[axis + 1 :]))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, ChunkGrid) or len(self.sizes) != len(other.sizes):
            return False
        return all(a is b or np.array_equal(a, b) for a, b in zip(self.sizes, other.sizes, strict=True))

    def __hash__(self) -> int:
        return hash((self.shape, self.numblocks))

    @cached_property
    def _token(self) -> str:
        return tokenise(tuple(_runs(axis) for axis in self.sizes))

    def __chunkscope_token__(self) -> str:
        return self._token

    def __reduce__(self) -> tuple[Any, ...]:
        return (_trusted, (self.sizes,))

    def __repr__(self) -> str:
        return f"ChunkGrid([{', '.join(_shown(axis) for axis in self.sizes)}])"


def even_sizes(n: int, size: int) -> NDArray[np.int64]:
    """Sizes of the chunks of an axis of length `n` cut every `size`: the last may be smaller."""
    if n == 0:
        return np.zeros(1, dtype=np.int64)
    if size < 1:
        raise ChunkError(f"cannot cut an axis of length {n} into chunks of {size}: use a positive size or -1")
    count = -(-n // size)
    sizes = np.full(count, size, dtype=np.int64)
    sizes[-1] = n - size * (count - 1)
    return sizes


def _trusted(sizes: tuple[NDArray[np.int64], ...]) -> ChunkGrid:
    """A grid from sizes that come from a grid."""
    grid = ChunkGrid.__new__(ChunkGrid)
    for axis in sizes:
        axis.flags.writeable = False
    grid.sizes = sizes
    return grid


def _frozen(axis: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    if isinstance(axis, np.ndarray) and axis.dtype == np.int64 and not axis.flags.writeable:
        return axis
    try:
        found = np.array(axis, dtype=np.int64).reshape(-1)
        exact = len(found) == len(axis) and np.array_equal(found, np.asarray(axis))
    except (TypeError, ValueError):
        exact = False
    if not exact:
        raise ChunkError(f"chunk sizes are whole numbers, got {axis!r}")
    found.flags.writeable = False
    return found


def _runs(axis: NDArray[np.int64]) -> tuple[bytes, bytes]:
    """Run-length form of the sizes: short for regular chunks."""
    change = np.flatnonzero(np.diff(axis)) + 1
    firsts = np.concatenate([[0], change]).astype(np.int64)
    return axis[firsts].tobytes(), np.append(firsts, len(axis)).tobytes()


def _as_tuple(axis: NDArray[np.int64]) -> tuple[int, ...]:
    if len(axis) > 2 and (axis[:-1] == axis[0]).all():
        return (int(axis[0]),) * (len(axis) - 1) + (int(axis[-1]),)
    return tuple(axis.tolist())


def _shown(axis: NDArray[np.int64]) -> str:
    """The sizes for people: long ones in short."""
    if len(axis) <= 8:
        return str(tuple(axis.tolist()))
    return f"({', '.join(map(str, axis[:3].tolist()))}, ... {len(axis)} chunks ..., {int(axis[-1])})"
