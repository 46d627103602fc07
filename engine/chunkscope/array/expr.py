"""The base of array expressions: what has a chunk grid and a dtype. Nodes live in `ops/`, wrapping in `collection`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.chunks import ChunkGrid
from chunkscope.expr import Expr, Slots, Stored, lower_through
from chunkscope.graph import Layer, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder, Ragged
    from chunkscope.types import Kernel

__all__ = ["ArrayExpr", "ArrayOutput", "Composite", "StoredArray"]


class ArrayExpr(Expr):
    """An expression whose value is one array, cut into chunks.

    Every subclass has `grid`, the chunks of the result, and `dtype`, as fields or worked out from its inputs.
    """

    if TYPE_CHECKING:

        @property
        def grid(self) -> ChunkGrid:
            """The chunks of the result."""

        @property
        def dtype(self) -> np.dtype[Any]:
            """The dtype of the result."""

    free: ClassVar[bool] = False
    """Whether making a block costs less than keeping it: such a node may be fused into each of its readers."""

    @property
    def title(self) -> str:
        """The operation in one word, for people: "add" where `op` is "elementwise"."""
        return self.op

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self.grid.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.grid.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the whole result."""
        return self.size * self.dtype.itemsize

    def block_bytes(self) -> NDArray[np.int64]:
        """Bytes of each block, shaped as the grid."""
        elements = self.grid.elements()
        if elements.ndim and not any(elements.strides):
            return np.broadcast_to(elements.flat[0] * self.dtype.itemsize, elements.shape)
        return np.asarray(elements * self.dtype.itemsize)

    def add_layer(
        self,
        build: GraphBuilder,
        kernel: Kernel,
        edges: Sequence[Slots] | Ragged = (),
        *,
        op: str | None = None,
        strategy: Strategy = Strategy.BLOCKWISE,
        nbytes: int | NDArray[np.int64] | None = None,
        **more: Any,
    ) -> tuple[Slots, ...]:
        """Add this node's layer: its name, chunks, dtype, origin and label are filled in."""
        layer = Layer(
            "",
            op or self.op,
            kernel,
            self.grid.numblocks,
            strategy,
            chunks=self.grid.chunks,
            dtype=str(self.dtype),
            origin=self.origin,
            label=self.label,
            **more,
        )
        return build.add(layer, edges, nbytes=self.block_bytes() if nbytes is None else nbytes)


class Composite(ArrayExpr):
    """An operation made of simpler ones. A rule puts them in its place; without that rule they are lowered here."""

    def expand(self) -> ArrayExpr:
        """The same values, from simpler nodes over the same inputs."""
        raise NotImplementedError

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return lower_through(self.expand().traced(self.origin).stamped(self), self.inputs(), build, inputs)


@dataclass(frozen=True, eq=False)
class ArrayOutput(ArrayExpr):
    """Output number `index` of a node that has several, as an array."""

    node: Expr
    index: int
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "output"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][self.index],)


@dataclass(frozen=True, eq=False)
class StoredArray(ArrayExpr):
    """Blocks that the store holds, as an array: what `persist` leaves behind."""

    stored: Stored
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "stored"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][0],)
