"""What workers take of memory, in figures for people: managed, unmanaged, shared and spilled bytes told apart."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MemoryFigures", "WorkerFigures"]


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """One worker at this moment. `managed_bytes` and `unmanaged_bytes` add up, over workers too: no byte is in both."""

    name: str
    pid: int
    """0 where it has no process: not started yet, or just died."""
    nthreads: int
    status: str
    """"idle", "running", "starting", or "paused": near its memory limit, so it takes no new task."""
    running: tuple[tuple[int, int, float], ...]
    """(run, task, start) of each thread that runs a task."""
    managed_bytes: int
    """Blocks that it has made and that lie in shared memory."""
    unmanaged_bytes: int
    """Memory that its process holds by itself: the interpreter, what tasks work on, and whatever users' code keeps."""
    shared_bytes: int
    """Pages of shared blocks that it has read and has at hand: counted as managed already, of it or of another."""
    spilled_bytes: int
    """Blocks that it has made and that lie on disk."""
    limit_bytes: int | None
    """Its memory limit; None for none."""
    processor_seconds: float
    """Of its process, since it started."""
    deaths: int
    """Processes of this name that have died."""


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """All workers together, and the blocks that no worker has made."""

    managed_bytes: int
    """Blocks in shared memory, whoever made them."""
    unmanaged_bytes: int
    shared_bytes: int
    spilled_bytes: int
    limit_bytes: int | None
