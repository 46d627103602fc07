"""Tools of the tests of worker processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chunkscope import compute
from chunkscope.executors.cluster.group import PROCESSES


def becomes(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it is true, or comes to be so."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def processes(*values: Any, num_workers: int = 2, **options: Any) -> Any:
    """The values, computed on the pool of processes."""
    found = compute(*values, scheduler="processes", num_workers=num_workers, **options)
    return found[0] if len(values) == 1 else found


def pids() -> list[int]:
    """The processes of the pool."""
    return [figures.pid for figures in PROCESSES.workers() if figures.pid]
