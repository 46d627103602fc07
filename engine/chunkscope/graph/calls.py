"""Calls in rows: functions, arguments, and how the arguments are made when the inputs are there.

What makes such rows is `chunkscope.delayed`; a worker process need not import that to call them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["CallRows", "Recipe"]


class Recipe:
    """A container with holes: `fill(inputs)` gives it with input `hole` in each place.

    `items` are the elements; for a dict, the values, with the keys apart. `places` are (index in `items`, input
    number), `parts` are (index in `items`, recipe of the container there).

    >>> Recipe(tuple, [None, 5], [(0, 1)], []).fill(["x", "y"])
    ('y', 5)
    """

    __slots__ = ("items", "keys", "kind", "parts", "places")

    def __init__(
        self,
        kind: type,
        items: list[Any],
        places: list[tuple[int, int]],
        parts: list[tuple[int, Recipe]],
        keys: list[Any] | None = None,
    ) -> None:
        self.kind = kind
        self.items = items
        self.places = places
        self.parts = parts
        self.keys = keys

    def fill(self, inputs: Sequence[Any]) -> Any:
        """The container with the inputs in their places."""
        items = self.items.copy()
        for index, number in self.places:
            items[index] = inputs[number]
        for index, part in self.parts:
            items[index] = part.fill(inputs)
        if self.keys is not None:
            return dict(zip(self.keys, items, strict=True))
        return items if self.kind is list else self.kind(items)

    def __chunkscope_token__(self) -> str:
        from chunkscope.tokens import tokenise

        return tokenise((self.kind.__name__, self.items, self.places, self.parts, self.keys))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Recipe, (self.kind, self.items, self.places, self.parts, self.keys))


class CallRows:
    """A kernel: task `i` calls row `i`. Picklable.

    >>> CallRows([max], [()], [None], [None], [None])(0, 3, 4)
    4
    """

    __slots__ = ("args", "functions", "kwargs", "kwrecipes", "recipes")

    def __init__(
        self,
        functions: list[Callable[..., Any]],
        args: list[tuple[Any, ...]],
        recipes: list[Recipe | None],
        kwargs: list[dict[str, Any] | None],
        kwrecipes: list[Recipe | None],
    ) -> None:
        self.functions = functions
        self.args = args
        self.recipes = recipes
        self.kwargs = kwargs
        self.kwrecipes = kwrecipes

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

    def __reduce__(self) -> tuple[Any, ...]:
        return (CallRows, (self.functions, self.args, self.recipes, self.kwargs, self.kwrecipes))
