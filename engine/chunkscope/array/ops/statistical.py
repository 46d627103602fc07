"""Reductions: a partial for each block, a tree that merges a few partials at a time, and the finish at its root."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.blockwise import Tiled, partial_bytes
from chunkscope.array.expr import ArrayExpr, Composite
from chunkscope.array.kernels import Merge
from chunkscope.array.program import TILE_ELEMENTS, Ending, Load, Program, Step
from chunkscope.array.reducers import COLUMNS, Fold, Reducer
from chunkscope.chunks import AxisOverlap, ChunkGrid, block_edges
from chunkscope.errors import AxisError, ShapeError
from chunkscope.expr import Slots
from chunkscope.graph import Ragged, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = [
    "SPLIT_EVERY",
    "BlockReduce",
    "Combine",
    "PartialReduce",
    "Reduction",
    "checked_axes",
    "combined",
    "reduction",
]

SPLIT_EVERY = 16
"""How many partials one task merges. Partials are small: a wide tree costs fewer tasks, and 16 fit any memory."""


@dataclass(frozen=True, eq=False)
class Reduction(Composite):
    """`x` reduced over `axes`, rising."""

    x: ArrayExpr
    reducer: Reducer
    axes: tuple[int, ...]
    keepdims: bool
    split_every: int
    op: ClassVar[str] = "reduction"
    strategy: ClassVar[Strategy] = Strategy.TREE

    @property
    def title(self) -> str:
        return self.reducer.name

    @cached_property
    def grid(self) -> ChunkGrid:
        return reduced_grid(self.x.grid, self.axes, self.keepdims)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.reducer.dtype

    def expand(self) -> ArrayExpr:
        """In the block where the reduced axes are last, short and in one chunk; else partials, and a tree over them."""
        x, axes = self.x, self.axes
        single = all(x.grid.numblocks[axis] == 1 for axis in axes)
        last = axes == tuple(range(x.ndim - len(axes), x.ndim)) and len(axes) < x.ndim
        if single and last and math.prod(x.shape[axis] for axis in axes) <= TILE_ELEMENTS:
            return BlockReduce(x, self.reducer, axes, self.keepdims)
        count = math.prod(x.shape[axis] for axis in axes)
        if single:
            return PartialReduce(x, self.reducer, axes, count, self.keepdims)
        partial = PartialReduce(x, self.reducer, axes, None, True)
        return combined(partial, self.reducer, axes, count, self.keepdims, self.split_every)


@dataclass(frozen=True, slots=True)
class _ReduceTile:
    """Reduces the last axes of a tile, to the end."""

    reducer: Reducer
    naxes: int
    count: int
    inplace: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.reducer.name

    def run(self, out: NDArray[Any], *tiles: Any) -> None:
        x = tiles[0]
        axes = tuple(range(x.ndim - self.naxes, x.ndim))
        if self._direct and out.shape == x.shape[:-1]:
            self.reducer.columns(x, out)  # type: ignore[attr-defined]
            return
        out[...] = self.reducer.finish(self.reducer.partial(x, axes), self.count).reshape(out.shape)

    def scratch_bytes(self, elements: int) -> int:
        """Temporaries for this many elements of `out`: the partial, and what making it takes."""
        if self._direct:
            return 0
        kept = max(self.reducer.planes, 1) * self.reducer.partial_dtype.itemsize
        finished = 0 if isinstance(self.reducer, Fold) else self.reducer.dtype.itemsize
        return elements * (kept + finished) + self.reducer.scratch_bytes(elements * self.count)

    @property
    def _direct(self) -> bool:
        """Whether the few columns are folded in the memory of the result."""
        reducer = self.reducer
        return (
            isinstance(reducer, Fold)
            and self.naxes == 1
            and 1 < self.count <= COLUMNS
            and reducer.compute_dtype == reducer.partial_dtype == reducer.dtype
        )


@dataclass(frozen=True, eq=False)
class BlockReduce(Tiled):
    """A reduction over last axes that every block holds whole: no partial leaves the task."""

    x: ArrayExpr
    reducer: Reducer
    axes: tuple[int, ...]
    keepdims: bool
    op: ClassVar[str] = "reduce"

    @cached_property
    def grid(self) -> ChunkGrid:
        return reduced_grid(self.x.grid, self.axes, self.keepdims)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.reducer.dtype

    def layer_op(self) -> str:
        return self.reducer.name

    def program(self) -> Program:
        kept = self.x.ndim - len(self.axes)
        inner = self.x.shape[kept:]
        load = Load(0, 0, (False,) * self.x.ndim, width=math.prod(inner))
        op = _ReduceTile(self.reducer, len(self.axes), math.prod(inner))
        step = Step(op, (0,), (1,) * len(self.axes) if self.keepdims else (), self.dtype)
        return Program(self.x.grid.take(range(kept)), (load,), (step,))


@dataclass(frozen=True, eq=False)
class PartialReduce(Tiled):
    """One partial for each block, the reduced axes kept with length 1; the result itself where `count` is given."""

    x: ArrayExpr
    reducer: Reducer
    axes: tuple[int, ...]
    count: int | None
    keepdims: bool
    op: ClassVar[str] = "partial"

    @cached_property
    def grid(self) -> ChunkGrid:
        sizes = [
            np.ones(len(part), dtype=np.int64) if axis in self.axes else part
            for axis, part in enumerate(self.x.grid.sizes)
        ]
        if self.keepdims:
            return ChunkGrid(sizes)
        return ChunkGrid(part for axis, part in enumerate(sizes) if axis not in self.axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.reducer.partial_dtype if self.count is None else self.reducer.dtype

    def ending(self) -> Ending:
        """What the program ends in."""
        return Ending(self.reducer, self.axes, self.count, self.keepdims)

    def program(self) -> Program:
        return Program(self.x.grid, (Load(0, 0, (False,) * self.x.ndim),), (), self.ending())

    def layer_op(self) -> str:
        return self.reducer.name if self.count is not None else f"{self.reducer.name}-partial"

    def layer_nbytes(self) -> NDArray[np.int64]:
        return partial_bytes(self, self.ending()) if self.count is None else self.block_bytes()


@dataclass(frozen=True, eq=False)
class Combine(ArrayExpr):
    """Merges boxes of `widths` neighbouring partials; finishes where `count` is given."""

    x: ArrayExpr
    reducer: Reducer
    axes: tuple[int, ...]
    widths: tuple[int, ...]
    """How many blocks along each of all axes go into one."""
    count: int | None
    keepdims: bool
    op: ClassVar[str] = "combine"
    strategy: ClassVar[Strategy] = Strategy.TREE

    @property
    def title(self) -> str:
        return self.reducer.name if self.count is not None else f"{self.reducer.name}-combine"

    @cached_property
    def grid(self) -> ChunkGrid:
        sizes = [
            np.ones(-(-len(part) // width), dtype=np.int64) if axis in self.axes else part
            for axis, (part, width) in enumerate(zip(self.x.grid.sizes, self.widths, strict=True))
        ]
        return ChunkGrid(part for axis, part in enumerate(sizes) if self.keepdims or axis not in self.axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.reducer.partial_dtype if self.count is None else self.reducer.dtype

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        ranges = []
        for n, width in zip(self.x.grid.numblocks, self.widths, strict=True):
            low = np.arange(0, n, width)
            ranges.append(AxisOverlap(low, np.minimum(low + width, n)))
        ptr, slots = block_edges(inputs[0][0], tuple(ranges))
        last = self.count is not None
        return self.add_layer(
            build,
            Merge(self.reducer, self.axes, self.count, self.keepdims),
            Ragged(ptr, slots),
            op=self.title,
            strategy=Strategy.TREE,
            nbytes=None if last else partial_bytes(self, Ending(self.reducer, self.axes, None)),
        )


def combined(
    x: ArrayExpr, reducer: Reducer, axes: tuple[int, ...], count: int, keepdims: bool, split_every: int
) -> ArrayExpr:
    """The tree over the partials `x`: each task merges at most `split_every` of them."""
    while True:
        left = x.grid.numblocks
        widths = [1] * x.ndim
        while axes:  # double the widest axis that is left while the box stays small enough
            axis = max(axes, key=lambda axis: -(-left[axis] // widths[axis]))
            if widths[axis] >= left[axis]:
                break
            grown = min(widths[axis] * 2, left[axis])
            if math.prod(widths) // widths[axis] * grown > split_every:
                grown = split_every // (math.prod(widths) // widths[axis])
                if grown <= widths[axis]:
                    break
            widths[axis] = grown
        last = all(widths[axis] >= left[axis] for axis in axes)
        x = Combine(x, reducer, axes, tuple(widths), count if last else None, keepdims if last else True)
        if last:
            return x


def reduction(
    x: ArrayExpr, reducer: Reducer, axis: Any, keepdims: bool, split_every: int | dict[int, int] | None
) -> ArrayExpr:
    """`x` reduced over `axis`: None for all, an integer or a tuple."""
    return Reduction(x, reducer, checked_axes(axis, x.ndim), keepdims, checked_split(split_every))


def checked_split(split_every: int | dict[int, int] | None) -> int:
    """How many partials one task merges; a dict gives a number for each axis."""
    if split_every is None:
        return SPLIT_EVERY
    found = math.prod(split_every.values()) if isinstance(split_every, dict) else split_every
    if found < 2:
        raise ShapeError(f"split_every is how many partials one task merges: at least 2, got {split_every}")
    return found


def checked_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes meant, from 0, rising; all for None. Raises AxisError for what is out of range or named twice."""
    if axis is None:
        return tuple(range(ndim))
    items = axis if isinstance(axis, (tuple, list)) else (axis,)
    found = []
    for item in items:
        i = int(item)
        if not -ndim <= i < ndim:
            raise AxisError(
                f"axis {i} is out of range: the array has {ndim} axes"
                + (f", use {-ndim} to {ndim - 1}" if ndim else "")
            )
        found.append(i + ndim if i < 0 else i)
    if len(set(found)) < len(found):
        raise AxisError(f"axis {axis!r} names an axis twice")
    return tuple(sorted(found))


def reduced_grid(grid: ChunkGrid, axes: tuple[int, ...], keepdims: bool) -> ChunkGrid:
    """The chunks that are left when `axes` are reduced."""
    if keepdims:
        return ChunkGrid((1,) if axis in axes else part for axis, part in enumerate(grid.sizes))
    return grid.take(axis for axis in range(grid.ndim) if axis not in axes)
