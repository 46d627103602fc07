"""The threads that the engine has open in this process."""

from __future__ import annotations

import threading

__all__ = ["engine_threads"]


def engine_threads() -> set[threading.Thread]:
    """Those at work; the one that waits for clusters to close is there as long as there is any."""
    return {
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("chunkscope-") and thread.name != "chunkscope-closing"
    }
