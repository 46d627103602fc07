"""Iterative walks over expressions: chains of a hundred thousand nodes must not meet the recursion limit."""

from __future__ import annotations

from collections.abc import Iterable

from chunkscope.expr.base import Expr

__all__ = ["count_consumers", "postorder"]


def postorder(roots: Iterable[Expr]) -> list[Expr]:
    """Every node below the roots once (by identity), inputs before the nodes that read them, in argument order."""
    seen: set[int] = set()
    found: list[Expr] = []
    stack: list[tuple[Expr, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, ready = stack.pop()
        if ready:
            found.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            for child in reversed(node.inputs()):
                if id(child) not in seen:
                    stack.append((child, False))
    return found


def count_consumers(roots: Iterable[Expr]) -> dict[int, int]:
    """How many times each node is read, by `id`: by other nodes, and once more for each time it is a root."""
    roots = list(roots)
    counts: dict[int, int] = {}
    for root in roots:
        counts[id(root)] = counts.get(id(root), 0) + 1
    for node in postorder(roots):
        for child in node.inputs():
            counts[id(child)] = counts.get(id(child), 0) + 1
    return counts
