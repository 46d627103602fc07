"""Filters in words that a reader understands: the conditions of a mask on the columns of one source."""

from __future__ import annotations

from typing import Any

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.how import Method, Operator
from chunkscope.dataframe.ops.selection import Projection
from chunkscope.dataframe.partitionwise import Apply, Literal, Source
from chunkscope.dataframe.predicate import Condition, Predicate
from chunkscope.expr import Expr

__all__ = ["predicate_of", "replaced_source"]

_SYMBOLS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def predicate_of(mask: FrameExpr, source: Source) -> tuple[Predicate | None, int]:
    """The conditions that every row kept by `mask` fulfils, None where there are none; and how often it reads `source`.

    A part of the mask that cannot be said as a condition is left out: the filter stays and will see to it.
    """
    conditions: list[Condition] = []
    readers = 0
    stack: list[Expr] = [mask]
    seen: set[int] = set()
    while stack:  # every column that the mask reads of the source
        node = stack.pop()
        readers += sum(child is source for child in node.inputs())
        for child in node.inputs():
            if child is not source and id(child) not in seen:
                seen.add(id(child))
                stack.append(child)
    parts: list[Any] = [mask]
    while parts:
        part = parts.pop()
        if isinstance(part, Apply) and isinstance(part.how, Operator) and part.how.name == "and_":
            parts.extend(part.args)
        elif isinstance(part, Apply) and (found := _condition(part, source)) is not None:
            conditions.append(found)
    return (Predicate(tuple(reversed(conditions))) if conditions else None), readers


def _condition(node: Apply, source: Source) -> Condition | None:
    how = node.how
    if isinstance(how, Operator) and how.name in _SYMBOLS:
        left, right = node.args
        symbol = _SYMBOLS[how.name]
        if (name := _column(left, source)) is not None and isinstance(right, Literal):
            return _comparable(name[0], symbol, right.value)
        if (name := _column(right, source)) is not None and isinstance(left, Literal):
            return _comparable(name[0], _MIRRORED[symbol], left.value)
    if isinstance(how, Method) and not how.accessor and (name := _column(node.args[0], source)) is not None:
        if how.name in ("isna", "isnull"):
            return Condition(name[0], "isnull")
        if how.name in ("notna", "notnull"):
            return Condition(name[0], "notnull")
        if how.name == "isin" and len(node.args) == 2 and isinstance(node.args[1], Literal):
            return Condition(name[0], "in", tuple(node.args[1].value))
    return None


def _comparable(name: Any, symbol: str, value: Any) -> Condition | None:
    return Condition(name, symbol, value) if isinstance(value, (str, int, float)) else None


def _column(arg: Any, source: Source) -> tuple[Any] | None:
    if isinstance(arg, Projection) and arg.single and arg.x is source:
        return (arg.names[0],)
    return None


def replaced_source(x: FrameExpr, source: Source, other: FrameExpr) -> FrameExpr:
    """`x` over `other` wherever it reads `source`."""
    from chunkscope.expr import postorder

    final: dict[int, Expr] = {id(source): other}
    for node in postorder([x]):
        if id(node) in final:
            continue
        inputs = node.inputs()
        better = [final[id(child)] for child in inputs]
        changed = any(a is not b for a, b in zip(better, inputs, strict=True))
        final[id(node)] = node.replace_inputs(better) if changed else node
    found = final[id(x)]
    assert isinstance(found, FrameExpr)
    return found
