"""Executors carry a lowered graph out: in the caller's thread, on the pool's threads, or on a virtual clock."""

from chunkscope.executors.drive import drive, drive_alone, inside_task
from chunkscope.executors.execute import EXECUTORS, Order, enter, execute, launch
from chunkscope.executors.faults import Faults
from chunkscope.executors.pool import POOL, default_workers
from chunkscope.executors.run import Run
from chunkscope.executors.taker import Taker

__all__ = [
    "EXECUTORS",
    "POOL",
    "Faults",
    "Order",
    "Run",
    "Taker",
    "default_workers",
    "drive",
    "drive_alone",
    "enter",
    "execute",
    "inside_task",
    "launch",
]
