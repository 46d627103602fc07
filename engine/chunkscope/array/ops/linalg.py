"""Products of blocks, summed by a tree; QR and SVD of tall and skinny arrays."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.expr import ArrayExpr, Composite
from chunkscope.array.ops.rechunk import rechunked
from chunkscope.array.ops.statistical import SPLIT_EVERY, checked_axes, combined
from chunkscope.array.reducers import Fold
from chunkscope.array.views import BlockView, Drop, Insert
from chunkscope.chunks import ChunkGrid, broadcast_shapes, common_sizes
from chunkscope.errors import AxisError, ShapeError
from chunkscope.executors.blas import single_threaded
from chunkscope.expr import Slots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["Contract", "ContractPartial", "dot", "matmul", "tensordot"]

Labels = tuple[int, ...]

SMALL = 2**18
"""Blocks with a smaller product of sizes are multiplied by one thread in any case."""


@dataclass(frozen=True, eq=False)
class Contract(Composite):
    """The sum of products over the labels that `x` and `y` share and `out` lacks."""

    x: ArrayExpr
    y: ArrayExpr
    x_labels: Labels
    y_labels: Labels
    out: Labels
    op: ClassVar[str] = "matmul"

    @property
    def inner(self) -> Labels:
        """The labels that are summed over."""
        return tuple(label for label in self.x_labels if label in self.y_labels and label not in self.out)

    @cached_property
    def grid(self) -> ChunkGrid:
        return contracted_grid(self, self.out)

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        sample: NDArray[Any] = np.matmul(np.empty((1, 1), self.x.dtype), np.empty((1, 1), self.y.dtype))
        return sample.dtype

    def expand(self) -> ArrayExpr:
        x, y, inner = self.x, self.y, self.inner
        many = any(x.grid.numblocks[self.x_labels.index(label)] > 1 for label in inner)
        partial = ContractPartial(
            x, y, self.x_labels, self.y_labels, self.out, inner if many else (), self.dtype
        )
        if not many:
            return partial
        ufunc = np.logical_or if self.dtype == bool else np.add
        fold = Fold("matmul", ufunc, self.dtype, self.dtype, self.dtype)
        axes = tuple(range(len(self.out), len(self.out) + len(inner)))
        return combined(partial, fold, axes, 1, False, SPLIT_EVERY)


def contracted_grid(node: Contract | ContractPartial, labels: Labels) -> ChunkGrid:
    """The chunks along these labels: from whichever input is longer than 1 along them."""
    sizes = []
    for label in labels:
        found = None
        for x, own in ((node.x, node.x_labels), (node.y, node.y_labels)):
            if label in own:
                part = x.grid.sizes[own.index(label)]
                if found is None or int(found.sum()) == 1:
                    found = part
        assert found is not None
        sizes.append(found)
    return ChunkGrid(sizes)


@dataclass(frozen=True, eq=False)
class ContractPartial(ArrayExpr):
    """One product for each pair of blocks that meet; `kept` labels are summed within it and stay with length 1."""

    x: ArrayExpr
    y: ArrayExpr
    x_labels: Labels
    y_labels: Labels
    out: Labels
    kept: Labels
    dtype: np.dtype[Any]
    op: ClassVar[str] = "matmul-partial"

    @cached_property
    def grid(self) -> ChunkGrid:
        ones = [np.ones(n, dtype=np.int64) for n in contracted_grid(self, self.kept).numblocks]
        return ChunkGrid([*contracted_grid(self, self.out).sizes, *ones])

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        labels = (*self.out, *self.kept)
        edges = []
        for (slots, *_), own in zip(inputs, (self.x_labels, self.y_labels), strict=True):
            if any(label not in labels for label in own):  # one block: its axis goes
                slots = slots.reshape(
                    [n for n, label in zip(slots.shape, own, strict=True) if label in labels]
                )
                own = tuple(label for label in own if label in labels)
            order = sorted(range(len(own)), key=lambda i: labels.index(own[i]))
            shape = [1] * len(labels)
            for i in order:
                shape[labels.index(own[i])] = slots.shape[i]
            edges.append(np.broadcast_to(slots.transpose(order).reshape(shape), self.grid.numblocks))
        kernel = _Product(self.x_labels, self.y_labels, self.out, len(self.kept))
        return self.add_layer(build, kernel, edges, op="matmul-partial" if self.kept else "matmul")


@dataclass(frozen=True, slots=True)
class _Product:
    """The product of two blocks: matmul where they share batch labels, tensordot otherwise."""

    x_labels: Labels
    y_labels: Labels
    out: Labels
    nkept: int

    def __call__(self, block: int, /, *inputs: Any) -> NDArray[Any]:
        x, y = (_straight(np.asarray(part)) for part in inputs)
        if np.may_share_memory(x, y):  # NumPy has a routine for x @ x.T, with other roundings
            y = y.copy(order="K")
        shared = [label for label in self.x_labels if label in self.y_labels]
        with single_threaded if x.size * y.size > SMALL else nullcontext():
            if any(label in self.out for label in shared):
                found: NDArray[Any] = np.matmul(x, y)
            else:
                axes = ([self.x_labels.index(i) for i in shared], [self.y_labels.index(i) for i in shared])
                found = np.asarray(np.tensordot(x, y, axes))
        return found.reshape(found.shape + (1,) * self.nkept)


def _straight(x: NDArray[Any]) -> NDArray[Any]:
    """The block as it is on its way to another process, so that all executors round alike."""
    return x if x.flags.c_contiguous or x.flags.f_contiguous else np.ascontiguousarray(x)


def matmul(x: ArrayExpr, y: ArrayExpr) -> ArrayExpr:
    """`x @ y`: the last axis of `x` against the last but one of `y`, axes before them broadcast."""
    if x.ndim == 0 or y.ndim == 0:
        raise ShapeError("matmul needs arrays of at least one dimension: use * for numbers")
    left, right = x.ndim == 1, y.ndim == 1
    if left:
        x = BlockView(x, Insert((0,)))
    if right:
        y = BlockView(y, Insert((1,)))
    if x.shape[-1] != y.shape[-2]:
        raise ShapeError(
            f"matmul of shapes {x.shape} and {y.shape}: axis -1 of the first has length {x.shape[-1]}, "
            f"axis -2 of the second {y.shape[-2]}; they must be equal"
        )
    batch = broadcast_shapes([x.shape[:-2], y.shape[:-2]])
    n = len(batch)
    pads = [n + 2 - x.ndim, n + 2 - y.ndim]
    x, y = (
        BlockView(z, Insert(tuple(range(pad)))) if pad else z for z, pad in zip((x, y), pads, strict=True)
    )
    x_labels, y_labels = (*range(n), n, n + 2), (*range(n), n + 2, n + 1)
    x, y = aligned(x, y, x_labels, y_labels)
    found: ArrayExpr = Contract(x, y, x_labels, y_labels, tuple(range(n + 2)))
    drop = tuple(axis for axis, gone in ((n, left), (n + 1, right)) if gone)
    return BlockView(found, Drop(drop)) if drop else found


def tensordot(x: ArrayExpr, y: ArrayExpr, axes: Any) -> ArrayExpr:
    """The sum of products over `axes`: a number of last and first axes, or a pair of lists of axes."""
    if isinstance(axes, (int, np.integer)):
        x_axes, y_axes = list(range(x.ndim - int(axes), x.ndim)), list(range(int(axes)))
    else:
        x_axes, y_axes = ([part] if np.ndim(part) == 0 else list(part) for part in axes)
    if len(x_axes) != len(y_axes):
        raise AxisError(f"tensordot needs as many axes of both arrays, got {x_axes} and {y_axes}")
    checked_axes(x_axes, x.ndim), checked_axes(y_axes, y.ndim)
    x_axes, y_axes = [axis % max(x.ndim, 1) for axis in x_axes], [axis % max(y.ndim, 1) for axis in y_axes]
    for a, b in zip(x_axes, y_axes, strict=True):
        if x.shape[a] != y.shape[b]:
            raise ShapeError(
                f"tensordot: axis {a} of {x.shape} has length {x.shape[a]}, axis {b} of {y.shape} has {y.shape[b]}"
            )
    x_labels = tuple(range(x.ndim))
    y_labels = tuple(
        x_axes[y_axes.index(axis)] if axis in y_axes else x.ndim + axis for axis in range(y.ndim)
    )
    x, y = aligned(x, y, x_labels, y_labels)
    out = tuple(label for label in (*x_labels, *y_labels) if not (label in x_labels and label in y_labels))
    return Contract(x, y, x_labels, y_labels, out)


def dot(x: ArrayExpr, y: ArrayExpr) -> ArrayExpr:
    """NumPy's `dot`: the last axis of `x` against the last but one (or only) axis of `y`."""
    if x.ndim == 0 or y.ndim == 0:
        raise ShapeError("dot needs arrays of at least one dimension: use * for numbers")
    return tensordot(x, y, ([x.ndim - 1], [max(y.ndim - 2, 0)]))


def aligned(x: ArrayExpr, y: ArrayExpr, x_labels: Labels, y_labels: Labels) -> tuple[ArrayExpr, ArrayExpr]:
    """Both cut alike along the labels that they share."""
    for label in set(x_labels) & set(y_labels):
        i, j = x_labels.index(label), y_labels.index(label)
        if x.shape[i] == y.shape[j]:
            sizes = common_sizes([x.grid.sizes[i], y.grid.sizes[j]])
            x = rechunked(x, x.grid.with_axis(i, sizes))
            y = rechunked(y, y.grid.with_axis(j, sizes))
    return x, y
