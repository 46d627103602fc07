"""In a worker: blocks of the store as values over mapped memory, and what of that memory is still in use."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from mmap import MADV_DONTNEED, mmap
from typing import Any

import numpy as np

from chunkscope.blocks import memory_file
from chunkscope.blocks.arenas import mapped
from chunkscope.blocks.packing import rebuild
from chunkscope.executors.cluster.identity import here
from chunkscope.executors.cluster.importing import import_packages
from chunkscope.executors.cluster.outside import OUTSIDE
from chunkscope.executors.cluster.wire import shape_of

__all__ = ["Borrowed", "Reader"]

SHARE_AT_HAND = 8
"""Pages of blocks that were read stay at hand up to this part of the memory limit."""


class Borrowed:
    """A lease of the parent's, as long as anything here was made from it."""

    __slots__ = ("__weakref__", "_ended", "arena", "held_bytes", "number", "starts", "stops", "whole")

    def __init__(self, name: tuple[Any, ...], ended: list[int], whole: bool) -> None:
        self.number, self.arena, self.starts = name[:3]
        self.stops = tuple(start + size for start, size in zip(self.starts, name[5], strict=True))
        self.held_bytes = name[7]
        self.whole = whole
        """Whether any part of it may be handed on, however small."""
        self._ended = ended

    def __del__(self) -> None:
        self._ended.append(self.number)


class Reader:
    """The arenas that this worker has mapped, read-only, and what it borrows."""

    def __init__(self) -> None:
        self._files: dict[int, tuple[int, int]] = {}
        self._maps: dict[int, mmap] = {}
        self._addresses: dict[int, int] = {}
        self._writable: dict[int, tuple[int, mmap]] = {}
        self._borrowed: list[weakref.ref[Borrowed]] = []  # of this batch
        self._lasting: list[weakref.ref[Borrowed]] = []  # of kernels, and kept from earlier batches
        self._kept: set[int] = set()
        self._ended: list[int] = []
        self._touched = 0
        identity = here()
        self._most_touched: int | None = None
        if identity is not None and identity.memory_limit is not None:
            self._most_touched = identity.memory_limit // (SHARE_AT_HAND * max(identity.nthreads, 1))

    def add(self, arena: int, nbytes: int, descriptor: int) -> None:
        """An arena of the parent's."""
        if arena in self._files:  # two threads there have shown it at once
            os.close(descriptor)
            return
        self._files[arena] = (descriptor, nbytes)

    def drop(self, arenas: Sequence[int]) -> None:
        """Let go of arenas that are no more."""
        for arena in arenas:
            os.close(self._files.pop(arena)[0])
            self._maps.pop(arena, None)
            self._addresses.pop(arena, None)
            self._writable.pop(arena, None)

    def close(self) -> None:
        """Nothing is read here any more; what was read lives on."""
        for descriptor, _ in self._files.values():
            os.close(descriptor)
        self._files.clear()

    def file(self, arena: int) -> int:
        """The descriptor of an arena, to write a block of one's own into it."""
        return self._files[arena][0]

    def load(self, name: tuple[Any, ...], *, lasting: bool = False) -> Any:
        """The value of a block, read-only."""
        if name[0] < 0:
            if lasting:
                import_packages(name[4] or name[6][-1])
            with OUTSIDE.reading():
                return rebuild(shape_of(name), name[6])
        hold = Borrowed(name, self._ended, lasting)
        self.touch(hold.held_bytes)
        (self._lasting if lasting else self._borrowed).append(weakref.ref(hold))
        memory = self._map(hold.arena)
        buffers = [
            mapped(memory, start, stop - start, hold)
            for start, stop in zip(hold.starts, hold.stops, strict=True)
        ]
        if lasting:
            import_packages(name[4] or buffers[-1])
        with OUTSIDE.reading():
            return rebuild(shape_of(name), buffers)

    def _map(self, arena: int) -> mmap:
        found = self._maps.get(arena)
        if found is None:
            found = self._maps[arena] = memory_file.map_read_only(*self._files[arena])
            whole = np.frombuffer(found, np.uint8)
            self._addresses[arena] = whole.__array_interface__["data"][0]
        return found

    def map_writable(self, arena: int) -> mmap:
        """An arena to write to, where one was allowed to."""
        if arena not in self._writable:
            memory = memory_file.map_writable(*self._files[arena])
            whole = np.frombuffer(memory, np.uint8)
            self._writable[arena] = whole.__array_interface__["data"][0], memory
        return self._writable[arena][1]

    def position_of(self, buffer: Any) -> tuple[int, int, int]:
        """(arena, position there, bytes) of a buffer in memory to write to; arena -1 for one that lies elsewhere."""
        view = np.frombuffer(buffer, np.uint8)
        address = view.__array_interface__["data"][0]
        for arena, (base, _) in self._writable.items():
            if base <= address < base + self._files[arena][1]:
                return arena, address - base, len(view)
        return -1, 0, len(view)

    def place_of(self, buffer: Any) -> tuple[Borrowed, int] | None:
        """The lease that a buffer is a part of, and its position in the arena; None for memory of our own."""
        view = np.frombuffer(buffer, np.uint8)
        address = view.__array_interface__["data"][0]
        for arena, base in self._addresses.items():
            if base <= address < base + self._files[arena][1]:
                start = address - base
                for hold in self._alive():
                    if hold.arena == arena and any(
                        a <= start and start + len(view) <= b
                        for a, b in zip(hold.starts, hold.stops, strict=True)
                    ):
                        return hold, start
        return None

    def touch(self, nbytes: int) -> None:
        """So many bytes of an arena are at hand from now on."""
        self._touched += nbytes

    def _let_go_of_pages(self) -> None:
        """Have no page of the arenas at hand: they count as this process's. What is read again comes back."""
        self._touched = 0
        for memory in (*self._maps.values(), *(writable for _, writable in self._writable.values())):
            memory.madvise(MADV_DONTNEED)

    def _alive(self) -> Iterator[Borrowed]:
        for ref in (*self._borrowed, *self._lasting):
            hold = ref()
            if hold is not None:
                yield hold

    def settle(self) -> tuple[list[int], list[int]]:
        """After a batch: the leases that are still in use although it is over, and those that no longer are."""
        if self._most_touched is not None and self._touched > self._most_touched:
            self._let_go_of_pages()
        if not self._borrowed and not self._ended:
            return [], []
        kept: list[int] = []
        for ref in self._borrowed:
            hold = ref()
            if hold is not None:
                self._lasting.append(ref)
                if hold.number not in self._kept:
                    self._kept.add(hold.number)
                    kept.append(hold.number)
        self._borrowed.clear()
        self._lasting = [ref for ref in self._lasting if ref() is not None]
        ended, self._ended[:] = set(self._ended), []
        gone = (ended & self._kept) - {hold.number for hold in self._alive()}
        self._kept -= gone
        return kept, sorted(gone)
