"""What a lazy value would run, without running it."""

from collections import Counter
from typing import Any

from chunkscope import plan
from chunkscope.array.expr import ArrayExpr

from .attempt import operations_of, own_calls_of


def plan_of(*lazy: Any) -> Counter[str]:
    """Returns the tasks of a plan by operation; of delayed calls, by function."""
    return operations_of(plan(*lazy).graph)


def own_calls(lazy: Any) -> Counter[str]:
    """Returns the delayed calls in a plan of functions that are defined in the notebook, by name."""
    return own_calls_of(plan(lazy).graph)


def ntasks(*lazy: Any) -> int:
    """Returns the number of tasks of a plan."""
    return sum(plan_of(*lazy).values())


def sources(lazy: Any) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Returns shape and block counts of each array that a plan starts from."""
    found: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    todo = [lazy.__chunkscope_expr__()]
    seen = set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        inputs = node.inputs()
        if not inputs and isinstance(node, ArrayExpr):
            found[node.token] = (node.shape, node.grid.numblocks)
        todo.extend(inputs)
    return list(found.values())
