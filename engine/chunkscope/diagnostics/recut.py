"""The graph of a past run in other chunks: tasks joined or split, without the expression that it came from.

A model of the same work cut otherwise, exact where operations are block-wise and near where they combine. Calls of the
user's functions, and operations that gather everything in one task, stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.graph import Graph, Layer, Strategy
from chunkscope.scheduler.ranges import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cut", "can_cut", "chunk_of", "halved", "joined", "recut"]

FIXED = (Strategy.CALL, Strategy.GATHERS)
"""What is never joined or split."""
SCRATCH_SHARE = 0.25
"""Temporaries grow with the chunk where they are at least this share of what the task handles; else they are tiles."""
TILE_ELEMENTS = 131072
"""Elements of the tiles in which kernels go over larger chunks: beyond that their temporaries do not grow."""


@dataclass(frozen=True)
class Cut:
    """A graph in other chunks, and what its tasks are made of."""

    graph: Graph
    source: NDArray[np.int64]
    """Tasks of the graph before, each named once for every new task that has a part of it."""
    target: NDArray[np.int64]
    """The new task that has it."""
    share: NDArray[np.float64]
    """How much of it."""

    def then(self, other: Cut) -> Cut:
        """Both cuts, one after the other: `other` is of this one's graph."""
        order = np.argsort(self.target, kind="stable")
        counts = np.bincount(self.target, minlength=self.graph.ntasks)
        first = np.concatenate([[0], np.cumsum(counts)])
        times = counts[other.source]
        at = order[ranges(first[other.source], times)]
        return Cut(
            other.graph,
            self.source[at],
            np.repeat(other.target, times),
            self.share[at] * np.repeat(other.share, times),
        )

    def seconds(self, seconds: NDArray[np.float64], fixed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds of the new tasks, from those of the old ones, of which `fixed` do not depend on their size."""
        n = self.graph.ntasks
        work = np.bincount(self.target, weights=(seconds - fixed)[self.source] * self.share, minlength=n)
        once = np.zeros(n)
        np.maximum.at(once, self.target, fixed[self.source])
        return np.asarray(work + once)


def can_cut(graph: Graph) -> bool:
    """Whether most of the graph's tasks work on chunks, so that it can be thought of in others."""
    tasks = [layer.ntasks for layer in graph.layers if layer.strategy not in FIXED and layer.grid]
    return 2 * sum(tasks) > graph.ntasks and not graph.first_task


def recut(graph: Graph, size: float) -> Cut:
    """The graph in chunks `size` times as large: a power of two, 0.5 is half the size.

    >>> from chunkscope.graph import GraphBuilder
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "x", print, (8,)), nbytes=10)
    >>> (y,) = build.add(Layer("y", "y", print, (8,)), [x], nbytes=10)
    >>> cut = recut(build.freeze(y), 4)
    >>> [layer.grid for layer in cut.graph.layers], cut.graph.slot_bytes.tolist(), cut.graph.inputs_of(3)
    ([(2,), (2,)], [40, 40, 40, 40], [1])
    """
    if size == 1:
        every = np.arange(graph.ntasks)
        return Cut(graph, every, every, np.ones(graph.ntasks))
    if size > 1:
        return joined(graph, round(size))
    cut = halved(graph)
    for _ in range(round(1 / size).bit_length() - 2):
        cut = cut.then(halved(cut.graph))
    return cut


# -- larger chunks ---------------------------------------------------------------------------------------------


def joined(graph: Graph, factor: int) -> Cut:
    """The graph with up to `factor` neighbouring blocks of each operation as one."""
    groups = _groups(graph, factor)
    layers: list[Layer] = []
    part = np.zeros(graph.ntasks, dtype=np.int64)
    count = 0
    kept: list[NDArray[np.float64]] = []
    feeds = _feeds_tree(graph)
    for number, layer in enumerate(graph.layers):
        first, last = int(graph.task_ptr[number]), int(graph.task_ptr[number + 1])
        grid = tuple(-(-n // g) for n, g in zip(layer.grid, groups[number], strict=True))
        if layer.grid:
            at = np.stack(np.unravel_index(np.arange(layer.ntasks), layer.grid))
            to = at // np.array(groups[number])[:, None]
            part[first:last] = count + np.ravel_multi_index(tuple(to), grid)
        else:
            part[first:last] = count
        kept.append(np.full(layer.ntasks, 1.0 / _partial(layer, groups[number], number in feeds)))
        ratio = layer.ntasks / max(int(np.prod(grid)), 1)
        chunks = _joined_chunks(layer, groups[number], number in feeds)
        layers.append(_resized(graph, number, layer, grid, ratio, chunks, tiled=number in feeds))
        count += int(np.prod(grid)) if grid else 1
    bytes_of = graph.slot_bytes * (np.concatenate(kept) if kept else np.zeros(0))[graph.slot_task]
    built = _built(graph, layers, part[graph.slot_task], bytes_of, _slot_index(graph), part)
    return Cut(built, np.arange(graph.ntasks), part, np.ones(graph.ntasks))


def _groups(graph: Graph, factor: int) -> list[tuple[int, ...]]:
    """How many blocks are joined along each axis of each layer, the same along the same axis of all."""
    main = _main(graph)
    group = [1] * len(main)
    chunk = chunk_of(graph) or (1,) * len(main)
    left = factor
    while left > 1 and any(n > g for n, g in zip(main, group, strict=True)):
        axes = [a for a, n in enumerate(main) if n > group[a]]
        axis = min(axes, key=lambda a: (chunk[a] * group[a], a))  # towards chunks of equal sides
        group[axis] *= 2
        left //= 2
    found = []
    for layer in graph.layers:
        if layer.strategy in FIXED or not layer.grid:
            found.append((1,) * len(layer.grid))
        elif len(layer.grid) == len(main):
            found.append(tuple(group))
        else:
            alike = dict(zip(main, group, strict=True))
            found.append(tuple(alike.get(n, max(group)) for n in layer.grid))
    return found


def _main(graph: Graph) -> tuple[int, ...]:
    """The grid with the most blocks of all that can be cut."""
    grids = [layer.grid for layer in graph.layers if layer.strategy not in FIXED and layer.grid]
    return max(grids, key=lambda grid: int(np.prod(grid)), default=())


def _feeds_tree(graph: Graph) -> set[int]:
    """The layers that make partial results: trees, and what they read."""
    trees = {i for i, layer in enumerate(graph.layers) if layer.strategy is Strategy.TREE}
    return trees | {a for a, b in graph.layer_edges() if b in trees}


def _partial(layer: Layer, group: Sequence[int], partial: bool) -> float:
    """How many partial results of one element become one where blocks are joined: what they take does not add up."""
    if not partial or layer.chunks is None:  # of a frame's groups nobody knows how many are the same
        return 1.0
    found = 1.0
    for sizes, joined_blocks in zip(layer.chunks, group, strict=False):
        if len(sizes) > 1 and set(sizes) == {1}:
            found *= min(joined_blocks, len(sizes))
    return found


def _joined_chunks(layer: Layer, group: Sequence[int], partial: bool) -> tuple[tuple[int, ...], ...] | None:
    if layer.chunks is None or len(layer.chunks) != len(group):
        return layer.chunks
    found = []
    for sizes, g in zip(layer.chunks, group, strict=True):
        sums = [sum(sizes[i : i + g]) for i in range(0, len(sizes), g)]
        found.append((1,) * len(sums) if partial and set(sizes) == {1} else tuple(sums))
    return tuple(found)


def chunk_of(graph: Graph) -> tuple[int, ...] | None:
    """The largest chunk along each axis of the operation with the most blocks; None where its graph does not tell."""
    main, feeds = _main(graph), _feeds_tree(graph)
    for number, layer in enumerate(graph.layers):
        if layer.grid != main or layer.chunks is None or layer.strategy in FIXED:
            continue
        if number in feeds and any(set(sizes) == {1} for sizes in layer.chunks):
            continue  # partial results: how large the chunks were that they sum up is not known
        return tuple(max(sizes, default=0) for sizes in layer.chunks)
    return None


# -- smaller chunks --------------------------------------------------------------------------------------------


def halved(graph: Graph) -> Cut:
    """The graph with each block of its block-wise operations as two, along the axis where its chunks are longest."""
    parts = 2
    axis, count = _longest(graph)
    along = [_axis_of(layer, axis, count) for layer in graph.layers]
    times = np.array([parts if a is not None else 1 for a in along])[graph.layer_of]
    first = np.concatenate([[0], np.cumsum(times)])
    source = np.repeat(np.arange(graph.ntasks), times)
    feeds = _feeds_tree(graph)
    layers, place = [], np.zeros(graph.ntasks, dtype=np.int64)
    shrink = np.ones(graph.ntasks)
    for number, layer in enumerate(graph.layers):
        a = along[number]
        tasks = slice(int(graph.task_ptr[number]), int(graph.task_ptr[number + 1]))
        grid = layer.grid
        if a is not None:
            place[tasks] = np.unravel_index(np.arange(layer.ntasks), layer.grid)[a]
            grid = (*grid[:a], grid[a] * parts, *grid[a + 1 :])
            ones = layer.chunks is not None and set(layer.chunks[a]) == {1}
            if not (ones and number in feeds):
                shrink[tasks] = parts
        chunks = layer.chunks if a is None else _split_chunks(layer, a)
        ratio = 1.0 if a is None else 1 / parts
        layers.append(_resized(graph, number, layer, grid, ratio, chunks, tiled=number in feeds))
    of_slot = graph.slot_task
    slot_first = np.concatenate([[0], np.cumsum(times[of_slot])])
    slot_task, slot_bytes = _split_slots(graph, times, first, shrink, slot_first)
    counts, deps = _split_edges(graph, times, first, place, slot_first)
    wanted = [np.arange(slot_first[slot], slot_first[slot + 1]) for slot in np.unique(graph.outputs).tolist()]
    built = _frozen(layers, counts, deps, slot_bytes, wanted, slot_task)
    return Cut(built, source, np.arange(len(source)), 1 / times[source])


def _longest(graph: Graph) -> tuple[int, int]:
    """The axis with the largest chunks in the grid with the most blocks, and the blocks along it."""
    main = _main(graph)
    layer = next(layer for layer in graph.layers if layer.grid == main and layer.strategy not in FIXED)
    if layer.chunks is None:
        return 0, main[0]
    axis = max(range(len(main)), key=lambda a: (max(layer.chunks[a], default=0), -a))  # type: ignore[index]
    return axis, main[axis]


def _split_chunks(layer: Layer, axis: int) -> tuple[tuple[int, ...], ...] | None:
    if layer.chunks is None:
        return None
    sizes = layer.chunks[axis]
    halves = sizes * 2 if set(sizes) == {1} else tuple(part for n in sizes for part in (n - n // 2, n // 2))
    return (*layer.chunks[:axis], halves, *layer.chunks[axis + 1 :])


def _axis_of(layer: Layer, axis: int, count: int) -> int | None:
    """The axis of a layer that is split; None where it stays as it is."""
    if layer.strategy in (*FIXED, Strategy.TREE) or not layer.grid:
        return None
    if axis < len(layer.grid) and layer.grid[axis] == count:
        return axis
    return next((a for a, n in enumerate(layer.grid) if n == count), None)


def _split_slots(
    graph: Graph,
    times: NDArray[np.int64],
    first: NDArray[np.int64],
    shrink: NDArray[np.float64],
    slot_first: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each new slot its new task and its bytes."""
    of_slot = graph.slot_task
    old = np.repeat(np.arange(graph.nslots), times[of_slot])
    number = np.arange(len(old)) - slot_first[old]
    return first[of_slot[old]] + number, (graph.slot_bytes[old] / shrink[of_slot[old]]).astype(np.int64)


def _split_edges(
    graph: Graph,
    times: NDArray[np.int64],
    first: NDArray[np.int64],
    place: NDArray[np.int64],
    slot_first: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The number of inputs of each new task, and their slots.

    A part reads the same part of an input at its own place, and all parts of an input elsewhere.
    """
    reader = np.repeat(np.arange(graph.ntasks), np.diff(graph.dep_ptr))
    maker = graph.slot_task[graph.deps]
    both = (times[reader] > 1) & (times[maker] > 1) & (place[reader] == place[maker])
    fan = np.where(both, 1, times[maker])  # inputs of each part of the reader
    # one entry for each (edge, part of the reader, part of the maker that it reads)
    edge = np.repeat(np.arange(len(reader)), times[reader] * fan)
    start = np.concatenate([[0], np.cumsum(times[reader] * fan)])
    at = np.arange(len(edge)) - start[edge]
    part = at // fan[edge]
    which = np.where(both[edge], part, at % fan[edge])
    new_reader = first[reader[edge]] + part
    new_slot = slot_first[graph.deps[edge]] + which
    order = np.lexsort((edge, new_reader))
    return np.bincount(new_reader, minlength=int(first[-1])), new_slot[order]


# -- both ------------------------------------------------------------------------------------------------------


def _resized(
    graph: Graph,
    number: int,
    layer: Layer,
    grid: tuple[int, ...],
    ratio: float,
    chunks: tuple[tuple[int, ...], ...] | None,
    *,
    tiled: bool,
) -> Layer:
    """The layer over another grid; its temporaries grow with the chunk where they have its size.

    `tiled`: whether it makes partial results, going over its chunk in tiles.
    """
    slots = graph.slot_bytes[graph.slot_ptr[number] : graph.slot_ptr[number + 1]]
    handled = int(slots.max(initial=0))
    grows = layer.scratch_bytes >= SCRATCH_SHARE * handled > 0
    scratch = int(layer.scratch_bytes * ratio) if grows else layer.scratch_bytes
    if tiled:
        chunk = chunk_of(graph)  # where it is not known: one temporary of eight bytes for each element
        elements = layer.scratch_bytes / 8 if chunk is None else float(np.prod(chunk))
        grown = min(elements * ratio, TILE_ELEMENTS) / max(min(elements, TILE_ELEMENTS), 1.0)
        scratch = int(layer.scratch_bytes * grown)
    return replace(layer, grid=grid, scratch_bytes=scratch, chunks=chunks)


def _slot_index(graph: Graph) -> NDArray[np.int64]:
    """Which of its task's outputs each slot is."""
    return np.asarray(np.arange(graph.nslots) - graph.first_slot_of[graph.slot_task])


def _built(
    graph: Graph,
    layers: Sequence[Layer],
    task_of_slot: NDArray[np.int64],
    slot_bytes: NDArray[np.float64],
    index: NDArray[np.int64],
    part: NDArray[np.int64],
) -> Graph:
    """The joined graph: slots of joined tasks are one, edges between them are one."""
    outputs = np.repeat([layer.noutputs for layer in layers], [layer.ntasks for layer in layers])
    slot_at = np.concatenate([[0], np.cumsum(outputs)])
    slot = slot_at[task_of_slot] + index
    nbytes = np.bincount(slot, weights=slot_bytes, minlength=int(slot_at[-1])).astype(np.int64)
    reader = np.repeat(part, np.diff(graph.dep_ptr))
    codes = np.unique(reader * int(slot_at[-1]) + slot[graph.deps])
    reader, deps = codes // int(slot_at[-1]), codes % int(slot_at[-1])
    counts = np.bincount(reader, minlength=len(outputs))
    return _frozen(
        layers,
        counts,
        deps,
        nbytes,
        [np.unique(slot[graph.outputs])],
        np.repeat(np.arange(len(outputs)), outputs),
    )


def _frozen(
    layers: Sequence[Layer],
    counts: NDArray[np.int64],
    deps: NDArray[np.int64],
    slot_bytes: NDArray[np.int64],
    wanted: Sequence[NDArray[np.int64]],
    slot_task: NDArray[np.int64],
) -> Graph:
    """A graph of these arrays, with every pointer as it has to be."""
    task_ptr = np.concatenate([[0], np.cumsum([layer.ntasks for layer in layers])]).astype(np.int64)
    slot_ptr = np.searchsorted(slot_task, task_ptr).astype(np.int64)
    assert all(a <= b for a, b in pairwise(slot_ptr.tolist()))
    dep_ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    outputs = np.concatenate(wanted) if wanted else np.zeros(0, dtype=np.int64)
    return Graph(
        tuple(layers),
        task_ptr,
        slot_ptr,
        dep_ptr,
        deps.astype(np.int64),
        slot_bytes,
        outputs.astype(np.int64),
    )
