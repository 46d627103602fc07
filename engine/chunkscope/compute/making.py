"""Which run makes what was persisted: to cancel it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable

from chunkscope.blocks import StoredBlock
from chunkscope.executors import Run

__all__ = ["remember_run", "runs_of"]

_lock = threading.Lock()
_runs: weakref.WeakKeyDictionary[StoredBlock, weakref.ref[Run]] = weakref.WeakKeyDictionary()
"""By the first block of each collection: what refers to one of its blocks refers to all of them."""


def remember_run(first: StoredBlock, run: Run) -> None:
    """The collection whose first block this is is made by this run."""
    with _lock:
        _runs[first] = weakref.ref(run)


def runs_of(blocks: Iterable[StoredBlock]) -> list[Run]:
    """The runs that make these blocks, or have made them."""
    with _lock:
        found = [_runs.get(block) for block in blocks]
    runs = (run() for run in found if run is not None)
    return list(dict.fromkeys(run for run in runs if run is not None))
