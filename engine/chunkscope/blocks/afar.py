"""Blocks of another process, as they are seen from here: read where they lie, where that memory can be mapped."""

from __future__ import annotations

import os
import threading
import weakref
from mmap import mmap
from typing import Any, Protocol

from chunkscope.blocks import memory_file
from chunkscope.blocks.allocator import Extent
from chunkscope.blocks.arenas import Mapped, mapped
from chunkscope.blocks.carry import carried
from chunkscope.blocks.packing import Packed
from chunkscope.blocks.stored import StoredBlock
from chunkscope.errors import ClusterError

__all__ = ["FarArenas", "FarBerth", "FarLease", "Mirror", "Owner"]

_NOT_HERE = object()


class Owner(Protocol):
    """The process that the blocks belong to."""

    def lease_of(self, number: int) -> FarLease:
        """Where a packed block lies now. Raises ClusterError where the owner is gone."""

    def block_of(self, number: int) -> Any:
        """What a stored block holds: `Packed`, or a plain value. Raises ClusterError where the owner is gone."""

    def let_go(self, number: int, times: int = 1) -> None:
        """Nothing here stands for that number any more. Called where objects end: never waits, never raises."""


class FarArenas:
    """The other process's shared memory, as far as it was shown here. Read-only. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[int, tuple[int, int]] = {}
        self._maps: dict[int, mmap] = {}

    def add(self, arena: int, nbytes: int, descriptor: int) -> None:
        """An arena of so many bytes; the descriptor is ours from now on."""
        with self._lock:
            self._files[arena] = (descriptor, nbytes)

    def drop(self, arenas: set[int]) -> None:
        """Arenas that are no more. What is mapped lives on for those who hold it."""
        with self._lock:
            for arena in arenas & self._files.keys():
                os.close(self._files.pop(arena)[0])
                self._maps.pop(arena, None)

    def file(self, arena: int) -> tuple[int, int]:
        """Descriptor and size of an arena."""
        return self._files[arena]

    def read(self, lease: FarLease, start: int, size: int) -> Mapped:
        """Bytes of a lease; it is held as long as they are."""
        arena = lease.extent.arena
        with self._lock:
            found = self._maps.get(arena)
            if found is None:
                if arena not in self._files:
                    raise ClusterError(
                        "this block lies in a cluster that was left; join it again, or get its value before leaving"
                    )
                found = self._maps[arena] = memory_file.map_read_only(*self._files[arena])
        return mapped(found, start, size, lease)

    def close(self) -> None:
        """Let go of all. Values that were read live on, others cannot be read any more."""
        self.drop(set(self._files))


class FarLease:
    """An extent of the other process that is read here; it stays where it is until nobody here does."""

    __slots__ = ("__weakref__", "_owner", "arenas", "extent", "number")

    def __init__(self, owner: Owner, arenas: FarArenas, number: int, extent: Extent) -> None:
        self._owner = owner
        self.arenas = arenas
        self.number = number
        self.extent = extent

    def __del__(self) -> None:
        self._owner.let_go(self.number)


class FarBerth:
    """Where a packed block of the other process lies; asked for when it is read, for it may move to disk and back."""

    __slots__ = ("__weakref__", "_lease", "mark", "number", "owner", "times")

    def __init__(self, owner: Owner, number: int) -> None:
        self.owner = owner
        self.number = number
        self.times = 1
        """How often we were told of it."""
        self._lease: weakref.ref[FarLease] | None = None
        self.mark: Any = None

    @property
    def lease(self) -> FarLease:
        """The memory, held as long as the lease is."""
        found = None if self._lease is None else self._lease()
        if found is None:
            found = self.owner.lease_of(self.number)
            self._lease = weakref.ref(found)
        return found

    def __del__(self) -> None:
        self.owner.let_go(self.number, self.times)


class Mirror(StoredBlock):
    """The place of a block that another process has or will have. It is filled by news from there, read on demand."""

    __slots__ = ("number", "owner", "times")

    def __init__(self, owner: Owner, number: int, nbytes: int = 0) -> None:
        super().__init__(nbytes)
        self.owner = owner
        self.number = number
        self.times = 1
        """How often we were told of it."""

    def learn(self, done: bool, nbytes: int, value: Any, error: bytes | None) -> None:
        """What the owner tells of it. The bytes are the owner's: they are not booked here."""
        self._nbytes = nbytes
        if not done or self.done:
            return
        if error is not None:
            self.fail(carried(error))
            return
        self._value = _NOT_HERE if value is None else value
        self._finish()

    def follow(self, other: Mirror) -> None:
        """It is the same block as `other`, which is done."""
        if other.error is not None:
            self.fail(other.error)
        elif not self.done:
            self._nbytes, self._value = other.nbytes, other._value
            self._finish()

    def get(self) -> Any:
        """The block; waits for it. Raises what its task raised, or ClusterError where its owner is gone."""
        if not self.done:
            self.wait()
        if self._error is not None:
            return super().get()
        value = self.packed()
        return value.load(own=True) if type(value) is Packed else value

    def packed(self) -> Any:
        """The block as it is at its owner: `Packed`, or a plain value."""
        if not self.done or self._error is not None:
            return super().get()
        if self._value is _NOT_HERE:
            self._value = self.owner.block_of(self.number)
        return self._value

    def __del__(self) -> None:  # type: ignore[override]  # nothing is booked
        if self.number >= 0:  # the owner has been told of it
            self.owner.let_go(self.number, self.times)
