"""From many delayed calls to a few layers: tables whose kernel is "call row i".

Calls of one function at one depth share a layer, so that a graph reads as operations. Where that would make too many
layers (a long chain), all calls go into one table, whatever they call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.expr import Expr, Slots
from chunkscope.graph import Layer, Ragged, Strategy
from chunkscope.graph.calls import CallRows, Recipe
from chunkscope.graph.layer import spent
from chunkscope.types import Origin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.delayed.call import Call
    from chunkscope.graph import GraphBuilder

__all__ = ["CallTable", "function_name", "lower_calls"]

UNKNOWN_BYTES = 64
"""What a call's result is thought to weigh before it is there."""
MOST_LAYERS = 32
"""Calls that would make more layers than this become one table."""


def function_name(function: Any) -> str:
    """The name of a function for people.

    >>> from functools import partial
    >>> function_name(sum), function_name(partial(sum, start=1))
    ('sum', 'sum')
    """
    while hasattr(function, "func"):
        function = function.func
    return getattr(function, "__name__", None) or type(function).__name__


def lower_calls(nodes: Sequence[Call], build: GraphBuilder, slot_of: Callable[[Expr], int]) -> Slots:
    """Add the layers of `nodes`, which are in topological order; returns the slot of each node, `(n,)`."""
    calls, row_of_node = _share_equal(nodes)
    n = len(calls)
    row_of = dict(zip(map(id, nodes), row_of_node.tolist(), strict=True))
    ptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum([len(call.lazy) for call in calls], out=ptr[1:])
    # a call's input: the row of another call, or -1 - slot of something lowered before
    inputs = np.fromiter(_inputs(calls, row_of, slot_of), dtype=np.int64, count=int(ptr[-1]))
    titles = [call.title for call in calls]
    group, mixed = _groups(titles, ptr, inputs)
    order = np.argsort(group, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(build.next_slot, build.next_slot + n)
    slots = np.where(inputs >= 0, place[np.maximum(inputs, 0)], -1 - inputs) if len(inputs) else inputs
    bounds = np.flatnonzero(np.diff(group[order], prepend=-1, append=-1))
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = order[first:last]
        chosen = [calls[row] for row in rows.tolist()] if last - first < n else calls
        counts = np.diff(ptr)[rows]
        edges = Ragged(np.concatenate([[0], np.cumsum(counts)]), slots[_spans(ptr[rows], counts)])
        layer = Layer(
            "",
            "call" if mixed else titles[rows[0]],
            CallTable.of(chosen, None if mixed else titles[rows[0]]),
            (last - first,),
            Strategy.CALL,
            exact=False,
            user=True,
            origin=chosen[-1].origin,
        )
        build.add(layer, edges, nbytes=UNKNOWN_BYTES)
    found: Slots = place[row_of_node]
    return found


def _share_equal(nodes: Sequence[Call]) -> tuple[Sequence[Call], NDArray[np.int64]]:
    """The calls with equal pure ones listed once, and for each node the row of its call."""
    if not any([call.pure for call in nodes]):  # noqa: C419 - a list is faster than a generator
        return nodes, np.arange(len(nodes))
    calls: list[Call] = []
    rows: list[int] = []
    row_of: dict[str, int] = {}
    for node in nodes:
        row = row_of.setdefault(node.token, len(calls)) if node.pure else len(calls)
        rows.append(row)
        if row == len(calls):
            calls.append(node)
    return calls, np.array(rows, dtype=np.int64)


def _inputs(calls: Sequence[Call], row_of: dict[int, int], slot_of: Callable[[Expr], int]) -> Iterator[int]:
    for call in calls:
        for child in call.lazy:
            row = row_of.get(id(child))
            yield -1 - slot_of(child) if row is None else row


def _groups(
    titles: list[str], ptr: NDArray[np.int64], inputs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], bool]:
    """The layer of each call, numbered so that inputs never come from a later layer; whether functions are mixed."""
    n = len(titles)
    one = np.zeros(n, dtype=np.int64)
    number = {title: i for i, title in enumerate(dict.fromkeys(titles))}
    if len(number) == 1 or len(number) > MOST_LAYERS:
        return one, len(number) > 1
    inside = inputs >= 0
    reader = np.repeat(np.arange(n), np.diff(ptr))[inside]
    maker = inputs[inside]
    depth = one.copy()
    for _ in range(MOST_LAYERS):
        before = depth.copy()
        np.maximum.at(depth, reader, before[maker] + 1)
        if (depth == before).all():
            break
    else:
        return one, True
    key = depth * len(number) + np.array([number[title] for title in titles])
    values, group = np.unique(key, return_inverse=True)
    return (group.astype(np.int64), False) if len(values) <= MOST_LAYERS else (one, True)


def _spans(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The positions start, start + 1, … of each span, one after another."""
    ends = np.cumsum(counts)
    found: NDArray[np.int64] = np.arange(ends[-1] if len(ends) else 0) + np.repeat(
        starts - (ends - counts), counts
    )
    return found


class CallTitles:
    """What people may know of the rows of a table: operation and origin. It holds no function and no argument."""

    __slots__ = ("_names", "_origins")

    def __init__(self, names: list[str] | str, origins: list[Origin | None]) -> None:
        self._names = names
        self._origins = origins

    def names(self) -> list[str]:
        """The operation of each row."""
        return [self._names] * len(self._origins) if isinstance(self._names, str) else self._names

    def origin_of(self, block: int) -> tuple[str, Origin | None]:
        """The operation of one row, and the line that made it."""
        name = self._names if isinstance(self._names, str) else self._names[block]
        return name, self._origins[block]

    def stripped(self) -> CallTitles:
        """Itself: nothing here holds data."""
        return self

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return spent(block, *inputs)


class CallTable(CallRows):
    """The kernel of delayed calls: rows of calls, with their names and the lines that made them. Picklable."""

    __slots__ = ("origins", "title", "titles")

    def __init__(
        self,
        functions: list[Callable[..., Any]],
        args: list[tuple[Any, ...]],
        recipes: list[Recipe | None],
        kwargs: list[dict[str, Any] | None],
        kwrecipes: list[Recipe | None],
        titles: list[str | None],
        origins: list[Origin | None],
        title: str | None = None,
    ) -> None:
        super().__init__(functions, args, recipes, kwargs, kwrecipes)
        self.title = title
        """The operation of every row, where they have the same."""
        self.titles = titles
        self.origins = origins

    @classmethod
    def of(cls, calls: Sequence[Call], title: str | None = None) -> CallTable:
        """The table with one row for each call."""
        return cls(
            [call.function for call in calls],
            [call.args for call in calls],
            [call.recipe for call in calls],
            [call.kwargs for call in calls],
            [call.kwrecipe for call in calls],
            [call.name for call in calls],
            [call.origin for call in calls],
            title,
        )

    def names(self) -> list[str]:
        """The operation of each row, for people."""
        if self.title is not None:
            return [self.title] * len(self.functions)
        return [title or function_name(f) for title, f in zip(self.titles, self.functions, strict=True)]

    def origin_of(self, block: int) -> tuple[str, Origin | None]:
        """The operation of one row, and the line that made it."""
        return self.titles[block] or function_name(self.functions[block]), self.origins[block]

    def light(self) -> CallRows:
        """What another process needs in order to call: no names, no origins, no lazy values that a recipe replaces."""
        args = [args if recipe is None else () for args, recipe in zip(self.args, self.recipes, strict=True)]
        kwargs = [
            given if recipe is None else {} for given, recipe in zip(self.kwargs, self.kwrecipes, strict=True)
        ]
        return CallRows(self.functions, args, self.recipes, kwargs, self.kwrecipes)

    def stripped(self) -> CallTitles:
        """The names and origins alone."""
        return CallTitles(self.names() if self.title is None else self.title, self.origins)

    def __reduce__(self) -> tuple[Any, ...]:
        rows = (self.functions, self.args, self.recipes, self.kwargs, self.kwrecipes)
        return (CallTable, (*rows, self.titles, self.origins, self.title))
