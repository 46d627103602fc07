"""Basic indexing: integers, slices, `...` and None; and blocks by their index."""

from __future__ import annotations

from typing import Any

import numpy as np

from chunkscope.array.expr import ArrayExpr
from chunkscope.array.views import BlockView, Cut, Drop, Insert
from chunkscope.chunks import AxisCut, ChunkGrid, cut_axis, split_index, take_blocks
from chunkscope.errors import AxisError, DTypeError

__all__ = ["cut", "getblocks", "getitem"]


def getitem(x: ArrayExpr, index: Any) -> ArrayExpr:
    """`x[index]`: slices keep the chunks that they touch, cut to size."""
    parts = split_index(index, x.grid)
    found = cut(
        x, tuple(cut_axis(sizes, part) for sizes, part in zip(x.grid.sizes, parts.slices, strict=True))
    )
    if parts.dropped:
        found = BlockView(found, Drop(parts.dropped))
    if parts.added:
        found = BlockView(found, Insert(parts.added))
    return found


def cut(x: ArrayExpr, cuts: tuple[AxisCut | None, ...]) -> ArrayExpr:
    """`x` cut along each axis; itself where every cut is None."""
    if all(one is None for one in cuts):
        return x
    grid = ChunkGrid(part if one is None else one.sizes for part, one in zip(x.grid.sizes, cuts, strict=True))
    return BlockView(x, Cut(cuts, grid))


def getblocks(x: ArrayExpr, index: Any) -> ArrayExpr:
    """The blocks at `index` of the block grid, as an array: integers, slices and lists of integers."""
    items = index if isinstance(index, tuple) else (index,)
    if any(item is None for item in items):
        raise DTypeError("blocks cannot be indexed with None: use integers, slices and lists of integers")
    if Ellipsis in [item for item in items if not isinstance(item, (list, np.ndarray))]:
        dots = next(i for i, item in enumerate(items) if item is Ellipsis)
        items = (*items[:dots], *[slice(None)] * (x.ndim - len(items) + 1), *items[dots + 1 :])
    if len(items) > x.ndim:
        raise AxisError(f"too many indices: the block grid has {x.ndim} axes, {len(items)} were indexed")
    cuts: list[AxisCut | None] = []
    for axis, item in enumerate((*items, *[slice(None)] * (x.ndim - len(items)))):
        sizes = x.grid.sizes[axis]
        if isinstance(item, slice) and item == slice(None):
            cuts.append(None)
            continue
        numbers = np.arange(len(sizes))
        try:
            chosen = np.atleast_1d(numbers[item])
        except IndexError:
            raise AxisError(f"block {item} is out of range: axis {axis} has {len(sizes)} blocks") from None
        if not len(chosen):
            raise AxisError(f"block index {item!r} of axis {axis} takes no block")
        cuts.append(take_blocks(sizes, chosen.astype(np.int64)))
    return cut(x, tuple(cuts))
