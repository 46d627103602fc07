"""What a process takes of this machine: its own memory, pages of shared blocks that it has read, processor time.

A worker begins as a copy of the fork server, and has the server's pages in common with it and with the other workers
until one of them writes there. Systems count such a page in full for every process that has it. Here it counts in
parts, so that the sum over all workers is what they take together, and a limit is held to what a worker has made.
"""

from __future__ import annotations

import os
from typing import NamedTuple

__all__ = ["NOTHING", "Usage", "common_bytes", "usage_of"]


class Usage(NamedTuple):
    """One process at one moment."""

    own_bytes: int
    """Memory that is neither files nor shared blocks, swapped out or not; pages in common with others in full."""
    mapped_bytes: int
    """Pages of shared blocks that it has read and has at hand. Most of them other processes have, too."""
    processor_seconds: float
    """Since it started."""
    file_bytes: int = 0
    """Pages of files that it has mapped: libraries, blocks on disk that it has read. Most others have, too."""


NOTHING = Usage(0, 0, 0.0)


def usage_of(pid: int) -> Usage:
    """What a process takes now; zeros for one that is gone, or where the system does not tell. Takes microseconds.

    >>> usage = usage_of(os.getpid())
    >>> usage.own_bytes > 1_000_000 and usage.processor_seconds > 0
    True
    """
    try:
        with open(f"/proc/{pid}/stat") as file:
            times = file.read().rpartition(")")[2].split()
        told = _figures(pid, "status")
        seconds = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
        if "RssAnon" in told:
            own, mapped = told["RssAnon"] + told.get("VmSwap", 0), told.get("RssShmem", 0)
            files = told.get("RssFile", 0)
        else:  # files count among the shared ones here
            with open(f"/proc/{pid}/statm") as file:
                _, resident, shared, *_ = (int(n) * os.sysconf("SC_PAGE_SIZE") for n in file.read().split())
            own, mapped, files = resident - shared, shared, 0
    except (OSError, ValueError, IndexError):
        return NOTHING
    return Usage(own, mapped, seconds, files)


def common_bytes(pid: int) -> int:
    """The part of `own_bytes` that counts elsewhere: of pages in common with other processes, all shares but one.

    0 where the system does not tell. It looks at every page: about ten milliseconds for a gigabyte.
    """
    try:
        told = _figures(pid, "smaps_rollup")
    except (OSError, ValueError):
        return 0
    return max(0, told["Anonymous"] - told["Pss_Anon"]) if {"Anonymous", "Pss_Anon"} <= told.keys() else 0


def _figures(pid: int, name: str) -> dict[str, int]:
    """The lines "name: number kB" of a file about a process, in bytes."""
    with open(f"/proc/{pid}/{name}") as file:
        lines = [line.split() for line in file]
    return {
        words[0].rstrip(":"): int(words[1]) * 1024
        for words in lines
        if words[-1:] == ["kB"] and len(words) == 3
    }
