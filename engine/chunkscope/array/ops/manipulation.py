"""Operations that move elements or axes: transpose, reshape, concatenate, stack, broadcast and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.expr import ArrayExpr
from chunkscope.array.ops.creation import checked_shape
from chunkscope.array.ops.elementwise import astype
from chunkscope.array.ops.rechunk import rechunked
from chunkscope.array.ops.statistical import checked_axes
from chunkscope.array.views import BlockView, Drop, Insert, Permute, Regroup, Reverse, Stretch
from chunkscope.chunks import ChunkGrid, broadcast_shapes, common_sizes, normalize_chunks, plan_reshape
from chunkscope.chunks.reshape import resolve_shape
from chunkscope.errors import AxisError, ShapeError
from chunkscope.expr import Slots

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = [
    "Concatenate",
    "broadcast_to",
    "concatenate",
    "expand_dims",
    "flip",
    "moveaxis",
    "reshape",
    "roll",
    "squeeze",
    "stack",
    "transpose",
]


@dataclass(frozen=True, eq=False)
class Concatenate(ArrayExpr):
    """Arrays one after the other along `axis`, cut alike along the other axes. Moves blocks, no task."""

    parts: tuple[ArrayExpr, ...]
    axis: int
    op: ClassVar[str] = "concatenate"

    @cached_property
    def grid(self) -> ChunkGrid:
        return self.parts[0].grid.with_axis(
            self.axis, np.concatenate([part.grid.sizes[self.axis] for part in self.parts])
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.parts[0].dtype

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (np.concatenate([slots[0] for slots in inputs], axis=self.axis),)


def one_axis(axis: int, ndim: int) -> int:
    """The axis meant, from 0."""
    return checked_axes((axis,), ndim)[0]


def transpose(x: ArrayExpr, axes: Any = None) -> ArrayExpr:
    """The axes in another order, reversed by default."""
    if axes is None:
        order = tuple(range(x.ndim))[::-1]
    else:
        order = tuple(int(axis) + (x.ndim if axis < 0 else 0) for axis in axes)
        if sorted(order) != list(range(x.ndim)):
            raise AxisError(f"transpose needs each of the {x.ndim} axes once, got {tuple(axes)}")
    if order == tuple(range(x.ndim)):
        return x
    return BlockView(x, Permute(order))


def moveaxis(x: ArrayExpr, source: Any, destination: Any) -> ArrayExpr:
    """Axes moved to new places, the others in order."""
    sources = [source] if np.ndim(source) == 0 else list(source)
    targets = [destination] if np.ndim(destination) == 0 else list(destination)
    if len(sources) != len(targets):
        raise AxisError(f"moveaxis needs as many destinations as sources, got {sources} and {targets}")
    checked_axes(sources, x.ndim), checked_axes(targets, x.ndim)
    sources, targets = ([axis % x.ndim for axis in axes] for axes in (sources, targets))
    order = [axis for axis in range(x.ndim) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return transpose(x, order)


def expand_dims(x: ArrayExpr, axis: Any) -> ArrayExpr:
    """New axes of length 1 at these places of the result."""
    count = len(axis) if isinstance(axis, (tuple, list)) else 1
    axes = checked_axes(axis if isinstance(axis, (tuple, list)) else (axis,), x.ndim + count)
    return BlockView(x, Insert(axes)) if axes else x


def squeeze(x: ArrayExpr, axis: Any = None) -> ArrayExpr:
    """Axes of length 1 dropped: all, or those named."""
    axes = tuple(i for i, n in enumerate(x.shape) if n == 1) if axis is None else checked_axes(axis, x.ndim)
    for i in axes:
        if x.shape[i] != 1:
            raise ShapeError(f"cannot squeeze axis {i} of shape {x.shape}: its length is {x.shape[i]}, not 1")
    return BlockView(x, Drop(axes)) if axes else x


def flip(x: ArrayExpr, axis: Any = None) -> ArrayExpr:
    """The elements in reverse order along the axes, all by default."""
    axes = checked_axes(axis, x.ndim)
    return BlockView(x, Reverse(axes)) if axes else x


def broadcast_to(x: ArrayExpr, shape: Any, chunks: Any = None) -> ArrayExpr:
    """`x` stretched to `shape`: no element is copied. New lengths are cut "auto" unless `chunks` says otherwise."""
    shape = checked_shape(shape)
    if broadcast_shapes([x.shape, shape]) != shape:
        raise ShapeError(f"shape {x.shape} does not broadcast to {shape}")
    if shape == x.shape:
        return x
    pad = len(shape) - x.ndim
    kept = {axis + pad: part for axis, part in enumerate(x.grid.sizes) if x.shape[axis] == shape[axis + pad]}
    spelling = {axis: kept.get(axis, "auto") for axis in range(len(shape))}
    result = normalize_chunks(spelling if chunks is None else chunks, shape, itemsize=x.dtype.itemsize)
    fit = [
        result.sizes[axis + pad] if x.shape[axis] == shape[axis + pad] else part
        for axis, part in enumerate(x.grid.sizes)
    ]
    return BlockView(rechunked(x, ChunkGrid(fit)), Stretch(result))


def reshape(x: ArrayExpr, shape: Any) -> ArrayExpr:
    """The elements in C order in another shape; one length can be -1. Cuts `x` anew only where runs need it."""
    items = tuple(int(n) for n in (shape if isinstance(shape, (Sequence, np.ndarray)) else (shape,)))
    target = resolve_shape(items, x.size, x.shape)
    if target == x.shape:
        return x
    plan = plan_reshape(x.grid, target)
    found = rechunked(x, plan.before)
    if plan.flat_before != plan.flat_after:
        found = rechunked(BlockView(found, Regroup(plan.flat_before)), plan.flat_after)
    return BlockView(found, Regroup(plan.after))


def concatenate(parts: Sequence[ArrayExpr], axis: int | None) -> ArrayExpr:
    """Arrays joined along an existing axis, in their common dtype; None flattens them first."""
    if not parts:
        raise ShapeError("concatenate needs at least one array")
    if axis is None:
        return concatenate([reshape(part, (-1,)) for part in parts], 0)
    ndim = parts[0].ndim
    if ndim == 0:
        raise ShapeError("arrays of no dimension cannot be concatenated: use stack")
    axis = one_axis(axis, ndim)
    for part in parts:
        if part.ndim != ndim or any(
            a != b for i, (a, b) in enumerate(zip(part.shape, parts[0].shape, strict=True)) if i != axis
        ):
            raise ShapeError(
                f"cannot concatenate shapes {parts[0].shape} and {part.shape} along axis {axis}: "
                "all other lengths must be equal"
            )
    dtype = np.result_type(*[part.dtype for part in parts])
    full = [part for part in parts if part.shape[axis]] or [parts[0]]
    sizes = [common_sizes([part.grid.sizes[i] for part in full]) if i != axis else None for i in range(ndim)]
    fitted = []
    for part in full:
        grid = ChunkGrid(own if new is None else new for own, new in zip(part.grid.sizes, sizes, strict=True))
        fitted.append(astype(rechunked(part, grid), dtype))
    return fitted[0] if len(fitted) == 1 else Concatenate(tuple(fitted), axis)


def stack(parts: Sequence[ArrayExpr], axis: int) -> ArrayExpr:
    """Arrays of one shape joined along a new axis, one chunk for each."""
    if not parts:
        raise ShapeError("stack needs at least one array")
    for part in parts:
        if part.shape != parts[0].shape:
            raise ShapeError(f"cannot stack shapes {parts[0].shape} and {part.shape}: all must be equal")
    axis = one_axis(axis, parts[0].ndim + 1)
    return concatenate([expand_dims(part, axis) for part in parts], axis)


def roll(x: ArrayExpr, shift: Any, axis: Any) -> ArrayExpr:
    """The elements moved along the axis, those pushed over the end coming in at the start."""
    from chunkscope.array.ops.indexing import getitem

    if axis is None:
        return reshape(roll(reshape(x, (-1,)), shift, 0), x.shape)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    shifts = shift if isinstance(shift, (tuple, list)) else (shift,) * len(axes)
    for by, one in zip(shifts, axes, strict=True):
        i = one_axis(one, x.ndim)
        n = x.shape[i]
        if n and by % n:
            before = (slice(None),) * i
            x = concatenate(
                [getitem(x, (*before, slice(n - by % n, None))), getitem(x, (*before, slice(0, n - by % n)))],
                i,
            )
    return x
