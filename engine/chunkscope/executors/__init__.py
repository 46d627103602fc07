"""Executors carry a lowered graph out: in the caller's thread, on the pool's threads, or on a virtual clock."""

from chunkscope.executors.drive import drive, drive_alone, inside_task
from chunkscope.executors.execute import EXECUTORS, Order, enter, execute, launch, on_pool
from chunkscope.executors.faults import Faults
from chunkscope.executors.pool import POOL, Pool, away, default_workers
from chunkscope.executors.run import Run
from chunkscope.executors.taker import Taker

__all__ = [
    "EXECUTORS",
    "POOL",
    "Faults",
    "Order",
    "Pool",
    "Run",
    "Taker",
    "away",
    "default_workers",
    "drive",
    "drive_alone",
    "enter",
    "execute",
    "inside_task",
    "launch",
    "on_pool",
]
