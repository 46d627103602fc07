"""Diagrams of expressions: one box for each operation, with its geometry and what was fused into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
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
    readers_of,
    tally,
)
from chunkscope.display.frame_nodes import frame_arguments, frame_columns
from chunkscope.display.marks import Marks
from chunkscope.display.markup import shorten
from chunkscope.expr import Expr, Stored, postorder
from chunkscope.graph import Strategy
from chunkscope.units import format_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["describe_expressions", "expression_diagram", "expression_groups", "title_of"]


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
    boxes = [
        replace(box, marks=Marks(fused=_fused(nodes[members[0]]), readers=readers))
        for box, members, readers in zip(boxes, groups, readers_of(edges, len(groups)), strict=True)
    ]
    return Diagram(tuple(boxes), tuple(edges), _words(len(nodes), pairs))


def expression_groups(roots: Sequence[Expr], *, budget: int = MAX_NODES) -> list[list[int]]:
    """The operations in each box of `expression_diagram`, as their numbers in `postorder`."""
    nodes, pairs = _table(roots, False)
    return [list(map(int, group)) for group in group_nodes([title_of(node) for node in nodes], pairs, budget)]


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
    """Parameters, geometry and what is fused into it, in short lines."""
    words = _arguments(node) or frame_arguments(node) or _parameters(node)
    lines = [shorten(words, 36), _geometry(node), shorten(_detail(node), 44)]
    return tuple(line for line in lines if line)


def _arguments(node: Any) -> str:
    """The plain arguments of a call that reads no other: which file, which number."""
    args = getattr(node, "args", ())
    if node.op != "call" or node.inputs() or not isinstance(args, tuple):
        return ""
    if not any(isinstance(arg, PurePath | str | int | float) for arg in args):
        return ""
    said = []
    for arg in args[:4]:
        if isinstance(arg, PurePath):
            said.append(arg.name)
        elif isinstance(arg, str):
            said.append(repr(arg.rsplit("/", 1)[-1]))
        elif isinstance(arg, int | float):
            said.append(repr(arg))
        else:
            said.append(type(arg).__name__)
    return ", ".join(said) + (", …" if len(args) > 4 else "")


def _detail(node: Any) -> str:
    """What is fused into a node: its `detail`, or the chain of its program where that has several steps."""
    detail = getattr(node, "detail", "")
    if isinstance(detail, str) and detail:
        return detail
    inside = getattr(node, "inside", ())
    if inside and isinstance(inside, tuple):
        return " → ".join(map(str, inside))
    if not hasattr(node, "merged"):
        return ""
    return str(getattr(node.merged, "chain", ""))


def _fused(node: Any) -> bool:
    """Whether a node was made of several."""
    return " → " in _detail(node)


def _geometry(node: Any) -> str:
    """As much of shape, dtype and chunks as the node tells: "(15, 15) float64, 6 chunks"."""
    chunks = getattr(node, "chunks", None) or getattr(getattr(node, "grid", None), "chunks", None)
    dtype = getattr(node, "dtype", None)
    if not isinstance(chunks, tuple):
        partitions = getattr(node, "npartitions", None)
        if not isinstance(partitions, int):
            return ""
        columns = shorten(frame_columns(node), 30)
        return (
            f"{columns}, {format_count(partitions, 'partition')}"
            if columns
            else format_count(partitions, "partition")
        )
    axes = [Axis.of(sizes) for sizes in chunks]
    kind = f" {dtype}" if dtype is not None else ""
    count = math.prod(axis.nchunks for axis in axes)
    return f"{shape_words([axis.length for axis in axes])}{kind}, {format_count(count, 'chunk')}"


_PARAMETERS = (
    "axis",
    "axes",
    "keepdims",
    "ddof",
    "split_every",
    "index",
    "params",
    "start",
    "stop",
    "step",
    "num",
    "k",
    "value",
)
"""Fields that say something to people, in the order in which they are shown."""


def _parameters(node: Any) -> str:
    """Short parameters of an operation: "axis=0, keepdims=True". Values that are data are left out."""
    said = []
    for name in _PARAMETERS:
        value = getattr(node, name, None)
        items = value if isinstance(value, tuple) else (value,)
        if not items or not all(isinstance(item, int | float | str) for item in items) or value is False:
            continue
        shown = items[0] if len(items) == 1 else value
        said.append(f"{'axis' if name == 'axes' and len(items) == 1 else name}={shorten(shown, 24)}")
    return ", ".join(said)


def _tip(node: Expr) -> str:
    """The text for hovering: everything in full, and the line of code that made it."""
    parts = [title_of(node) + (f" ({node.op})" if title_of(node) != node.op else ""), *_lines(node)]
    span = node.origin.span if node.origin is not None else None
    if span is not None and span.text:
        parts.append(f"line {span.line}: {shorten(span.text, 80)}")
    return "\n".join(parts)
