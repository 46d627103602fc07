"""`chunkscope.array.linalg`: factorisations of tall and skinny matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

from chunkscope.array.collection import Array
from chunkscope.array.ops import factor
from chunkscope.array.wrapping import as_expr, wrap

__all__ = ["qr", "svd", "tsqr"]


class QRResult(NamedTuple):
    """Orthonormal columns, and an upper triangle."""

    Q: Array
    R: Array


class SVDResult(NamedTuple):
    """Left vectors, singular values in falling order, right vectors as rows."""

    U: Array
    S: Array
    Vh: Array


def qr(x: Any) -> QRResult:
    """Q and r with `q @ r == x`, for a matrix (m, n) cut along its rows: q is cut as x is, r is one chunk.

    Two layers of tasks per level of a tree over the row blocks; each block is read once. Raises ChunkError where the
    columns are cut.

    >>> import chunkscope.array as ca
    >>> q, r = ca.linalg.qr(ca.random.default_rng(0).random((100, 3), chunks=(40, 3)))
    >>> q.shape, r.shape, q.chunks
    ((100, 3), (3, 3), ((40, 40, 20), (3,)))
    """
    q, r = factor.qr(as_expr(x))
    return QRResult(wrap(q), wrap(r))


tsqr = qr


def svd(x: Any, coerce_signs: bool = True) -> SVDResult:
    """u, s, v with `(u * s) @ v == x`, for a matrix cut along one axis: tall and skinny, or its transpose.

    With `coerce_signs` each row of v sums to at least 0, which makes the factors unique. Cost: that of `qr` and of one
    product as large as x.

    >>> import chunkscope.array as ca
    >>> u, s, v = ca.linalg.svd(ca.ones((6, 2), chunks=(2, 2)))
    >>> s.compute().round(3)
    array([3.464, 0.   ])
    """
    u, s, v = factor.svd(as_expr(x), coerce_signs)
    return SVDResult(wrap(u), wrap(s), wrap(v))
