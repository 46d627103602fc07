"""Chooses the executor by name and starts a run on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.errors import ConfigError
from chunkscope.executors.drive import drive_alone, inside_task, refuse, wait_for
from chunkscope.executors.faults import Faults
from chunkscope.executors.pool import POOL, Pool, default_workers
from chunkscope.executors.run import Run
from chunkscope.executors.simulated import DEFAULT_SECONDS, write_schedule
from chunkscope.executors.taker import Taker
from chunkscope.graph import Graph
from chunkscope.observe import RunLog, RunState, registry
from chunkscope.observe.concerns import Concern
from chunkscope.observe.runlog import Step
from chunkscope.types import Origin

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXECUTORS", "Order", "enter", "execute", "launch", "on_pool"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and how: handed from `compute` to the executor."""

    graph: Graph
    ranks: NDArray[np.int64]
    takers: Sequence[Taker]
    counts: Sequence[int]
    """How many output blocks each taker gets."""
    executor: str
    num_workers: int | None = None
    budget: int | None = None
    limit: int | None = None
    """The forecast peak where the run is held to it."""
    label: str = ""
    origin: Origin | None = None
    record: tuple[Step, ...] = ()
    forecast: Callable[[Graph, NDArray[np.int64]], Any] | None = None
    debug: Callable[[RunLog, Any, Any, bool], Any] | None = None
    concerns: tuple[Concern, ...] = ()
    """What the run has to do with lazy values."""
    operations: tuple[int, int] = (0, 0)
    """How many the expression had before and after the rewrite."""
    profile: float | None = None
    """Seconds between two looks at what functions run; None: never."""
    faults: Faults | None = None
    """Given where a task that fails takes only those with it that need it."""
    priority: float = 0.0
    """Of runs that wait for the same lanes, those with the highest go first; among equals the oldest."""
    depth: int = 0
    """How deep below other tasks it was asked for."""
    group: str = ""
    """What it is one of many of, for lists of runs; empty where it stands alone."""
    start: Callable[[Run, bool], None] | None = None
    """What runs it, in place of the executor of that name: a cluster."""
    refusal: Exception | None = None
    """Why it cannot run. It is entered, so that its plan can be looked at, and ends before anything starts."""
    refused_task: int = -1
    """The task that is too large for it."""
    entered: Callable[[Run], None] | None = None
    """Told of the run before it starts."""


def execute(order: Order, *, wait: bool = True) -> RunLog:
    """Run a graph; with `wait`, return when it has ended, and raise what a task raised or RunCancelled.

    An order that is refused raises its refusal at once, waiting or not.

    Ctrl-C while waiting cancels the run and raises KeyboardInterrupt at once: running threads finish their task, whose
    result is discarded, and end.
    """
    run = enter(order)
    if order.entered is not None:
        order.entered(run)
    launch(run, order, wait)
    log = run.log
    if run.error is not None and (wait or order.refusal is not None):
        __tracebackhide__ = True  # folded by IPython where the user's own frames follow
        try:
            raise run.error
        finally:
            del run  # the exception's traceback would keep the run, and the run the exception
    return log


def enter(order: Order) -> Run:
    """The run of an order, entered in the registry and not started yet. Raises ConfigError for an unknown executor."""
    if order.start is None and order.executor not in EXECUTORS:
        known = ", ".join(map(repr, EXECUTORS))
        raise ConfigError(f"scheduler={order.executor!r} is not an executor; use one of {known}")
    lanes = 1 if order.executor == "sync" else order.num_workers or default_workers()
    log = RunLog(
        registry.next_number(),
        order.graph,
        executor=order.executor,
        label=order.label,
        budget=order.budget,
        origin=order.origin,
    )
    log.record, log.ranks, log.workers = order.record, order.ranks, lanes
    log.concerns = order.concerns
    log.written, log.planned = order.operations
    log.profile_interval, log.group = order.profile, order.group
    log.attach(forecast=order.forecast, debug=order.debug)
    run = Run(
        order.graph,
        order.ranks,
        log,
        order.takers,
        order.counts,
        max_lanes=lanes,
        budget=order.budget,
        limit=order.limit,
        faults=order.faults,
    )
    run.priority, run.depth = order.priority, order.depth
    registry.begin(log)
    return run


def launch(run: Run, order: Order, wait: bool = False) -> None:
    """Start an entered run; with `wait`, return when it has ended."""
    run.log.started = perf_counter()  # what came before is planning
    if order.refusal is not None:
        run.on_end.append(lambda run: registry.end(run.log))
        refuse(run, order.refusal, order.refused_task)
        return
    start = order.start or EXECUTORS[order.executor]
    start(run, wait)


def _sync(run: Run, wait: bool) -> None:
    run.on_end.append(lambda run: registry.end(run.log))
    drive_alone(run, "main" if threading.current_thread() is threading.main_thread() else "caller")


def on_pool(pool: Pool, run: Run, wait: bool) -> None:
    """Run it on the lanes of a pool of threads; with `wait`, return when it has ended."""
    run.on_end.append(lambda run: registry.end(run.log))
    if inside_task():  # in the task's own thread: a pool whose lanes all wait for a pool would never move
        run.max_lanes = 1
        drive_alone(run, threading.current_thread().name)
        return
    pool.submit(run)
    if wait:
        wait_for(run)


def _threads(run: Run, wait: bool) -> None:
    on_pool(POOL, run, wait)


def _processes(run: Run, wait: bool) -> None:
    from chunkscope.executors.cluster.group import PROCESSES

    PROCESSES.start(run, wait)


def _simulated(run: Run, wait: bool) -> None:
    """The kernels really run, one after another; the log tells when they would have run on `max_lanes` workers."""
    log, graph, lanes = run.log, run.log.graph, run.max_lanes
    assert log.ranks is not None
    drive_alone(run, "main")
    if log.state is RunState.FINISHED:
        log.columns = type(log.columns)()
        durations = np.full(graph.ntasks, DEFAULT_SECONDS)
        write_schedule(log, graph, log.ranks, lanes=lanes, durations=durations, room=log.budget)
    registry.end(log)


EXECUTORS: dict[str, Callable[[Run, bool], None]] = {
    "sync": _sync,
    "threads": _threads,
    "processes": _processes,
    "simulated": _simulated,
}
"""The executors by their public name, the value of `scheduler=`."""
