"""A whole collection as one value: what a delayed call gets when its argument is an array or a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from chunkscope.compute.protocol import Collection
from chunkscope.expr import Expr, Slots
from chunkscope.graph import Layer, Strategy

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["Gather"]


class Gather(Expr):
    """All blocks of `collection`, assembled in one task as `compute` would."""

    op: ClassVar[str] = "gather"

    def __init__(self, collection: Collection, source: Expr | None = None) -> None:
        self._collection = collection
        self.source = collection.__chunkscope_expr__() if source is None else source
        self.stamped(self.source)

    @property
    def collections(self) -> tuple[Collection, ...]:
        """The collection that is gathered."""
        return (self._collection,)

    def inputs(self) -> tuple[Expr, ...]:
        return (self.source,)

    def replace_inputs(self, new: Sequence[Expr]) -> Gather:
        return Gather(self._collection, new[0]).stamped(self)

    def make_token(self) -> str:
        return f"gather-{self.source.token}"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        blocks = inputs[0][0]
        layer = Layer(
            "",
            self.op,
            _assemble(self._collection, blocks.shape),
            (),
            Strategy.GATHERS,
            origin=self.origin,
            detail="a delayed call takes the whole collection as one value",
        )
        return build.add(layer, [blocks.reshape(-1)], nbytes=int(getattr(self._collection, "nbytes", 64)))


@dataclass(frozen=True, slots=True)
class _assemble:
    """The kernel of `Gather`."""

    collection: Any
    grid: tuple[int, ...]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        assembler = self.collection.__chunkscope_assembler__(self.grid)
        for position, value in enumerate(inputs):
            assembler.put(position, value)
        return assembler.result()
