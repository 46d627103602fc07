"""Finds the collections in the user's arguments, also inside lists, tuples, dicts and sets, and puts values back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chunkscope.compute.protocol import Collection, is_collection

__all__ = ["unpack"]

_CONTAINERS = (list, tuple, dict, set, frozenset)


def unpack(
    arguments: tuple[Any, ...], traverse: bool = True
) -> tuple[list[Collection], Callable[[list[Any]], Any]]:
    """The collections in `arguments`, and a function that builds the same structure around their values.

    The same collection found twice is listed once. With `traverse=False` containers are left as they are.
    """
    found: list[Collection] = []
    position: dict[int, int] = {}

    def visit(value: Any) -> Callable[[list[Any]], Any] | None:
        """How to rebuild `value`, or None where there is nothing lazy in it."""
        if is_collection(value):
            number = position.setdefault(id(value), len(found))
            if number == len(found):
                found.append(value)
            return lambda values: values[number]
        if not traverse or type(value) not in _CONTAINERS:
            return None
        if type(value) is dict:
            parts = [visit(item) for item in value.values()]
            keys = list(value)
            old = list(value.values())
            if not any(parts):
                return None
            return lambda values: dict(zip(keys, _fill(parts, old, values), strict=True))
        old = list(value)
        parts = [visit(item) for item in old]
        if not any(parts):
            return None
        return lambda values: type(value)(_fill(parts, old, values))

    rebuilds = [visit(argument) for argument in arguments]
    return found, lambda values: tuple(_fill(rebuilds, list(arguments), values))


def _fill(parts: list[Callable[[list[Any]], Any] | None], old: list[Any], values: list[Any]) -> list[Any]:
    return [item if part is None else part(values) for part, item in zip(parts, old, strict=True)]
