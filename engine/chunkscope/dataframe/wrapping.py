"""Between values and frame expressions: which collection an expression becomes, and what counts as an operand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.meta import kind_of
from chunkscope.dataframe.partitionwise import Literal
from chunkscope.types import Origin

if TYPE_CHECKING:
    from chunkscope.dataframe.collection import Frame

__all__ = ["as_frame_expr", "operand", "wrap"]


def wrap(expr: FrameExpr, name: str | None = None) -> Any:
    """The expression as DataFrame, Series, Index or Scalar, with the line of the user's code that made it."""
    from chunkscope.dataframe import collection

    if expr.origin is None:
        expr.traced(Origin.here())
    if name is not None and expr.label is None:
        object.__setattr__(expr, "label", name)
    cls: type[Frame] = getattr(collection, kind_of(expr.meta))
    return cls(expr)


def operand(value: Any) -> FrameExpr | Literal:
    """An operand: the expression of a lazy frame or scalar, or a plain value; a pandas object is one partition."""
    expr = getattr(value, "_expr", None)
    if isinstance(expr, FrameExpr):
        return expr
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return as_frame_expr(value)
    return Literal(value)


def as_frame_expr(value: Any) -> FrameExpr:
    """The expression of a lazy frame, or of a pandas object as one partition."""
    expr = getattr(value, "_expr", None)
    if isinstance(expr, FrameExpr):
        return expr
    from chunkscope.dataframe.ops.making import from_pandas_expr

    return from_pandas_expr(value, 1, None, sort=False)
