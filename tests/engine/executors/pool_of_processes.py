"""Tools of the tests of worker processes."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Any

from chunkscope import compute
from chunkscope.executors.cluster.group import PROCESSES


def processes(*values: Any, num_workers: int = 2, **options: Any) -> Any:
    """The values, computed on the pool of processes."""
    found = compute(*values, scheduler="processes", num_workers=num_workers, **options)
    return found[0] if len(values) == 1 else found


def pids() -> list[int]:
    """The processes of the pool."""
    return [figures.pid for figures in PROCESSES.workers() if figures.pid]


def send(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """A signal to a process; one that has died meanwhile needs none."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
