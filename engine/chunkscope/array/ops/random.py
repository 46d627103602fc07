"""Random arrays: one independent stream for each call and block, so numbers depend on seed, call order and block index.

Other chunks give other numbers. Streams are PCG64 seeded by SeedSequence(entropy, spawn_key=(call, block)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.blockwise import Source
from chunkscope.array.ops.creation import Taken
from chunkscope.array.program import SourceOp
from chunkscope.chunks import ChunkGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Random"]


@dataclass(frozen=True, eq=False)
class Random(Source):
    """Numbers drawn from a distribution of NumPy's `Generator`."""

    entropy: int
    call: int
    distribution: str
    params: tuple[Any, ...]
    grid: ChunkGrid
    dtype: np.dtype[Any]
    origin_blocks: Taken | None = None
    """Where only some blocks are made: which ones of the grid that was asked for."""
    op: ClassVar[str] = "random"

    def layer_op(self) -> str:
        return self.distribution

    def source_op(self) -> SourceOp:
        return _Draw(self.entropy, self.call, self.distribution, self.params, self.dtype, self.origin_blocks)

    def taken(self, blocks: tuple[NDArray[np.int64], ...]) -> Source | None:
        before = self.origin_blocks
        if before is None:
            chosen = Taken(self.grid, blocks)
        else:
            chosen = Taken(before.grid, tuple(a[b] for a, b in zip(before.blocks, blocks, strict=True)))
        return replace(self, grid=chosen.left, origin_blocks=chosen)


@dataclass(frozen=True, slots=True)
class _Draw:
    entropy: int
    call: int
    name: str
    params: tuple[Any, ...]
    dtype: np.dtype[Any]
    taken: Taken | None

    def begin(self, block: int) -> Callable[[NDArray[Any], tuple[slice, ...]], None]:
        number = block if self.taken is None else self.taken.number(block)
        seed = np.random.SeedSequence(self.entropy, spawn_key=(self.call, number))
        stream = np.random.Generator(np.random.PCG64(seed))
        draw = _INTO.get(self.name)
        if draw is not None:
            return lambda out, place: draw(stream, out, *self.params)
        method = getattr(stream, self.name)

        def fill(out: NDArray[Any], place: tuple[slice, ...]) -> None:
            out[...] = method(*self.params, size=out.shape)

        return fill


def _random(stream: np.random.Generator, out: NDArray[Any]) -> None:
    stream.random(out=out, dtype=out.dtype.type)


def _uniform(stream: np.random.Generator, out: NDArray[Any], low: float, high: float) -> None:
    stream.random(out=out)
    if high - low != 1.0:
        np.multiply(out, high - low, out=out)
    if low != 0.0:
        np.add(out, low, out=out)


def _standard_normal(stream: np.random.Generator, out: NDArray[Any]) -> None:
    stream.standard_normal(out=out, dtype=out.dtype.type)


def _normal(stream: np.random.Generator, out: NDArray[Any], loc: float, scale: float) -> None:
    stream.standard_normal(out=out)
    if scale != 1.0:
        np.multiply(out, scale, out=out)
    if loc != 0.0:
        np.add(out, loc, out=out)


def _standard_exponential(stream: np.random.Generator, out: NDArray[Any]) -> None:
    stream.standard_exponential(out=out, dtype=out.dtype.type)


def _exponential(stream: np.random.Generator, out: NDArray[Any], scale: float) -> None:
    stream.standard_exponential(out=out)
    np.multiply(out, scale, out=out)


def _integers(stream: np.random.Generator, out: NDArray[Any], low: int, high: int, endpoint: bool) -> None:
    # drawn as 64 bits whatever the dtype: narrow draws keep left-over bits for one call only, so that
    # numbers would depend on where tiles end
    kind = np.uint64 if out.dtype == np.uint64 else np.int64
    out[...] = stream.integers(low, high, size=out.shape, dtype=kind, endpoint=endpoint)


_INTO: dict[str, Callable[..., None]] = {
    "random": _random,
    "uniform": _uniform,
    "standard_normal": _standard_normal,
    "normal": _normal,
    "standard_exponential": _standard_exponential,
    "exponential": _exponential,
    "integers": _integers,
}
"""Distributions that fill a tile in place, or need a word more than their parameters."""
