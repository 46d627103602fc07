"""What tasks cost, learnt from runs that were measured, so that the same work can be foretold in other chunks.

The model: an operation costs its work, which stays the same however it is cut, and a fixed part for each task. Work is
shared among an operation's tasks by the bytes that they read and make. Several tasks at a time slow each other down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chunkscope.graph import Graph, Layer, Strategy
from chunkscope.observe import RunLog
from chunkscope.observe.facts import facts_of
from chunkscope.observe.load import shortage

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Signature", "TaskCosts", "learn"]

Signature = tuple[str, str]
"""An operation and what was fused into it: what is the same in other chunks."""

FIXED_SECONDS = 15e-6
"""The fixed part of a task where the runs do not tell."""
OVERHEAD_SECONDS = 10e-6
"""Between two tasks of a lane, where the runs do not tell."""
ASSUMED_RATE = 1e9
"""Bytes read and made in a second by an operation that no run has measured."""


class _Seen(NamedTuple):
    """One operation in one run."""

    ntasks: int
    work: float
    seconds: float
    shortest: float
    """The shortest of its tasks."""
    lanes: int


@dataclass(frozen=True)
class TaskCosts:
    """Seconds of tasks, by operation."""

    fixed: dict[Signature, float]
    """Seconds of a task that do not depend on its size."""
    rate: dict[Signature, float]
    """Seconds for each unit of work: all of the operation, or a byte read in a tree."""
    crowding: float
    """By what share each further lane slows every task down; 0 where runs on one lane are missing."""
    overhead: float
    """Seconds between two tasks of a lane."""
    outside: float
    """Seconds of a run before its first task and after its last."""
    trees: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Fixed seconds, and seconds for a byte, of trees by operation: for levels that a coarser cut did not have."""
    exact: NDArray[np.float64] | None = None
    """Seconds of each task on one lane, where it is the measured graph itself that is asked for."""
    assumed: list[str] = field(default_factory=list)
    """Operations of the graphs asked for that no run has measured."""

    def durations(self, graph: Graph, lanes: int) -> NDArray[np.float64]:
        """The seconds of each task of `graph` when `lanes` tasks run at a time."""
        if self.exact is not None:
            return np.asarray(self.exact * (1 + self.crowding * (lanes - 1)))
        weights = handled_bytes(graph)
        found = np.zeros(graph.ntasks)
        totals: dict[Signature, list[NDArray[np.int64]]] = {}
        for number, layer in enumerate(graph.layers):
            tasks = np.arange(int(graph.task_ptr[number]), int(graph.task_ptr[number + 1]))
            totals.setdefault(signature_of(layer), []).append(tasks)
        for signature, parts in totals.items():
            tasks = np.concatenate(parts)
            weight = weights[tasks]
            layer = graph.layers[int(graph.layer_of[tasks[0]])]
            if signature in self.rate:
                work = self.rate[signature] * _work(layer, float(weight.sum()))
                share = weight / weight.sum() if weight.sum() else np.full(len(tasks), 1 / len(tasks))
                found[tasks] = self.fixed[signature] + work * share
            elif layer.strategy is Strategy.TREE and _family(layer.op) in self.trees:
                fixed, rate = self.trees[_family(layer.op)]
                found[tasks] = fixed + rate * weight
            else:
                if signature[0] not in self.assumed:
                    self.assumed.append(signature[0])
                found[tasks] = FIXED_SECONDS + weight / ASSUMED_RATE
        return np.asarray(found * (1 + self.crowding * (lanes - 1)))


def signature_of(layer: Layer) -> Signature:
    """What identifies the operation in other chunks."""
    return layer.op, layer.detail


def _family(op: str) -> str:
    """The operation whose tree a level belongs to: "mean" for "mean-combine"."""
    return op.removesuffix("-combine")


def handled_bytes(graph: Graph) -> NDArray[np.float64]:
    """Bytes that each task reads and makes, as predicted, `(ntasks,)`."""
    made = np.bincount(graph.slot_task, weights=graph.slot_bytes, minlength=graph.ntasks)
    inside = graph.deps >= graph.first_slot
    reader = np.repeat(np.arange(graph.ntasks), np.diff(graph.dep_ptr))[inside]
    sizes = graph.slot_bytes[graph.deps[inside] - graph.first_slot]
    return np.asarray(made + np.bincount(reader, weights=sizes, minlength=graph.ntasks))


def _work(layer: Layer, nbytes: float) -> float:
    """The work of an operation: bytes in a tree, which grow with the number of chunks; else always the same."""
    return nbytes if layer.strategy is Strategy.TREE else 1.0


def learn(runs: Sequence[RunLog], exact: RunLog | None = None) -> TaskCosts:
    """The costs that these runs showed. They must have computed the same values, in any chunks and on any lanes.

    `exact`: the run whose own graph is asked for, so that each of its tasks is known.
    """
    crowding = _crowding(runs)
    if crowding is None:
        crowding = _turns_taken(runs)
    seen: dict[Signature, list[_Seen]] = {}
    trees: set[Signature] = set()
    for run in runs:
        trees |= {signature_of(layer) for layer in run.graph.layers if layer.strategy is Strategy.TREE}
        lanes = max(run.peak_concurrency, 1)
        for signature, one in _seen(run, lanes).items():
            seen.setdefault(signature, []).append(one)
    fixed, rate = {}, {}
    for signature, several in seen.items():
        fixed[signature], rate[signature] = _fit(several, crowding)
    gaps = [_gap(run) for run in runs]
    outside = [_outside(run) for run in runs]
    return TaskCosts(
        fixed,
        rate,
        crowding,
        float(np.median(gaps)) if gaps else OVERHEAD_SECONDS,
        float(np.median(outside)) if outside else 0.0,
        {_family(tree[0]): (fixed[tree], rate[tree]) for tree in sorted(trees)},
        None if exact is None else _seconds(exact) / (1 + crowding * (max(exact.peak_concurrency, 1) - 1)),
    )


def _seen(run: RunLog, lanes: int) -> dict[Signature, _Seen]:
    """Tasks, work and kernel seconds of each operation of a run."""
    graph, seconds = run.graph, _seconds(run)
    weights = handled_bytes(graph)
    table: dict[Signature, _Seen] = {}
    for number, layer in enumerate(graph.layers):
        part = slice(int(graph.task_ptr[number]), int(graph.task_ptr[number + 1]))
        before = table.get(signature_of(layer), _Seen(0, 0.0, 0.0, np.inf, lanes))
        nbytes = float(weights[part].sum())
        work = before.work + nbytes if layer.strategy is Strategy.TREE else 1.0
        table[signature_of(layer)] = _Seen(
            before.ntasks + layer.ntasks,
            work,
            before.seconds + float(seconds[part].sum()),
            min(before.shortest, float(seconds[part].min(initial=np.inf))),
            lanes,
        )
    return table


def _seconds(run: RunLog) -> NDArray[np.float64]:
    """The kernel seconds of each task of the run's first segment."""
    graph, rows = run.graph, run.rows
    seconds = np.zeros(graph.ntasks)
    mine = (rows.task >= graph.first_task) & (rows.task < graph.first_task + graph.ntasks)
    seconds[rows.task[mine] - graph.first_task] = (rows.stop - rows.start)[mine]
    return seconds


def _fit(several: Sequence[_Seen], crowding: float) -> tuple[float, float]:
    """The fixed seconds of a task and the seconds for a unit of work, neither below zero.

    By least relative squares where runs had several chunkings; no fixed part is longer than the shortest task was.
    """
    slower = [1 + crowding * (one.lanes - 1) for one in several]
    alone = [one.seconds / factor for one, factor in zip(several, slower, strict=True)]
    most = min(one.shortest / factor for one, factor in zip(several, slower, strict=True))
    fixed = min(FIXED_SECONDS, 0.5 * most)
    if len({one.ntasks for one in several}) > 1:
        from scipy.optimize import nnls

        scale = np.array([1 / max(seconds, 1e-9) for seconds in alone])
        table = np.array([(one.ntasks, one.work) for one in several]) * scale[:, None]
        columns = np.maximum(np.abs(table).max(axis=0), 1e-300)
        found, _ = nnls(table / columns, np.array(alone) * scale)
        fixed = min(float(found[0] / columns[0]), most)
    rates = [
        (seconds - fixed * one.ntasks) / one.work
        for one, seconds in zip(several, alone, strict=True)
        if one.work
    ]
    return fixed, max(float(np.mean(rates)), 0.0) if rates else 0.0


def _crowding(runs: Sequence[RunLog]) -> float | None:
    """How much each further lane slows tasks down, from runs of one graph on one lane and on several; None without."""
    groups: dict[tuple[tuple[Signature, tuple[int, ...]], ...], dict[int, list[float]]] = {}
    for run in runs:
        shape = tuple((signature_of(layer), layer.grid) for layer in run.graph.layers)
        groups.setdefault(shape, {}).setdefault(max(run.peak_concurrency, 1), []).append(run.busy_seconds)
    found = [
        (float(np.median(seconds)) / float(np.median(by_lanes[1])) - 1) / (lanes - 1)
        for by_lanes in groups.values()
        if by_lanes.get(1)
        for lanes, seconds in by_lanes.items()
        if lanes > 1 and np.median(by_lanes[1]) > 0
    ]
    return max(float(np.mean(found)), 0.0) if found else None


def _turns_taken(runs: Sequence[RunLog]) -> float:
    """The same from the processors that runs on several lanes used: kernels that took turns slow each other down.

    A lack of processors that others caused, or kernels that slept, says nothing about that.
    """
    found = []
    for run in runs:
        if run.processor is None or run.peak_concurrency < 2:
            continue
        facts = facts_of(run)
        together = min(facts.concurrency, facts.cores)
        if (
            together < 1.3
            or not facts.cpu_seconds
            or facts.wall < 0.02
            or shortage(facts) in ("cores", "asleep")
        ):
            continue
        slower = facts.spent.kernels / facts.cpu_seconds / max(1.0, facts.concurrency / facts.cores)
        found.append(max(slower - 1, 0.0) / (together - 1))
    return float(np.median(found)) if found else 0.0


def _gap(run: RunLog) -> float:
    """The usual time between two tasks of a lane, where the next one was ready before the last one ended."""
    rows = run.rows
    gaps = []
    for lane in set(rows.lane.tolist()):
        mine = rows.lane == lane
        order = np.argsort(rows.start[mine], kind="stable")
        start, stop, ready = rows.start[mine][order], rows.stop[mine][order], rows.ready[mine][order]
        busy = ready[1:] <= stop[:-1]
        gaps += (start[1:] - stop[:-1])[busy].tolist()
    return max(float(np.median(gaps)), 0.0) if gaps else OVERHEAD_SECONDS


def _outside(run: RunLog) -> float:
    rows = run.rows
    if not len(rows.start):
        return 0.0
    return max(run.seconds - float(rows.stop.max() - rows.start.min()), 0.0)
