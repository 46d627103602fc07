"""Executors carry a lowered graph out: in the caller's thread, on threads, in processes, or on a virtual clock.

Names are imported when they are asked for: a worker process needs only the hot loop, and starts in half the time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunkscope.executors.drive import drive_alone, inside_task
    from chunkscope.executors.execute import EXECUTORS, Order, enter, launch, on_pool
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
    "drive_alone",
    "enter",
    "inside_task",
    "launch",
    "on_pool",
]

_PLACES = {
    "EXECUTORS": "execute",
    "Order": "execute",
    "enter": "execute",
    "launch": "execute",
    "on_pool": "execute",
    "drive_alone": "drive",
    "inside_task": "drive",
    "Faults": "faults",
    "POOL": "pool",
    "Pool": "pool",
    "away": "pool",
    "default_workers": "pool",
    "Run": "run",
    "Taker": "taker",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    return value
