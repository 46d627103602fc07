"""The user's own function over blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.blockwise import whole_load
from chunkscope.array.dtypes import checked_dtype
from chunkscope.array.expr import ArrayExpr
from chunkscope.array.ops.rechunk import rechunked
from chunkscope.array.program import Scalar
from chunkscope.chunks import ChunkGrid, unify
from chunkscope.errors import AxisError, ChunkError, DTypeError
from chunkscope.expr import Slots

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["MapBlocks", "map_blocks"]


@dataclass(frozen=True, eq=False)
class MapBlocks(ArrayExpr):
    """`function` called once for each block, with the blocks of the arrays at the same place."""

    function: Callable[..., Any]
    args: tuple[ArrayExpr | Scalar, ...]
    options: tuple[tuple[str, Any], ...]
    aligned: ChunkGrid
    """The common chunks of the arguments."""
    grid: ChunkGrid
    dtype: np.dtype[Any]
    name: str
    wants: tuple[str, ...]
    """Which of block_id and block_info the function takes."""
    op: ClassVar[str] = "map_blocks"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        arrays = [arg for arg in self.args if isinstance(arg, ArrayExpr)]
        edges = []
        for x, (slots, *_) in zip(arrays, inputs, strict=True):
            pad = whole_load(0, x.grid, self.aligned).pad
            edges.append(
                np.broadcast_to(slots.reshape((1,) * pad + slots.shape), self.aligned.numblocks).reshape(
                    self.grid.numblocks
                )
            )
        grids = tuple(x.grid for x in arrays)
        kernel = _Call(
            self.function,
            tuple(arg if isinstance(arg, Scalar) else None for arg in self.args),
            self.options,
            self.aligned,
            grids,
            self.grid,
            self.dtype,
            self.wants,
        )
        return self.add_layer(build, kernel, edges, op=self.name, user=True, exact=True)


@dataclass(frozen=True, eq=False)
class _Call:
    function: Callable[..., Any]
    args: tuple[Scalar | None, ...]
    options: tuple[tuple[str, Any], ...]
    aligned: ChunkGrid
    grids: tuple[ChunkGrid, ...]
    grid: ChunkGrid
    dtype: np.dtype[Any]
    wants: tuple[str, ...]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        rest = iter(inputs)
        values = [next(rest) if arg is None else arg.value for arg in self.args]
        options = dict(self.options)
        where = self.grid.coordinates(block)
        if "block_id" in self.wants:
            options["block_id"] = where
        if "block_info" in self.wants:
            options["block_info"] = self._info(block, where)
        return self.function(*values, **options)

    def _info(self, block: int, where: tuple[int, ...]) -> dict[int | None, dict[str, Any]]:
        """Shapes and places as Dask gives them: numbered arrays, and None for the result."""
        at = self.aligned.coordinates(block)
        info: dict[int | None, dict[str, Any]] = {}
        numbers = [i for i, arg in enumerate(self.args) if arg is None]
        for number, grid in zip(numbers, self.grids, strict=True):
            own = tuple(
                0 if n == 1 else i for n, i in zip(grid.numblocks, at[len(at) - grid.ndim :], strict=True)
            )
            flat = int(np.ravel_multi_index(own, grid.numblocks)) if own else 0
            info[number] = _place(grid, flat, own)
        info[None] = {
            **_place(self.grid, block, where),
            "chunk-shape": self.grid.block_shape(block),
            "dtype": self.dtype,
        }
        return info


def _place(grid: ChunkGrid, block: int, where: tuple[int, ...]) -> dict[str, Any]:
    return {
        "shape": grid.shape,
        "num-chunks": grid.numblocks,
        "array-location": [(part.start, part.stop) for part in grid.slices(block)],
        "chunk-location": where,
    }


def map_blocks(
    function: Callable[..., Any],
    args: Sequence[ArrayExpr | Scalar],
    *,
    dtype: Any,
    chunks: Any,
    drop_axis: Any,
    new_axis: Any,
    name: str | None,
    options: Mapping[str, Any],
    wants: tuple[str, ...],
) -> MapBlocks:
    """The function over blocks. The result's chunks are the arguments' common chunks, after `drop_axis` and `new_axis`;
    `chunks` says them where the function changes shapes. `dtype` is found by a call on tiny arrays if not given."""
    arrays = [arg for arg in args if isinstance(arg, ArrayExpr)]
    shown = name or getattr(function, "__name__", type(function).__name__).strip("<>")
    if arrays:
        aligned, fitted = unify([x.grid for x in arrays])
        rest = iter(zip(arrays, fitted, strict=True))
        fit = tuple(arg if isinstance(arg, Scalar) else rechunked(*next(rest)) for arg in args)
    else:
        if not isinstance(chunks, Sequence) or not all(isinstance(part, Sequence) for part in chunks):
            raise ChunkError(
                "map_blocks without an array needs chunks=((...), ...): the sizes along each axis"
            )
        aligned, fit = ChunkGrid(chunks), tuple(args)
    grid = _result_grid(aligned, chunks, drop_axis, new_axis)
    kind = (
        checked_dtype(dtype)
        if dtype is not None
        else _inferred(function, fit, options, wants, aligned, shown)
    )
    return MapBlocks(function, fit, tuple(options.items()), aligned, grid, kind, shown, wants)


def _result_grid(aligned: ChunkGrid, chunks: Any, drop_axis: Any, new_axis: Any) -> ChunkGrid:
    drop = [] if drop_axis is None else [drop_axis] if isinstance(drop_axis, int) else list(drop_axis)
    new = [] if new_axis is None else [new_axis] if isinstance(new_axis, int) else list(new_axis)
    drop = [axis + aligned.ndim if axis < 0 else axis for axis in drop]
    for axis in drop:
        if not 0 <= axis < aligned.ndim:
            raise AxisError(f"drop_axis={axis} is out of range: the blocks have {aligned.ndim} axes")
        if aligned.numblocks[axis] > 1:
            raise ChunkError(
                f"drop_axis={axis}: the axis has {aligned.numblocks[axis]} chunks, and each block is called alone; "
                f"use rechunk({{{axis}: -1}}) first"
            )
    sizes: list[Any] = [part for axis, part in enumerate(aligned.sizes) if axis not in drop]
    for axis in sorted(axis + len(sizes) + len(new) if axis < 0 else axis for axis in new):
        sizes.insert(axis, (1,))
    if chunks is not None:
        wishes = list(chunks) if isinstance(chunks, Sequence) else [chunks]
        if len(wishes) != len(sizes):
            raise ChunkError(
                f"chunks {chunks!r} name {len(wishes)} axes, the result has {len(sizes)}: give one for each"
            )
        for axis, (wish, old) in enumerate(zip(wishes, sizes, strict=True)):
            sizes[axis] = (int(wish),) * len(old) if isinstance(wish, (int, np.integer)) else tuple(wish)
            if len(sizes[axis]) != len(old):
                raise ChunkError(
                    f"chunks for axis {axis} name {len(sizes[axis])} chunks, the blocks are {len(old)}: "
                    "one call makes one block"
                )
    return ChunkGrid(sizes)


def _inferred(
    function: Callable[..., Any],
    args: Sequence[ArrayExpr | Scalar],
    options: Mapping[str, Any],
    wants: tuple[str, ...],
    aligned: ChunkGrid,
    name: str,
) -> np.dtype[Any]:
    """The dtype of what the function gives for blocks of length 1."""
    samples = [arg.value if isinstance(arg, Scalar) else np.ones((1,) * arg.ndim, arg.dtype) for arg in args]
    extra: dict[str, Any] = dict(options)
    if "block_id" in wants:
        extra["block_id"] = (0,) * aligned.ndim
    if "block_info" in wants:
        tiny = ChunkGrid.whole((1,) * aligned.ndim)
        grids = tuple(ChunkGrid.whole((1,) * arg.ndim) for arg in args if isinstance(arg, ArrayExpr))
        slots = tuple(arg if isinstance(arg, Scalar) else None for arg in args)
        call = _Call(function, slots, (), tiny, grids, tiny, np.dtype(float), wants)
        extra["block_info"] = call._info(0, (0,) * aligned.ndim)
    try:
        with np.errstate(all="ignore"):
            return np.asarray(function(*samples, **extra)).dtype
    except Exception as error:
        raise DTypeError(
            f"map_blocks could not find the dtype of {name}: called on arrays of length 1 it raised "
            f"{type(error).__name__}: {error}; give dtype= to map_blocks"
        ) from error
