"""The rewrites of frames, by name. Any subset of them gives the same values."""

from __future__ import annotations

from collections.abc import Sequence

from chunkscope.dataframe.aggregate.coding import RULE as CODES
from chunkscope.dataframe.aggregate.coding import keys_as_codes
from chunkscope.dataframe.aggregate.masking import RULE as MASK
from chunkscope.dataframe.aggregate.masking import filter_in_partial
from chunkscope.dataframe.aggregate.tree import Partial
from chunkscope.dataframe.culling import push_partitions
from chunkscope.dataframe.expr import Composite, FrameExpr
from chunkscope.dataframe.fusing import fuse_partitions
from chunkscope.dataframe.ops.selection import Filter, Head, Projection
from chunkscope.dataframe.partitionwise import Source
from chunkscope.dataframe.projection import push_columns
from chunkscope.dataframe.pushing import predicate_of, replaced_source
from chunkscope.expr import Context, Expr, Firing, Phase, Refusal, Rewrite, Rule, Sweep, postorder

__all__ = ["FRAME_RULES"]


def share_equal(roots: Sequence[Expr], record: list[Firing]) -> Sequence[Expr]:
    """Equal expressions become one, so that what they share is read once."""
    first: dict[str, Expr] = {}
    final: dict[int, Expr] = {}
    nodes = postorder(roots)
    if not any(isinstance(node, FrameExpr) for node in nodes):
        return roots
    for node in nodes:
        if not isinstance(node, FrameExpr):
            inputs = node.inputs()
            better = [final[id(child)] for child in inputs]
            changed = any(a is not b for a, b in zip(better, inputs, strict=True))
            final[id(node)] = node.replace_inputs(better) if changed else node
            continue
        found = first.get(node.token)
        if found is None:
            inputs = node.inputs()
            better = [final[id(child)] for child in inputs]
            changed = any(a is not b for a, b in zip(better, inputs, strict=True))
            found = first[node.token] = node.replace_inputs(better) if changed else node
        elif found is not node and isinstance(node, Source):
            record.append(Firing("share-equal", node, found))
        final[id(node)] = found
    return [final[id(root)] for root in roots]


def read_less_for_head(x: Expr, context: Context) -> Expr | Refusal | None:
    """The first rows of the first partition need not read all of it."""
    assert isinstance(x, Head)
    below = x.x
    if isinstance(below, Projection) and context.consumers_of(below) == 1:
        return Projection(Head(below.x, x.nrows), below.names, below.single)
    if not isinstance(below, Source) or below.npartitions != 1 or x.nrows < 0:
        return None
    if context.consumers_of(below) > 1:
        return Refusal(f"{below.title} has other readers, which need all of it")
    less = below.head_of(x.nrows)
    return None if less is None or less.token == below.token else Head(less, x.nrows)


def filter_in_reader(x: Expr, context: Context) -> Expr | Refusal | None:
    """Readers may leave out what a filter would drop; the filter itself stays."""
    assert isinstance(x, Filter)
    source = x.x
    if not isinstance(source, Source):
        return None
    predicate, readers = predicate_of(x.mask, source)
    if predicate is None:
        return None
    if context.consumers_of(source) > readers + 1:
        return Refusal(f"{source.title} has other readers, which need the other rows")
    less = source.filtered(predicate)
    if less is None or isinstance(less, Refusal):
        return less
    return Filter(less, replaced_source(x.mask, source, less))


def split(x: Expr, context: Context) -> Expr:
    assert isinstance(x, Composite)
    return x.expand()


FRAME_RULES: tuple[Rewrite, ...] = (
    Sweep("share-equal", "equal reads are one: each file is read once", Phase.SIMPLIFY, share_equal),
    Sweep("read-columns-used", "readers make only the columns that somebody reads", Phase.PUSH, push_columns),
    Sweep(
        "read-partitions-used",
        "readers make only the partitions that somebody reads",
        Phase.PUSH,
        push_partitions,
    ),
    Rule(
        "read-rows-of-head",
        "for the first rows, the reader stops early",
        Phase.PUSH,
        (Head,),
        read_less_for_head,
    ),
    Rule(
        "filter-in-reader",
        "the reader leaves out what a filter would drop, where it can tell cheaply",
        Phase.PUSH,
        (Filter,),
        filter_in_reader,
    ),
    Rule(
        "split-frame-reductions",
        "a reduction is partials for each partition and a tree that merges them",
        Phase.SPLIT,
        (Composite,),
        split,
    ),
    Rule(
        MASK,
        "an aggregation right above a filter is told which rows count: no filtered frame is made",
        Phase.SPLIT,
        (Partial,),
        filter_in_partial,
    ),
    Sweep(
        CODES,
        "strings that only serve as keys are read as codes",
        Phase.FUSE,
        keys_as_codes,
    ),
    Sweep(
        "fuse-partitions",
        "operations on the same partition are one task: no values kept between them",
        Phase.FUSE,
        fuse_partitions,
    ),
)
"""The rules in the order in which they are tried, phase by phase."""
