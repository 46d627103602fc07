"""What a graph would do on other machines: a modelled run on a virtual clock. Nothing is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.compute.prepare import prepare
from chunkscope.compute.unpack import unpack
from chunkscope.errors import ConfigError
from chunkscope.executors.simulated import DEFAULT_SECONDS, write_schedule
from chunkscope.graph import Graph
from chunkscope.observe import RunLog, registry
from chunkscope.types import Key
from chunkscope.units import parse_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["simulate"]

Cost = float | Mapping[str, float] | Callable[[Key], float] | None


def simulate(
    *args: Any,
    workers: int = 2,
    cost: Cost = None,
    overhead: float = 0.0,
    memory: str | int | None = None,
    label: str = "",
) -> RunLog:
    """The modelled run of collections on `workers` lanes, as a run log with virtual times. Deterministic.

    cost: seconds of a task: one number, numbers by operation (delayed calls: by function name; others: 1 ms), or a
    function of the task's Key. overhead: seconds added to each task. memory: budget in bytes.

    >>> from chunkscope import delayed, simulate
    >>> x, y = delayed(abs)(1), delayed(abs)(2)
    >>> simulate(x + y, workers=2, cost=1.0).seconds
    2.0
    """
    if workers < 1:
        raise ConfigError(f"workers={workers!r} is not a number of workers; use an integer of 1 or more")
    collections, _ = unpack(args)
    if not collections:
        raise ConfigError(
            "nothing to simulate: give at least one lazy collection, like a delayed call or an array"
        )
    prepared = prepare(collections, lanes=workers)
    graph = prepared.graph
    room = None if memory is None else parse_bytes(memory)
    log = RunLog(registry.next_number(), graph, executor="simulated", label=label, budget=room)
    log.record, log.ranks, log.workers = prepared.steps, prepared.ranks, workers
    log.attach(forecast=prepared.forecaster)
    write_schedule(
        log,
        graph,
        prepared.ranks,
        lanes=workers,
        durations=_durations(graph, cost),
        overhead=overhead,
        room=room,
    )
    registry.begin(log)
    registry.end(log)
    return log


def _durations(graph: Graph, cost: Cost) -> NDArray[np.float64]:
    if callable(cost):
        keys = (graph.key(task) for task in range(graph.first_task, graph.first_task + graph.ntasks))
        return np.array([float(cost(key)) for key in keys])
    if isinstance(cost, Mapping):
        parts = []
        for layer in graph.layers:
            names = getattr(layer.kernel, "names", None)  # a table of calls: one function for each task
            if names is None:
                parts.append(np.full(layer.ntasks, float(cost.get(layer.op, DEFAULT_SECONDS))))
            else:
                parts.append(np.array([float(cost.get(name, DEFAULT_SECONDS)) for name in names()]))
        return np.concatenate(parts) if parts else np.zeros(0)
    return np.full(graph.ntasks, DEFAULT_SECONDS if cost is None else float(cost))
