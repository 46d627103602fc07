"""What an interrupt must not end half-way: done in a thread of its own, which no Ctrl-C reaches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["aside"]

Found = TypeVar("Found")
LOOK_SECONDS = 0.2


def aside(function: Callable[[], Found], late: Callable[[Found], object]) -> Found:
    """What `function()` gives. An interrupt ends the waiting for it at once, and not what it does.

    `late` takes what it gives when nobody waits any more.

    >>> aside(lambda: 1, late=print)
    1
    """
    if threading.current_thread() is not threading.main_thread():
        return function()
    lock, done = threading.Lock(), threading.Event()
    found: list[Found] = []
    errors: list[BaseException] = []
    left = False

    def work() -> None:
        try:
            what = function()
        except BaseException as error:
            errors.append(error)
        else:
            with lock:
                found.append(what)
                unwanted = left
            if unwanted:
                late(what)
        finally:
            done.set()

    try:
        threading.Thread(target=work, name="chunkscope-aside", daemon=True).start()
    except RuntimeError:  # the interpreter ends, or there are too many threads
        return function()
    try:
        while not done.wait(LOOK_SECONDS):  # a signal may reach another thread: look every now and then
            pass
    except BaseException:
        with lock:
            left = True
            came = found[:]
        for what in came:
            late(what)
        raise
    if errors:
        raise errors.pop()
    return found.pop()
