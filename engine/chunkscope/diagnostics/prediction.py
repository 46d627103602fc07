"""`what_if`: the time and the peak of memory that the same work would take in other chunks, on other workers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

from chunkscope.compute import is_collection, prepare
from chunkscope.diagnostics.cases import Case, WhatIf
from chunkscope.diagnostics.task_costs import TaskCosts, learn, signature_of
from chunkscope.diagnostics.tuning import MOST_SCALE, Tuning
from chunkscope.errors import ConfigError
from chunkscope.executors import default_workers
from chunkscope.graph import Graph
from chunkscope.observe import RunLog, RunState, runs
from chunkscope.observe.facts import facts_of
from chunkscope.observe.load import shortage
from chunkscope.scheduler import forecast, order, simulate
from chunkscope.units import format_count, parse_bytes

__all__ = ["notes", "what_if"]

MOST_CASES = 200


def what_if(
    x: Any,
    *,
    chunks: Sequence[Any] | None = None,
    workers: int | Sequence[int] = (1, 2, 4, 8),
    memory: str | int | Sequence[str | int | None] | None = None,
    run: RunLog | Sequence[RunLog] | None = None,
    sizes: Sequence[float] | None = None,
) -> WhatIf:
    """The time and the peak of memory that `x` would take, for each combination of chunks, workers and memory.

    `x`: a lazy collection; a past run, whose tasks take what they took then; or a function of the chunks that makes a
    collection, which `chunks` needs: the same values have to be written down again for each. `workers`: how many tasks
    run at once. `memory`: budgets, None is no limit. `run`: the measured runs to learn costs from, by default the last
    one of the same operations; it may have had any chunks. One run in small and one in large chunks tell the fixed
    cost of a task; one on a single worker and one on several tell how much tasks slow each other down. `sizes`, of a
    past run: chunks that many times as large as its own, 0.25 to 8 in powers of two, as far as its graph alone tells.
    Nothing is computed.

    Raises ConfigError where no past run is of the same operations: compute it once.

    >>> import chunkscope.array as ca
    >>> def make(chunks):
    ...     return (ca.ones((1000, 1000), chunks=chunks) + 1).sum()
    >>> _ = make((500, 1000)).compute()
    >>> found = what_if(make, chunks=[(100, 1000), (500, 1000)], workers=[1, 2])
    >>> [(case.chunks, case.workers, case.ntasks) for case in found.cases]
    [((100, 1000), 1, 11), ((100, 1000), 2, 11), ((500, 1000), 1, 3), ((500, 1000), 2, 3)]
    """
    makers = _makers(x, chunks)
    counts = [workers] if isinstance(workers, int) else list(workers)
    for count in counts:
        if type(count) is not int or count < 1:
            raise ConfigError(f"workers={count!r} is not a number of workers; use integers of 1 or more")
    wishes = [memory] if memory is None or isinstance(memory, str | int) else list(memory)
    budgets = [None if one is None else parse_bytes(one) for one in wishes]
    if len(makers) * len(counts) * len(budgets) > MOST_CASES:
        raise ConfigError(
            f"{len(makers)} chunks × {len(counts)} workers × {len(budgets)} budgets are too many to tell; ask for at "
            f"most {MOST_CASES} combinations"
        )
    if sizes is not None:
        return _cut(x, list(sizes), counts, budgets, run)
    if isinstance(x, RunLog):
        graphs, learnt = (
            [(None, x.graph)],
            [*_learnt_from(x, []), *([] if run is None else _learnt_from(run, []))],
        )
    else:
        graphs = [(wish, prepare([make()]).graph) for wish, make in makers]
        learnt = _learnt_from(run, [graph for _, graph in graphs])
    costs = learn(learnt, exact=x if isinstance(x, RunLog) else None)
    scale = _scale(costs, learnt)
    cases = [
        _case(wish, graph, count, budget, costs, scale)
        for (wish, graph), count, budget in itertools.product(graphs, counts, budgets)
    ]
    return WhatIf(tuple(cases), tuple(one.number for one in learnt), notes(costs, learnt, counts))


def _cut(
    x: Any,
    sizes: list[float],
    workers: Sequence[int],
    budgets: Sequence[int | None],
    run: RunLog | Sequence[RunLog] | None,
) -> WhatIf:
    """A past run in chunks of other sizes."""
    if not isinstance(x, RunLog):
        raise ConfigError(
            f"sizes= is about the chunks of a past run, not of a {type(x).__name__}; use chunks=[...] with a function"
        )
    also = [] if run is None else _learnt_from(run, [])
    tuning = Tuning(_learnt_from(x, [])[0], also)
    cases = [
        tuning.case(size, count, budget) for size, count, budget in itertools.product(sizes, workers, budgets)
    ]
    learnt = [x, *also]
    return WhatIf(tuple(cases), tuple(one.number for one in learnt), notes(tuning.costs, learnt, workers))


def _makers(x: Any, chunks: Sequence[Any] | None) -> list[tuple[Any, Callable[[], Any]]]:
    """For each wish for chunks a function that makes the collection."""
    if is_collection(x) or isinstance(x, RunLog):
        if chunks is not None:
            raise ConfigError(
                "chunks= needs a function, as the chunks of a collection are made with it: what_if(lambda chunks: "
                "ca.ones(shape, chunks=chunks).sum(), chunks=[...])"
            )
        return [(None, lambda: x)]
    if not callable(x):
        raise ConfigError(
            f"cannot ask what if of a {type(x).__name__}; give a lazy collection, a run, or a function of the chunks"
        )
    if not chunks or isinstance(chunks, str):
        raise ConfigError("a function needs chunks=[...], a list of what to call it with")
    return [(wish, partial(x, wish)) for wish in chunks]


def _learnt_from(run: RunLog | Sequence[RunLog] | None, graphs: Sequence[Graph]) -> list[RunLog]:
    """The runs to learn from: those given, or the last finished one that shares most operations."""
    if run is not None:
        given = [run] if isinstance(run, RunLog) else list(run)
        for one in given:
            if one.executor == "simulated" or one.state is not RunState.FINISHED:
                raise ConfigError(f"run {one.number} is no measure: it was modelled, or did not finish")
        return given
    wanted = {signature_of(layer) for graph in graphs for layer in graph.layers}
    best: RunLog | None = None
    most = 0
    for one in reversed(runs()):
        if one.executor == "simulated" or one.state is not RunState.FINISHED:
            continue
        shared = len(wanted & {signature_of(layer) for layer in one.graph.layers})
        if shared > most:
            best, most = one, shared
    if best is None:
        raise ConfigError(
            "no past run has these operations, so nothing is known of their cost: compute it once"
        )
    return [best]


def _scale(costs: TaskCosts, learnt: Sequence[RunLog]) -> float:
    """What the model leaves out, as a factor: so that the runs it learnt from come out as they were measured."""
    found = []
    for run in learnt if costs.exact is None else learnt[:1]:
        lanes = max(run.workers, run.peak_concurrency, 1)
        durations = costs.durations(run.graph, min(lanes, default_workers()))
        modelled = simulate(run.graph, order(run.graph), lanes, durations, costs.overhead, keep_outputs=False)
        if modelled.makespan:
            found.append(run.seconds / (modelled.makespan + costs.outside))
    return min(max(median(found), 1 / MOST_SCALE), MOST_SCALE) if found else 1.0


def _case(wish: Any, graph: Graph, workers: int, budget: int | None, costs: TaskCosts, scale: float) -> Case:
    ranks = order(graph)
    expected = forecast(graph, ranks, workers, keep_outputs=False)
    past = _past(graph, workers, budget)
    durations = costs.durations(graph, min(workers, default_workers()))
    blocks = int(graph.slot_bytes.max(initial=0))
    refused = budget is not None and expected.floor_bytes > budget
    seconds: float | None = None
    peak = expected.floor_bytes
    floor = 0.0
    if not refused:
        schedule = simulate(graph, ranks, workers, durations, costs.overhead, budget, keep_outputs=False)
        seconds, peak, floor = (
            scale * (schedule.makespan + costs.outside),
            schedule.peak_bytes,
            scale * schedule.critical_path_seconds,
        )
    return Case(
        wish,
        workers,
        budget,
        graph.ntasks,
        blocks,
        seconds,
        peak,
        floor,
        None if past is None else past.seconds,
        None if past is None else past.peak_bytes,
    )


def _past(graph: Graph, workers: int, budget: int | None) -> RunLog | None:
    """The last finished run of the same graph on as many workers."""
    shape = [(signature_of(layer), layer.grid, layer.chunks) for layer in graph.layers]
    for run in reversed(runs()):
        if run.executor == "simulated" or run.state is not RunState.FINISHED or run.budget != budget:
            continue
        if run.workers == workers and shape == [
            (signature_of(layer), layer.grid, layer.chunks) for layer in run.graph.layers
        ]:
            return run
    return None


def notes(
    costs: TaskCosts, learnt: Sequence[RunLog], workers: Sequence[int], *, advice: bool = True
) -> tuple[str, ...]:
    """What the figures rest on, and where they are weak; with `advice`, which runs to give for better ones."""
    cores = default_workers()
    found = [
        "work is taken to stay the same however it is cut; caches, memory speed and the interpreter lock are known "
        "only as far as the measured runs show them"
    ]
    if costs.exact is not None:
        found[0] = f"every task is taken to last as long as in run {learnt[0].number}"
        found.append(
            "in other chunks its tasks are joined or split: their work adds up, caches and memory speed are left out"
        )
    elif len({run.ntasks for run in learnt}) < 2:
        give = "; give run=[small chunks, large chunks]" if advice else ""
        found.append(f"learnt from one chunking: the fixed cost of a task is a guess{give}")
    if costs.crowding:
        found.append(f"each further worker was seen to slow tasks down by {costs.crowding:.0%}")
    elif any(run.peak_concurrency > 1 for run in learnt) or max(workers) > 1:
        give = "; give runs on one worker and on several in run=[...]" if advice else ""
        found.append(f"how much tasks slow each other down is not known{give}")
    for run in learnt:
        facts = facts_of(run)
        if facts.cpu_seconds is not None and shortage(facts) == "cores":
            served = facts.cpu_seconds / facts.spent.kernels
            found.append(
                f"other programs used the machine during run {run.number}: its kernels had a processor for "
                f"{served:.0%} of their time; what is foretold is as it would be on a machine as busy"
            )
    if max(workers) > cores:
        found.append(
            f"more workers than the {format_count(cores, 'core')} here are foretold as if each had a core"
        )
    if costs.assumed:
        names = ", ".join(costs.assumed[:5])
        found.append(f"never measured, taken at 1 GB/s: {names}")
    return tuple(found)
