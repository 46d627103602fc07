"""QR and singular values of tall and skinny arrays, by the direct TSQR of Benson, Gleich and Demmel (2013).

Every row block is factorised on its own; the small R factors are stacked and factorised again, a few at a time, up
to one; the Q factors are multiplied on the way back down. Each element of the input is read once, and all work is BLAS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.expr import ArrayExpr, ArrayOutput
from chunkscope.array.ops.manipulation import transpose
from chunkscope.chunks import ChunkGrid
from chunkscope.errors import ChunkError, DTypeError, ShapeError
from chunkscope.executors.blas import single_threaded
from chunkscope.expr import Expr, Slots
from chunkscope.graph import Layer, Ragged, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["TallQR", "TallSVD", "qr", "svd"]

STACK_ROWS = 8192
"""R factors are stacked up to about this many rows: work for BLAS in one task, and still small."""


@dataclass(frozen=True, slots=True)
class _BlockQR:
    """Q and R of one row block."""

    def __call__(self, block: int, /, *inputs: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        with single_threaded:
            q, r = np.linalg.qr(np.asarray(inputs[0]))
        return q, r


@dataclass(frozen=True, slots=True)
class _StackQR:
    """Q and R of several R factors, one above the other."""

    def __call__(self, block: int, /, *inputs: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        with single_threaded:
            q, r = np.linalg.qr(np.concatenate(inputs))
        return q, r


@dataclass(frozen=True, slots=True)
class _SmallSVD:
    """u, s, v of the last R; with `signs`, each row of v sums to at least 0, which makes the result unique."""

    signs: bool

    def __call__(self, block: int, /, *inputs: Any) -> tuple[NDArray[Any], ...]:
        with single_threaded:
            u, s, v = np.linalg.svd(np.asarray(inputs[0]), full_matrices=False)
        if self.signs:
            flip = np.where(v.sum(axis=1).real < 0, -1, 1).astype(v.dtype)
            u, v = u * flip, v * flip[:, None]
        return u, s, v


@dataclass(frozen=True, eq=False)
class _TimesPart:
    """The Q of one block times the rows of the larger factor that belong to it."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def __call__(self, block: int, /, *inputs: Any) -> NDArray[Any]:
        q, factor = inputs
        found: NDArray[Any] = (
            np.asarray(q) @ np.asarray(factor)[int(self.first[block]) : int(self.last[block])]
        )
        return found


@dataclass(frozen=True, eq=False)
class TallQR(Expr):
    """Outputs q (as `x` is cut) and r (one chunk)."""

    x: ArrayExpr
    dtype: np.dtype[Any]
    op: ClassVar[str] = "qr"
    noutputs: ClassVar[int] = 2

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        tree = _Tree(self, self.x, self.dtype, build)
        levels, top = tree.up(inputs[0][0].reshape(-1))
        return tree.down(levels, None), top.reshape(1, 1)


@dataclass(frozen=True, eq=False)
class TallSVD(Expr):
    """Outputs u (cut as `x` is), s and v (one chunk each)."""

    x: ArrayExpr
    dtype: np.dtype[Any]
    signs: bool
    op: ClassVar[str] = "svd"
    noutputs: ClassVar[int] = 3

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        tree = _Tree(self, self.x, self.dtype, build)
        levels, top = tree.up(inputs[0][0].reshape(-1))
        k = min(self.x.shape)
        real = np.dtype(self.dtype.type(0).real.dtype)
        sizes = np.array([k * k, k, k * self.x.shape[1]]) * [
            self.dtype.itemsize,
            real.itemsize,
            self.dtype.itemsize,
        ]
        scratch = 8 * k * k * self.dtype.itemsize
        layer = tree.layer("svd-small", _SmallSVD(self.signs), (1,), noutputs=3, scratch_bytes=scratch)
        u, s, v = build.add(layer, [top], nbytes=sizes)
        return tree.down(levels, u), s, v.reshape(1, 1)


@dataclass
class _Level:
    """One level of the tree: Q factors, their rows in the factor above, and which node above holds them."""

    q: Slots
    rows: NDArray[np.int64]
    parent: NDArray[np.int64]
    first: NDArray[np.int64]


class _Tree:
    """The layers of one factorisation."""

    def __init__(self, node: Expr, x: ArrayExpr, dtype: np.dtype[Any], build: GraphBuilder) -> None:
        self.node, self.x, self.dtype, self.build = node, x, dtype, build
        self.n = x.shape[1]

    def layer(self, op: str, kernel: Any, grid: tuple[int, ...], **more: Any) -> Layer:
        more.setdefault("strategy", Strategy.TREE)
        return Layer(
            "",
            op,
            kernel,
            grid,
            dtype=str(self.dtype),
            origin=self.node.origin,
            label=self.node.label,
            **more,
        )

    def up(self, slots: Slots) -> tuple[list[_Level], Slots]:
        """The levels from the blocks to the root, and the slot of the last R."""
        n, itemsize = self.n, self.dtype.itemsize
        rows = self.x.grid.sizes[0]
        ranks = np.minimum(rows, n)
        nbytes = np.stack([rows * ranks, ranks * n], axis=-1) * itemsize
        scratch = int((rows * n).max()) * itemsize * 2
        layer = self.layer(
            "qr-block",
            _BlockQR(),
            (len(rows),),
            noutputs=2,
            scratch_bytes=scratch,
            strategy=Strategy.BLOCKWISE,
        )
        q, r = self.build.add(layer, [slots], nbytes=nbytes)
        levels = []
        width = max(STACK_ROWS // max(n, 1), 2)
        while len(ranks) > 1:
            groups = np.arange(len(ranks)) // width
            count = int(groups[-1]) + 1
            starts = np.searchsorted(groups, np.arange(count + 1))
            ends = np.cumsum(ranks)
            first = (ends - ranks) - (ends - ranks)[starts[:-1]][groups]
            levels.append(_Level(q, ranks, groups, first))
            stacked = np.add.reduceat(ranks, starts[:-1])
            ranks = np.minimum(stacked, n)
            nbytes = np.stack([stacked * ranks, ranks * n], axis=-1) * itemsize
            scratch = int((stacked * n).max()) * itemsize * 3
            layer = self.layer("qr-stack", _StackQR(), (count,), noutputs=2, scratch_bytes=scratch)
            q, r = self.build.add(layer, Ragged(starts.astype(np.int64), r), nbytes=nbytes)
        levels.append(_Level(q, ranks, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)))
        return levels, r

    def down(self, levels: list[_Level], factor: Slots | None) -> Slots:
        """The slots of the whole Q (times `factor`), cut as the input is."""
        top = levels[-1]
        rows = self._stacked(levels[-2]) if len(levels) > 1 else self.x.grid.sizes[0]
        above = top.q if factor is None else self._times(top, factor, rows, len(levels) == 1)
        for depth in range(len(levels) - 2, -1, -1):
            level = levels[depth]
            rows = self.x.grid.sizes[0] if depth == 0 else self._stacked(levels[depth - 1])
            above = self._times(level, above[level.parent], rows, depth == 0)
        return above.reshape(-1, 1)

    @staticmethod
    def _stacked(below: _Level) -> NDArray[np.int64]:
        return np.bincount(below.parent, weights=below.rows).astype(np.int64)

    def _times(self, level: _Level, factor: Slots, rows: NDArray[np.int64], last: bool) -> Slots:
        kernel = _TimesPart(level.first, level.first + level.rows)
        strategy = Strategy.BLOCKWISE if last else Strategy.TREE
        layer = self.layer(f"{self.node.op}-q", kernel, (len(level.rows),), strategy=strategy)
        nbytes = np.broadcast_to(rows, len(level.rows)) * min(self.x.shape) * self.dtype.itemsize
        return self.build.add(layer, [level.q, factor], nbytes=nbytes)[0]


def _checked(x: ArrayExpr, name: str) -> np.dtype[Any]:
    """The dtype of the factors; raises what says why there are none."""
    if x.ndim != 2:
        raise ShapeError(f"{name} needs a matrix, got shape {x.shape}")
    if 0 in x.shape:
        raise ShapeError(f"{name} needs at least one row and one column, got shape {x.shape}")
    if x.dtype.kind not in "biufc" or x.dtype == np.float16:
        raise DTypeError(f"{name} cannot take {x.dtype}: use float64")
    return np.linalg.qr(np.ones((1, 1), dtype=x.dtype))[0].dtype


def qr(x: ArrayExpr) -> tuple[ArrayExpr, ArrayExpr]:
    """Q and r of a matrix whose columns are in one chunk."""
    dtype = _checked(x, "qr")
    if x.grid.numblocks[1] > 1:
        raise ChunkError(
            f"qr needs every column in one chunk, axis 1 has {x.grid.numblocks[1]} chunks; use x.rechunk({{1: -1}})"
        )
    m, n = x.shape
    k = min(m, n)
    node = TallQR(x, dtype)
    q = ChunkGrid([x.grid.sizes[0], (k,)])
    return ArrayOutput(node, 0, q, dtype), ArrayOutput(node, 1, ChunkGrid.whole((k, n)), dtype)


def svd(x: ArrayExpr, signs: bool) -> tuple[ArrayExpr, ArrayExpr, ArrayExpr]:
    """u, s and v (already transposed) of a matrix that is cut along one axis at most."""
    dtype = _checked(x, "svd")
    rows, columns = x.grid.numblocks
    if rows > 1 and columns > 1:
        raise ChunkError(
            f"svd needs chunks along one axis only, found {rows} by {columns} blocks; "
            "use x.rechunk({1: -1}) for a tall matrix, x.rechunk({0: -1}) for a wide one"
        )
    if columns > 1 or (rows == columns == 1 and x.shape[0] < x.shape[1]):
        v, s, u = svd(transpose(x), signs)
        return transpose(u), s, transpose(v)
    m, n = x.shape
    k = min(m, n)
    node = TallSVD(x, dtype, signs)
    real = np.dtype(dtype.type(0).real.dtype)
    u = ArrayOutput(node, 0, ChunkGrid([x.grid.sizes[0], (k,)]), dtype)
    s = ArrayOutput(node, 1, ChunkGrid([(k,)]), real)
    return u, s, ArrayOutput(node, 2, ChunkGrid.whole((k, n)), dtype)
