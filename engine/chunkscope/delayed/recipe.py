"""Arguments of a delayed call: which are lazy, and how the call's real arguments are made when it runs.

A `Recipe` is a plain, picklable description. The two common cases have none: every argument lazy, or none lazy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chunkscope.compute.protocol import is_collection
from chunkscope.expr import Expr
from chunkscope.graph.calls import Recipe

__all__ = ["describe_arguments"]

_CONTAINERS = (list, tuple, dict, set, frozenset)


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
