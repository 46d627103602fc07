"""Between values and expressions: what counts as an array argument, and where the user's code made a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.array.expr import ArrayExpr
from chunkscope.array.ops.creation import FromArray
from chunkscope.array.program import Scalar
from chunkscope.chunks import ChunkGrid, normalize_chunks
from chunkscope.errors import DTypeError
from chunkscope.types import Origin

if TYPE_CHECKING:
    from chunkscope.array.collection import Array

__all__ = ["argument", "argument_or_none", "as_expr", "from_values", "wrap"]


def wrap(expr: ArrayExpr, name: str | None = None) -> Array:
    """The expression as an `Array`, with the line of the user's code that made it."""
    from chunkscope.array.collection import Array

    if expr.origin is None:
        expr.traced(Origin.here())
    if name is not None and expr.label is None:
        object.__setattr__(expr, "label", name)
    return Array(expr)


def argument(value: Any) -> ArrayExpr | Scalar:
    """An operand: an array's expression, or a number. NumPy arrays and lists become arrays."""
    expr = getattr(value, "_expr", None)
    if isinstance(expr, ArrayExpr):
        return expr
    if isinstance(value, (bool, int, float, complex, np.generic, str, bytes)):
        return Scalar(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return Scalar(value[()])
    return as_expr(value)


def argument_or_none(value: Any) -> ArrayExpr | Scalar:
    """An operand, or a None that the function understands."""
    return Scalar(None) if value is None else argument(value)


def as_expr(value: Any) -> ArrayExpr:
    """The expression of anything array-like; raises DTypeError for what is none."""
    expr = getattr(value, "_expr", None)
    if isinstance(expr, ArrayExpr):
        return expr
    return from_values(value, "auto")


def from_values(values: Any, chunks: Any) -> FromArray:
    """Chunks of a NumPy array, or of anything with shape, dtype and slicing; lists and numbers become NumPy arrays."""
    if not all(hasattr(values, name) for name in ("shape", "dtype", "__getitem__")) or isinstance(
        values, np.generic
    ):
        if hasattr(type(values), "__chunkscope_expr__"):
            raise DTypeError(f"cannot make an array of a lazy {type(values).__name__}: compute it first")
        given = type(values).__name__
        try:
            values = np.asarray(values)
        except ValueError as error:
            raise DTypeError(f"cannot make an array of {given}: {error}") from None
        if values.dtype == object:
            raise DTypeError(f"cannot make an array of {given}: its elements have no common dtype")
    dtype = np.dtype(values.dtype)
    shape = tuple(int(n) for n in values.shape)
    grid = (
        chunks if isinstance(chunks, ChunkGrid) else normalize_chunks(chunks, shape, itemsize=dtype.itemsize)
    )
    return FromArray(values, (0,) * len(shape), grid, dtype)
