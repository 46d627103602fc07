"""Figures worked out from the rows of a run: overlap, cost by operation, critical path. Pure functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.events import Rows
from chunkscope.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["add_operations", "critical_path", "held", "peak_overlap"]


def peak_overlap(start: NDArray[np.float64], stop: NDArray[np.float64]) -> int:
    """The largest number of intervals [start, stop) that share a moment.

    >>> peak_overlap(np.array([0.0, 1.0, 2.0]), np.array([2.0, 3.0, 4.0]))
    2
    """
    if not len(start):
        return 0
    times = np.concatenate([stop, start])
    steps = np.concatenate([np.full(len(stop), -1), np.full(len(start), 1)])
    order = np.argsort(times, kind="stable")  # at equal times the ends, which come first, count first
    return int(max(np.cumsum(steps[order]).max(), 1))


def held(rows: Rows) -> NDArray[np.int64]:
    """Bytes in use when each row's task ended: the blocks, and the temporaries of the tasks that ran then, its own too.

    Nothing is higher between two rows: temporaries begin with a task and are all there when the next one ends.
    """
    if not rows.scratch.any():
        return rows.stored
    some = rows.scratch > 0
    scratch, start, stop = rows.scratch[some], rows.start[some], rows.stop[some]
    by_start, by_stop = np.argsort(start, kind="stable"), np.argsort(stop, kind="stable")
    begun = np.concatenate([[0], np.cumsum(scratch[by_start])])
    ended = np.concatenate([[0], np.cumsum(scratch[by_stop])])
    running = (
        begun[np.searchsorted(start[by_start], rows.stop, side="left")]
        - ended[np.searchsorted(stop[by_stop], rows.stop, side="left")]
    )
    found: NDArray[np.int64] = rows.stored + running
    return found


def add_operations(table: dict[str, list[float]], graphs: Sequence[Graph], rows: Rows) -> None:
    """Add up `table[op]`, which is [tasks, finished, seconds, bytes, seconds of the longest task]."""
    durations = rows.stop - rows.start
    for graph in graphs:
        inside = (rows.task >= graph.first_task) & (rows.task < graph.first_task + graph.ntasks)
        numbers = graph.layer_of[rows.task[inside] - graph.first_task]
        size = len(graph.layers)
        counts = np.bincount(numbers, minlength=size)
        seconds = np.bincount(numbers, weights=durations[inside], minlength=size)
        nbytes = np.bincount(numbers, weights=rows.bytes_out[inside], minlength=size)
        longest = np.zeros(size)
        np.maximum.at(longest, numbers, durations[inside])
        for i, layer in enumerate(graph.layers):
            entry = table[layer.op]
            entry[1] += int(counts[i])
            entry[2] += float(seconds[i])
            entry[3] += float(nbytes[i])
            entry[4] = max(entry[4], float(longest[i]))


def critical_path(graphs: Sequence[Graph], rows: Rows) -> list[int]:
    """The chain of tasks with the most kernel seconds.

    Source: longest path over a topological order, as in Kelley, Critical-Path Planning and Scheduling, 1961.
    """
    ntasks = sum(graph.ntasks for graph in graphs)
    duration = np.zeros(ntasks)
    duration[rows.task] = rows.stop - rows.start
    best = duration.tolist()
    through = [-1] * ntasks
    slot_task = (
        np.concatenate([graph.slot_task + graph.first_task for graph in graphs]).tolist() if graphs else []
    )
    for graph in graphs:
        ptr, deps = graph.dep_ptr.tolist(), graph.deps.tolist()
        for local in range(graph.ntasks):  # input slots have smaller ids: this order is topological
            longest, before = 0.0, -1
            for slot in deps[ptr[local] : ptr[local + 1]]:
                producer = slot_task[slot]
                if best[producer] > longest:
                    longest, before = best[producer], producer
            task = graph.first_task + local
            best[task] += longest
            through[task] = before
    if not best:
        return []
    task = int(np.argmax(best))
    path = [task]
    while through[task] >= 0:
        task = through[task]
        path.append(task)
    return path[::-1]
