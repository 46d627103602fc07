"""From expressions to one graph segment. Equal expressions (by token) are lowered once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chunkscope.expr.base import Expr, Slots
from chunkscope.expr.walk import postorder
from chunkscope.graph import Graph, GraphBuilder

__all__ = ["lower", "lower_through"]


def lower(
    roots: Sequence[Expr],
    *,
    nodes: Sequence[Expr] | None = None,
    first_task: int = 0,
    first_slot: int = 0,
    watched: Sequence[Expr] = (),
    found: dict[int, Slots] | None = None,
) -> tuple[Graph, list[Slots]]:
    """The graph of the roots, and for each root the slots of its blocks, shaped as its block grid.

    Input slots always have smaller ids than the slots of the tasks that read them. Nodes of a `grouped` class wait
    until a node of another class needs them, then become one layer together. `nodes`: the walk over the roots in
    `postorder`, where the caller has it already. Of the nodes in `watched` that are lowered as they are, the slots of
    the first output are entered into `found`, by `id`.
    """
    build = GraphBuilder(first_task, first_slot)
    known: dict[int, tuple[Slots, ...]] = {}
    by_token: dict[str, tuple[Slots, ...]] = {}
    single: dict[int, int] = {}  # the one slot of each node of a grouped class
    pending: dict[type[Expr], list[Expr]] = {}

    def flush() -> None:
        for cls, group in pending.items():
            slots = cls.lower_group(group, build, slot_of)
            single.update(zip(map(id, group), slots.tolist(), strict=True))
        pending.clear()

    def slot_of(node: Expr) -> int:
        slot = single.get(id(node))
        return int(known[id(node)][0][()]) if slot is None else slot

    def slots_of(node: Expr) -> tuple[Slots, ...]:
        slot = single.get(id(node))
        return known[id(node)] if slot is None else (np.array(slot, dtype=np.int64),)

    for node in postorder(roots) if nodes is None else nodes:
        cls = type(node)
        if cls.grouped:
            if cls not in pending and pending:
                flush()  # another class waits, whose nodes this one may read
            pending.setdefault(cls, []).append(node)
            continue
        if pending:
            flush()
        token = node.token
        if token not in by_token:
            build.token = token
            by_token[token] = node.lower(build, [slots_of(child) for child in node.inputs()])
            build.token = ""
        known[id(node)] = by_token[token]
    flush()
    places = [slots_of(root)[0] for root in roots]
    if found is not None:
        lowered = [node for node in watched if id(node) in single or id(node) in known]
        found.update({id(node): slots_of(node)[0] for node in lowered})
    outputs = np.concatenate([p.reshape(-1) for p in places]) if places else np.zeros(0, dtype=np.int64)
    return build.freeze(outputs), places


def lower_through(
    root: Expr, leaves: Sequence[Expr], build: GraphBuilder, slots: Sequence[tuple[Slots, ...]]
) -> tuple[Slots, ...]:
    """Lower what lies between `root` and `leaves`, whose slots are known already."""
    known = {id(leaf): found for leaf, found in zip(leaves, slots, strict=True)}
    stack: list[Expr] = [root]
    while stack:
        node = stack[-1]
        if id(node) in known:
            stack.pop()
            continue
        missing = [child for child in node.inputs() if id(child) not in known]
        if missing:
            stack.extend(missing)
        else:
            known[id(node)] = node.lower(build, [known[id(child)] for child in node.inputs()])
            stack.pop()
    return known[id(root)]
