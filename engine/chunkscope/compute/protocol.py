"""What a collection must offer to be computed. The engine knows collections through this alone."""

from __future__ import annotations

from typing import Any, Protocol, Self, runtime_checkable

from chunkscope.expr import Expr, Rewrite

__all__ = ["Assembler", "Collection", "is_collection"]


class Assembler(Protocol):
    """Builds the computed value of one collection from its blocks, as they come, from any thread."""

    def put(self, position: int, block: Any) -> None:
        """Take block number `position`, in C order of the block grid. The block is read-only and must not be kept."""

    def result(self) -> Any:
        """The value: writable, and sharing no memory with any block. Called once, after every block was put."""


@runtime_checkable
class Collection(Protocol):
    """A lazy value: an expression, and how its blocks become what the user expects."""

    def __chunkscope_expr__(self) -> Expr:
        """The expression behind it."""

    def __chunkscope_rules__(self) -> tuple[Rewrite, ...]:
        """The rewrites that its kind of expression knows."""

    def __chunkscope_assembler__(self, grid: tuple[int, ...]) -> Assembler:
        """A fresh assembler for blocks over `grid`."""

    def __chunkscope_rebuild__(self, expr: Expr) -> Self:
        """The same collection over another expression with the same blocks."""


def is_collection(value: object) -> bool:
    """Whether `value` is a lazy collection of chunkscope.

    >>> is_collection([1, 2])
    False
    """
    return hasattr(type(value), "__chunkscope_expr__")
