"""Executors carry a lowered graph out: in the caller's thread, on the pool's threads, or on a virtual clock."""

from chunkscope.executors.drive import drive, drive_alone, inside_task
from chunkscope.executors.execute import EXECUTORS, execute
from chunkscope.executors.pool import POOL, default_workers
from chunkscope.executors.run import Run, Taker

__all__ = [
    "EXECUTORS",
    "POOL",
    "Run",
    "Taker",
    "default_workers",
    "drive",
    "drive_alone",
    "execute",
    "inside_task",
]
