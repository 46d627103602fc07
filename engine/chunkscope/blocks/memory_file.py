"""Memory without a name that several processes can map: a `memfd` on Linux, unlinked shared memory elsewhere.

It has a descriptor and nothing else: it is gone with the last process that holds it, however that one ends.
"""

from __future__ import annotations

import ctypes
import importlib
import mmap
import os
import secrets
from functools import cache
from typing import Any

__all__ = ["create", "map_read_only", "map_writable", "punch", "resident_bytes"]

_KEEP_SIZE, _PUNCH_HOLE = 1, 2


def create(nbytes: int) -> int:
    """The descriptor of new memory: zeros, of which no page is taken before it is written."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("chunkscope", os.MFD_CLOEXEC)
    else:
        posix = importlib.import_module("_posixshmem")  # what multiprocessing.shared_memory is made of
        name = f"/chunkscope-{secrets.token_hex(8)}"
        descriptor = posix.shm_open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode=0o600)
        posix.shm_unlink(name)
    try:
        os.ftruncate(descriptor, nbytes)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def map_read_only(descriptor: int, nbytes: int) -> mmap.mmap:
    """The memory as a buffer that cannot be written to."""
    return mmap.mmap(descriptor, nbytes, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)


def map_writable(descriptor: int, nbytes: int) -> mmap.mmap:
    """The memory as a buffer."""
    return mmap.mmap(descriptor, nbytes, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_WRITE)


def punch(descriptor: int, start: int, nbytes: int) -> bool:
    """Give pages back to the system; they read as zeros. False where the system cannot do that."""
    fallocate = _fallocate()
    if fallocate is None or nbytes <= 0:
        return False
    return bool(fallocate(descriptor, _KEEP_SIZE | _PUNCH_HOLE, start, nbytes) == 0)


def resident_bytes(descriptor: int) -> int:
    """The bytes that really are taken."""
    return os.fstat(descriptor).st_blocks * 512


@cache
def _fallocate() -> Any:
    if not hasattr(os, "memfd_create"):
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "fallocate", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    return function
