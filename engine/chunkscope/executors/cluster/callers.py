"""In a worker process: the stacks of its tasks, as texts."""

from __future__ import annotations

import sys
import threading
import traceback
from types import FrameType

__all__ = ["stack_text", "stacks_here"]

_PERFORM = "chunkscope.executors.perform"
"""The module whose frame is right above a kernel's."""
_NAME = "worker-thread-"


def stacks_here() -> dict[int, list[str]]:
    """What each lane's thread of this worker process is in, outermost call first, by the number of the thread."""
    frames = sys._current_frames()
    found = {}
    for thread in threading.enumerate():
        number = _number(thread)
        frame = frames.get(thread.ident or 0)
        if number is not None and frame is not None:
            found[number] = stack_text(frame)
    return found


def _number(thread: threading.Thread) -> int | None:
    if thread is threading.main_thread():
        return 0
    _, name, number = thread.name.rpartition(_NAME)
    return int(number) if name and number.isdigit() else None


def stack_text(frame: FrameType) -> list[str]:
    """The calls that a stack consists of, without those of the engine around a task."""
    stack: list[FrameType] = []
    current: FrameType | None = frame
    while current is not None and current.f_globals.get("__name__") != _PERFORM:
        stack.append(current)
        current = current.f_back
    while stack and stack[-1].f_globals.get("__name__", "").startswith("chunkscope."):
        stack.pop()  # what calls the user's function
    summary = traceback.StackSummary.extract(
        ((one, one.f_lineno) for one in reversed(stack)), lookup_lines=True
    )
    return [text.rstrip("\n") for text in summary.format()]
