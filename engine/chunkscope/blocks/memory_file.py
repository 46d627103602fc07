"""Memory without a name that several processes can map: a `memfd` on Linux, unlinked shared memory elsewhere.

It has a descriptor and nothing else: it is gone with the last process that holds it, however that one ends.
"""

from __future__ import annotations

import ctypes
import importlib
import mmap
import os
import secrets
import sys
import weakref
from functools import cache
from typing import Any

__all__ = ["create", "map_private", "map_read_only", "map_writable", "punch", "resident_bytes"]

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


def map_private(descriptor: int, start: int, nbytes: int) -> Any:
    """A part of the memory as a buffer whose pages are copied when they are written to; None where that cannot be had.

    It holds no descriptor, unlike an `mmap`: there may be thousands of them.
    """
    functions = _mapping()
    if functions is None:
        return None
    map_memory, unmap = functions
    address = map_memory(None, nbytes, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE, descriptor, start)
    if address in (None, ctypes.c_void_p(-1).value):
        return None
    memory = (ctypes.c_char * nbytes).from_address(address)
    weakref.finalize(memory, unmap, address, nbytes).atexit = False
    return memory


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


@cache
def _mapping() -> tuple[Any, Any] | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    map_memory, unmap = library.mmap, library.munmap
    map_memory.restype = ctypes.c_void_p
    map_memory.argtypes = [
        ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int64
    ]  # fmt: skip
    unmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    return map_memory, unmap
