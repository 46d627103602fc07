"""Nodes that run a register program on each chunk: every element-wise operation, source and in-block reduction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.expr import ArrayExpr
from chunkscope.array.program import Ending, Load, Program, Scalar, SourceOp, Step, TileOp
from chunkscope.array.tiles import TileKernel
from chunkscope.chunks import AxisCut, ChunkGrid
from chunkscope.expr import Slots
from chunkscope.graph import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["Fused", "Source", "Tiled", "mapped"]


class Tiled(ArrayExpr):
    """An operation that a program describes; its loads number the node's inputs."""

    def program(self) -> Program:
        """What one task does."""
        raise NotImplementedError

    def layer_nbytes(self) -> NDArray[np.int64]:
        """Bytes of each block, those of a partial where the program ends in one."""
        return self.block_bytes()

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        program = self.program()
        edges, numbers = [], []
        for load in program.loads:
            slots, told = _arranged(load, inputs[load.source][0], program.prefix.numblocks)
            edges.append(slots.reshape(self.grid.numblocks))
            numbers.append(told)
        kernel = TileKernel(program, tuple(numbers))
        strategy = Strategy.BLOCKWISE if program.loads else Strategy.SOURCE
        steps = len(program.steps) + (program.ending is not None)
        return self.add_layer(
            build,
            kernel,
            edges,
            op=self.layer_op(),
            strategy=strategy,
            nbytes=self.layer_nbytes(),
            scratch_bytes=kernel.scratch_bytes,
            detail=program.chain if steps > 1 else "",
            read_bytes=self.layer_read_bytes(),
        )

    def layer_op(self) -> str:
        """The operation in one word."""
        return self.op

    @property
    def title(self) -> str:
        return self.layer_op()

    def layer_read_bytes(self) -> int:
        """Bytes read from the user's own arrays."""
        return 0


class Source(Tiled):
    """Makes its blocks from nothing."""

    def source_op(self) -> SourceOp:
        """What fills the tiles."""
        raise NotImplementedError

    def program(self) -> Program:
        return Program(self.grid, (), (Step(self.source_op(), (), (), self.dtype),))

    def taken(self, blocks: tuple[NDArray[np.int64], ...]) -> Source | None:
        """The same source, of which only these blocks along each axis are made; None where that cannot be said."""
        return None

    def sliced(self, cuts: tuple[AxisCut | None, ...], grid: ChunkGrid) -> Source | None:
        """The same source, of which only a slice is made, in the chunks of `grid`; None where that cannot be said."""
        return None

    def recut(self, grid: ChunkGrid) -> Source | None:
        """The same values in other chunks; None where the values depend on the chunks."""
        return None


@dataclass(frozen=True, eq=False)
class Fused(Tiled):
    """Several operations in one kernel; `last` names the one whose result it is."""

    sources: tuple[ArrayExpr, ...]
    merged: Program
    grid: ChunkGrid
    dtype: np.dtype[Any]
    last: str
    read_bytes: int = 0
    op: ClassVar[str] = "fused"

    def make_token(self) -> str:
        from chunkscope.tokens import tokenise

        return tokenise(("fused", self.sources, self.merged, self.grid, self.dtype))

    def program(self) -> Program:
        return self.merged

    def layer_op(self) -> str:
        return self.last

    def layer_nbytes(self) -> NDArray[np.int64]:
        ending = self.merged.ending
        return (
            self.block_bytes() if ending is None or ending.count is not None else partial_bytes(self, ending)
        )

    def layer_read_bytes(self) -> int:
        return self.read_bytes


def partial_bytes(node: ArrayExpr, ending: Ending) -> NDArray[np.int64]:
    """Bytes of the partials of a node, whose grid has chunks of 1 along the reduced axes."""
    each = ending.reducer.partial_dtype.itemsize * max(ending.reducer.planes, 1)
    return node.grid.elements() * each


def mapped(op: TileOp, args: Sequence[ArrayExpr | Scalar], grid: ChunkGrid, dtype: np.dtype[Any]) -> Program:
    """The program of one element-wise operation over inputs that fit `grid` or stretch to it."""
    registers: dict[int, int] = {}
    loads: list[Load] = []
    places: list[int | Scalar] = []
    number = 0
    for arg in args:
        if isinstance(arg, Scalar):
            places.append(arg)
            continue
        if id(arg) in registers:
            k = registers[id(arg)]
            loads[k] = replace(loads[k], refs=loads[k].refs + 1)
        else:
            k = registers[id(arg)] = len(loads)
            loads.append(whole_load(number, arg.grid, grid))
        places.append(k)
        number += 1
    return Program(grid, tuple(loads), (Step(op, tuple(places), (), dtype),))


def whole_load(number: int, own: ChunkGrid, grid: ChunkGrid) -> Load:
    """How a reader with this grid loads an input with grid `own`."""
    pad = grid.ndim - own.ndim
    stretched = tuple(n == 1 != grid.shape[axis + pad] for axis, n in enumerate(own.shape))
    return Load(number, pad, stretched)


def _arranged(
    load: Load, slots: Slots, numblocks: tuple[int, ...]
) -> tuple[Slots, tuple[NDArray[np.int64] | None, ...]]:
    """The slots that a load reads, one for each block of the layer, and the block numbers that its views are told."""
    numbers: list[NDArray[np.int64] | None] = []
    stages = [slots]
    for view in load.views:
        stages.append(view.slots(stages[-1]))  # type: ignore[attr-defined]
    for i, view in enumerate(load.views):
        if not getattr(view, "by_block", False):
            numbers.append(None)
            continue
        told: Slots = np.arange(stages[i + 1].size).reshape(stages[i + 1].shape)
        for later in load.views[i + 1 :]:
            told = later.slots(told)  # type: ignore[attr-defined]
        told = _spread(told, load.pad, numblocks).reshape(-1)
        numbers.append(None if np.array_equal(told, np.arange(told.size)) else told)
    return _spread(stages[-1], load.pad, numblocks), tuple(numbers)


def _spread(slots: Slots, pad: int, numblocks: tuple[int, ...]) -> Slots:
    """Slots of an input shaped as the blocks of its reader: axes beyond the reader's prefix, of one block each, go."""
    kept = max(len(numblocks) - pad, 0)  # an input may lack more leading axes than its reader has
    return np.broadcast_to(slots.reshape(slots.shape[:kept]), numblocks)
