"""Calls in rows, as a worker process has them: functions and arguments, and nothing that only people read.

What makes such rows is `chunkscope.delayed`; a worker need not import that to call them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

__all__ = ["CallRows", "Holes"]


class Holes(NamedTuple):
    """A container with holes: how the arguments of a call are made when its inputs are there."""

    kind: type
    items: list[Any]
    """The elements; of a dict, the values."""
    keys: list[Any] | None
    places: list[tuple[int, int]]
    """(index in `items`, input number)."""
    parts: list[tuple[int, Holes]]
    """(index in `items`, the container there)."""

    def fill(self, inputs: Sequence[Any]) -> Any:
        """The container with the inputs in their places.

        >>> Holes(tuple, [None, 5], None, [(0, 1)], []).fill(["x", "y"])
        ('y', 5)
        """
        items = self.items.copy()
        for index, number in self.places:
            items[index] = inputs[number]
        for index, part in self.parts:
            items[index] = part.fill(inputs)
        if self.keys is not None:
            return dict(zip(self.keys, items, strict=True))
        return items if self.kind is list else self.kind(items)


class CallRows(NamedTuple):
    """A kernel: task `i` calls row `i`.

    >>> CallRows([max], [()], [None], [None], [None])(0, 3, 4)
    4
    """

    functions: list[Callable[..., Any]]
    args: list[tuple[Any, ...]]
    holes: list[Holes | None]
    kwargs: list[dict[str, Any] | None]
    kwholes: list[Holes | None]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        holes, kwargs = self.holes[block], self.kwargs[block]
        if holes is not None:
            args = holes.fill(inputs)
        elif inputs and kwargs is None:
            args = inputs
        else:
            args = self.args[block]
        if kwargs is None:
            return self.functions[block](*args)
        kwholes = self.kwholes[block]
        return self.functions[block](*args, **(kwargs if kwholes is None else kwholes.fill(inputs)))
