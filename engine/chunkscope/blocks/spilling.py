"""Blocks on disk: above a limit of shared memory those that were used longest ago move to a file without a name.

A block on disk is read as one in memory is: the file is mapped, by whichever process reads it, and the system brings in
the pages that are touched. The file has no name from the beginning, so nobody else can open it, and it is gone with the
process, however that ends.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import threading
import time
import weakref
from collections import OrderedDict, deque
from typing import NamedTuple

from chunkscope.blocks.arenas import ARENAS, WARM_BYTES, Arenas, Lease
from chunkscope.units import format_bytes

__all__ = ["SPILLER", "Berth", "Mark", "News", "Spiller"]

DISK_ARENA_BYTES = 1 << 36
LOW_WATER = 0.9
"""When blocks have to go, they go until this share of the limit is in use."""
RETRY_SECONDS = 5.0
"""How long after it was full a disk is tried again."""
MOST_NEWS = 10_000
PIECE_BYTES = 1 << 20

_log = logging.getLogger("chunkscope.blocks")


class Mark(NamedTuple):
    """Where a block comes from."""

    worker: str
    """The signature of the worker that made it."""
    run: int
    task: int


class News(NamedTuple):
    """What has happened to a block."""

    kind: str
    """"spilled" to disk, "read" from there again for the first time, or "full": the disk is, and it stays in memory."""
    mark: Mark | None
    nbytes: int
    reason: str


class Berth:
    """Where a block lies now. All blocks that are parts of the same memory have the same berth."""

    __slots__ = ("__weakref__", "lease", "mark", "read")

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.mark: Mark | None = None
        """Which task made it, where one did."""
        self.read = False
        """Whether it has been read since it is on disk."""
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
        self._order: OrderedDict[int, weakref.ref[Berth]] = OrderedDict()  # in memory; used longest ago first
        self._away: dict[int, weakref.ref[Berth]] = {}  # on disk
        self._disk: Arenas | None = None
        self._allowed: dict[int, int] = {}
        self._full_at = 0.0
        self.news: deque[News] = deque(maxlen=MOST_NEWS)
        """What has happened and nobody was told of; whoever can tell it takes it out."""
        self.limit: int | None = None
        """Bytes of shared memory; None for no limit."""
        self.moved_bytes = 0
        """Bytes that were written to disk so far."""
        self.failure = ""
        """Why the last block could not be written, where that is so: a full disk."""

    @property
    def spilled_bytes(self) -> int:
        """Bytes on disk now."""
        return 0 if self._disk is None else self._disk.used_bytes

    @property
    def numbers(self) -> set[int]:
        """The numbers of all arenas, in memory and on disk."""
        return self._arenas.numbers | (set() if self._disk is None else self._disk.numbers)

    def by_worker(self) -> dict[str, tuple[int, int]]:
        """Bytes in memory and on disk of the blocks that each worker has made; "" for those that no worker has."""
        found: dict[str, tuple[int, int]] = {}
        for ref in (*_values(self._order), *_values(self._away)):
            berth = ref()
            if berth is not None:
                lease = berth.lease
                worker = berth.mark.worker if berth.mark is not None else ""
                memory, disk = found.get(worker, (0, 0))
                if lease.arenas is self._arenas:
                    memory += lease.extent.size
                else:
                    disk += lease.extent.size
                found[worker] = memory, disk
        return found

    def allow(self, owner: object, nbytes: int | None) -> None:
        """Hold shared memory to so many bytes for this owner's sake; None to let go. The smallest limit counts."""
        if nbytes is None:
            self._allowed.pop(id(owner), None)
        else:
            self._allowed[id(owner)] = nbytes
        self.limit = limit = min(list(self._allowed.values()), default=None)  # others may come meanwhile
        self._arenas.warm_bytes = WARM_BYTES if limit is None else min(WARM_BYTES, limit // 8)

    def enter(self, berth: Berth) -> None:
        """A block has come into being."""
        key = id(berth)
        where = self._order if berth.lease.arenas is self._arenas else self._away
        where[key] = weakref.ref(berth, lambda _: self._leave(key))

    def _leave(self, key: int) -> None:
        self._order.pop(key, None)
        self._away.pop(key, None)

    def touch(self, berth: Berth) -> None:
        """A block is being used."""
        if self.limit is None and not self._away:
            return
        if berth.lease.arenas is self._arenas:
            with contextlib.suppress(KeyError):
                self._order.move_to_end(id(berth))
        elif not berth.read:
            berth.read = True
            self.news.append(News("read", berth.mark, berth.lease.extent.size, ""))

    def home(self, nbytes: int) -> Arenas:
        """Where a new block of so many bytes belongs: in memory, or on disk where no room can be made for it."""
        if self.limit is None or self.make_room(nbytes) or (self.failure and not self._may_retry()):
            return self._arenas
        held, limit = self._arenas.used_bytes, self.limit
        reason = f"shared memory held {format_bytes(held)} of at most {format_bytes(limit)}, all of it in use"
        self.news.append(News("spilled", None, nbytes, reason))
        return self._on_disk()

    def make_room(self, nbytes: int = 0) -> bool:
        """Move blocks that nobody reads now to disk, until `nbytes` more fit; those first that were used longest ago.

        Whether they fit. Where the disk is full they do not: that is told, and they have to stay in memory.
        """
        limit = self.limit
        if limit is None:
            return True
        if self._arenas.used_bytes + nbytes > limit:
            with self._lock:
                self._move_until(limit, int(LOW_WATER * limit) - nbytes)
        used = self._arenas.used_bytes
        if self._arenas.taken_bytes > max(limit - nbytes, used):
            self._arenas.trim()
        return used + nbytes <= limit

    def _move_until(self, limit: int, target: int) -> None:
        if self.failure and not self._may_retry():
            return
        used = self._arenas.used_bytes
        reason = f"shared memory held {format_bytes(used)} of at most {format_bytes(limit)}"
        for ref in _values(self._order):
            if self._arenas.used_bytes <= max(target, 0):
                break
            berth = ref()
            if berth is None or sys.getrefcount(berth.lease) > 2:  # gone, or read at this moment
                continue
            try:
                self._move(berth)
            except OSError as error:
                self._tell_full(berth, error)
                return
            self.failure = ""
            self.news.append(News("spilled", berth.mark, berth.lease.extent.size, reason))

    def _may_retry(self) -> bool:
        return time.monotonic() - self._full_at > RETRY_SECONDS

    def _tell_full(self, berth: Berth, error: OSError) -> None:
        self._full_at = time.monotonic()
        said = f"{type(error).__name__}: {error}"
        if said != self.failure:
            self.failure = said
            _log.warning(
                "blocks cannot be written to disk in %s, they stay in memory: %s", tempfile.gettempdir(), said
            )
        self.news.append(News("full", berth.mark, berth.lease.extent.size, said))

    def _on_disk(self) -> Arenas:
        if self._disk is None:
            self._disk = Arenas(DISK_ARENA_BYTES, 0, create=_nameless_file)
            self._disk.on_disk = True
        return self._disk

    def _move(self, berth: Berth) -> None:
        disk = self._on_disk()
        before = berth.lease
        extent = before.extent
        after = disk.lease(extent.size)
        source, _ = self._arenas.file(extent.arena)
        piece = memoryview(bytearray(min(PIECE_BYTES, extent.size)))
        for start in range(
            0, extent.size, len(piece)
        ):  # not mapped, so that this process does not grow by it
            n = os.preadv(source, [piece[: extent.size - start]], extent.start + start)
            disk.write(after.extent, start, [piece[:n]])
        after.berth = before.berth
        key = id(berth)
        ref = self._order.pop(key, None)
        berth.lease, berth.read = after, False
        if ref is not None:
            self._away[key] = ref
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


def _values(refs: dict[int, weakref.ref[Berth]]) -> list[weakref.ref[Berth]]:
    while True:
        try:
            return list(refs.values())
        except RuntimeError:  # a block went while they were listed
            continue


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
