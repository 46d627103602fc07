"""The same machine with a clock that only counts: what a run would take on other lanes, without running it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.scheduler.machine import Machine
from chunkscope.scheduler.tables import needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph

__all__ = ["Schedule", "critical_path", "simulate"]


@dataclass(frozen=True)
class Schedule:
    """When and where each task would run; arrays in start order, lower lanes first where tasks start together."""

    task: NDArray[np.int64]
    """Global task ids."""
    lane: NDArray[np.int32]
    ready: NDArray[np.float64]
    """When its last input was there, in virtual seconds from 0."""
    start: NDArray[np.float64]
    """When its kernel begins, after the overhead."""
    stop: NDArray[np.float64]
    lanes: int
    makespan: float
    """When the last task stops."""
    peak_bytes: int
    """Highest predicted bytes: stored blocks, and outputs and temporaries of what runs."""
    busy_seconds: float
    """Durations of all tasks together, without overhead."""
    critical_path_seconds: float
    """Duration of the longest chain of tasks that need each other: no number of lanes is faster."""
    critical_path: list[int]
    """That chain."""

    @property
    def speed_up(self) -> float:
        """How many times as fast as one lane without overhead: at most `lanes`."""
        return self.busy_seconds / self.makespan if self.makespan else 1.0


def simulate(
    graph: Graph,
    ranks: NDArray[np.int64],
    lanes: int,
    durations: Sequence[float] | NDArray[np.float64],
    overhead: float = 0.0,
    room: int | None = None,
    *,
    keep_outputs: bool = True,
) -> Schedule:
    """The schedule of `graph` on `lanes` lanes, where task `t` takes `overhead` and then `durations[t]` seconds.

    `room`: a memory budget in bytes, kept by the machine. Deterministic: at one instant all tasks that stop are told
    before any is started, and the lowest free lane gets the next task. Two microseconds a task.

    >>> from chunkscope.graph import GraphBuilder, Layer
    >>> from chunkscope.scheduler.order import order
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "sleep", print, (5,)))
    >>> graph = build.freeze(x)
    >>> run = simulate(graph, order(graph), lanes=5, durations=[1, 2, 3, 4, 5])
    >>> run.makespan, run.speed_up                     # the longest task bounds it, five lanes or more
    (5.0, 3.0)
    """
    seconds = np.asarray(durations, dtype=np.float64).tolist()
    need = needs(graph).tolist()
    scratch = graph.scratch.tolist()
    sizes = graph.slot_bytes.tolist()
    machine = Machine(graph, ranks, lanes=lanes, budget=room, keep_outputs=keep_outputs)
    first = graph.first_task
    tasks, where, starts, stops = array("q"), array("i"), array("d"), array("d")
    running: list[tuple[float, int, int]] = []  # (stop, lane, task)
    free = list(range(lanes))
    now = 0.0
    used = peak = 0
    done: list[int] = []
    while True:
        started = machine.advance(done, now, len(free))
        for slot in machine.freed:
            used -= sizes[slot]
        while started and len(started) < len(free):  # each lane takes a batch of its own
            more = machine.advance((), now, len(free) - len(started))
            if not more:
                break
            started += more
        for task in started:
            used += need[task - first]
            lane = heappop(free)
            start = now + overhead
            stop = start + seconds[task - first]
            tasks.append(task)
            where.append(lane)
            starts.append(start)
            stops.append(stop)
            heappush(running, (stop, lane, task))
        peak = max(peak, used)
        if not running:
            break
        now = running[0][0]
        done = []
        while running and running[0][0] == now:
            _, lane, task = heappop(running)
            heappush(free, lane)
            done.append(task)
            used -= scratch[task - first]
    order = np.array(tasks, dtype=np.int64)
    path_seconds, path = critical_path(graph, seconds)
    return Schedule(
        task=order,
        lane=np.array(where, dtype=np.int32),
        ready=np.array(machine.ready_at)[order],
        start=np.array(starts),
        stop=np.array(stops),
        lanes=lanes,
        makespan=now,
        peak_bytes=peak,
        busy_seconds=float(sum(seconds)),
        critical_path_seconds=path_seconds,
        critical_path=path,
    )


def critical_path(graph: Graph, durations: Sequence[float]) -> tuple[float, list[int]]:
    """The longest chain of tasks that need each other: its seconds, and its tasks from first to last.

    >>> from chunkscope.graph import GraphBuilder, Layer
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "x", print, (2,)))
    >>> (y,) = build.add(Layer("y", "y", print, ()), [x])
    >>> critical_path(build.freeze(y), [1.0, 3.0, 1.0])
    (4.0, [1, 2])
    """
    n = graph.ntasks
    if not n:
        return 0.0, []
    maker = graph.slot_task[np.maximum(graph.deps - graph.first_slot, 0)]
    makers = np.where(graph.deps >= graph.first_slot, maker, -1).tolist()
    ends = graph.dep_ptr.tolist()
    until = [0.0] * n  # the longest chain that ends with each task
    before = [-1] * n
    for task in range(n):  # ids are topological
        longest = 0.0
        for other in makers[ends[task] : ends[task + 1]]:
            if other >= 0 and until[other] > longest:
                longest = until[other]
                before[task] = other
        until[task] = longest + durations[task]
    last = max(range(n), key=until.__getitem__)
    path = [last]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return until[last], [task + graph.first_task for task in reversed(path)]
