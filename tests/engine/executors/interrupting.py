"""Ctrl-C at a moment of one's choice: when the main thread is where it is to be hit."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

__all__ = ["interrupted_when", "runs"]


def runs(*codes: CodeType) -> Callable[[FrameType | None], bool]:
    """Whether a frame, or one that has called it, runs one of these."""

    def found(frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code in codes:
                return True
            frame = frame.f_back
        return False

    return found


@contextmanager
def interrupted_when(there: Callable[[FrameType | None], bool]) -> Iterator[None]:
    """The main thread gets one SIGINT inside, as soon as it is `there`, by its frame, and seems to stay."""
    main = threading.main_thread().ident
    assert main is not None
    over = threading.Event()

    def strike() -> None:
        seen: FrameType | None = None
        at = -1
        while not over.is_set():
            frame = sys._current_frames().get(main)
            if there(frame) and frame is seen and frame is not None and frame.f_lasti == at:
                signal.pthread_kill(main, signal.SIGINT)
                return
            seen, at = frame, -1 if frame is None else frame.f_lasti
            del frame
            time.sleep(0.02)

    thread = threading.Thread(target=strike, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
