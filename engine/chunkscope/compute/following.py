"""What a run is about to do for the values on show: found before it starts, so that their pictures can follow it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.compute.prepare import Prepared, taken_in, word_of
from chunkscope.compute.shown import below, calls_below, on_show
from chunkscope.expr import Expr, Slots, Stored
from chunkscope.observe.concerns import Concern

if TYPE_CHECKING:
    from chunkscope.compute.protocol import Collection

__all__ = ["concerns_of", "inside_of", "on_the_way"]

MOST_NODES = 5_000
"""Of larger expressions only the part next to the result is looked through."""
MOST_ROOTS = 200
"""Collections of one run that are followed; a run of more is one of many small values that nobody looks at."""


def on_the_way(collections: Sequence[Collection]) -> tuple[Expr, ...]:
    """The values on show that these collections are made from; nothing is walked where nothing is on show."""
    shown = {id(one.expr): one.expr for one in on_show() if one.expr is not None}
    if not shown:
        return ()
    roots = [collection.__chunkscope_expr__() for collection in collections]
    own = {id(root) for root in roots}
    nodes = below(roots, MOST_NODES)
    return tuple(node for node in nodes if id(node) in shown and id(node) not in own)


def inside_of(collections: Sequence[Collection]) -> tuple[Expr, ...]:
    """The calls behind those of the collections that are delayed values on show."""
    shown = {id(one.expr) for one in on_show()}
    roots = [collection.__chunkscope_expr__() for collection in collections[:MOST_ROOTS]] if shown else []
    return tuple(call for root in roots if id(root) in shown for call in calls_below(root))


def concerns_of(
    collections: Sequence[Collection], prepared: Prepared, leaves: Sequence[Stored] = ()
) -> tuple[Concern, ...]:
    """The concerns of a run with what it was asked for, and with what lies on the way there.

    `leaves`: where the blocks of each collection will be kept; without them the values go to the caller.
    """
    found: list[Concern] = []
    for number, (collection, place) in enumerate(
        zip(collections[:MOST_ROOTS], prepared.places, strict=False)
    ):
        expr = collection.__chunkscope_expr__()
        kept = leaves[number : number + 1]
        calls = (
            [prepared.slots.get(id(call)) for call in calls_below(expr)] if id(expr) in prepared.slots else []
        )
        inner = None if any(slot is None for slot in calls) else np.array(calls, dtype=np.int64)
        found.append(Concern.of([expr, *kept], "kept" if kept else "given", place, calls=inner))
    for expr in prepared.watched:
        found.append(_on_the_way(expr, prepared.slots.get(id(expr)), prepared))
    return tuple(found)


def _on_the_way(expr: Expr, slots: Slots | None, prepared: Prepared) -> Concern:
    if slots is not None:
        return Concern.of([expr], "made", slots)
    op = ""
    for firing in prepared.record if expr.origin is not None else ():
        if firing.after is not None and firing.rule.startswith("fuse"):
            inner = taken_in(firing.before, firing.after)
            op = word_of(firing.before) if any(node.origin is expr.origin for node in inner) else op
    return Concern.of([expr], "inside", op=op)  # rules make new nodes, and keep the origin of the old ones
