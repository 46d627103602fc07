"""`x.blocks`: the blocks of an array, by their index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.array.expr import ArrayExpr
from chunkscope.array.ops import indexing
from chunkscope.array.wrapping import wrap

if TYPE_CHECKING:
    from chunkscope.array.collection import Array

__all__ = ["BlockIndexer"]


class BlockIndexer:
    """Indexes the grid of blocks: `x.blocks[0]`, `x.blocks[:2, 1]`."""

    __slots__ = ("_expr",)

    def __init__(self, expr: ArrayExpr) -> None:
        self._expr = expr

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of blocks along each axis."""
        return self._expr.grid.numblocks

    @property
    def size(self) -> int:
        """Number of blocks."""
        return self._expr.grid.nblocks

    def __getitem__(self, index: Any) -> Array:
        return wrap(indexing.getblocks(self._expr, index))

    def __iter__(self) -> Iterator[Array]:
        return (self[index] for index in np.ndindex(*self.shape))

    def ravel(self) -> list[Array]:
        """Every block as an array, in C order."""
        return list(self)
