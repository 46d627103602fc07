"""How values are reduced: the partial of a tile, how two partials merge, and how the last becomes the result.

A partial keeps the reduced axes with length 1, so partials of neighbours line up. Reducers that carry more than one
number stack them as *planes* on a leading axis. The order of merging depends on tile and block numbers
alone: results are the same on every executor and machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Fold", "Mean", "Moments", "NanFold", "NanMean", "Reducer"]

Axes = tuple[int, ...]

COLUMNS = 8
"""Up to this many elements, a last axis is folded column by column: 0.4 ns an element against 4.5 for `ufunc.reduce`,
whose cost is for each row."""


class Reducer(Protocol):
    """One kind of reduction, for one dtype."""

    @property
    def name(self) -> str:
        """The operation in one word."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the result."""

    @property
    def planes(self) -> int:
        """Numbers in a partial where they are stacked; 0 where a partial is one plain array."""

    @property
    def partial_dtype(self) -> np.dtype[Any]:
        """The dtype of a partial."""

    def partial(self, x: NDArray[Any], axes: Axes) -> NDArray[Any]:
        """The partial of one tile or block, with `axes` of length 1."""

    def merge(self, into: NDArray[Any], other: NDArray[Any]) -> None:
        """Add another partial to `into`, in place."""

    def finish(self, partial: NDArray[Any], count: int) -> NDArray[Any]:
        """The result, from the partial of everything; `count` elements went into each number."""

    def scratch_bytes(self, elements: int) -> int:
        """Temporaries of `partial` over this many elements."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One ufunc folded over the axes: sum, prod, min, max, any, all."""

    name: str
    ufunc: np.ufunc
    compute_dtype: np.dtype[Any]
    """What a tile is folded in."""
    partial_dtype: np.dtype[Any]
    """What partials are kept in: wider, where many tiles would lose digits."""
    dtype: np.dtype[Any]
    planes: ClassVar[int] = 0

    def partial(self, x: NDArray[Any], axes: Axes) -> NDArray[Any]:
        if x.dtype == bool and self.ufunc is np.add and len(axes) == x.ndim:
            return np.full((1,) * x.ndim, np.count_nonzero(x), dtype=self.partial_dtype)
        if axes == (x.ndim - 1,) and 1 < x.shape[-1] <= COLUMNS:
            return self.columns(x)[..., None].astype(self.partial_dtype, copy=False)
        found = self.ufunc.reduce(x, axis=axes, dtype=self.compute_dtype, keepdims=True)
        return np.asarray(found).astype(self.partial_dtype, copy=False)

    def columns(self, x: NDArray[Any], into: NDArray[Any] | None = None) -> NDArray[Any]:
        """The fold over the last axis, column by column; in the memory of `into` where one is given."""
        first, second = x[..., 0], x[..., 1]
        out: NDArray[Any] = np.asarray(self.ufunc(first, second, out=into, dtype=self.compute_dtype))
        for i in range(2, x.shape[-1]):
            self.ufunc(out, x[..., i], out=out, dtype=self.compute_dtype)
        return out

    def merge(self, into: NDArray[Any], other: NDArray[Any]) -> None:
        self.ufunc(into, other, out=into)

    def finish(self, partial: NDArray[Any], count: int) -> NDArray[Any]:
        return partial.astype(self.dtype, copy=False)

    def scratch_bytes(self, elements: int) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class NanFold:
    """A fold that takes `neutral` for every NaN."""

    name: str
    fold: Fold
    neutral: Any
    planes: ClassVar[int] = 0

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.fold.dtype

    @property
    def partial_dtype(self) -> np.dtype[Any]:
        return self.fold.partial_dtype

    def partial(self, x: NDArray[Any], axes: Axes) -> NDArray[Any]:
        return self.fold.partial(_without_nan(x, self.neutral), axes)

    def merge(self, into: NDArray[Any], other: NDArray[Any]) -> None:
        self.fold.merge(into, other)

    def finish(self, partial: NDArray[Any], count: int) -> NDArray[Any]:
        return self.fold.finish(partial, count)

    def scratch_bytes(self, elements: int) -> int:
        return elements * (self.fold.compute_dtype.itemsize + 1)


@dataclass(frozen=True, slots=True)
class Mean:
    """The sum, divided by the number of elements at the end."""

    name: str
    fold: Fold
    dtype: np.dtype[Any]
    planes: ClassVar[int] = 0

    @property
    def partial_dtype(self) -> np.dtype[Any]:
        return self.fold.partial_dtype

    def partial(self, x: NDArray[Any], axes: Axes) -> NDArray[Any]:
        return self.fold.partial(x, axes)

    def merge(self, into: NDArray[Any], other: NDArray[Any]) -> None:
        self.fold.merge(into, other)

    def finish(self, partial: NDArray[Any], count: int) -> NDArray[Any]:
        return _divided(partial, np.float64(count)).astype(self.dtype, copy=False)

    def scratch_bytes(self, elements: int) -> int:
        return self.fold.scratch_bytes(elements)


@dataclass(frozen=True, slots=True)
class NanMean:
    """Sum and number of what is not NaN."""

    name: str
    dtype: np.dtype[Any]
    partial_dtype: np.dtype[Any]
    planes: ClassVar[int] = 2

    def partial(self, x: NDArray[Any], axes: Axes) -> NDArray[Any]:
        total = np.add.reduce(_without_nan(x, 0), axis=axes, dtype=self.partial_dtype, keepdims=True)
        return np.stack([total, _counted(x, axes)]).astype(self.partial_dtype, copy=False)

    def merge(self, into: NDArray[Any], other: NDArray[Any]) -> None:
        np.add(into, other, out=into)

    def finish(self, partial: NDArray[Any], count: int) -> NDArray[Any]:
        return _divided(partial[0], partial[1].real).astype(self.dtype, copy=False)

    def scratch_bytes(self, elements: int) -> int:
        return elements * (self.partial_dtype.itemsize + 2)


@dataclass(frozen=True, slots=True)
class Moments:
    """Variance or standard deviation, from counts, means and sums of squared deviations (M2).

    Two passes over a tile while it is in the cache, then the merge of Chan, Golub and LeVeque: no digits are lost where
    the mean is large against the deviation. Source: "Updating formulae and a pairwise algorithm for computing sample
    variances", 1979.
    """

    name: str
    dtype: np.dtype[Any]
    partial_dtype: np.dtype[Any]
    ddof: float = 0
    root: bool = False
    skipna: bool = False
    planes: ClassVar[int] = 3

    def partial(self, x: NDArray[Any], axes: Axes) -> NDArray[Any]:
        kind = self.partial_dtype
        filled = _without_nan(x, 0) if self.skipna else x
        total = np.asarray(np.add.reduce(filled, axis=axes, dtype=kind, keepdims=True))
        n: Any = _counted(x, axes) if self.skipna else math.prod(x.shape[axis] for axis in axes)
        mean = total / np.maximum(n, 1)
        deviation = np.asarray(np.subtract(x, mean, dtype=kind))
        if kind.kind == "c":
            np.multiply(deviation, deviation.conj(), out=deviation)
        else:
            np.multiply(deviation, deviation, out=deviation)
        if self.skipna:
            deviation[np.isnan(x)] = 0
        found = np.empty((3, *total.shape), dtype=kind)
        found[0], found[1] = n, mean
        np.add.reduce(deviation, axis=axes, keepdims=True, out=found[2, ...])
        return found

    def merge(self, into: NDArray[Any], other: NDArray[Any]) -> None:
        na, nb = into[0].real, other[0].real
        n = na + nb
        share = nb / np.maximum(n, 1)
        delta = other[1] - into[1]
        square = (delta * delta.conj()).real if self.partial_dtype.kind == "c" else delta * delta
        into[2] += other[2] + square * (na * share)
        into[1] += delta * share
        into[0] += nb

    def finish(self, partial: NDArray[Any], count: int) -> NDArray[Any]:
        divisor = np.maximum(partial[0].real - self.ddof, 0)
        found = _divided(partial[2].real, divisor)
        if self.skipna:
            found = np.where(divisor > 0, found, np.nan)
        return np.asarray(np.sqrt(found) if self.root else found).astype(self.dtype, copy=False)

    def scratch_bytes(self, elements: int) -> int:
        return elements * self.partial_dtype.itemsize * (2 if self.skipna else 1)


def _without_nan(x: NDArray[Any], neutral: Any) -> NDArray[Any]:
    """`x` with `neutral` for NaN; itself where its dtype has none."""
    if x.dtype.kind not in "fc":
        return x
    found = x.copy()
    found[np.isnan(x)] = neutral
    return found


def _counted(x: NDArray[Any], axes: Axes) -> NDArray[Any]:
    """How many elements are not NaN."""
    if x.dtype.kind not in "fc":
        shape = tuple(1 if axis in axes else n for axis, n in enumerate(x.shape))
        return np.full(shape, math.prod(x.shape[axis] for axis in axes))
    return np.asarray(np.add.reduce(~np.isnan(x), axis=axes, dtype=np.int64, keepdims=True))


def _divided(total: NDArray[Any], count: Any) -> NDArray[Any]:
    """The quotient; nothing divided by nothing is NaN, without a warning: no line of the user's could be pointed at."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.true_divide(total, count))
