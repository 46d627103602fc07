"""Runs on a virtual clock: the same machine, modelled durations. Deterministic on every computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chunkscope.events import NoticeList
from chunkscope.graph import Graph
from chunkscope.observe import RunLog, RunState

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DEFAULT_SECONDS", "write_schedule"]

DEFAULT_SECONDS = 1e-3
"""What a task takes where nobody says otherwise."""


def write_schedule(
    log: RunLog,
    graph: Graph,
    ranks: NDArray[np.int64],
    *,
    lanes: int,
    durations: NDArray[np.float64],
    overhead: float = 0.0,
    room: int | None = None,
) -> None:
    """Fill `log` with the modelled run of `graph` on `lanes` lanes, and close it. Times begin at 0."""
    from chunkscope.scheduler.simulator import simulate

    schedule = simulate(graph, ranks, lanes, durations, overhead=overhead, room=room)
    task, stop = np.asarray(schedule.task), np.asarray(schedule.stop)
    lane, start = np.asarray(schedule.lane), np.asarray(schedule.start)
    order = np.lexsort((task, stop))
    task, stop, lane, start = task[order], stop[order], lane[order], start[order]
    stop_of = np.zeros(graph.ntasks)
    stop_of[task - graph.first_task] = stop
    sizes = np.add.reduceat(graph.slot_bytes, graph.first_slot_of[:-1]) if graph.ntasks else graph.slot_bytes
    local = task - graph.first_task
    log.lanes[:] = [f"worker-{i}" for i in range(lanes)]
    for rows in zip(
        task.tolist(),
        lane.tolist(),
        _ready(graph, stop_of)[local].tolist(),
        start.tolist(),
        stop.tolist(),
        sizes[local].tolist(),
        _stored_after(graph, local, stop, sizes, stop_of).tolist(),
        graph.scratch[local].tolist(),
        strict=True,
    ):
        log.columns.append(*rows)
    log.started = 0.0
    log.notices = NoticeList()  # what was decided while the kernels really ran
    log.close(RunState.FINISHED, float(schedule.makespan))


def _ready(graph: Graph, stop_of: NDArray[np.float64]) -> NDArray[np.float64]:
    """When the last input of each task was there."""
    ready = np.zeros(graph.ntasks)
    inside = graph.deps >= graph.first_slot
    consumer = np.repeat(np.arange(graph.ntasks), np.diff(graph.dep_ptr))[inside]
    producer = graph.slot_task[graph.deps[inside] - graph.first_slot]
    np.maximum.at(ready, consumer, stop_of[producer])
    return ready


def _stored_after(
    graph: Graph,
    order: NDArray[np.int64],
    stop: NDArray[np.float64],
    sizes: NDArray[np.int64],
    stop_of: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Stored bytes right after each task, its own outputs in, before what it frees is gone."""
    last_use = stop_of[graph.slot_task].copy()  # a slot that nobody reads goes as soon as it is made
    inside = graph.deps >= graph.first_slot
    consumer = np.repeat(np.arange(graph.ntasks), np.diff(graph.dep_ptr))[inside]
    np.maximum.at(last_use, graph.deps[inside] - graph.first_slot, stop_of[consumer])
    by_time = np.argsort(last_use, kind="stable")
    gone = np.concatenate([[0], np.cumsum(graph.slot_bytes[by_time])])
    freed = gone[np.searchsorted(last_use[by_time], stop, side="left")]
    held: NDArray[np.int64] = np.cumsum(sizes[order]) - freed
    return held
