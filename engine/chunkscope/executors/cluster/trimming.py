"""Gives back what a process holds and does not need: garbage, kept memory, free pages of its heaps."""

from __future__ import annotations

import ctypes
import gc
import sys

from chunkscope.blocks import RECYCLER

__all__ = ["trim"]


def trim() -> None:
    """Give back what can be given back; what users' code refers to stays. Sent to a worker as an errand."""
    gc.collect()
    RECYCLER.clear()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    give = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give is not None:
        give(0)
