"""Register programs: what one task does to its chunk, as a short list of steps over tiles of it.

A chain of block-wise operations becomes one program. Its registers are tiles of arrays that share their first axes, the
*prefix*; what a register has beyond them, its *trailing* shape, is whole in every tile. So the program of

    ((x ** 2).sum(axis=1) < 1).mean()           with x of shape (n, 2)

has the prefix (n,) and the registers x: (n, 2), square: (n, 2), sum: (n,), less: (n,), and ends in a partial mean. Here
is only what a program *is* and how two are joined; `tiles.py` runs it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from chunkscope.chunks import ChunkGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.array.reducers import Reducer

__all__ = [
    "TILE_ELEMENTS",
    "Ending",
    "Load",
    "Program",
    "Scalar",
    "SourceOp",
    "Step",
    "TileOp",
    "View",
    "inline",
    "renumbered",
]

TILE_ELEMENTS = 131072
"""Elements in a tile: a constant, since sums depend on it. 1 MiB of float64 is about half of a core's L2 cache today,
and one ufunc call over it (50 µs and more) outweighs the hand-over of the interpreter lock between lanes: on two lanes
this is 1.8 times as fast as a quarter of it, measured."""

MAX_STEPS = 64
"""Longer programs do not run faster; shorter ones are told apart in the plan."""


class TileOp(Protocol):
    """An operation on tiles: writes its result to `out`."""

    @property
    def name(self) -> str:
        """The operation in one word."""

    @property
    def inplace(self) -> bool:
        """Whether `out` may be the memory of an input of the same shape and dtype."""

    def run(self, out: NDArray[Any], *tiles: Any) -> None:
        """Fill `out`."""


class SourceOp(Protocol):
    """An operation that makes a block from nothing: tile after tile, in C order."""

    @property
    def name(self) -> str:
        """The operation in one word."""

    def begin(self, block: int) -> Callable[[NDArray[Any], tuple[slice, ...]], None]:
        """What fills the tiles of one block: called with the tile and its place in the block, in order."""


class View(Protocol):
    """A rearrangement of one block that copies nothing."""

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        """The block rearranged; `block` counts the blocks of the result."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number among the arguments: a Python number stays weak in type promotion, as NumPy has it."""

    value: Any


@dataclass(frozen=True, eq=False, slots=True)
class Load:
    """How an input block becomes a register."""

    source: int
    """Number of the input."""
    pad: int
    """How many leading axes of its reader it lacks."""
    stretched: tuple[bool, ...]
    """For each of its axes, whether it has length 1 and the reader's is longer."""
    width: int = 1
    """Elements that one element of the prefix reads."""
    views: tuple[View, ...] = ()
    refs: int = 1
    """How many arguments of the original operations this register stands for."""


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """One operation: its arguments are register numbers and scalars, its result the next register."""

    op: TileOp | SourceOp
    args: tuple[int | Scalar, ...]
    trailing: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True, eq=False, slots=True)
class Ending:
    """The partial reduction at the end of a program, over axes of its last register."""

    reducer: Reducer
    axes: tuple[int, ...]
    count: int | None
    """How many elements go into one result where this partial is the whole of it; None where others follow."""
    keepdims: bool = True


@dataclass(frozen=True, eq=False)
class Program:
    """Loads, then steps; register numbers count loads first. One program serves all blocks of a layer."""

    prefix: ChunkGrid
    loads: tuple[Load, ...]
    steps: tuple[Step, ...]
    ending: Ending | None = None

    @property
    def trailing(self) -> tuple[int, ...]:
        """The trailing shape of the last register."""
        return self.steps[-1].trailing if self.steps else ()

    @cached_property
    def width(self) -> int:
        """Elements of the widest register for one element of the prefix."""
        return max(
            *(math.prod(step.trailing) for step in self.steps), *(load.width for load in self.loads), 1, 1
        )

    @property
    def chain(self) -> str:
        """The operations in order, for people."""
        names = [step.op.name for step in self.steps if step.op.name]
        if self.ending is not None:
            names.append(self.ending.reducer.name)
        shown = names if len(names) <= 12 else [*names[:6], f"... {len(names) - 10} more ...", *names[-4:]]
        return " → ".join(shown)

    def trimmed(self, ndim: int) -> Program | None:
        """The same program with a shorter prefix; None where an axis that leaves it has several chunks."""
        if ndim == self.prefix.ndim:
            return self
        leaving = self.prefix.sizes[ndim:]
        if any(len(sizes) > 1 for sizes in leaving):
            return None
        extra = tuple(int(sizes[0]) for sizes in leaving)
        steps = tuple(replace(step, trailing=extra + step.trailing) for step in self.steps)
        loads = tuple(replace(load, width=load.width * _read(load, ndim, extra)) for load in self.loads)
        return Program(self.prefix.take(range(ndim)), loads, steps, self.ending)


def _read(load: Load, ndim: int, extra: tuple[int, ...]) -> int:
    """How many times more a load reads for each element of the prefix once the axes from `ndim` on have left it."""
    own = range(ndim - load.pad, ndim - load.pad + len(extra))
    return math.prod(n for axis, n in zip(own, extra, strict=True) if axis >= 0 and not load.stretched[axis])


def inline(parent: Program, number: int, child: Program, first_source: int) -> Program | str:
    """`parent` with its load `number` made on the spot by `child`, or the reason why that cannot be.

    The child's inputs are numbered from `first_source`.
    """
    load = parent.loads[number]
    if child.ending is not None:
        return "it ends in a partial reduction"
    if load.views:
        return "it is read through a view"
    if load.pad:
        return "its blocks are stretched along a new axis: made once, not once for each tile"
    if len(parent.steps) + len(child.steps) > MAX_STEPS:
        return f"the kernel has {len(parent.steps)} steps already"
    fixed = next((axis for axis, stretched in enumerate(load.stretched) if stretched), len(load.stretched))
    ndim = min(parent.prefix.ndim, child.prefix.ndim, fixed)
    outer, inner = parent.trimmed(ndim), child.trimmed(ndim)
    if outer is None or inner is None or outer.prefix != inner.prefix:
        return "its blocks do not match one to one"
    width = max(outer.width, inner.width)
    if ndim == 0 and width > TILE_ELEMENTS:
        return "no axis is left to cut into tiles"
    if width > TILE_ELEMENTS and width > max(parent.width, child.width):
        return f"one row of a block would be {width} elements, more than a tile"
    return _joined(outer, number, inner, first_source)


def _joined(parent: Program, number: int, child: Program, first_source: int) -> Program:
    """The child's loads and steps first, then the parent's, with registers numbered anew."""
    kept = [load for i, load in enumerate(parent.loads) if i != number]
    moved = [replace(load, source=load.source + first_source) for load in child.loads]
    nmoved, nchild = len(moved), len(child.steps)
    nloads = nmoved + len(kept)
    register = {i: nmoved + i - (i > number) for i in range(len(parent.loads)) if i != number}
    register[number] = nloads + nchild - 1
    register |= {len(parent.loads) + i: nloads + nchild + i for i in range(len(parent.steps))}
    first = child.steps
    if kept:
        first = renumbered(first, {i: i if i < nmoved else i + len(kept) for i in range(nmoved + nchild)})
    steps = (*first, *renumbered(parent.steps, register))
    return Program(parent.prefix, (*moved, *kept), steps, parent.ending)


def renumbered(steps: tuple[Step, ...], register: Mapping[int, int]) -> tuple[Step, ...]:
    """The steps with other register numbers."""
    return tuple(
        Step(
            step.op,
            tuple(arg if isinstance(arg, Scalar) else register[arg] for arg in step.args),
            step.trailing,
            step.dtype,
        )
        for step in steps
    )
