"""Which bytes of which arena are free: numbers only. What the numbers stand for is in `arenas.py`.

First fit by address: memory that was used before, whose pages are there already, is used first, and the far ends stay
untouched.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

__all__ = ["PAGE", "Allocator", "Extent", "whole_pages"]

PAGE = 4096
"""Bytes come in multiples of this, so that what is free can be given back to the system."""


class Extent(NamedTuple):
    """Some bytes of one arena."""

    arena: int
    start: int
    size: int


def whole_pages(nbytes: int) -> int:
    """`nbytes` rounded up to pages, at least one.

    >>> whole_pages(1), whole_pages(4096), whole_pages(4097)
    (4096, 4096, 8192)
    """
    return max(-(-nbytes // PAGE), 1) * PAGE


class Allocator:
    """The holes of every arena. What is allocated may be freed in parts, and in any order.

    >>> allocator = Allocator()
    >>> allocator.add(7, 1 << 20)
    >>> x = allocator.allocate(5000); y = allocator.allocate(100)
    >>> x, y
    (Extent(arena=7, start=0, size=8192), Extent(arena=7, start=8192, size=4096))
    >>> allocator.free(x)
    >>> allocator.allocate(4096).start, allocator.used_bytes
    (0, 8192)
    >>> allocator.allocate(1 << 20) is None        # no hole is large enough: add an arena
    True
    """

    def __init__(self) -> None:
        self._starts: dict[int, list[int]] = {}
        self._sizes: dict[int, list[int]] = {}
        self._capacity: dict[int, int] = {}
        self.used_bytes = 0
        """Bytes that are allocated."""

    @property
    def arenas(self) -> tuple[int, ...]:
        """The arenas, oldest first."""
        return tuple(self._capacity)

    def add(self, arena: int, nbytes: int) -> None:
        """Enter an empty arena."""
        if arena in self._capacity or nbytes <= 0 or nbytes % PAGE:
            raise ValueError(f"arena {arena} of {nbytes} bytes: needs a new number and whole pages")
        self._capacity[arena] = nbytes
        self._starts[arena] = [0]
        self._sizes[arena] = [nbytes]

    def remove(self, arena: int) -> None:
        """Take out an arena in which nothing is allocated."""
        if not self.is_empty(arena):
            raise ValueError(f"arena {arena} is in use")
        del self._capacity[arena], self._starts[arena], self._sizes[arena]

    def is_empty(self, arena: int) -> bool:
        """Whether nothing is allocated in an arena."""
        return self._sizes[arena] == [self._capacity[arena]]

    def allocate(self, nbytes: int) -> Extent | None:
        """At least `nbytes` in one piece; None where no hole is that large."""
        need = whole_pages(nbytes)
        for arena, sizes in self._sizes.items():
            for place, size in enumerate(sizes):
                if size >= need:
                    starts = self._starts[arena]
                    start = starts[place]
                    if size == need:
                        del starts[place], sizes[place]
                    else:
                        starts[place] += need
                        sizes[place] -= need
                    self.used_bytes += need
                    return Extent(arena, start, need)
        return None

    def free(self, extent: Extent) -> None:
        """Give back what was allocated, or whole pages of it. Raises ValueError where that is free already."""
        arena, start, size = extent
        if size == 0:
            return
        starts, sizes = self._starts[arena], self._sizes[arena]
        end = start + size
        after = bisect_left(starts, start)
        before = after - 1
        outside = start < 0 or end > self._capacity[arena] or start % PAGE or size % PAGE or size < 0
        if (
            outside
            or (before >= 0 and starts[before] + sizes[before] > start)
            or (after < len(starts) and starts[after] < end)
        ):
            raise ValueError(f"{extent} is not allocated")
        joins_before = before >= 0 and starts[before] + sizes[before] == start
        joins_after = after < len(starts) and starts[after] == end
        if joins_before and joins_after:
            sizes[before] += size + sizes[after]
            del starts[after], sizes[after]
        elif joins_before:
            sizes[before] += size
        elif joins_after:
            starts[after] = start
            sizes[after] += size
        else:
            starts.insert(after, start)
            sizes.insert(after, size)
        self.used_bytes -= size

    def holes(self, arena: int) -> list[Extent]:
        """What is free in an arena, by address."""
        return [Extent(arena, *hole) for hole in zip(self._starts[arena], self._sizes[arena], strict=True)]

    def is_free(self, arena: int, position: int) -> bool:
        """Whether the byte at `position` is in a hole."""
        starts = self._starts[arena]
        place = bisect_right(starts, position) - 1
        return place >= 0 and position < starts[place] + self._sizes[arena][place]
