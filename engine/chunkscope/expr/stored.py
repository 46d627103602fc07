"""The leaf for data that is there already: persisted collections, futures, scattered values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.expr.base import Expr, Slots
from chunkscope.graph import Layer, Strategy
from chunkscope.tokens import unique_token
from chunkscope.types import BlockRef

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["Stored", "fetch"]


@dataclass(frozen=True, slots=True)
class fetch:
    """The kernel of `Stored`: hands out block `i`. Its refs let the executor wait for blocks that are still coming."""

    refs: tuple[BlockRef, ...]

    def __call__(self, block: int, /) -> Any:
        return self.refs[block].get()


@dataclass(frozen=True, eq=False)
class Stored(Expr):
    """Blocks held by the block store, in C order over `grid`. Collections add their own geometry around it."""

    refs: tuple[BlockRef, ...]
    grid: tuple[int, ...]
    op: ClassVar[str] = "stored"

    def make_token(self) -> str:
        return unique_token("stored")  # never that of blocks that are gone: a result may be kept under it

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        nbytes = np.array([ref.nbytes for ref in self.refs], dtype=np.int64).reshape(self.grid)
        layer = Layer(
            "", self.op, fetch(self.refs), self.grid, Strategy.STORED, origin=self.origin, label=self.label
        )
        return build.add(layer, nbytes=nbytes)
