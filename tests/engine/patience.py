"""Waiting for what comes to be so: as long as it takes, and no longer than a while."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

__all__ = ["becomes", "until"]


def until(ready: Callable[[], Any], seconds: float = 10, *, collect: bool = False) -> Any:
    """What `ready()` gives once that is true, or after so many seconds; with `collect`, garbage goes meanwhile."""
    deadline = time.monotonic() + seconds
    while not (found := ready()) and time.monotonic() < deadline:
        if collect:
            gc.collect()
        time.sleep(0.005)
    return found


def becomes(true: Callable[[], Any], seconds: float = 10, *, collect: bool = False) -> bool:
    """Whether it is true, or comes to be so."""
    return bool(until(true, seconds, collect=collect))
