"""Finds the collections in the user's arguments, also inside lists, tuples, dicts and sets, and puts values back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chunkscope.compute.protocol import Collection, is_collection

__all__ = ["unpack"]

_CONTAINERS = (list, tuple, dict, set, frozenset)
_Rebuild = Callable[[list[Any]], Any]


def unpack(arguments: tuple[Any, ...], traverse: bool = True) -> tuple[list[Collection], _Rebuild]:
    """The collections in `arguments`, and a function that builds the same structure around their values.

    The same collection found twice is listed once. With `traverse=False` containers are left as they are.
    """
    finder = _Finder(traverse)
    fill = finder.items(arguments)
    return finder.found, lambda values: tuple(fill(values))


class _Finder:
    """Walks through arguments. A class, not a recursive closure: that would be a cycle that keeps the data alive."""

    def __init__(self, traverse: bool) -> None:
        self.found: list[Collection] = []
        self._traverse = traverse
        self._number: dict[int, int] = {}

    def value(self, value: Any) -> _Rebuild | None:
        """How to rebuild `value`, or None where there is nothing lazy in it."""
        if is_collection(value):
            number = self._number.setdefault(id(value), len(self.found))
            if number == len(self.found):
                self.found.append(value)
            return lambda values: values[number]
        kind = type(value)
        if not self._traverse or kind not in _CONTAINERS:
            return None
        fill = self.items(value.values() if kind is dict else value)
        if not fill.changes:
            return None
        if kind is dict:
            keys = list(value)
            return lambda values: dict(zip(keys, fill(values), strict=True))
        return lambda values: kind(fill(values))

    def items(self, items: Iterable[Any]) -> _Fill:
        """How to rebuild a sequence of values."""
        old = list(items)
        return _Fill(old, [self.value(item) for item in old])


class _Fill:
    """A sequence whose lazy places are filled with values."""

    def __init__(self, old: list[Any], parts: list[_Rebuild | None]) -> None:
        self._old = [item if part is None else None for item, part in zip(old, parts, strict=True)]
        self._parts = parts
        self.changes = any(parts)

    def __call__(self, values: list[Any]) -> list[Any]:
        return [
            item if part is None else part(values) for part, item in zip(self._parts, self._old, strict=True)
        ]
