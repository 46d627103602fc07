"""Iterative walks over expressions: chains of a hundred thousand nodes must not meet the recursion limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chunkscope.expr.base import Expr
from chunkscope.expr.stored import Stored

__all__ = ["count_consumers", "count_operations", "postorder"]


def postorder(roots: Iterable[Expr]) -> list[Expr]:
    """Every node below the roots once (by identity), inputs before the nodes that read them, in argument order."""
    seen: set[int] = set()
    found: list[Expr] = []
    open_nodes: list[Expr] = []
    levels: list[Iterator[Expr]] = [iter(roots)]
    while levels:
        for child in levels[-1]:
            if id(child) in seen:
                continue
            seen.add(id(child))
            inputs = child.inputs()
            if inputs:
                open_nodes.append(child)
                levels.append(iter(inputs))
                break
            found.append(child)
        else:
            levels.pop()
            if open_nodes:
                found.append(open_nodes.pop())
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


def count_operations(nodes: Sequence[Expr]) -> int:
    """How many operations a walk has met: blocks that are kept, and the collection around them, are one."""
    kept = {id(child) for node in nodes if node.op == Stored.op for child in node.inputs()}
    return sum(id(node) not in kept for node in nodes)
