"""Blocks on disk: above a limit of shared memory those that were used longest ago move to a file without a name.

A block on disk is read as one in memory is: the file is mapped, by whichever process reads it, and the system brings in
the pages that are touched. The file is gone with the process, however that ends.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import threading
import weakref
from collections import OrderedDict

from chunkscope.blocks.arenas import ARENAS, Arenas, Lease
from chunkscope.units import format_bytes

__all__ = ["SPILLER", "Berth", "Spiller"]

DISK_ARENA_BYTES = 1 << 36
LOW_WATER = 0.8
"""Blocks move until this share of the limit is in use."""

_log = logging.getLogger("chunkscope.blocks")


class Berth:
    """Where a block lies now. All blocks that are parts of the same memory have the same berth."""

    __slots__ = ("__weakref__", "lease")

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        lease.berth = weakref.ref(self)

    @classmethod
    def of(cls, lease: Lease) -> Berth:
        """The berth of a lease: the one that others have, too."""
        found = None if lease.berth is None else lease.berth()
        if found is None:
            found = cls(lease)
            SPILLER.enter(found)
        return found


class Spiller:
    """Keeps shared memory below a limit. Thread-safe; without a limit it does nothing."""

    def __init__(self, arenas: Arenas) -> None:
        self._arenas = arenas
        self._lock = threading.Lock()
        self._order: OrderedDict[int, weakref.ref[Berth]] = OrderedDict()
        self._disk: Arenas | None = None
        self._allowed: dict[int, int] = {}
        self.limit: int | None = None
        """Bytes of shared memory; None for no limit."""
        self.moved_bytes = 0
        """Bytes that were written to disk so far."""
        self.failure = ""
        """Why nothing is written any more, where that is so: a full disk."""

    @property
    def spilled_bytes(self) -> int:
        """Bytes on disk now."""
        return 0 if self._disk is None else self._disk.used_bytes

    @property
    def numbers(self) -> set[int]:
        """The numbers of all arenas, in memory and on disk."""
        return self._arenas.numbers | (set() if self._disk is None else self._disk.numbers)

    def allow(self, owner: object, nbytes: int | None) -> None:
        """Hold shared memory to so many bytes for this owner's sake; None to let go. The smallest limit counts."""
        self._allowed.pop(id(owner), None)
        if nbytes is not None:
            self._allowed[id(owner)] = nbytes
        self.limit = min(self._allowed.values(), default=None)
        self.make_room()

    def enter(self, berth: Berth) -> None:
        """A block has come into being; others may have to go."""
        key = id(berth)
        self._order[key] = weakref.ref(berth, lambda _: self._order.pop(key, None))
        if self.limit is not None and self._arenas.used_bytes > self.limit:
            self.make_room()

    def touch(self, berth: Berth) -> None:
        """A block is being used."""
        if self.limit is not None:
            with contextlib.suppress(KeyError):
                self._order.move_to_end(id(berth))

    def make_room(self) -> None:
        """Move blocks that nobody reads at this moment to disk, those first that were used longest ago."""
        if self.limit is None or self.failure or not self._lock.acquire(blocking=False):
            return  # somebody is at it
        try:
            for ref in self._oldest_first()[:-1]:  # the newest one is about to be used
                if self._arenas.used_bytes <= LOW_WATER * self.limit:
                    return
                berth = ref()
                if (
                    berth is not None
                    and berth.lease.arenas is self._arenas
                    and sys.getrefcount(berth.lease) <= 2
                ):
                    self._move(berth)
        except OSError as error:
            self.failure = f"{type(error).__name__}: {error}"
            folder = tempfile.gettempdir()
            _log.warning(
                "blocks cannot be written to disk in %s, they stay in memory: %s", folder, self.failure
            )
        finally:
            self._lock.release()

    def _oldest_first(self) -> list[weakref.ref[Berth]]:
        while True:
            try:
                return list(self._order.values())
            except RuntimeError:  # a block went while they were listed
                continue

    def _move(self, berth: Berth) -> None:
        if self._disk is None:
            self._disk = Arenas(DISK_ARENA_BYTES, 0, create=_nameless_file)
        before = berth.lease
        extent = before.extent
        after = self._disk.lease(extent.size)
        self._disk.write(after.extent, 0, [self._arenas.read(before, extent.start, extent.size)])
        after.berth = before.berth
        berth.lease = after
        self.moved_bytes += extent.size

    def describe(self) -> str:
        """What is where, in words."""
        return (
            f"{format_bytes(self._arenas.used_bytes)} in shared memory"
            + (f" of at most {format_bytes(self.limit)}" if self.limit is not None else "")
            + (f", {format_bytes(self.spilled_bytes)} on disk" if self.spilled_bytes else "")
        )

    def forget_in_child(self) -> None:
        """After a fork, in the child: these blocks are the parent's business."""
        self.__init__(self._arenas)  # type: ignore[misc]


def _nameless_file(nbytes: int) -> int:
    """A sparse file that only those who hold its descriptor can find."""
    with tempfile.TemporaryFile(prefix="chunkscope-") as file:
        descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, nbytes)
    return descriptor


SPILLER = Spiller(ARENAS)
"""The one of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SPILLER.forget_in_child)
