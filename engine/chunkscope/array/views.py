"""Rearrangements of blocks that copy nothing: permuted, reversed, added, dropped, sliced and stretched axes.

A rearrangement does two things: it says where each block of the result comes from (an array of slots rearranged, no
task), and it turns one block into the block of the result (a view). `BlockView` makes it a node; fusing puts it into
the kernel that reads the block, where it is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from chunkscope.array.expr import ArrayExpr
from chunkscope.chunks import AxisCut, ChunkGrid
from chunkscope.expr import Slots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["BlockView", "Cut", "Drop", "Insert", "Permute", "Rearrangement", "Regroup", "Reverse", "Stretch"]


class Rearrangement(Protocol):
    """One kind of rearrangement with its parameters."""

    @property
    def name(self) -> str:
        """The operation in one word."""

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        """The chunks of the result."""

    def slots(self, slots: Slots) -> Slots:
        """The slots of the blocks that the result's blocks come from, shaped as the result's grid."""

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        """Block number `block` of the result, from the block that it comes from."""

    @property
    def moves_only(self) -> bool:
        """Whether every block stays as it is, so that no task is needed."""

    @property
    def by_block(self) -> bool:
        """Whether the view differs from block to block."""


@dataclass(frozen=True, slots=True)
class Permute:
    """Axis `i` of the result is axis `axes[i]`."""

    axes: tuple[int, ...]
    name: ClassVar[str] = "transpose"
    moves_only: ClassVar[bool] = False
    by_block: ClassVar[bool] = False

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        return x.take(self.axes)

    def slots(self, slots: Slots) -> Slots:
        return slots.transpose(self.axes)

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        return x.transpose(self.axes)


@dataclass(frozen=True, slots=True)
class Reverse:
    """These axes run backwards."""

    axes: tuple[int, ...]
    name: ClassVar[str] = "flip"
    moves_only: ClassVar[bool] = False
    by_block: ClassVar[bool] = False

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        return ChunkGrid(part[::-1] if axis in self.axes else part for axis, part in enumerate(x.sizes))

    def slots(self, slots: Slots) -> Slots:
        return np.flip(slots, self.axes)

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        return np.flip(x, self.axes)


@dataclass(frozen=True, slots=True)
class Insert:
    """New axes of length 1 at these positions of the result, in rising order."""

    axes: tuple[int, ...]
    name: ClassVar[str] = "expand_dims"
    moves_only: ClassVar[bool] = False
    by_block: ClassVar[bool] = False

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        sizes = list(x.sizes)
        for axis in self.axes:
            sizes.insert(axis, np.ones(1, dtype=np.int64))
        return ChunkGrid(sizes)

    def slots(self, slots: Slots) -> Slots:
        return np.expand_dims(slots, self.axes)

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        return np.expand_dims(x, self.axes)


@dataclass(frozen=True, slots=True)
class Drop:
    """These axes of length 1 go."""

    axes: tuple[int, ...]
    name: ClassVar[str] = "squeeze"
    moves_only: ClassVar[bool] = False
    by_block: ClassVar[bool] = False

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        return x.take(axis for axis in range(x.ndim) if axis not in self.axes)

    def slots(self, slots: Slots) -> Slots:
        return np.squeeze(slots, self.axes)

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        return np.squeeze(x, self.axes)


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice of each axis, given block by block; None where an axis stays whole."""

    cuts: tuple[AxisCut | None, ...]
    result: ChunkGrid
    name: ClassVar[str] = "getitem"
    by_block: ClassVar[bool] = True

    @property
    def moves_only(self) -> bool:
        return all(cut is None or cut.whole for cut in self.cuts)

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        return self.result

    def slots(self, slots: Slots) -> Slots:
        for axis, cut in enumerate(self.cuts):
            if cut is not None:
                slots = slots.take(cut.blocks, axis=axis)
        return slots

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        where = self.result.coordinates(block)
        return x[
            tuple(
                slice(None) if cut is None else cut.local(i) for cut, i in zip(self.cuts, where, strict=True)
            )
            or ...
        ]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Axes of length 1, and new leading axes, repeated to the lengths of `result`."""

    result: ChunkGrid
    name: ClassVar[str] = "broadcast_to"
    moves_only: ClassVar[bool] = False
    by_block: ClassVar[bool] = True

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        return self.result

    def slots(self, slots: Slots) -> Slots:
        return np.broadcast_to(slots, self.result.numblocks)

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(x, self.result.block_shape(block))


@dataclass(frozen=True, slots=True)
class Regroup:
    """The same blocks in C order, each reshaped to its shape in `result`."""

    result: ChunkGrid
    name: ClassVar[str] = "reshape"
    moves_only: ClassVar[bool] = False
    by_block: ClassVar[bool] = True

    def grid(self, x: ChunkGrid) -> ChunkGrid:
        return self.result

    def slots(self, slots: Slots) -> Slots:
        return slots.reshape(self.result.numblocks)

    def view(self, block: int, x: NDArray[Any]) -> NDArray[Any]:
        return x.reshape(self.result.block_shape(block))


@dataclass(frozen=True, eq=False)
class BlockView(ArrayExpr):
    """`x` rearranged. One task per block that hands out a view, none where blocks only move."""

    x: ArrayExpr
    how: Rearrangement
    op: ClassVar[str] = "view"
    free: ClassVar[bool] = True

    @property
    def title(self) -> str:
        return self.how.name

    @cached_property
    def grid(self) -> ChunkGrid:
        return self.how.grid(self.x.grid)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.x.dtype

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        slots = self.how.slots(inputs[0][0])
        if self.how.moves_only:
            return (slots,)
        return self.add_layer(build, ViewKernel(self.how), [slots], op=self.how.name)


@dataclass(frozen=True, slots=True)
class ViewKernel:
    """Hands out the rearranged block."""

    how: Rearrangement

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return self.how.view(block, np.asarray(inputs[0]))
