"""Which partitions anybody reads: from the roots down to the readers, over all roots at once."""

from __future__ import annotations

from collections.abc import Sequence

from chunkscope.dataframe.expr import FrameExpr, settle
from chunkscope.dataframe.ops.selection import Partitions
from chunkscope.dataframe.partitionwise import PartitionWise, Source
from chunkscope.expr import Expr, Firing, postorder

__all__ = ["push_partitions"]

Picked = tuple[int, ...] | None
"""Numbers of the partitions that are made, ascending; None for all."""


def push_partitions(roots: Sequence[Expr], record: list[Firing]) -> Sequence[Expr]:
    """The roots over readers that make only the partitions that somebody reads."""
    nodes = postorder(roots)
    if not any(isinstance(node, Partitions) for node in nodes):
        return roots
    settle(nodes)
    wanted = _wanted(roots, nodes)
    final: dict[int, tuple[Expr, Picked]] = {}
    for node in nodes:
        target = wanted[id(node)]
        if target == ():  # nobody reads any of it
            final[id(node)] = (node, None)
            continue
        if isinstance(node, Source) and target is not None:
            less = node.taken(target)
            if less is not None:
                record.append(Firing("read-partitions-used", node, less.stamped(node)))
                final[id(node)] = (less, target)
                continue
        if isinstance(node, Partitions):
            picked = node.picked if target is None else tuple(node.picked[i] for i in target)
            final[id(node)] = (_fit(*final[id(node.x)], picked).stamped(node), target)
            continue
        inputs = node.inputs()
        read = _reading(node, target)
        if read is not None:
            assert isinstance(node, FrameExpr)
            assert target is not None
            fitted = [_fit(*final[id(child)], own) for child, own in zip(inputs, read, strict=True)]
            less, made = node.restricted(target, fitted)
            final[id(node)] = (less.stamped(node), made)
            continue
        moves = target is not None and isinstance(node, PartitionWise) and _follows(node)
        better = [
            _fit(*final[id(child)], target if moves and _same_grid(node, child) else None) for child in inputs
        ]
        changed = any(a is not b for a, b in zip(better, inputs, strict=True))
        final[id(node)] = (node.replace_inputs(better) if changed else node, target if moves else None)
    return [_fit(*final[id(root)], None) for root in roots]


def _wanted(roots: Sequence[Expr], nodes: Sequence[Expr]) -> dict[int, Picked]:
    """For each node by `id` the partitions that its readers need together."""
    asked: dict[int, set[int] | None] = {id(node): set() for node in nodes}
    for root in roots:
        asked[id(root)] = None
    for node in reversed(nodes):
        mine = asked[id(node)]
        if mine is not None and isinstance(node, FrameExpr) and len(mine) == node.npartitions:
            mine = asked[id(node)] = None
        if mine == set():  # nobody reads any of it, so it reads nothing
            continue
        read = _reading(node, None if mine is None else tuple(sorted(mine)))
        for number, child in enumerate(node.inputs()):
            needed: set[int] | None = None
            if read is not None:
                needed = set(read[number])
            elif isinstance(node, Partitions):
                needed = set(node.picked if mine is None else [node.picked[i] for i in mine])
            elif mine is not None and isinstance(node, PartitionWise) and _follows(node):
                needed = set(mine) if _same_grid(node, child) else None
            before = asked[id(child)]
            asked[id(child)] = None if before is None or needed is None else before | needed
    return {key: None if found is None else tuple(sorted(found)) for key, found in asked.items()}


def _reading(node: Expr, target: Picked) -> tuple[tuple[int, ...], ...] | None:
    """Which partitions of each input a node reads that is not partition-wise, for the partitions `target` of it."""
    if not target or not isinstance(node, FrameExpr) or isinstance(node, PartitionWise):
        return None
    return node.reading(target)


def _follows(node: PartitionWise) -> bool:
    """Whether partition i of the node follows from partition i of its inputs alone, whatever number i is."""
    return node.movable and any(_same_grid(node, child) for child in node.inputs())


def _same_grid(node: Expr, child: Expr) -> bool:
    return isinstance(node, FrameExpr) and isinstance(child, FrameExpr) and node.grid == child.grid


def _fit(node: Expr, kept: Picked, target: Picked) -> Expr:
    """`node`, of which the partitions `kept` are made, as one that has exactly the partitions `target`, in order."""
    if target == kept or (target is None and kept is None):
        return node
    assert isinstance(node, FrameExpr)
    assert target is not None
    position = {number: i for i, number in enumerate(range(node.npartitions) if kept is None else kept)}
    picked = tuple(position[number] for number in target)
    return node if picked == tuple(range(node.npartitions)) else Partitions(node, picked)
