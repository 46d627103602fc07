"""Which worker read what another one had made: counted from the record of a run on worker processes."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chunkscope.observe import RunLog
from chunkscope.observe.operations import Operations

WORKER = re.compile(r"worker-\d+")


class Reads(NamedTuple):
    """How the tasks of a run read each other's blocks."""

    reads: int
    """Each block is counted once for each task that reads it."""
    shared: int
    """Of these, by a worker other than the one that had made the block."""
    shared_bytes: int


def shared_reads(run: RunLog) -> Reads:
    """Returns how many blocks the tasks of a run read, and how many of these another worker had made.

    Blocks that were there before the run count as made by whoever fetched them first.
    """
    edges = Operations.of(run.graphs)
    reader = np.repeat(np.arange(run.ntasks), np.diff(edges.ptr))
    rows = run.rows
    worker = np.full(run.ntasks, -1)
    worker[rows.task] = np.array(_workers(run.lanes), dtype=np.int64)[rows.lane]
    size = np.zeros(run.ntasks, dtype=np.int64)
    size[rows.task] = rows.bytes_out
    made, read = worker[edges.producer], worker[reader]
    shared = (made >= 0) & (read >= 0) & (made != read)
    return Reads(len(reader), int(shared.sum()), int(size[edges.producer][shared].sum()))


def worker_of(lane: str) -> str:
    """Returns the worker that a lane is a thread of; all threads of this process are one.

    >>> worker_of("worker-1-0"), worker_of("worker-1"), worker_of("thread-2")
    ('worker-1', 'worker-1', 'this process')
    """
    found = WORKER.match(lane)
    return found.group() if found else "this process"


def _workers(lanes: Sequence[str]) -> list[int]:
    names = [worker_of(lane) for lane in lanes]
    order = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [order[name] for name in names]
