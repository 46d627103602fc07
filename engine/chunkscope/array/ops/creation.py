"""Sources: arrays from a rule (full, arange, linspace, eye) and from the user's own array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array.blockwise import Source
from chunkscope.array.dtypes import checked_dtype
from chunkscope.array.program import SourceOp
from chunkscope.chunks import AxisCut, ChunkGrid, normalize_chunks
from chunkscope.errors import DTypeError, ShapeError
from chunkscope.tokens import tokenise, unique_token

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Arange",
    "Eye",
    "FromArray",
    "Full",
    "Linspace",
    "Taken",
    "arange",
    "checked_shape",
    "eye",
    "full",
    "linspace",
]

Fill = Callable[["NDArray[Any]", tuple[slice, ...]], None]

HASHED_BYTES = 1 << 20
"""User arrays up to this size are told apart by content; larger ones are not read to be named."""


def checked_shape(shape: Any) -> tuple[int, ...]:
    """The shape as a tuple of lengths; raises ShapeError for anything else."""
    items = shape if isinstance(shape, (Sequence, np.ndarray)) else (shape,)
    try:
        found = tuple(int(np.asarray(n).__index__()) for n in items)
    except TypeError:
        raise ShapeError(f"a shape is a length or a tuple of lengths, got {shape!r}") from None
    if any(n < 0 for n in found):
        raise ShapeError(f"a shape cannot hold negative lengths, got {shape!r}")
    return found


@dataclass(frozen=True, eq=False)
class Taken:
    """Which blocks of a source's own grid are made, along each axis; block numbers are translated."""

    grid: ChunkGrid
    blocks: tuple[NDArray[np.int64], ...]

    def number(self, block: int) -> int:
        """The number in the source's own grid of block number `block` of what is left."""
        found = 0
        left = tuple(len(part) for part in self.blocks)
        for n, part, i in zip(self.grid.numblocks, self.blocks, np.unravel_index(block, left), strict=True):
            found = found * n + int(part[i])
        return found

    @property
    def left(self) -> ChunkGrid:
        """The grid of what is left."""
        return ChunkGrid(sizes[part] for sizes, part in zip(self.grid.sizes, self.blocks, strict=True))


@dataclass(frozen=True, eq=False)
class Ruled(Source):
    """A source whose elements follow from their place in the array, so that it can be cut and sliced at no cost."""

    def at(self, starts: tuple[int, ...]) -> Fill:
        """What fills tiles of a block that begins at `starts` in the whole array."""
        raise NotImplementedError

    def source_op(self) -> SourceOp:
        return _RuledOp(self.op, self)

    def recut(self, grid: ChunkGrid) -> Source | None:
        return replace(self, grid=grid)  # type: ignore[call-arg]


@dataclass(frozen=True, slots=True)
class _RuledOp:
    name: str
    rule: Ruled

    def begin(self, block: int) -> Fill:
        return self.rule.at(tuple(part.start for part in self.rule.grid.slices(block)))


@dataclass(frozen=True, slots=True)
class _Constant:
    value: Any
    name: ClassVar[str] = "full"

    def begin(self, block: int) -> Fill:
        return self.fill

    def fill(self, out: NDArray[Any], place: tuple[slice, ...]) -> None:
        out.fill(self.value)


@dataclass(frozen=True, eq=False)
class Full(Ruled):
    """One value everywhere."""

    value: Any
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "full"
    free: ClassVar[bool] = True

    def source_op(self) -> SourceOp:
        return _Constant(self.value)

    def sliced(self, cuts: tuple[AxisCut | None, ...], grid: ChunkGrid) -> Source | None:
        return replace(self, grid=grid)


@dataclass(frozen=True, eq=False)
class Arange(Ruled):
    """`start + step * i`, as NumPy computes it: integers exactly, floats from the first two."""

    start: Any
    step: Any
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "arange"

    def at(self, starts: tuple[int, ...]) -> Fill:
        offset = starts[0]
        if self.dtype.kind == "f":
            first = self.dtype.type(self.start)
            delta = self.dtype.type(self.start + self.step) - first
        else:
            first, delta = self.start, self.step

        count = _counter(np.dtype(np.float64 if self.dtype.kind == "f" else np.int64))

        def fill(out: NDArray[Any], place: tuple[slice, ...]) -> None:
            i = count(out, offset + place[0].start)
            np.multiply(i, delta, out=i, casting="unsafe")
            np.add(i, first, out=out, casting="unsafe")

        return fill


def _counter(dtype: np.dtype[Any]) -> Callable[[NDArray[Any], int], NDArray[Any]]:
    """Gives start, start + 1, ... in `out` itself where it has this dtype: tiles are counted without temporaries."""
    ramp = np.zeros(0, dtype=dtype)

    def count(out: NDArray[Any], start: int) -> NDArray[Any]:
        nonlocal ramp
        if len(ramp) < len(out):
            ramp = np.arange(len(out), dtype=dtype)
        return np.add(ramp[: len(out)], start, out=out if out.dtype == dtype else None)

    return count


@dataclass(frozen=True, eq=False)
class Linspace(Ruled):
    """`num` numbers from `start` to `stop`, evenly spaced; the last is exactly `stop` where it belongs."""

    start: float
    stop: float
    num: int
    endpoint: bool
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "linspace"

    def at(self, starts: tuple[int, ...]) -> Fill:
        parts = self.num - 1 if self.endpoint else self.num
        step = (self.stop - self.start) / parts if parts > 0 else 0.0
        offset = starts[0]

        count = _counter(np.dtype(np.float64))

        def fill(out: NDArray[Any], place: tuple[slice, ...]) -> None:
            found = count(out, offset + place[0].start)
            np.multiply(found, step, out=found)
            np.add(found, self.start, out=found)
            if self.endpoint and self.num > 1 and offset + place[0].stop == self.num:
                found[-1] = self.stop
            if self.dtype.kind in "iu":
                np.floor(found, out=found)
            if found is not out:
                np.copyto(out, found, casting="unsafe")

        return fill


@dataclass(frozen=True, eq=False)
class Eye(Ruled):
    """Ones on diagonal `k`, zeros elsewhere."""

    k: int
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "eye"

    def at(self, starts: tuple[int, ...]) -> Fill:
        def fill(out: NDArray[Any], place: tuple[slice, ...]) -> None:
            rows = np.arange(starts[0] + place[0].start, starts[0] + place[0].stop)
            columns = np.arange(starts[1] + place[1].start, starts[1] + place[1].stop)
            out[...] = (columns - rows[:, None]) == self.k

        return fill


@dataclass(frozen=True, eq=False)
class FromArray(Source):
    """Chunks of an array that the user has: anything with shape, dtype and slicing."""

    values: Any
    offset: tuple[int, ...]
    """Where the part that is read begins in `values`."""
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "from_array"
    free: ClassVar[bool] = True

    def make_token(self) -> str:
        whole = isinstance(self.values, np.ndarray) and self.values.nbytes <= HASHED_BYTES
        key = self.values if whole and not self.values.dtype.hasobject else unique_token("from_array")
        return tokenise(("from_array", key, self.offset, self.grid))

    def source_op(self) -> SourceOp:
        return _Read(self.values, self.offset, self.grid, self.token)

    def layer_read_bytes(self) -> int:
        return self.nbytes

    def sliced(self, cuts: tuple[AxisCut | None, ...], grid: ChunkGrid) -> Source | None:
        if any(cut is not None and (cut.step != 1 or (np.diff(cut.blocks) != 1).any()) for cut in cuts):
            return None
        offset = tuple(
            at if cut is None else at + int(starts[cut.blocks[0]] + cut.starts[0])
            for at, starts, cut in zip(self.offset, self.grid.starts, cuts, strict=True)
        )
        return replace(self, offset=offset, grid=grid)

    def recut(self, grid: ChunkGrid) -> Source | None:
        return replace(self, grid=grid)


@dataclass(frozen=True, slots=True)
class _Read:
    values: Any
    offset: tuple[int, ...]
    grid: ChunkGrid
    token: str
    name: ClassVar[str] = "from_array"

    def __chunkscope_token__(self) -> str:
        return self.token

    def begin(self, block: int) -> Fill:
        box = tuple(
            slice(part.start + at, part.stop + at)
            for part, at in zip(self.grid.slices(block), self.offset, strict=True)
        )
        chunk = np.asarray(self.values[box or ...])  # of a file format: read at once, not tile by tile

        def fill(out: NDArray[Any], place: tuple[slice, ...]) -> None:
            out[...] = chunk[place or ...]

        return fill


def full(shape: Any, value: Any, dtype: Any, chunks: Any) -> Full:
    """`value` everywhere."""
    shape = checked_shape(shape)
    kind = checked_dtype(dtype)
    grid = normalize_chunks(chunks, shape, itemsize=kind.itemsize)
    return Full(np.asarray(value).astype(kind)[()] if dtype is not None else value, grid, kind)


def arange(start: Any, stop: Any, step: Any, dtype: Any, chunks: Any) -> Arange:
    """The half-open range, with NumPy's length and dtype."""
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ShapeError("arange: step cannot be 0")
    kind = checked_dtype(dtype) if dtype is not None else np.arange(start, start, step).dtype
    if kind.kind not in "iuf":
        raise DTypeError(f"arange cannot make {kind}: use an integer or floating dtype")
    exact = all(isinstance(part, (int, np.integer)) for part in (start, stop, step))
    n = len(range(int(start), int(stop), int(step))) if exact else max(int(np.ceil((stop - start) / step)), 0)
    grid = normalize_chunks(chunks, (n,), itemsize=kind.itemsize)
    return Arange(start, step, grid, kind)


def linspace(start: float, stop: float, num: int, endpoint: bool, dtype: Any, chunks: Any) -> Linspace:
    """Evenly spaced numbers."""
    if num < 0:
        raise ShapeError(f"linspace: num is a count, got {num}")
    kind = checked_dtype(dtype) if dtype is not None else np.result_type(start, stop, 1.0)
    grid = normalize_chunks(chunks, (num,), itemsize=kind.itemsize)
    return Linspace(start, stop, num, endpoint, grid, kind)


def eye(n: int, m: int | None, k: int, dtype: Any, chunks: Any) -> Eye:
    """The identity, or ones on another diagonal."""
    kind = checked_dtype(dtype)
    return Eye(
        k, normalize_chunks(chunks, checked_shape((n, n if m is None else m)), itemsize=kind.itemsize), kind
    )
