"""The same array in other chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.blockwise import Source
from chunkscope.array.expr import ArrayExpr
from chunkscope.array.kernels import Assemble
from chunkscope.chunks import ChunkGrid, axis_overlap, block_edges
from chunkscope.expr import Slots
from chunkscope.graph import Ragged, Strategy

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["Rechunk", "rechunked"]


@dataclass(frozen=True, eq=False)
class Rechunk(ArrayExpr):
    """`x` in the chunks of `grid`. One task per new chunk, which reads the old chunks that it overlaps."""

    x: ArrayExpr
    grid: ChunkGrid
    op: ClassVar[str] = "rechunk"
    strategy: ClassVar[Strategy] = Strategy.SHUFFLE

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        return self.x.dtype

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        old, new = self.x.grid, self.grid
        ranges = tuple(axis_overlap(a, b) for a, b in zip(old.sizes, new.sizes, strict=True))
        ptr, slots = block_edges(inputs[0][0], ranges)
        kernel = Assemble(old, new, ranges)
        return self.add_layer(build, kernel, Ragged(ptr, slots), strategy=self.strategy)


def rechunked(x: ArrayExpr, grid: ChunkGrid) -> ArrayExpr:
    """`x` in these chunks; itself where it has them, and made in them where it is a source by a rule."""
    if x.grid == grid:
        return x
    if isinstance(x, Rechunk):
        x = x.x
    if isinstance(x, Source):
        recut = x.recut(grid)
        if recut is not None:
            return recut
    return x if x.grid == grid else Rechunk(x, grid)
