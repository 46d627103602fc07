"""Puts computed blocks together: one NumPy array, or one number where the array has no axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chunkscope.blocks.writable import writable
from chunkscope.chunks import ChunkGrid
from chunkscope.errors import ShapeError

__all__ = ["ArrayAssembler"]


class ArrayAssembler:
    """Copies each block to its place in a fresh array. Blocks may come in any order, from several threads at once."""

    def __init__(self, grid: ChunkGrid, dtype: np.dtype[Any]) -> None:
        self._grid = grid
        self._out = np.empty(grid.shape, dtype=dtype)

    def put(self, position: int, block: Any) -> None:
        """Copy block number `position`; raises ShapeError where it has not the shape that was promised."""
        place = self._grid.slices(position)
        target = self._out[place] if place else self._out.reshape(())
        found = np.shape(block)
        if found != target.shape:
            raise ShapeError(
                f"block {self._grid.coordinates(position)} has shape {found}, its chunk is {target.shape}; "
                "say the chunks of the result with map_blocks(..., chunks=...)"
            )
        if target.shape == self._out.shape and type(block) is np.ndarray and block.dtype == self._out.dtype:
            self._out = writable(block)  # it is all there is
        else:
            target[...] = block

    def result(self) -> Any:
        """The array, writable; a NumPy scalar where it has no axes."""
        return self._out if self._grid.ndim else self._out[()]
