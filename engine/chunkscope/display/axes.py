"""The chunks along one axis, ready to draw and to say: positions, the lines that fit, words. No markup
here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from chunkscope.units import format_bytes, format_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Axis", "Chunked", "axes_of", "axis_name", "chunk_bytes", "describe_array", "shape_words"]

MAX_LINES = 32
"""Lines drawn along one axis; where an axis has more chunks, every second, fifth, tenth … boundary is
drawn.
"""


class Chunked(Protocol):
    """What a chunked array tells about itself, for displays. Unknown sizes are NaN."""

    @property
    def shape(self) -> tuple[Any, ...]:
        """Length of each axis."""

    @property
    def dtype(self) -> Any:
        """The NumPy dtype."""

    @property
    def chunks(self) -> tuple[tuple[Any, ...], ...]:
        """Sizes of the chunks along each axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its chunk sizes, where they end as shares of the axis, and how many of the ends can be
    drawn.
    """

    sizes: NDArray[np.float64]
    ends: NDArray[np.float64]
    """Where each chunk ends, 0 to 1; evenly spaced where sizes are unknown or all zero."""
    step: int
    """Every `step`-th end is drawn."""

    @classmethod
    def of(cls, sizes: Sequence[Any]) -> Axis:
        """The axis with these chunk sizes."""
        values = np.asarray(sizes, dtype=np.float64)
        values = np.where(np.isfinite(values) & (values >= 0), values, np.nan)
        ends = np.cumsum(values)
        total = float(ends[-1]) if len(ends) else 0.0
        if not math.isfinite(total) or total == 0:
            ends, total = np.arange(1.0, len(values) + 1), float(max(len(values), 1))
        return cls(values, ends / total, _step(len(values)))

    @property
    def nchunks(self) -> int:
        """Number of chunks along the axis."""
        return len(self.sizes)

    @property
    def known(self) -> bool:
        """Whether every chunk size is known before the computation."""
        return bool(np.isfinite(self.sizes).all())

    @property
    def length(self) -> float:
        """Length of the axis, NaN where it is not known."""
        return float(self.sizes.sum()) if len(self.sizes) else 0.0

    @property
    def largest(self) -> float:
        """The largest known chunk size, NaN where none is known."""
        return float(np.nanmax(self.sizes)) if np.isfinite(self.sizes).any() else math.nan

    @property
    def lines(self) -> list[float]:
        """Where to draw lines inside the axis, as shares of it."""
        return [float(end) for end in self.ends[self.step - 1 : -1 : self.step]]

    def span(self, index: int) -> tuple[float, float]:
        """Start and end of chunk `index`, as shares of the axis."""
        return (float(self.ends[index - 1]) if index else 0.0), float(self.ends[index])

    @property
    def widest(self) -> int:
        """The number of the first chunk of the largest known size."""
        return int(np.nanargmax(self.sizes)) if np.isfinite(self.sizes).any() else 0

    def slice_words(self, index: int) -> str:
        """The elements of chunk `index` as a slice: "10:15"."""
        if not np.isfinite(self.sizes[: index + 1]).all():
            return "?"
        stop = int(self.sizes[: index + 1].sum())
        return f"{stop - int(self.sizes[index])}:{stop}"

    def words(self) -> str:
        """The chunk sizes in words.

        >>> Axis.of((10, 5)).words(), Axis.of((4,) * 25).words(), Axis.of((4,) * 25 + (1,)).words()
        ('10+5', '25 chunks of 4', '25 chunks of 4 and one of 1')
        """
        count = self.nchunks
        if not self.known:
            return f"{format_count(count, 'chunk')} of unknown size"
        if count <= 4:
            return "+".join(whole(size) for size in self.sizes)
        first, last = self.sizes[0], self.sizes[-1]
        if bool((self.sizes[:-1] == first).all()):
            if last == first:
                return f"{count:,} chunks of {whole(first)}"
            return f"{count - 1:,} chunks of {whole(first)} and one of {whole(last)}"
        return f"{count:,} chunks of {whole(self.sizes.min())} to {whole(self.sizes.max())}"


def _step(count: int) -> int:
    """1, 2, 5, 10, 20 …: the first that leaves at most MAX_LINES of `count` chunks."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if count <= MAX_LINES * factor * power:
                return factor * power
        power *= 10


def whole(value: float) -> str:
    """A size as a number with thousands separators, "?" where it is not known."""
    return f"{int(value):,}" if math.isfinite(value) else "?"


def axes_of(x: Chunked) -> list[Axis]:
    """The axes of an array."""
    return [Axis.of(sizes) for sizes in x.chunks]


def axis_name(number: int, ndim: int) -> str:
    """What people call an axis: rows and columns in two dimensions, "axis 0" otherwise."""
    return ("rows", "columns")[number] if ndim == 2 else f"axis {number}"


def chunk_bytes(x: Chunked, axes: Sequence[Axis]) -> float:
    """Bytes of the largest chunk, NaN where it is not known."""
    return math.prod((axis.largest for axis in axes), start=1.0) * int(x.dtype.itemsize)


def array_bytes(x: Chunked, axes: Sequence[Axis]) -> float:
    """Bytes of the whole array, NaN where they are not known."""
    return math.prod((axis.length for axis in axes), start=1.0) * int(x.dtype.itemsize)


def bytes_words(nbytes: float) -> str:
    """A size for people, "unknown" where it is not known."""
    return format_bytes(nbytes) if math.isfinite(nbytes) else "unknown"


def shape_words(sizes: Sequence[float]) -> str:
    """A shape as Python writes it, "?" for a length that is not known.

    >>> shape_words([15, 5]), shape_words([3]), shape_words([])
    ('(15, 5)', '(3,)', '()')
    """
    parts = [str(int(size)) if math.isfinite(size) else "?" for size in sizes]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def describe_array(x: Chunked) -> str:
    """An array in one sentence: the text twin of its picture.

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> describe_array(SimpleNamespace(chunks=((10, 5), (5, 5, 5)), shape=(15, 15), dtype=np.dtype("f8")))
    '2-D array 15×15 of float64, 6 chunks in a 2×3 grid; rows 10+5, columns 5+5+5; largest chunk 400 B'
    """
    axes = axes_of(x)
    if not axes:
        return f"0-D array of {x.dtype}: one value in 1 chunk, {format_bytes(int(x.dtype.itemsize))}"
    shape = "×".join(whole(axis.length).replace(",", "") for axis in axes)
    total = math.prod(axis.nchunks for axis in axes)
    grid = f" in a {'×'.join(str(axis.nchunks) for axis in axes)} grid" if len(axes) > 1 and total > 1 else ""
    said = f"{len(axes)}-D array {shape} of {x.dtype}, {format_count(total, 'chunk')}{grid}"
    if total > 1:
        if len(axes) == 1:
            words = axes[0].words()
            said += (
                words.removeprefix(format_count(total, "chunk"))
                if words.startswith(f"{total:,} ")
                else f": {words}"
            )
        else:
            named = [f"{axis_name(i, len(axes))} {axis.words()}" for i, axis in enumerate(axes)]
            said += "; " + ", ".join(named[:8]) + (", …" if len(named) > 8 else "")
    return f"{said}; largest chunk {bytes_words(chunk_bytes(x, axes))}"
