"""Arguments of a delayed call: which are lazy, and how the call's real arguments are made when it runs.

A `Recipe` is a plain, picklable description. The two common cases have none: every argument lazy, or none lazy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chunkscope.compute.protocol import is_collection
from chunkscope.expr import Expr
from chunkscope.graph.calls import Holes

__all__ = ["Recipe", "describe_arguments"]

_CONTAINERS = (list, tuple, dict, set, frozenset)


class Recipe:
    """A container with holes: `fill(inputs)` gives it with input `hole` in each place.

    `items` are the elements; for a dict, the values, with the keys apart. `places` are (index in `items`, input
    number), `parts` are (index in `items`, recipe of the container there).
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

    def holes(self) -> Holes:
        """The same for a worker process."""
        parts = [(index, part.holes()) for index, part in self.parts]
        return Holes(self.kind, self.items, self.keys, self.places, parts)

    def __chunkscope_token__(self) -> str:
        from chunkscope.tokens import tokenise

        return tokenise((self.kind.__name__, self.items, self.places, self.parts, self.keys))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Recipe, (self.kind, self.items, self.places, self.parts, self.keys))


def describe_arguments(
    values: Sequence[Any], kind: type, inputs: list[Expr], lazy: Callable[[Any], Expr], traverse: bool = True
) -> Recipe | None:
    """The recipe of a container with `values`, appending the expressions in it to `inputs`; None if nothing is lazy."""
    places: list[tuple[int, int]] = []
    parts: list[tuple[int, Recipe]] = []
    items = list(values)
    for index, value in enumerate(items):
        cls = type(value)
        if is_collection(value):
            places.append((index, len(inputs)))
            inputs.append(lazy(value))
            items[index] = None
        elif traverse and cls in _CONTAINERS and value:
            part = (
                _dict_recipe(value, inputs, lazy)
                if cls is dict
                else describe_arguments(value, cls, inputs, lazy)
            )
            if part is not None:
                parts.append((index, part))
                items[index] = None
    return Recipe(kind, items, places, parts) if places or parts else None


def _dict_recipe(value: dict[Any, Any], inputs: list[Expr], lazy: Callable[[Any], Expr]) -> Recipe | None:
    recipe = describe_arguments(list(value.values()), dict, inputs, lazy)
    if recipe is not None:
        recipe.keys = list(value)
    return recipe
