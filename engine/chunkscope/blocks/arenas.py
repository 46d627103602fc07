"""Shared memory for blocks: a few large arenas, handed out in extents, each freed with the last reference to its lease.

An arena is sparse: its size is address space, its pages come when they are written. Freed pages are kept for the next
block up to a bound, and given back to the system beyond it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from mmap import mmap
from typing import Any

import numpy as np

from chunkscope.blocks import memory_file
from chunkscope.blocks.allocator import Allocator, Extent, whole_pages

__all__ = ["ALIGNMENT", "ARENAS", "Arenas", "Lease", "Mapped", "mapped"]

ARENA_BYTES = 1 << 30
WARM_BYTES = 1 << 28
ALIGNMENT = 64
"""Buffers of one block start at multiples of a cache line."""

_numbers = count(1)
_arena_numbers = count()


class Lease:
    """An extent that is in use. It is free again when nobody refers to its lease any more."""

    __slots__ = ("__weakref__", "arenas", "berth", "extent", "number")

    def __init__(self, arenas: Arenas, extent: Extent) -> None:
        self.arenas = arenas
        self.extent = extent
        self.berth: Any = None
        """Who else has a part of it, see `spilling.py`."""
        self.number = next(_numbers)
        """Unique in this process."""

    def __del__(self) -> None:
        self.arenas.release(self.extent)


class Mapped(np.ndarray):
    """Bytes of shared memory. `hold` lives as long as anything that was made from them."""

    hold: Any


def mapped(memory: mmap, start: int, size: int, hold: Any) -> Mapped:
    """A part of mapped memory as bytes that keep `hold` alive."""
    part = np.ndarray.__new__(Mapped, (size,), np.uint8, buffer=memory, offset=start)
    part.hold = hold
    return part


class Arenas:
    """The arenas of this process. Thread-safe; a lease may end anywhere, in the garbage collector too.

    >>> arenas = Arenas(arena_bytes=1 << 20)
    >>> x = arenas.lease(5_000)
    >>> arenas.write(x.extent, 0, [b"abc", b"def"])
    >>> bytes(arenas.read(x, x.extent.start, 6)), arenas.used_bytes
    (b'abcdef', 8192)
    >>> del x
    >>> arenas.used_bytes
    0
    >>> arenas.close()
    """

    def __init__(
        self,
        arena_bytes: int = ARENA_BYTES,
        warm_bytes: int = WARM_BYTES,
        create: Callable[[int], int] = memory_file.create,
    ) -> None:
        """`create`: makes the descriptor of so many bytes; memory without a name unless something else is given."""
        self._create = create
        self._arena_bytes = arena_bytes
        self.warm_bytes = warm_bytes
        """How many freed bytes are kept for the next block."""
        self.on_disk = False
        """Whether this is a file, and no memory."""
        self._lock = threading.Lock()
        self._allocator = Allocator()
        self._files: dict[int, tuple[int, int]] = {}
        self._maps: dict[int, mmap] = {}
        self._ended: deque[Extent] = deque()
        self._warm = 0  # bytes that were freed and not given back, about
        self._pid = os.getpid()

    @property
    def used_bytes(self) -> int:
        """Bytes that are leased."""
        with self._lock:
            self._settle()
            return self._allocator.used_bytes

    @property
    def taken_bytes(self) -> int:
        """Bytes that are leased, and those that are kept for the next block."""
        with self._lock:
            self._settle()
            return self._allocator.used_bytes + self._warm

    @property
    def resident_bytes(self) -> int:
        """Bytes that the arenas really take: what was written and not given back."""
        with self._lock:
            self._settle()
            return sum(memory_file.resident_bytes(file) for file, _ in self._files.values())

    def lease(self, nbytes: int) -> Lease:
        """Some bytes, with undefined content."""
        return Lease(self, self.allocate(nbytes))

    def allocate(self, nbytes: int) -> Extent:
        """An extent without a lease: it must be handed to `Lease` or to `release`."""
        with self._lock:
            self._settle()
            extent = self._allocator.allocate(nbytes)
            if extent is None:
                size = whole_pages(max(nbytes, self._arena_bytes))
                number = next(_arena_numbers)
                self._files[number] = (self._create(size), size)
                self._allocator.add(number, size)
                extent = self._allocator.allocate(nbytes)
                assert extent is not None
            self._warm = max(0, self._warm - extent.size)
        if self._ended:
            self._collect()
        return extent

    def release(self, extent: Extent) -> None:
        """Free an extent, or a part of one. Never waits: called where an object ends."""
        if extent.size:
            self._ended.append(extent)
            self._collect()

    def _collect(self) -> None:
        """Free what has ended, unless somebody is at it: then they, or the next one, will."""
        while self._ended and self._lock.acquire(blocking=False):
            try:
                self._settle()
            finally:
                self._lock.release()

    def _settle(self) -> None:
        """With the lock held: free what has ended."""
        while self._ended:
            extent = self._ended.popleft()
            if extent.arena in self._files:
                self._allocator.free(extent)
                if self.warm_bytes:
                    self._warm += extent.size
                else:
                    memory_file.punch(self._files[extent.arena][0], extent.start, extent.size)
        if self._warm > self.warm_bytes:
            self._punch()

    def _punch(self) -> None:
        """With the lock held: give the pages of all holes back; arenas that are empty go, but for the first."""
        for arena in self._allocator.arenas:
            if arena != next(iter(self._files)) and self._allocator.is_empty(arena):
                self._allocator.remove(arena)
                os.close(self._files.pop(arena)[0])
                self._maps.pop(arena, None)
                continue
            for hole in self._allocator.holes(arena):
                memory_file.punch(self._files[arena][0], hole.start, hole.size)
        self._warm = 0

    def trim(self) -> None:
        """Give back what is kept for the next block."""
        with self._lock:
            self._settle()
            if self._warm:
                self._punch()

    def file(self, arena: int) -> tuple[int, int]:
        """Descriptor and size of an arena."""
        return self._files[arena]

    @property
    def numbers(self) -> set[int]:
        """The arenas that there are."""
        return set(self._files)

    def write(self, extent: Extent, start: int, buffers: Sequence[Any]) -> None:
        """Write buffers one after the other into an extent, from its byte `start` on."""
        write_all(self._files[extent.arena][0], extent.start + start, buffers)

    def read(self, lease: Lease, start: int, size: int) -> Mapped:
        """Bytes of a lease's arena, read-only; the lease lives as long as they do."""
        return mapped(self._map(lease.extent.arena), start, size, lease)

    def position_of(self, part: np.ndarray[Any, Any], lease: Lease) -> int:
        """Where in its arena the memory of an array begins that was made from a read of `lease`."""
        whole = np.frombuffer(self._map(lease.extent.arena), np.uint8)
        return int(part.__array_interface__["data"][0] - whole.__array_interface__["data"][0])

    def _map(self, arena: int) -> mmap:
        found = self._maps.get(arena)
        if found is None:
            with self._lock:
                found = self._maps[arena] = self._maps.get(arena) or memory_file.map_read_only(
                    *self._files[arena]
                )
        return found

    def close(self) -> None:
        """Let go of all memory; what is mapped lives on for those who hold it."""
        with self._lock:
            for file, _ in self._files.values():
                os.close(file)
            self._files.clear()
            self._maps.clear()
            self._ended.clear()
            self._allocator = Allocator()
            self._warm = 0

    def forget_in_child(self) -> None:
        """After a fork, in the child: these arenas are the parent's business."""
        self._lock = threading.Lock()
        self.close()


def write_all(file: int, position: int, buffers: Sequence[Any]) -> None:
    """Write buffers one after the other at a position of a memory file."""
    for buffer in buffers:
        view = memoryview(buffer).cast("B")
        while len(view):
            written = os.pwrite(file, view[: 1 << 30], position)
            position += written
            view = view[written:]


ARENAS = Arenas()
"""The ones of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ARENAS.forget_in_child)
