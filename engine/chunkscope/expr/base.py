"""The base of every expression node: children, parameters, token, origin. No tasks here.

A node class is a frozen dataclass (`@dataclass(frozen=True, eq=False)`) whose fields are its inputs (expressions, or
tuples of them) and its parameters (anything else). Called by the collections, by rewrite rules and by lowering.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from chunkscope.tokens import tokenise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder
    from chunkscope.types import Origin

    Slots = NDArray[np.int64]
else:
    Slots = Any

__all__ = ["Expr", "Output", "Slots"]


class Expr:
    """One operation on whole collections. Immutable; equal meaning gives an equal `token`.

    Subclasses say what they are in fields, and how they become layers in `lower`.
    """

    _token: str | None = None
    origin: Origin | None = None
    """Where the user's code made it."""
    label: str | None = None
    """The user's own `name=`."""

    op: ClassVar[str] = "expr"
    """The operation in one word, for people."""
    noutputs: ClassVar[int] = 1
    """How many outputs a node has; `Output(node, i)` picks one where there are several."""
    grouped: ClassVar[bool] = False
    """Whether many nodes of this class become one layer, by `lower_group`."""

    def fields(self) -> tuple[Any, ...]:
        """The values of the dataclass fields, in order."""
        cls: Any = type(self)
        return tuple([getattr(self, name) for name in _field_names(cls)])

    def inputs(self) -> tuple[Expr, ...]:
        """The expressions that this one reads, in field order."""
        found: list[Any] = []
        for value in self.fields():
            if isinstance(value, Expr):
                found.append(value)
            elif type(value) is tuple:
                found.extend(item for item in value if isinstance(item, Expr))
        return tuple(found)

    def replace_inputs(self, new: Sequence[Expr]) -> Self:
        """The same operation over other inputs, given in the order of `inputs()`; keeps origin and label."""
        rest = iter(new)
        values: list[Any] = []
        for value in self.fields():
            if isinstance(value, Expr):
                values.append(next(rest))
            elif type(value) is tuple and any(isinstance(item, Expr) for item in value):
                values.append(tuple(next(rest) if isinstance(item, Expr) else item for item in value))
            else:
                values.append(value)
        return type(self)(*values).stamped(self)

    def stamped(self, source: Expr) -> Self:
        """This node, with the origin and label of `source` where it has none of its own."""
        for name in ("origin", "label"):
            if getattr(self, name, None) is None:
                object.__setattr__(self, name, getattr(source, name, None))
        return self

    def traced(self, origin: Origin | None) -> Self:
        """This node, with `origin` on it and on the nodes below it, down to those that have one."""
        stack: list[Expr] = [] if origin is None else [self]
        while stack:
            node = stack.pop()
            if node.origin is None:
                object.__setattr__(node, "origin", origin)
                stack.extend(node.inputs())
        return self

    @property
    def token(self) -> str:
        """A hash of the operation, its parameters and its inputs' tokens; made when first asked for."""
        if self._token is None:
            stack: list[Expr] = [self]
            while stack:
                node = stack[-1]
                missing = [child for child in node.inputs() if child._token is None]
                if missing:
                    stack.extend(missing)
                else:
                    stack.pop()
                    if node._token is None:
                        object.__setattr__(node, "_token", node.make_token())
        assert self._token is not None
        return self._token

    def make_token(self) -> str:
        """The token, where every input has one already."""
        return tokenise((type(self).__module__, type(self).__qualname__, self.fields()))

    def __chunkscope_token__(self) -> str:
        return self.token

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        """Add the layers of this node to `build`; `inputs[k]` are the slot arrays of the k-th input's outputs.

        Returns one slot array, shaped as the block grid, for each output of this node. Moving whole blocks around
        (transposed grids, concatenation, block-aligned slices) needs no task: return rearranged slot arrays.
        """
        raise NotImplementedError(f"{type(self).__name__} must be rewritten before it is lowered")

    @classmethod
    def lower_group(cls, nodes: Sequence[Expr], build: GraphBuilder, slot_of: Callable[[Expr], int]) -> Slots:
        """The one slot of each node, `(n,)`: lowers many nodes of this class at once, where `grouped` is True.

        `nodes` are in topological order; `slot_of` tells the slot of an input outside the group.
        """
        raise NotImplementedError(f"{cls.__name__} is not lowered in groups")


@cache
def _field_names(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


@dataclass(frozen=True, eq=False)
class Output(Expr):
    """Output number `index` of a node that has several."""

    node: Expr
    index: int
    op: ClassVar[str] = "output"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][self.index],)
