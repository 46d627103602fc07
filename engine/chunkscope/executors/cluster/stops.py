"""Processes that somebody has stopped: they are there, and do nothing. After a while they count as dead."""

from __future__ import annotations

import time

__all__ = ["STOPPED_SECONDS", "Stops", "is_stopped"]

STOPPED_SECONDS = 5.0
"""One that a person stops to look at it, and lets go on, is not to be killed for that."""


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped by a signal. False where that cannot be told.

    >>> import os
    >>> is_stopped(os.getpid())
    False
    """
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(") ")[2].startswith("T")
    except OSError:
        return False


class Stops:
    """Since when a process is stopped, as far as anybody has looked."""

    def __init__(self) -> None:
        self._seen: tuple[int, float] = (0, 0.0)

    def stopped_for_long(self, pid: int) -> bool:
        """Whether it was stopped whenever this was asked in the last `STOPPED_SECONDS`."""
        if not pid or not is_stopped(pid):
            self._seen = (0, 0.0)
            return False
        now = time.monotonic()
        if self._seen[0] != pid:
            self._seen = (pid, now)
        return now - self._seen[1] > STOPPED_SECONDS
