"""Every spelling of `chunks=` as one grid: int, tuple, tuple of tuples, -1, None, "auto", "64MiB", dict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chunkscope.chunks.grid import ChunkGrid, even_sizes
from chunkscope.errors import ChunkError
from chunkscope.units import parse_bytes

__all__ = ["AUTO_BYTES", "normalize_chunks"]

AUTO_BYTES = 16 * 2**20
"""Bytes of an "auto" chunk. A constant, not a machine fact: random numbers depend on the chunks, and a program must
give the same numbers on every machine. 16 MiB is some milliseconds of work and small against any memory."""


def normalize_chunks(
    chunks: Any,
    shape: Sequence[int],
    *,
    itemsize: int = 8,
    limit: int | str | None = None,
    previous: ChunkGrid | None = None,
) -> ChunkGrid:
    """The grid that `chunks` asks for.

    `chunks`: one spelling for all axes, a sequence with one for each, or a dict from axis to spelling. For one axis: a
    size; a sequence of sizes; -1 for the whole axis; None for what it was (`previous`), else the whole axis; "auto" for
    a size near `limit` bytes a chunk (default 16 MiB); "64MiB" for "auto" with that limit. "auto" axes get equal sides
    and chunks as even as possible.

    Raises ChunkError where the sizes do not fit.

    >>> normalize_chunks({0: 4, 1: -1}, (10, 3)).chunks
    ((4, 4, 2), (3,))
    >>> normalize_chunks("auto", (10**8, 2)).numblocks
    (96, 1)
    """
    shape = tuple(int(n) for n in shape)
    limit_bytes = AUTO_BYTES if limit is None else parse_bytes(limit)
    wishes = _per_axis(chunks, shape, previous)
    found: list[Any] = []
    open_axes = []
    for axis, (wish, n) in enumerate(zip(wishes, shape, strict=True)):
        if isinstance(wish, str):
            if wish != "auto":
                limit_bytes = _limit(wish, axis)
            open_axes.append(axis)
            found.append(None)
        elif wish is None:
            found.append(previous.sizes[axis] if previous is not None else (n,))
        elif isinstance(wish, (int, np.integer)) and not isinstance(wish, bool):
            found.append((n,) if wish == -1 or (n and wish >= n) else _even(n, int(wish), axis))
        elif isinstance(wish, (Sequence, np.ndarray)):
            found.append(_explicit(wish, n, axis))
        else:
            raise ChunkError(
                f"chunks for axis {axis} cannot be {wish!r}: use a size, sizes, -1, None, 'auto' or '64MiB'"
            )
    if open_axes:
        fixed = math.prod(int(np.max(sizes)) for sizes in found if sizes is not None)
        sides = _auto_sides([shape[axis] for axis in open_axes], limit_bytes / max(itemsize * fixed, 1))
        for axis, side in zip(open_axes, sides, strict=True):
            found[axis] = even_sizes(shape[axis], side)
    return ChunkGrid(found)


def _per_axis(chunks: Any, shape: tuple[int, ...], previous: ChunkGrid | None) -> list[Any]:
    """One spelling for each axis."""
    ndim = len(shape)
    if isinstance(chunks, ChunkGrid):
        return list(chunks.sizes) if chunks.ndim == ndim else [*chunks.chunks]
    if isinstance(chunks, Mapping):
        default = None if previous is not None else -1
        wishes: list[Any] = [default] * ndim
        for axis, wish in chunks.items():
            if not isinstance(axis, (int, np.integer)) or not -ndim <= axis < ndim:
                raise ChunkError(f"chunks name axis {axis!r}, the array has {ndim} axes: use 0 to {ndim - 1}")
            wishes[int(axis)] = wish
        return wishes
    if chunks is None or isinstance(chunks, (str, int, np.integer)):
        return [chunks] * ndim
    if not isinstance(chunks, (Sequence, np.ndarray)):
        raise ChunkError(
            f"chunks cannot be {chunks!r}: use a size, a tuple, -1, None, 'auto', '64MiB' or a dict"
        )
    wishes = list(chunks)
    if (
        ndim == 1
        and wishes
        and all(isinstance(wish, (int, np.integer)) for wish in wishes)
        and (len(wishes) > 1 or sum(wishes) == shape[0])
    ):
        return [wishes]
    if len(wishes) != ndim:
        raise ChunkError(
            f"chunks {chunks!r} name {len(wishes)} axes, the shape {shape} has {ndim}: give one for each axis"
        )
    return wishes


def _explicit(
    sizes: Sequence[int] | np.ndarray[Any, Any], n: int, axis: int
) -> Sequence[int] | np.ndarray[Any, Any]:
    """Sizes spelt out, checked against the length."""
    try:
        total = int(sum(sizes)) if not isinstance(sizes, np.ndarray) else int(sizes.sum())
    except TypeError:
        raise ChunkError(f"chunks for axis {axis} are {sizes!r}: sizes are whole numbers") from None
    if total != n:
        shown = tuple(sizes) if len(sizes) <= 8 else f"{len(sizes)} sizes"
        gap = n - total
        repair = f"{(*sizes, gap)} or " if gap > 0 and len(sizes) <= 8 else ""
        raise ChunkError(
            f"cannot split axis {axis} of length {n} into chunks {shown}: they sum to {total}; use {repair}-1"
        )
    return sizes


def _even(n: int, size: int, axis: int) -> Any:
    if size < 1 and n:
        raise ChunkError(f"chunks for axis {axis} of length {n} cannot be {size}: use a positive size or -1")
    return even_sizes(n, size)


def _limit(wish: str, axis: int) -> int:
    try:
        return parse_bytes(wish)
    except ValueError as error:
        raise ChunkError(
            f"chunks for axis {axis} cannot be {wish!r}: use 'auto' or a size in bytes as '64MiB'"
        ) from error


def _auto_sides(lengths: list[int], elements: float) -> list[int]:
    """Chunk sizes of the open axes: short axes whole, the others of equal sides and cut as evenly as possible."""
    sides = {axis: max(n, 1) for axis, n in enumerate(lengths)}
    rest, cut = max(elements, 1.0), list(sides)
    while cut:
        side = max(int(rest ** (1 / len(cut)) * (1 + 1e-9)), 1)
        short = [axis for axis in cut if sides[axis] <= side]
        if not short:
            break
        cut = [axis for axis in cut if axis not in short]
        rest = max(rest / math.prod(sides[axis] for axis in short), 1.0)
    for axis in cut:
        sides[axis] = -(-sides[axis] // -(-sides[axis] // side))
    return [sides[axis] for axis in range(len(lengths))]
