"""The expression of one delayed call. Many of them become a few tables, see `tables.py`.

A call is the one expression that exists for each task: it is small, and it is all that is made before the call runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from chunkscope.delayed.tables import function_name, lower_calls
from chunkscope.expr import Expr, Slots
from chunkscope.graph.calls import Recipe
from chunkscope.tokens import tokenise, unique_token
from chunkscope.types import Origin

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["Call"]


class Call(Expr):
    """`function(*args, **kwargs)`, later. `args` and `kwargs` have holes where `recipe` and `kwrecipe` put the inputs.

    With no recipe, the arguments are the inputs where there are inputs, and `args` where there are none.
    """

    __slots__ = ("args", "function", "kwargs", "kwrecipe", "lazy", "name", "pure", "recipe")

    op: ClassVar[str] = "call"
    grouped: ClassVar[bool] = True

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        lazy: tuple[Expr, ...],
        recipe: Recipe | None = None,
        kwargs: dict[str, Any] | None = None,
        kwrecipe: Recipe | None = None,
        name: str | None = None,
        pure: bool = False,
        origin: Origin | None = None,
    ) -> None:
        self.function = function
        self.args = args
        self.lazy = lazy
        self.recipe = recipe
        self.kwargs = kwargs
        self.kwrecipe = kwrecipe
        self.name = name
        self.pure = pure
        self.origin = origin

    @property
    def title(self) -> str:
        """The operation's name for people: the user's own, or the function's."""
        return self.name or function_name(self.function)

    def inputs(self) -> tuple[Expr, ...]:
        return self.lazy

    def replace_inputs(self, new: Sequence[Expr]) -> Call:
        call = Call(
            self.function,
            self.args,
            tuple(new),
            self.recipe,
            self.kwargs,
            self.kwrecipe,
            self.name,
            self.pure,
            self.origin,
        )
        call.label = self.label
        return call

    def make_token(self) -> str:
        if not self.pure:
            return unique_token(self.title)
        parts = (self.function, self.args, self.recipe, self.kwargs, self.kwrecipe, self.lazy)
        return f"{self.title}-{tokenise(parts)}"

    @classmethod
    def lower_group(cls, nodes: Sequence[Expr], build: GraphBuilder, slot_of: Callable[[Expr], int]) -> Slots:
        calls: list[Call] = nodes  # type: ignore[assignment]
        return lower_calls(calls, build, slot_of)
