"""Runs a register program over one chunk, tile by tile, in buffers that are made once for each task and used again.

A tile is a contiguous run of the chunk in C order, so a random stream gives the same numbers whatever it is fused with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.array.program import TILE_ELEMENTS, Program, Scalar
from chunkscope.blocks import empty, note

if TYPE_CHECKING:
    from numpy.typing import NDArray

CAST_BYTES = 10
"""What NumPy takes for each element of its buffer where a reduction changes the dtype."""

__all__ = ["TileKernel", "square_slices", "tile_slices"]


def tile_slices(shape: tuple[int, ...], elements: int) -> Iterator[tuple[slice, ...]]:
    """Runs of at most `elements` elements (at least one row) that cover `shape`, in C order.

    >>> [tile for tile in tile_slices((2, 5), 10)], len(list(tile_slices((2, 5), 2)))
    ([(slice(0, 2, None), slice(0, 5, None))], 6)
    """
    if not shape:
        yield ()
        return
    inner = math.prod(shape)
    pivot = 0
    for pivot, n in enumerate(shape):  # noqa: B007 - used after the loop
        inner //= max(n, 1)
        if inner <= elements:
            break
    rows = max(elements // max(inner, 1), 1)
    rest = tuple(slice(0, n) for n in shape[pivot + 1 :])
    for outer in np.ndindex(*shape[:pivot]):
        before = tuple(slice(i, i + 1) for i in outer)
        for start in range(0, shape[pivot], rows):
            yield (*before, slice(start, min(start + rows, shape[pivot])), *rest)


def square_slices(shape: tuple[int, ...], elements: int) -> Iterator[tuple[slice, ...]]:
    """Tiles of at most `elements` elements, about as high as wide over the last two axes.

    For inputs that lie across the tile (transposed blocks): a low and wide tile would touch a memory page for each of
    its elements.

    >>> [(a.stop - a.start, b.stop - b.start) for a, b in square_slices((4, 6), 8)]
    [(4, 2), (4, 2), (4, 2)]
    """
    *outer, height, width = shape
    columns = min(width, max(math.isqrt(elements), 1))
    rows = max(elements // columns, 1)
    for before in np.ndindex(*outer):
        lead = tuple(slice(i, i + 1) for i in before)
        for top in range(0, height, rows):
            for left in range(0, width, columns):
                yield (*lead, slice(top, min(top + rows, height)), slice(left, min(left + columns, width)))


@dataclass(frozen=True, slots=True)
class _Buffers:
    """Which buffer each step writes to: a step may take over the buffer of an argument that nobody reads after it."""

    of_step: tuple[int, ...]
    kinds: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]


@dataclass(frozen=True, eq=False)
class TileKernel:
    """The kernel of a layer that runs a program. Inputs are blocks for the program's loads, in order."""

    program: Program
    numbers: tuple[tuple[NDArray[np.int64] | None, ...], ...] = ()
    """For each view of each load, the block number it is told, by the layer's block; None where they are the same."""

    @cached_property
    def _buffers(self) -> _Buffers:
        program = self.program
        nloads, nsteps = len(program.loads), len(program.steps)
        last_use = {}
        for i, step in enumerate(program.steps):
            for arg in step.args:
                if not isinstance(arg, Scalar):
                    last_use[arg] = i
        of_step: list[int] = []
        kinds: list[tuple[tuple[int, ...], np.dtype[Any]]] = []
        idle: list[int] = []
        for i, step in enumerate(program.steps):
            kind = (step.trailing, step.dtype)
            dying = {
                of_step[arg - nloads]
                for arg in step.args
                if not isinstance(arg, Scalar) and arg >= nloads and last_use[arg] == i
            }
            usable = idle + (sorted(dying) if getattr(step.op, "inplace", False) else [])
            choice = next((b for b in reversed(usable) if kinds[b] == kind), None)
            if choice is None or (i == nsteps - 1 and program.ending is None):
                kinds.append(kind)
                choice = len(kinds) - 1
            of_step.append(choice)
            idle = [b for b in idle if b != choice] + [b for b in sorted(dying) if b != choice]
        return _Buffers(tuple(of_step), tuple(kinds))

    @cached_property
    def _sources(self) -> tuple[tuple[int, Any], ...]:
        """The steps that make their tiles from nothing."""
        steps = enumerate(self.program.steps)
        return tuple((i, step.op.begin) for i, step in steps if hasattr(step.op, "begin"))

    def __getstate__(self) -> dict[str, Any]:
        return {"program": self.program, "numbers": self.numbers}

    @property
    def scratch_bytes(self) -> int:
        """The most that one task needs beside its inputs and its output."""
        return self._scratch(self.program.prefix.chunksize)

    def _scratch(self, shape: tuple[int, ...]) -> int:
        """The same for a block of this shape."""
        program = self.program
        buffers = self._buffers
        rows = self._rows(shape)
        used = buffers.kinds if program.ending is not None else buffers.kinds[:-1]
        total = sum(math.prod(trailing) * dtype.itemsize for trailing, dtype in used) * rows
        total += max(
            (
                step.op.scratch_bytes(rows * math.prod(step.trailing))
                for step in program.steps
                if hasattr(step.op, "scratch_bytes")
            ),
            default=0,
        )
        if program.ending is not None:
            reducer, elements = program.ending.reducer, rows * math.prod(program.trailing)
            total += reducer.scratch_bytes(elements)
            last = program.steps[-1].dtype if program.steps else reducer.partial_dtype
            counted = last.kind == "b" and len(program.ending.axes) == len(shape) + len(program.trailing)
            if last != reducer.partial_dtype and not counted:
                total += CAST_BYTES * min(elements, np.getbufsize())
        return total

    def _rows(self, shape: tuple[int, ...]) -> int:
        """Prefix elements in the largest tile of a block of this shape."""
        first = next(tile_slices(shape, max(TILE_ELEMENTS // max(self.program.width, 1), 1)), ())
        return math.prod(part.stop - part.start for part in first)

    def __call__(self, block: int, /, *inputs: Any) -> NDArray[Any]:
        program = self.program
        shape = program.prefix.block_shape(block)
        loaded = []
        for k, load in enumerate(program.loads):
            x = (
                inputs[k] if hasattr(inputs[k], "ndim") else np.asarray(inputs[k])
            )  # user code may give a number
            for view, number in zip(load.views, self.numbers[k] if load.views else (), strict=True):
                x = view.view(block if number is None else int(number[block]), np.asarray(x))
            loaded.append(x)
        if shape != program.prefix.chunksize:  # blocks at the edge need less than was declared for all
            note(self._scratch(shape))
        fillers = {i: begin(block) for i, begin in self._sources}
        elements = max(TILE_ELEMENTS // max(program.width, 1), 1)
        if math.prod(shape) <= elements:
            return self._single(shape, loaded, fillers)
        return self._tiled(shape, elements, loaded, fillers)

    def _single(self, shape: tuple[int, ...], registers: list[Any], fillers: dict[int, Any]) -> NDArray[Any]:
        """The block is one tile: nothing is cut, and buffers are used again as between tiles."""
        program, of_step = self.program, self._buffers.of_step
        place = tuple(slice(0, n) for n in shape)
        stores: dict[int, NDArray[Any]] = {}
        out: NDArray[Any]
        for i, step in enumerate(program.steps):
            number = of_step[i]
            if number in stores:
                out = stores[number]
            else:
                out = stores[number] = np.empty(shape + step.trailing, step.dtype)
            if i in fillers:
                fillers[i](out, place)
            else:
                step.op.run(out, *[a.value if isinstance(a, Scalar) else registers[a] for a in step.args])  # type: ignore[union-attr]
            registers.append(out)
        if program.ending is not None:
            return self._finished(program.ending.reducer.partial(registers[-1], program.ending.axes))
        return out

    def _tiled(
        self, shape: tuple[int, ...], elements: int, loaded: list[Any], fillers: dict[int, Any]
    ) -> NDArray[Any]:
        program, plan, ending = self.program, self._buffers, self.program.ending
        nloads, last = len(program.loads), len(program.steps) - 1
        registers: list[Any] = [None] * (nloads + last + 1)
        result: Any = None if ending is not None else empty(shape + program.trailing, program.steps[-1].dtype)
        known: dict[tuple[int, ...], list[NDArray[Any]]] = {}
        stores: list[NDArray[Any]] = []
        across = not fillers and len(shape) > 1 and any(_lies_across(x) for x in loaded)
        tiles = square_slices(shape, self._rows(shape)) if across else tile_slices(shape, elements)
        for place in tiles:
            tile = tuple(part.stop - part.start for part in place)
            if tile not in known:
                if not stores:  # the first tile is the largest
                    rows = math.prod(tile)
                    stores = [
                        np.empty(rows * math.prod(trailing), dtype)
                        for trailing, dtype in plan.kinds[: len(plan.kinds) - (ending is None)]
                    ]
                known[tile] = [
                    _shaped(store, tile + trailing)
                    for store, (trailing, _) in zip(stores, plan.kinds, strict=False)
                ]
            buffers = known[tile]
            for k, load in enumerate(program.loads):
                registers[k] = loaded[k][_local(place, load.pad, load.stretched)]
            for i, step in enumerate(program.steps):
                out = result[place] if i == last and ending is None else buffers[plan.of_step[i]]
                if i in fillers:
                    fillers[i](out, place)
                else:
                    step.op.run(out, *[a.value if isinstance(a, Scalar) else registers[a] for a in step.args])  # type: ignore[union-attr]
                registers[nloads + i] = out
            if ending is not None:
                part = ending.reducer.partial(registers[-1], ending.axes)
                result = self._merged(result, part, place, shape)
        return result if ending is None else self._finished(result)

    def _merged(
        self, result: Any, part: NDArray[Any], place: tuple[slice, ...], shape: tuple[int, ...]
    ) -> NDArray[Any]:
        """Put the partial of one tile where it belongs: a new place is filled, an old one merged."""
        ending = self.program.ending
        assert ending is not None
        reduced = [axis for axis in ending.axes if axis < len(place)]
        planes = ending.reducer.planes
        if result is None:
            full = tuple(1 if axis in reduced else n for axis, n in enumerate(shape))
            lead = part.shape[: 1 if planes else 0]
            result = np.empty(lead + full + part.shape[len(lead) + len(place) :], part.dtype)
        where = tuple(slice(0, 1) if axis in reduced else at for axis, at in enumerate(place))
        target = result[(slice(None), *where) if planes else where]
        if all(place[axis].start == 0 for axis in reduced):
            target[...] = part
        else:
            ending.reducer.merge(target, part)
        return result  # type: ignore[no-any-return]

    def _finished(self, partial: NDArray[Any]) -> NDArray[Any]:
        ending = self.program.ending
        assert ending is not None
        if ending.count is None:
            return partial
        done = ending.reducer.finish(partial, ending.count)
        return (
            done
            if ending.keepdims
            else done.reshape(tuple(n for axis, n in enumerate(done.shape) if axis not in ending.axes))
        )


def _lies_across(x: Any) -> bool:
    """Whether an input's last axis is not the one along which its memory runs."""
    return isinstance(x, np.ndarray) and x.ndim > 1 and x.strides[-1] > x.itemsize and x.size > 1


def _shaped(store: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The beginning of a flat buffer, in this shape."""
    return store[: math.prod(shape)].reshape(shape)


def _local(place: tuple[slice, ...], pad: int, stretched: tuple[bool, ...]) -> tuple[Any, ...]:
    """Where a tile lies in an input that may lack leading axes or be of length 1 along some."""
    return tuple(
        slice(None) if stretched[axis] else place[axis + pad]
        for axis in range(len(place) - pad)
        if axis < len(stretched)
    )
