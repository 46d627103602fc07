"""Where the smallest and largest elements are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.expr import ArrayExpr, Composite
from chunkscope.array.ops.statistical import checked_axes, checked_split, combined, reduced_grid
from chunkscope.chunks import ChunkGrid
from chunkscope.errors import AxisError, ShapeError
from chunkscope.expr import Slots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["ArgFold", "ArgReduction", "arg_reduction"]


@dataclass(frozen=True, slots=True)
class ArgFold:
    """The index of the extreme value: partials are pairs of value and index, ties go to the smaller index."""

    name: str
    largest: bool
    skipna: bool
    value_dtype: np.dtype[Any]
    planes: ClassVar[int] = 0
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.intp)

    @property
    def partial_dtype(self) -> np.dtype[Any]:
        return np.dtype([("value", self.value_dtype), ("index", np.int64)])

    def partial(self, x: NDArray[Any], axes: tuple[int, ...]) -> NDArray[Any]:
        """The pairs of one block over one axis; the index counts within the block."""
        filled = x
        if self.skipna and x.dtype.kind in "fc":
            filled = np.where(np.isnan(x), -np.inf if self.largest else np.inf, x)
        find = np.argmax if self.largest else np.argmin
        index = find(filled, axis=axes[0], keepdims=True)
        found = np.empty(index.shape, dtype=self.partial_dtype)
        found["index"] = index
        found["value"] = np.take_along_axis(x, index, axis=axes[0])
        if filled is not x:  # the place of a NaN that stands for an infinity counts as one
            lost = np.isnan(found["value"]) & ~np.all(np.isnan(x), axis=axes[0], keepdims=True)
            found["value"][lost] = -np.inf if self.largest else np.inf
        return found

    def merge(self, into: NDArray[Any], other: NDArray[Any]) -> None:
        old, new = into["value"], other["value"]
        better = new > old if self.largest else new < old
        tie = new == old
        if self.value_dtype.kind in "fc":
            old_nan, new_nan = np.isnan(old), np.isnan(new)
            better |= old_nan & ~new_nan if self.skipna else new_nan & ~old_nan
            tie |= old_nan & new_nan
        take = better | (tie & (other["index"] < into["index"]))
        into[take] = other[take]

    def finish(self, partial: NDArray[Any], count: int) -> NDArray[Any]:
        if self.skipna and self.value_dtype.kind in "fc" and np.isnan(partial["value"]).any():
            raise ValueError("All-NaN slice encountered")
        return partial["index"].astype(self.dtype)

    def scratch_bytes(self, elements: int) -> int:
        copies = 2 if self.skipna else 1  # NumPy looks for the place in a copy, as blocks are read-only
        return elements * self.value_dtype.itemsize * copies


@dataclass(frozen=True, slots=True)
class _ArgPartial:
    """The pairs of one block, with indices into the whole array."""

    fold: ArgFold
    grid: ChunkGrid
    axis: int | None

    def __call__(self, block: int, /, *inputs: Any) -> NDArray[Any]:
        x = np.asarray(inputs[0])
        starts = [part.start for part in self.grid.slices(block)]
        if self.axis is not None:
            found = self.fold.partial(x, (self.axis,))
            found["index"] += starts[self.axis]
            return found
        found = self.fold.partial(x.reshape(-1), (0,)).reshape((1,) * x.ndim)
        local = np.unravel_index(int(found["index"].item()), x.shape)
        flat = 0
        for n, start, i in zip(self.grid.shape, starts, local, strict=True):
            flat = flat * n + start + int(i)
        found["index"] = flat
        return found


@dataclass(frozen=True, eq=False)
class ArgReduction(Composite):
    """Indices of the extreme values, over one axis or over the flattened array."""

    x: ArrayExpr
    fold: ArgFold
    axis: int | None
    keepdims: bool
    split_every: int
    op: ClassVar[str] = "arg"

    @property
    def axes(self) -> tuple[int, ...]:
        return tuple(range(self.x.ndim)) if self.axis is None else (self.axis,)

    @cached_property
    def grid(self) -> ChunkGrid:
        return reduced_grid(self.x.grid, self.axes, self.keepdims)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.fold.dtype

    def expand(self) -> ArrayExpr:
        partial = ArgPartial(self.x, self.fold, self.axis)
        return combined(partial, self.fold, self.axes, 1, self.keepdims, self.split_every)


@dataclass(frozen=True, eq=False)
class ArgPartial(ArrayExpr):
    """One pair of value and index for each block and place."""

    x: ArrayExpr
    fold: ArgFold
    axis: int | None
    op: ClassVar[str] = "arg-partial"

    @cached_property
    def grid(self) -> ChunkGrid:
        axes = range(self.x.ndim) if self.axis is None else (self.axis,)
        return ChunkGrid(
            np.ones(len(part), dtype=np.int64) if axis in axes else part
            for axis, part in enumerate(self.x.grid.sizes)
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.fold.partial_dtype

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        scratch = self.fold.scratch_bytes(self.x.grid.max_elements)
        kernel = _ArgPartial(self.fold, self.x.grid, self.axis)
        return self.add_layer(
            build, kernel, [inputs[0][0]], op=f"{self.fold.name}-partial", scratch_bytes=scratch
        )


def arg_reduction(
    x: ArrayExpr, name: str, axis: int | None, keepdims: bool, split_every: int | dict[int, int] | None
) -> ArrayExpr:
    """argmin, argmax, nanargmin or nanargmax of `x`."""
    if isinstance(axis, (tuple, list)):
        raise AxisError(f"{name} takes one axis or None, got {axis!r}")
    axes = checked_axes(axis, x.ndim)
    if any(x.shape[i] == 0 for i in axes):
        raise ShapeError(f"{name} of an empty sequence: axis {axis} of shape {x.shape} has no elements")
    fold = ArgFold(name, name.endswith("max"), name.startswith("nan"), x.dtype)
    return ArgReduction(x, fold, None if axis is None else axes[0], keepdims, checked_split(split_every))
