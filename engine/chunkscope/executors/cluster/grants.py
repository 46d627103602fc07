"""Memory for the outputs of a batch: granted by the parent, taken by the worker, settled by what became blocks.

A worker makes large arrays right in what it was granted (`Grants.lend`), so that a block need not be copied to be in
the store. What it made and let go of is used again; what is still referred to when the batch is over, by a function
that keeps its arrays, is told to the parent (it is *clung* to) and not used for anything else before that ends.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chunkscope.blocks.allocator import Extent, whole_pages
from chunkscope.blocks.arenas import ARENAS, Lease, Mapped, mapped
from chunkscope.executors.cluster.reader import Reader

__all__ = ["Granted", "Grants", "Lender"]

Place = tuple[int, int]
"""Arena and start of an extent."""


class Lent:
    """An extent that an array of the worker's lies in, as long as anything refers to it."""

    __slots__ = ("__weakref__", "_ended", "extent")

    def __init__(self, extent: Extent, ended: list[Extent]) -> None:
        self.extent = extent
        self._ended = ended

    def __del__(self) -> None:
        self._ended.append(self.extent)


class Lender:
    """What outlives a batch in a worker: the arrays that are still referred to."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.ended: list[Extent] = []
        """Extents that nobody here refers to any more; appended to wherever an object ends."""
        self.clung: set[Place] = set()
        """Those of earlier batches that somebody still refers to."""
        self.unclung: list[Place] = []
        """Those that somebody no longer does, and that the parent was not told of yet."""


class Grants:
    """In a worker: the extents that one batch may write to."""

    def __init__(
        self,
        extents: Iterable[tuple[int, int, int]],
        ask: Callable[[int], tuple[int, int, int]],
        lender: Lender,
    ) -> None:
        """`ask`: gets more from the parent."""
        self._free = [Extent(*extent) for extent in extents]
        self._ask = ask
        self._lender = lender
        self._lent: dict[Place, weakref.ref[Lent]] = {}
        self._blocks: set[Place] = set()

    def take(self, nbytes: int) -> Extent:
        """An extent for a block; asks for more where there is not enough."""
        need = whole_pages(nbytes)
        found = self._find_room(need)
        if found is None:
            self._free.append(Extent(*self._ask(need)))
            found = self._find_room(need)
            assert found is not None
        return found

    def lend(self, nbytes: int) -> Mapped | None:
        """Bytes to make an array in; None where too little was granted."""
        extent = self._find_room(whole_pages(nbytes))
        if extent is None:
            return None
        lent = Lent(extent, self._lender.ended)
        self._lent[extent.arena, extent.start] = weakref.ref(lent)
        self._lender.reader.touch(extent.size)
        return mapped(self._lender.reader.map_writable(extent.arena), extent.start, nbytes, lent)

    def made_into_block(self, buffer: Any) -> tuple[Extent, int] | None:
        """The lent extent that a buffer fills, a block's from now on, and where in the arena it begins; else None."""
        arena, position, nbytes = self._lender.reader.position_of(buffer)
        for place in self._lent if arena >= 0 else ():
            if place[0] == arena and place[1] <= position and place not in self._blocks:
                lent = self._lent[place]()
                if lent is not None and position + nbytes <= lent.extent.start + lent.extent.size:
                    if 2 * nbytes < lent.extent.size:
                        return None
                    self._blocks.add(place)
                    return lent.extent, position
        return None

    def undo(self, extents: Iterable[tuple[int, int, int]]) -> None:
        """These are no blocks after all."""
        for extent in map(Extent._make, extents):
            place = extent.arena, extent.start
            if place not in self._blocks:
                self._free.append(extent)
            else:
                self._blocks.discard(place)
                if place not in self._lent:
                    self._free.append(extent)

    def _find_room(self, need: int) -> Extent | None:
        self._look()
        for number, (arena, start, size) in enumerate(self._free):
            if size >= need:
                self._free[number] = Extent(arena, start + need, size - need)
                return Extent(arena, start, need)
        return None

    def _look(self) -> None:
        """See what has ended."""
        lender = self._lender
        while lender.ended:
            extent = lender.ended.pop()
            place = extent.arena, extent.start
            if self._lent.pop(place, None) is not None:
                if place not in self._blocks:
                    self._free.append(extent)
            elif place in lender.clung:
                lender.clung.discard(place)
                lender.unclung.append(place)

    def settle(self) -> tuple[list[Extent], list[Place]]:
        """After the batch: what is clung to, and what is so no longer."""
        self._look()
        lender = self._lender
        alive = [lent for lent in (ref() for ref in self._lent.values()) if lent is not None]
        clung = [lent.extent for lent in alive]
        lender.clung.update((extent.arena, extent.start) for extent in clung)
        self._lent.clear()
        unclung, lender.unclung = lender.unclung, []
        return clung, unclung


class Granted:
    """In the parent: what one batch was granted, less what has become blocks."""

    def __init__(self) -> None:
        self._left: list[Extent] = []
        self._leases: dict[Place, Lease] = {}

    def add(self, extent: Extent) -> None:
        """Enter what was just granted."""
        self._left.append(extent)

    @property
    def extents(self) -> Sequence[Extent]:
        """What is left."""
        return self._left

    def own(self, arena: int, start: int, size: int) -> Lease:
        """The lease of a part that has become a block."""
        end = start + size
        for number, left in enumerate(self._left):
            if left.arena == arena and left.start <= start and end <= left.start + left.size:
                rest = left.start + left.size - end
                self._left[number : number + 1] = [
                    extent
                    for extent in (Extent(arena, left.start, start - left.start), Extent(arena, end, rest))
                    if extent.size
                ]
                lease = self._leases[arena, start] = Lease(ARENAS, Extent(arena, start, size))
                return lease
        raise AssertionError(f"a worker has written to {(arena, start, size)}, which it was not granted")

    def release(self, clung: Iterable[tuple[int, int, int]] = ()) -> dict[Place, Lease]:
        """Give back what is left, but for what the worker clings to, whose leases are to be kept for it."""
        kept = {}
        for arena, start, size in clung:
            kept[arena, start] = self._leases.get((arena, start)) or self.own(arena, start, size)
        for extent in self._left:
            ARENAS.release(extent)
        self._left.clear()
        self._leases.clear()
        return kept
