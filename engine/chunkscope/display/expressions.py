"""Diagrams of expressions: one box for each operation, with its geometry and what was fused into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.display.axes import Axis, shape_words
from chunkscope.display.diagram import (
    FORM_OF,
    MAX_NODES,
    Diagram,
    Form,
    Node,
    edges_between,
    group_nodes,
    levels_of,
    tally,
)
from chunkscope.display.markup import shorten
from chunkscope.expr import Expr, Stored, postorder
from chunkscope.graph import Strategy
from chunkscope.units import format_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["describe_expressions", "expression_diagram", "title_of"]


def expression_diagram(roots: Sequence[Expr], *, merge: bool = False, budget: int = MAX_NODES) -> Diagram:
    """The diagram of the expressions below `roots`, shared nodes once.

    Sharing is by identity, as the code was written; with `merge` equal operations are one, as they run.
    """
    nodes, pairs = _table(roots, merge)
    titles = [title_of(node) for node in nodes]
    groups = group_nodes(titles, pairs, budget)
    colours = {op: i for i, op in enumerate(dict.fromkeys(title.partition("(")[0] for title in titles))}
    boxes = []
    for members in groups:
        first = nodes[members[0]]
        named = {titles[member] for member in members}
        if len(named) > 1:
            inside = tally([titles[member] for member in members])
            title = f"{len(members):,} operations"
            boxes.append(Node(title, (shorten(inside, 40),), inside, Form.GROUP, -1, len(members)))
            continue
        title = titles[members[0]]
        lines, tip = _lines(first), _tip(first)
        if len(members) > 1:
            lines, tip = (), f"{title}, {format_count(len(members), 'operation')}"
        colour = colours[title.partition("(")[0]]
        boxes.append(Node(shorten(title, 34), lines, tip, _form(first), colour, len(members)))
    edges = edges_between(groups, pairs, len(nodes))
    return Diagram(tuple(boxes), tuple(edges), _words(len(nodes), pairs))


def describe_expressions(roots: Sequence[Expr], *, merge: bool = False) -> str:
    """The expressions in one sentence: "expression: 7 operations, widest 2, longest chain 5"."""
    nodes, pairs = _table(roots, merge)
    return _words(len(nodes), pairs)


def title_of(node: Expr) -> str:
    """What people call an operation: the user's `name=`, the function of a call, or the operation's word."""
    called = getattr(node, "title", None)
    name = node.label or (called if isinstance(called, str) else "") or node.op
    return shorten(name, 60)


def _table(roots: Sequence[Expr], merge: bool) -> tuple[list[Expr], NDArray[np.int64]]:
    """The nodes, inputs first, and the edges between their numbers."""
    numbers: dict[object, int] = {}
    nodes: list[Expr] = []
    edges: dict[tuple[int, int], None] = {}
    for node in postorder(roots):
        name: object = node.token if merge else id(node)
        if name in numbers:
            continue
        numbers[name] = len(nodes)
        for child in node.inputs():
            edges[numbers[child.token if merge else id(child)], len(nodes)] = None
        nodes.append(node)
    return nodes, np.array(list(edges), dtype=np.int64).reshape(-1, 2)


def _words(count: int, pairs: NDArray[np.int64]) -> str:
    levels = levels_of(count, pairs)
    widest = int(np.bincount(levels).max()) if count else 0
    chain = int(levels.max()) + 1 if count else 0
    return f"expression: {format_count(count, 'operation')}, widest {widest:,}, longest chain {chain:,}"


def _form(node: Expr) -> Form:
    strategy = getattr(node, "strategy", None)
    if isinstance(strategy, Strategy):
        return FORM_OF[strategy]
    if isinstance(node, Stored):
        return Form.STORED
    if node.op == "call":
        return Form.CALL
    return Form.BLOCKWISE if node.inputs() else Form.SOURCE


def _lines(node: Any) -> tuple[str, ...]:
    """Parameters, geometry and fused detail, in short lines."""
    lines = []
    parameters = _parameters(node)
    if parameters:
        lines.append(shorten(parameters, 36))
    geometry = _geometry(node)
    if geometry:
        lines.append(geometry)
    detail = getattr(node, "detail", "")
    if isinstance(detail, str) and detail:
        lines.append(shorten(detail, 40))
    return tuple(lines)


def _geometry(node: Any) -> str:
    """As much of shape, dtype and chunks as the node tells: "(15, 15) float64, 6 chunks"."""
    chunks, dtype = getattr(node, "chunks", None), getattr(node, "dtype", None)
    words = []
    if isinstance(chunks, tuple):
        axes = [Axis.of(sizes) for sizes in chunks]
        words.append(shape_words([axis.length for axis in axes]))
        if dtype is not None:
            words[-1] += f" {dtype}"
        words.append(format_count(int(np.prod([axis.nchunks for axis in axes], dtype=np.int64)), "chunk"))
    return ", ".join(words)


_PLAIN = (int, float, str, bool, type(None), np.dtype, np.integer, np.floating)
_GEOMETRY = frozenset({"chunks", "shape", "dtype", "grid", "refs", "token", "detail", "strategy", "meta"})


def _parameters(node: Any) -> str:
    """Short parameters of an operation: "axis=0, keepdims=True". Values that are data are left out."""
    said = []
    for name in getattr(node, "__dataclass_fields__", {}):
        value = getattr(node, name, None)
        plain = isinstance(value, _PLAIN) or (
            isinstance(value, tuple) and len(value) <= 6 and all(isinstance(v, _PLAIN) for v in value)
        )
        if (
            plain
            and value not in (None, False, (), "")
            and name not in _GEOMETRY
            and not name.startswith("_")
        ):
            said.append(f"{name}={shorten(str(value), 24)}")
    return ", ".join(said)


def _tip(node: Expr) -> str:
    """The text for hovering: everything in full, and the line of code that made it."""
    parts = [title_of(node) + (f" ({node.op})" if title_of(node) != node.op else ""), *_lines(node)]
    span = node.origin.span if node.origin is not None else None
    if span is not None and span.text:
        parts.append(f"line {span.line}: {shorten(span.text, 80)}")
    return "\n".join(parts)
