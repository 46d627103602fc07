"""How fast a worker's machine is: copies in memory, files written to disk."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from chunkscope.units import format_bytes

__all__ = ["measure", "speed"]

SECONDS = 0.05
"""How long each size is tried."""
MEMORY_SIZES = (2**11, 10**4, 10**5, 10**6, 10**7)
DISK_SIZES = (2**10, 10**5, 10**6)


def measure(worker: Any) -> dict[str, dict[str, float]]:
    """Bytes per second by size, for "memory" and "disk"."""
    return {
        "memory": {format_bytes(size): speed(_copy(size), size) for size in MEMORY_SIZES},
        "disk": {format_bytes(size): speed(_write(size), size) for size in DISK_SIZES},
    }


def speed(act: Callable[[], Any], nbytes: int) -> float:
    """Bytes per second of something that moves `nbytes` each time."""
    count, begin = 0, time.perf_counter()
    while True:
        act()
        count += 1
        seconds = time.perf_counter() - begin
        if seconds > SECONDS:
            return count * nbytes / seconds


def _copy(size: int) -> Callable[[], Any]:
    source, target = bytearray(size), bytearray(size)

    def act() -> None:
        target[:] = source

    return act


def _write(size: int) -> Callable[[], Any]:
    content = os.urandom(size)

    def act() -> None:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    return act
