"""A filter right below an aggregation: which rows count is told to the partial, and no filtered frame is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.tree import Partial, Reducer
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.ops.selection import Filter, Projection
from chunkscope.expr import Context, Expr, Refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RULE", "chosen", "filter_in_partial"]

RULE = "filter-in-aggregation"
FEW = 0.25
"""Where fewer rows than this part are kept, they are taken first: all that follows is then shorter."""


@runtime_checkable
class Maskable(Protocol):
    """A reducer that may be told which rows count."""

    def where(self) -> Reducer | None:
        """The same with one more input, a series of booleans."""


def filter_in_partial(x: Expr, context: Context) -> Expr | Refusal | None:
    """The partial of the unfiltered frame and the filter's mask."""
    assert isinstance(x, Partial)
    reducer = x.reducer
    if len(x.args) != 1 or not isinstance(reducer, Maskable):
        return None
    node: FrameExpr = x.args[0]
    columns: list[Projection] = []
    while isinstance(node, Projection) and not node.single and context.consumers_of(node) == 1:
        columns.append(node)
        node = node.x
    if not isinstance(node, Filter) or node.mask.meta.dtype != np.bool_ or not _of_the_same(node):
        return None
    if context.consumers_of(node) > 1:
        return Refusal(f"{node.title} has other readers: its rows are made anyway")
    masked = reducer.where()
    if masked is None:
        return None
    below = node.x
    for projection in reversed(columns):
        below = replace(projection, x=below)
    return Partial((below, node.mask), masked).stamped(x)


def _of_the_same(x: Filter) -> bool:
    """Whether the mask is made from the frame that is filtered, row by row."""
    stack: list[Expr] = [x.mask]
    while stack:
        node = stack.pop()
        if node is x.x:
            continue
        inputs = node.inputs()
        if not inputs or not isinstance(node, FrameExpr) or node.grid != x.grid:
            return False
        stack.extend(inputs)
    return True


def chosen(x: Any, mask: pd.Series[bool]) -> tuple[Any, NDArray[np.bool_] | None]:
    """The rows to look at, and which of them count; None for all.

    >>> x = pd.DataFrame({"a": [1, 2]})
    >>> chosen(x, pd.Series([True, True]))[1] is None
    True
    """
    if not x.index.equals(mask.index):
        return x[mask], None
    keep = mask.to_numpy()
    kept = int(np.count_nonzero(keep))
    if kept == len(keep):
        return x, None
    return (x[mask], None) if kept < FEW * len(keep) else (x, keep)
