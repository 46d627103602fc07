"""The expression of one delayed call, and the table kernel that many of them become.

A call is the one expression that exists for each task: it is small, and it is all that is made before the call runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.delayed.recipe import Recipe
from chunkscope.expr import Expr, Slots
from chunkscope.graph import Layer, Ragged, Strategy
from chunkscope.tokens import tokenise, unique_token
from chunkscope.types import Origin

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["Call", "CallTable", "function_name"]

UNKNOWN_BYTES = 64
"""What a call's result is thought to weigh before it is there."""


def function_name(function: Any) -> str:
    """The name of a function for people.

    >>> from functools import partial
    >>> function_name(sum), function_name(partial(sum, start=1))
    ('sum', 'sum')
    """
    while hasattr(function, "func"):
        function = function.func
    return getattr(function, "__name__", None) or type(function).__name__


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
        rows = np.arange(len(calls))
        if any([call.pure for call in calls]):
            calls, rows = _share_equal(calls)
        row_of = dict(zip(map(id, nodes), rows.tolist(), strict=True))
        counts = np.array([len(call.lazy) for call in calls], dtype=np.int64)
        ptr = np.zeros(len(calls) + 1, dtype=np.int64)
        np.cumsum(counts, out=ptr[1:])
        first = build.next_slot
        slots = np.fromiter(_edges(calls, row_of, slot_of, first), dtype=np.int64, count=int(ptr[-1]))
        titles = {name or function_name(f) for name, f in {(call.name, call.function) for call in calls}}
        layer = Layer(
            "",
            titles.pop() if len(titles) == 1 else cls.op,
            CallTable.of(calls),
            (len(calls),),
            Strategy.CALL,
            exact=False,
            user=True,
            origin=calls[-1].origin,
            detail=f"{len(calls)} delayed calls",
        )
        (places,) = build.add(layer, Ragged(ptr, slots), nbytes=UNKNOWN_BYTES)
        chosen: Slots = places[rows]
        return chosen


def _share_equal(nodes: Sequence[Call]) -> tuple[list[Call], Slots]:
    """The calls with equal pure ones listed once, and for each node the row of its call."""
    calls: list[Call] = []
    rows: list[int] = []
    row_of: dict[str, int] = {}
    for node in nodes:
        row = row_of.setdefault(node.token, len(calls)) if node.pure else len(calls)
        rows.append(row)
        if row == len(calls):
            calls.append(node)
    return calls, np.array(rows, dtype=np.int64)


def _edges(
    calls: Iterable[Call], row_of: dict[int, int], slot_of: Callable[[Expr], int], first: int
) -> Iterator[int]:
    for call in calls:
        for child in call.lazy:
            row = row_of.get(id(child))
            yield slot_of(child) if row is None else first + row


class CallTable:
    """The kernel of delayed calls: task `i` is row `i` of columns of functions and arguments. Picklable."""

    __slots__ = ("args", "functions", "kwargs", "kwrecipes", "origins", "recipes", "titles")

    def __init__(
        self,
        functions: list[Callable[..., Any]],
        args: list[tuple[Any, ...]],
        recipes: list[Recipe | None],
        kwargs: list[dict[str, Any] | None],
        kwrecipes: list[Recipe | None],
        titles: list[str | None],
        origins: list[Origin | None],
    ) -> None:
        self.functions = functions
        self.args = args
        self.recipes = recipes
        self.kwargs = kwargs
        self.kwrecipes = kwrecipes
        self.titles = titles
        self.origins = origins

    @classmethod
    def of(cls, calls: Sequence[Call]) -> CallTable:
        """The table with one row for each call."""
        return cls(
            [call.function for call in calls],
            [call.args for call in calls],
            [call.recipe for call in calls],
            [call.kwargs for call in calls],
            [call.kwrecipe for call in calls],
            [call.name for call in calls],
            [call.origin for call in calls],
        )

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        recipe = self.recipes[block]
        kwargs = self.kwargs[block]
        if recipe is not None:
            args = recipe.fill(inputs)
        elif inputs and kwargs is None:
            args = inputs
        else:
            args = self.args[block]
        if kwargs is None:
            return self.functions[block](*args)
        kwrecipe = self.kwrecipes[block]
        return self.functions[block](*args, **(kwargs if kwrecipe is None else kwrecipe.fill(inputs)))

    def names(self) -> list[str]:
        """The operation of each row, for people."""
        return [title or function_name(f) for title, f in zip(self.titles, self.functions, strict=True)]

    def origin_of(self, block: int) -> tuple[str, Origin | None]:
        """The operation of one row, and the line that made it."""
        return self.titles[block] or function_name(self.functions[block]), self.origins[block]

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for name, value in zip(self.__slots__, state, strict=True):
            setattr(self, name, value)
