"""Which columns anybody reads: from the roots down to the readers, over all roots at once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Wanted, settle
from chunkscope.dataframe.partitionwise import Source
from chunkscope.expr import Expr, Firing, Refusal, postorder

__all__ = ["push_columns", "wanted_columns"]


def wanted_columns(roots: Sequence[Expr], nodes: Sequence[Expr]) -> dict[int, Wanted]:
    """For each node by `id` the columns that its readers need together; None where somebody needs all.

    Nodes that nobody reads are not there.
    """
    wanted: dict[int, Wanted] = dict.fromkeys(map(id, roots))
    for node in reversed(nodes):
        if id(node) not in wanted:
            continue
        inputs = node.inputs()
        asked: tuple[Wanted, ...] = (None,) * len(inputs)
        spared: frozenset[int] = frozenset()
        if isinstance(node, FrameExpr):
            mine = wanted[id(node)] if isinstance(node.meta, pd.DataFrame) else None
            asked, spared = node.needs(mine), node.spared(mine)
        for number, (child, columns) in enumerate(zip(inputs, asked, strict=True)):
            if number not in spared:
                before = wanted.get(id(child), frozenset())
                wanted[id(child)] = None if before is None or columns is None else before | columns
    return wanted


def push_columns(roots: Sequence[Expr], record: list[Firing]) -> Sequence[Expr]:
    """The roots over readers that make only what is wanted of them, by all roots together."""
    nodes = postorder(roots)
    sources = [node for node in nodes if isinstance(node, Source)]
    if not sources:
        return roots
    settle(nodes)
    wanted = wanted_columns(roots, nodes)
    final: dict[int, Expr] = {}
    for node in nodes:
        if id(node) not in wanted:  # nobody reads it: it is dropped with the reader that could have
            final[id(node)] = node
            continue
        columns = wanted[id(node)]
        if isinstance(node, Source):
            final[id(node)] = _narrow(node, columns, record)
            continue
        inputs = node.inputs()
        better = [final[id(child)] for child in inputs]
        same = all(a is b for a, b in zip(better, inputs, strict=True))
        if same and not (isinstance(node, FrameExpr) and node.spared(columns)):
            final[id(node)] = node
        elif isinstance(node, FrameExpr):
            final[id(node)] = node.narrowed(columns, better).stamped(node)
        else:
            final[id(node)] = node.replace_inputs(better)
    return [final[id(root)] for root in roots]


def _narrow(source: Source, wanted: Wanted, record: list[Firing]) -> Expr:
    if wanted is None or not isinstance(source.meta, pd.DataFrame):
        return source
    known = source.columns
    columns = [name for name in known if name in wanted]
    if len(columns) == len(known):
        return source
    less = source.projected(columns)
    if isinstance(less, Refusal):
        record.append(Firing("read-columns-used", source, None, less.reason))
        return source
    if less is None:
        return source
    less.stamped(source)
    record.append(Firing("read-columns-used", source, less))
    return less
