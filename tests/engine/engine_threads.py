"""The threads that the engine has open in this process, and that none of them outlives what it was for."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from tests.engine.patience import until

__all__ = ["engine_threads", "no_thread_left"]


def engine_threads() -> set[threading.Thread]:
    """Those at work; the one that waits for clusters to close is there as long as there is any."""
    return {
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("chunkscope-") and thread.name != "chunkscope-closing"
    }


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Threads that begin within end within, or soon after; those that others have open may go on."""
    before = engine_threads()
    yield
    until(lambda: not engine_threads() - before)
    assert [_standing(thread) for thread in engine_threads() - before] == []


def _standing(thread: threading.Thread) -> str:
    """The name of a thread, and where it is."""
    frame = sys._current_frames().get(thread.ident or 0)
    calls = traceback.extract_stack(frame) if frame is not None else []
    places = [f"{call.filename.rpartition('/')[2]}:{call.lineno} {call.name}" for call in calls]
    return " < ".join([thread.name, *reversed(places)])
