"""The scheduler alone, on graphs without any data: what one task costs in each of its parts."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks.case import OURS, Case, Goal, Kind

if TYPE_CHECKING:
    from chunkscope.graph import Graph

MILLION = 430_000  # sources of a graph of about a million tasks
SOURCES = 200_000


def ntasks(sources: int) -> int:
    """How many tasks the tree over so many sources has."""
    count = 2 * sources
    while sources > 1:
        sources = -(-sources // 4)
        count += sources
    return count


def tree(sources: int) -> Graph:
    """Sources, one block-wise layer, and a tree of sums, four at a time."""
    from chunkscope.graph import GraphBuilder, Layer, Ragged

    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", print, (sources,)), nbytes=8)
    (x,) = build.add(Layer("", "y", print, (sources,)), [x], nbytes=8)
    while len(x) > 1:
        count = -(-len(x) // 4)
        ptr = np.minimum(np.arange(count + 1) * 4, len(x))
        (x,) = build.add(Layer("", "sum", print, (count,)), Ragged(ptr, x), nbytes=8)
    return build.freeze(x)


def star(sources: int) -> Graph:
    """Independent tasks, and one that wants them all."""
    from chunkscope.graph import GraphBuilder, Layer

    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", print, (sources,)), nbytes=8)
    (y,) = build.add(Layer("", "sum", print, ()), [x], nbytes=8)
    return build.freeze(y)


def _order() -> Callable[[], Any]:
    from chunkscope.scheduler import order

    graph = tree(MILLION)
    return lambda: order(graph) is None


def _forecast() -> Callable[[], Any]:
    from chunkscope.scheduler import forecast, order

    graph = tree(MILLION)
    ranks = order(graph)
    return lambda: forecast(graph, ranks) is None


def _machine() -> Callable[[], Any]:
    from chunkscope.scheduler import Machine, order

    graph = tree(MILLION)
    ranks = order(graph)
    graph.slot_task  # noqa: B018  what the graph remembers is the graph's

    def work() -> dict[str, float]:
        cpu = time.process_time()
        Machine(graph, ranks)
        cpu = time.process_time() - cpu
        # Resident memory would tell what the allocator keeps, too.
        tracemalloc.start()
        machine = Machine(graph, ranks)
        kept, _ = tracemalloc.get_traced_memory()
        return {"cpu_seconds": cpu, "kept_bytes": kept, "tasks": machine.ntasks}

    return work


def _advance(make: Callable[[int], Graph], want: int, lanes: int) -> Callable[[], Any]:
    """A whole run: each lane in turn reports its tasks and gets up to `want` others. No kernel is called."""
    from chunkscope.scheduler import Machine, order

    graph = make(SOURCES)
    machine = Machine(graph, order(graph), lanes=lanes)

    def work() -> None:
        advance = machine.advance
        batches = [advance([], 0.0, want) for _ in range(lanes)]
        now = 0.0
        while not machine.finished:
            now += 1.0
            batches.append(advance(batches.pop(0), now, want))

    return work


def _simulate(lanes: int) -> Callable[[], Any]:
    from chunkscope.scheduler import order, simulate

    graph = tree(SOURCES)
    ranks = order(graph)
    durations = np.ones(graph.ntasks)
    return lambda: simulate(graph, ranks, lanes, durations) is None


def _each(
    name: str, about: str, variant: Callable[[], Callable[[], Any]], sources: int, *goals: Goal
) -> Case:
    return Case(name, about, {OURS: variant}, goals, {OURS: ntasks(sources)})


def _ns(limit: float) -> Goal:
    return Goal(Kind.AT_MOST, limit * 1e-9, "ns", figure="cpu_seconds")


SCHEDULER = (
    _each("order", "static order, for each of a million tasks", _order, MILLION, _ns(350)),
    _each("forecast", "memory forecast, the same", _forecast, MILLION, _ns(350)),
    _each(
        "machine",
        "a Machine made, the same",
        _machine,
        MILLION,
        _ns(300),
        Goal(Kind.AT_MOST, 60, "B", figure="kept_bytes"),
    ),
    _each(
        "advance-1", "advance([task], now, 1), one lane", partial(_advance, tree, 1, 1), SOURCES, _ns(1200)
    ),
    _each(
        "advance-1-of-4", "the same, four lanes in turn", partial(_advance, tree, 1, 4), SOURCES, _ns(1500)
    ),
    Case(
        "advance-500",
        "advance(500 tasks, now, 500), a task; independent tasks",
        {OURS: partial(_advance, star, 500, 1)},
        (_ns(1000),),
        {OURS: SOURCES + 1},
    ),
    _each("simulate", "simulated on 64 lanes, a task", partial(_simulate, 64), SOURCES, _ns(5000)),
)
