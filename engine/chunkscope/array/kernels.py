"""Functions that run inside a task, on NumPy blocks, where no register program does the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.array.reducers import Reducer
from chunkscope.blocks import empty
from chunkscope.chunks import AxisOverlap, ChunkGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Assemble", "Merge"]


@dataclass(frozen=True, slots=True)
class Assemble:
    """One new chunk from the old chunks that it overlaps, given in C order."""

    old: ChunkGrid
    new: ChunkGrid
    ranges: tuple[AxisOverlap, ...]

    def __call__(self, block: int, /, *inputs: Any) -> NDArray[Any]:
        where = self.new.coordinates(block)
        target = self.new.slices(block)
        lows = [int(axis.low[j]) for axis, j in zip(self.ranges, where, strict=True)]
        highs = [int(axis.high[j]) for axis, j in zip(self.ranges, where, strict=True)]
        shape = tuple(part.stop - part.start for part in target)
        first = np.asarray(inputs[0])
        if len(inputs) == 1 and first.shape == shape:
            return first
        out = empty(shape, first.dtype)
        counts = tuple(high - low for low, high in zip(lows, highs, strict=True))
        for offset, piece in zip(np.ndindex(*counts), inputs, strict=True):
            source, place = [], []
            for axis, (low, i) in enumerate(zip(lows, offset, strict=True)):
                begin = int(self.old.starts[axis][low + i])
                end = int(self.old.starts[axis][low + i + 1])
                start, stop = max(begin, target[axis].start), min(end, target[axis].stop)
                source.append(slice(start - begin, stop - begin))
                place.append(slice(start - target[axis].start, stop - target[axis].start))
            out[tuple(place) or ...] = piece[tuple(source) or ...]
        return out


@dataclass(frozen=True, slots=True)
class Merge:
    """Merges partials in order; the last of a tree also finishes and drops the reduced axes."""

    reducer: Reducer
    axes: tuple[int, ...]
    count: int | None
    keepdims: bool

    def __call__(self, block: int, /, *inputs: Any) -> NDArray[Any]:
        total = np.array(inputs[0]) if len(inputs) > 1 else np.asarray(inputs[0])
        for other in inputs[1:]:
            self.reducer.merge(total, np.asarray(other))
        if self.count is None:
            return total
        done = self.reducer.finish(total, self.count)
        if self.keepdims:
            return done
        return done.reshape(tuple(n for axis, n in enumerate(done.shape) if axis not in self.axes))
