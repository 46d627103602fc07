"""From expressions to one graph segment. Equal expressions (by token) are lowered once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chunkscope.expr.base import Expr, Slots
from chunkscope.expr.walk import postorder
from chunkscope.graph import Graph, GraphBuilder

__all__ = ["lower"]


def lower(roots: Sequence[Expr], *, first_task: int = 0, first_slot: int = 0) -> tuple[Graph, list[Slots]]:
    """The graph of the roots, and for each root the slots of its blocks, shaped as its block grid.

    Input slots always have smaller ids than the slots of the tasks that read them. Nodes of a `grouped` class wait
    until a node of another class needs them, then become one layer together.
    """
    build = GraphBuilder(first_task, first_slot)
    known: dict[int, tuple[Slots, ...]] = {}
    by_token: dict[str, tuple[Slots, ...]] = {}
    pending: dict[type[Expr], list[Expr]] = {}
    waiting: dict[int, type[Expr]] = {}

    def flush(cls: type[Expr]) -> None:
        nodes = pending.pop(cls)
        for node, slots in zip(nodes, cls.lower_group(nodes, build, known), strict=True):
            known[id(node)] = slots
            del waiting[id(node)]

    for node in postorder(roots):
        cls = type(node)
        inputs = node.inputs()
        for child in inputs:
            other = waiting.get(id(child))
            if other is not None and other is not cls:
                flush(other)
        if cls.grouped:
            pending.setdefault(cls, []).append(node)
            waiting[id(node)] = cls
        else:
            token = node.token
            if token not in by_token:
                by_token[token] = node.lower(build, [known[id(child)] for child in inputs])
            known[id(node)] = by_token[token]
    for cls in list(pending):
        flush(cls)
    places = [known[id(root)][0] for root in roots]
    outputs = np.concatenate([p.reshape(-1) for p in places]) if places else np.zeros(0, dtype=np.int64)
    return build.freeze(outputs), places
