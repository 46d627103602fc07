"""Reshape on a grid: cuts of the old and of the new shape whose blocks, in C order, are runs of elements.

Where both have the same runs, reshaping moves no element between blocks. Runs are found for each group of axes on its
own: (a, b, c) to (a, b*c) leaves the first axis as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.chunks.grid import ChunkGrid, even_sizes
from chunkscope.errors import ShapeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ReshapePlan", "plan_reshape", "resolve_shape"]


@dataclass(frozen=True, eq=False, slots=True)
class ReshapePlan:
    """Four grids; each group of axes becomes one flat axis in the middle.

    Cut the input as `before`: its block number i holds the elements of block i of `flat_before`, in the same order. The
    same is true of `flat_after` and `after`. Where the two flat grids differ, blocks are cut anew between them.
    """

    before: ChunkGrid
    flat_before: ChunkGrid
    flat_after: ChunkGrid
    after: ChunkGrid


def resolve_shape(shape: tuple[int, ...], size: int, found: tuple[int, ...]) -> tuple[int, ...]:
    """The new shape with its -1 worked out.

    Raises ShapeError where it does not hold `size` elements.
    """
    unknown = [axis for axis, n in enumerate(shape) if n == -1]
    known = math.prod(n for n in shape if n != -1)
    if len(unknown) > 1 or any(n < -1 for n in shape):
        raise ShapeError(f"cannot reshape to {shape}: one axis can be -1, the others are lengths")
    if unknown and known and size % known == 0:
        axis = unknown[0]
        shape = (*shape[:axis], size // known, *shape[axis + 1 :])
    elif unknown or known != size:
        raise ShapeError(
            f"cannot reshape {found} with {size} elements to {shape}: "
            + (f"{known} does not divide {size}" if unknown else f"that holds {known}")
        )
    return shape


def plan_reshape(grid: ChunkGrid, shape: tuple[int, ...]) -> ReshapePlan:
    """How to cut both shapes, changing as little of the input's chunks as the runs allow; chunks keep about their size.

    >>> plan = plan_reshape(ChunkGrid([(2, 2), (3, 3)]), (24,))
    >>> plan.before.chunks, plan.after.chunks
    (((1, 1, 1, 1), (6,)), ((6, 6, 6, 6),))
    """
    if math.prod(shape) == 0:
        flat = ChunkGrid.whole((0,))
        return ReshapePlan(ChunkGrid.whole(grid.shape), flat, flat, ChunkGrid.whole(shape))
    before: list[NDArray[np.int64]] = []
    middle: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    after: list[NDArray[np.int64]] = []
    for old_axes, new_axes in _groups(grid.shape, shape):
        sizes = [grid.sizes[axis] for axis in old_axes]
        lengths = tuple(shape[axis] for axis in new_axes)
        if len(sizes) == len(lengths) == 1:
            before.append(sizes[0])
            after.append(sizes[0])
            middle.append((sizes[0], sizes[0]))
        elif not sizes or not lengths:
            before.extend(sizes)
            after.extend(np.ones(1, dtype=np.int64) for _ in lengths)
        else:
            old_cut, runs = _runs_of(sizes)
            new_cut, new_runs = _cut_in_runs(lengths, runs)
            before.extend(old_cut)
            after.extend(new_cut)
            middle.append((runs, new_runs))
    return ReshapePlan(
        ChunkGrid(before), ChunkGrid(a for a, _ in middle), ChunkGrid(b for _, b in middle), ChunkGrid(after)
    )


def _groups(old: tuple[int, ...], new: tuple[int, ...]) -> list[tuple[range, range]]:
    """The finest groups of neighbouring axes that hold the same number of elements."""
    found = []
    i = j = 0
    while i < len(old) or j < len(new):
        i0, j0 = i, j
        a = b = 1
        if i < len(old) and (j >= len(new) or old[i] == 1 != new[j]):
            i += 1  # a length of 1 goes on its own
            a = old[i0]
        elif j < len(new) and (i >= len(old) or new[j] == 1 != old[i]):
            j += 1
            b = new[j0]
        else:
            a, b = old[i], new[j]
            i, j = i + 1, j + 1
        while a != b:
            if a < b:
                a *= old[i]
                i += 1
            else:
                b *= new[j]
                j += 1
        found.append((range(i0, i), range(j0, j)))
    return found


def _runs_of(sizes: list[NDArray[np.int64]]) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """A cut of one group in which blocks are runs, the cut it has where that is so already; and the runs' lengths."""
    old = tuple(int(part.sum()) for part in sizes)
    pivot = next((axis for axis, part in enumerate(sizes) if int(part.max()) > 1), len(sizes) - 1)
    if all(len(part) == 1 for part in sizes[pivot + 1 :]):
        cut = sizes[pivot]
    else:
        pivot, size = _pivot(old, math.prod(int(part.max()) for part in sizes))
        cut = even_sizes(old[pivot], size)
    runs = np.tile(cut * math.prod(old[pivot + 1 :]), math.prod(old[:pivot]))
    return _cut_at(old, pivot, cut), runs


def _cut_in_runs(
    lengths: tuple[int, ...], runs: NDArray[np.int64]
) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """A cut of the new side of one group, in these runs where they fit; and its own runs."""
    ends = np.cumsum(runs)
    for pivot in range(len(lengths)):
        slab, period = math.prod(lengths[pivot + 1 :]), math.prod(lengths[pivot:])
        if (ends % slab == 0).all() and (pivot == 0 or _repeats(ends, period)):
            first = runs[: int(np.searchsorted(ends, period)) + 1] // slab
            return _cut_at(lengths, pivot, first), runs
    pivot, size = _pivot(lengths, int(runs.max()))
    cut = even_sizes(lengths[pivot], size)
    own = np.tile(cut * math.prod(lengths[pivot + 1 :]), math.prod(lengths[:pivot]))
    return _cut_at(lengths, pivot, cut), own


def _pivot(lengths: tuple[int, ...], wish: int) -> tuple[int, int]:
    """The axis to cut so that runs hold about `wish` elements, and the cut: axes before it go one by one."""
    inner = math.prod(lengths)
    for axis, n in enumerate(lengths):
        inner //= n
        if inner <= wish or axis == len(lengths) - 1:
            return axis, min(max(wish // inner, 1), n)
    return 0, 1


def _cut_at(lengths: tuple[int, ...], pivot: int, cut: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Single elements before the pivot, whole axes after it."""
    return [
        np.ones(n, dtype=np.int64)
        if axis < pivot
        else cut
        if axis == pivot
        else np.array([n], dtype=np.int64)
        for axis, n in enumerate(lengths)
    ]


def _repeats(ends: NDArray[np.int64], period: int) -> bool:
    """Whether the cut is the same in every period and has a boundary at its end."""
    marks = np.unique(ends % period)
    return len(ends) == len(marks) * (int(ends[-1]) // period) and marks[0] == 0
