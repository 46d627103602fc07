"""What this process has used of the processors so far: seconds, and how often it had to make room for others."""

from __future__ import annotations

import sys
import time
from typing import NamedTuple

if sys.platform != "win32":
    import resource

__all__ = ["Usage", "usage_now"]


class Usage(NamedTuple):
    """Use of the processors by all threads of this process."""

    seconds: float
    preempted: int
    """How often a thread that could go on was put off a processor: by other programs, or by more threads than cores."""

    def since(self, earlier: Usage) -> Usage:
        """What was used in between."""
        return Usage(self.seconds - earlier.seconds, self.preempted - earlier.preempted)


def usage_now() -> Usage:
    """The use so far; a microsecond."""
    if sys.platform == "win32":  # seconds alone are known there
        return Usage(time.process_time(), 0)
    found = resource.getrusage(resource.RUSAGE_SELF)
    return Usage(found.ru_utime + found.ru_stime, found.ru_nivcsw)
