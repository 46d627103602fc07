"""Why a task is where it is, in sentences: its turn, its place, what was fused and what was not, what was made again.

Made only when somebody asks, from the scheduler's machine, the rows, the rewrite record and the earlier runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from chunkscope.graph import Graph, Layer, Strategy
from chunkscope.observe.lineage import made, named
from chunkscope.observe.naming import TaskRange, task_meant
from chunkscope.types import Key, Origin
from chunkscope.units import format_bytes, format_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.observe.runlog import RunLog

__all__ = ["ROUND", "Why", "find_task", "named_list", "why", "word_of_strategy"]

MOST_RUNS = 20
"""Earlier runs that are looked through for what was made before."""
MOST_CALLS = 100_000
"""Calls of one table that are looked through."""
_NAMED = 3
"""How many names a sentence has before it counts the rest."""
ROUND = {
    Strategy.TREE: "it combines several partial results",
    Strategy.SHUFFLE: "each of its tasks reads parts of many blocks",
    Strategy.GATHERS: "it needs all the blocks in one task",
}


class Why(str):
    """Sentences about one task; `parts` has them by topic: "turn", "place", "decided", "fused", "again"."""

    parts: Mapping[str, str]

    def __new__(cls, parts: Mapping[str, str]) -> Why:
        """The sentences one after the other."""
        found = super().__new__(cls, " ".join(sentence for sentence in parts.values() if sentence))
        found.parts = MappingProxyType(dict(parts))
        return found


def find_task(run: RunLog, task: SupportsIndex | str | Key) -> int:
    """The number of the task that is meant: see `task_meant`."""
    if isinstance(task, int) and 0 <= task < run.ntasks:
        return task
    ranges = [
        TaskRange(layer.name, layer.op, layer.grid, graph.first_task + int(graph.task_ptr[number]))
        for graph in run.graphs
        for number, layer in enumerate(graph.layers)
    ]
    return task_meant(run.number, ranges, task)


def why(run: RunLog, task: int, turn: Callable[[int], str] | None) -> Why:
    """Everything that there is to say about `task`; `turn` tells why it waits or ran when it did."""
    graph = run.graph_at(task)
    layer = graph.layer_at(task)
    row = np.flatnonzero(run.rows.task == task)
    parts = {"turn": turn(task) if turn is not None else _turn_by_rows(run, graph, task, bool(len(row)))}
    if len(row):
        parts["place"] = _place(run, task, int(row[0]))
    parts["decided"] = _decided(run, task)
    parts["fused"] = _fused(run, graph, layer)
    if len(row):
        parts["again"] = _again(run, graph, layer, task)
    return Why({topic: sentence for topic, sentence in parts.items() if sentence})


def _decided(run: RunLog, task: int) -> str:
    """What was decided about a task on its way, with the reason: that it was held back, lost, tried again."""
    said = [one for one in run.notices if one.task == task]
    return " ".join(f"At {format_seconds(max(one.seconds - run.started, 0.0))}: {one.text}." for one in said)


# -- its turn and its place ------------------------------------------------------------------------------------


def _turn_by_rows(run: RunLog, graph: Graph, task: int, finished: bool) -> str:
    """Why it ran when it did, where no machine is kept: of runs that were modelled."""
    if not finished or run.ranks is None:
        return f"{graph.key(task)} has no row in this log, and the run kept no scheduler state."
    readers = _readers(graph, task)
    names = named_list([str(graph.key(reader)) for reader in readers])
    purpose = f"{names} need{'s' if len(readers) == 1 else ''} it" if readers else "it is an output"
    place = int(run.ranks[task - graph.first_task]) + 1
    return (
        f"{graph.key(task)} has finished: it came first of all that was ready (number {place} of {graph.ntasks} in the "
        f"order); {purpose}."
    )


def _place(run: RunLog, task: int, row: int) -> str:
    """On which lane, since when it could have run, and what was put before it."""
    rows = run.rows
    lane, ready, start = int(rows.lane[row]), float(rows.ready[row]), float(rows.start[row])
    name = run.lanes[lane] if lane < len(run.lanes) else str(lane)
    if run.executor == "simulated":
        where = f"It ran on {name} in the model: the lowest lane that was free."
    elif len(run.lanes) <= 1:
        where = f"It ran on {name}, the only lane that this run used."
    else:
        where = (
            f"It ran on {name}, the lane that asked when it was its turn: all lanes share one memory, so none is "
            "nearer to its inputs."
        )
    since = max(ready, run.started)
    waited = max(start - since, 0.0)
    others = (rows.start >= since) & (rows.start < start) & (rows.task != task)
    between = int(others.sum())
    if any(notice.topic == "lost" and notice.task == task for notice in run.notices):
        return f"{where} It had begun before, and went with its worker: it was ready again at once."
    if between:
        tasks = "one other task" if between == 1 else f"{between:,} other tasks"
        started = f"{tasks} {'was' if between == 1 else 'were'} started in between"
        return f"{where} It could have begun {format_seconds(waited)} earlier; {started}."
    return where + (f" It needed {_need(run, task)} of the budget." if run.budget is not None else "")


def _need(run: RunLog, task: int) -> str:
    graph = run.graph_at(task)
    local = task - graph.first_task
    first, last = graph.first_slot_of[local : local + 2].tolist()
    return format_bytes(int(graph.slot_bytes[first:last].sum()) + int(graph.scratch[local]))


# -- what was fused, and what was not --------------------------------------------------------------------------


def _fused(run: RunLog, graph: Graph, layer: Layer) -> str:
    """What its kernel does beside its own operation, and why the rest of it is apart."""
    if layer.strategy is Strategy.STORED:
        return (
            "It hands out a block that was stored before: nothing is computed, so there is nothing to fuse."
        )
    if layer.strategy is Strategy.CALL:
        return "It is a call of the user's function: calls are never fused, each one is a task."
    sentences = []
    inside = [name for name, _ in made(run.record, layer.op, layer.origin)[1:]]
    if inside:
        sentences.append(f"Its kernel also makes {named_list(list(dict.fromkeys(inside)))}, fused into it.")
    reasons = list(dict.fromkeys(_apart(run, graph, layer)))
    if reasons:
        sentences.append(f"It was not fused further because {'; '.join(reasons)}.")
    return " ".join(sentences)


def _same(op: str, origin: Origin | None, layer: Layer) -> bool:
    """Whether an operation of the record is this layer: made by the same instruction, under the same word."""
    return origin is layer.origin and (layer.op == op or layer.op.endswith(f"→ {op}"))


def _apart(run: RunLog, graph: Graph, layer: Layer) -> Iterator[str]:
    """Why the layer and its neighbours are different kernels."""
    number = graph.layers.index(layer)
    edges = graph.layer_edges()
    refused: dict[str, str] = {}
    for step in run.record:
        if step.reason and step.rule.startswith("fuse"):
            mine = _same(step.op, step.origin, layer)
            made_for = step.reason.startswith(f"{step.op} ") and any(
                _same(step.op, step.origin, graph.layers[a]) for a, b in edges if b == number
            )  # a refusal that names what was not taken in concerns whoever reads it
            if mine or made_for or any(_same(op, origin, layer) for op, origin in step.others):
                refused[step.reason] = step.op
    yield from (f"{reason} (refused at {op})" for reason, op in refused.items())
    if refused:
        return
    if not any(step.rule.startswith("fuse") for step in run.record) and _chain(graph, number, edges):
        yield "no rewrite of this run fuses (rules were switched off, or none applied)"
        return
    if layer.strategy in ROUND:
        kind = word_of_strategy(layer.strategy)
        yield f"{layer.op} is a {kind}, {ROUND[layer.strategy]}, and only block-wise chains are fused"
    for a, b in edges:
        reader = graph.layers[b]
        if a == number and reader.strategy in ROUND and reader is not layer:
            kind = word_of_strategy(reader.strategy)
            yield (
                f"{reader.op}, which reads it, is a {kind}: {ROUND[reader.strategy]}, so each block has to be there on "
                "its own"
            )
    if (
        any(int(slot) in set(graph.outputs.tolist()) for slot in _slots(graph, number))
        and layer.strategy not in ROUND
    ):
        yield f"{layer.op} is an output: its blocks are what was asked for"


def _chain(graph: Graph, number: int, edges: Sequence[tuple[int, int]]) -> bool:
    """Whether the layer and one of its neighbours are both block-wise."""
    plain = (Strategy.SOURCE, Strategy.BLOCKWISE)
    pairs = [(a, b) for a, b in edges if number in (a, b)]
    return any(
        graph.layers[a].strategy in plain and graph.layers[b].strategy is Strategy.BLOCKWISE for a, b in pairs
    )


def _slots(graph: Graph, number: int) -> NDArray[np.int64]:
    first, last = int(graph.slot_ptr[number]), int(graph.slot_ptr[number + 1])
    return np.arange(graph.first_slot + first, graph.first_slot + last)


def word_of_strategy(strategy: Strategy) -> str:
    """A strategy as sentences call it."""
    return {Strategy.TREE: "tree reduction", Strategy.GATHERS: "gathering operation"}.get(
        strategy, strategy.value
    )


# -- what was made again ---------------------------------------------------------------------------------------


def _again(run: RunLog, graph: Graph, layer: Layer, task: int) -> str:
    """Whether an earlier run made the same and did not keep it, and what is made more than once in this run."""
    if layer.strategy is Strategy.STORED:
        return ""
    local = task - graph.first_task - int(graph.task_ptr[graph.layers.index(layer)])
    mine = made(run.record, *named(layer, local))
    sentences = []
    twice = list(dict.fromkeys(name for name, origin in mine[1:] if _makers(run, name, origin) > 1))
    if twice:
        sentences.append(
            f"{named_list(twice)} {'is' if len(twice) == 1 else 'are'} recomputed inside each kernel that reads "
            f"{'it' if len(twice) == 1 else 'them'} because that costs less than keeping the blocks."
        )
    if run.executor == "simulated":
        return " ".join(sentences)
    from chunkscope.observe.registry import runs

    for earlier in reversed([other for other in runs() if other.number < run.number][-MOST_RUNS:]):
        if earlier.executor == "simulated" or not earlier.nfinished:
            continue
        known = _known(earlier)
        same = [name for name, origin in mine if (name, id(origin)) in known]
        if same:
            names = named_list(list(dict.fromkeys(same)))
            sentences.append(
                f"It recomputes {names} because run {earlier.number} made the same and nothing kept it; "
                "x = x.persist() keeps what several runs need."
            )
            break
    return " ".join(sentences)


def _known(run: RunLog) -> set[tuple[str, int]]:
    """Operations that a run made, each with the identity of its line's instruction; those of finished layers."""
    rows = run.rows
    found: set[tuple[str, int]] = set()
    for graph in run.graphs:
        inside = rows.task[(rows.task >= graph.first_task) & (rows.task < graph.first_task + graph.ntasks)]
        for number in np.unique(graph.layer_of[inside - graph.first_task]).tolist():
            layer = graph.layers[number]
            if layer.strategy is Strategy.STORED:
                continue
            several = min(layer.ntasks, MOST_CALLS) if hasattr(layer.kernel, "origin_of") else 1
            kinds = {
                (op, id(origin)): (op, origin) for op, origin in (named(layer, i) for i in range(several))
            }
            for op, origin in kinds.values():
                found.update(
                    (name, id(where)) for name, where in made(run.record, op, origin) if where is not None
                )
    return found


def _makers(run: RunLog, name: str, origin: Origin | None) -> int:
    """Into how many kernels of the run an operation was fused."""
    return sum(
        any(other == name and where is origin for other, where in step.others)
        for step in run.record
        if step.after and step.rule.startswith("fuse")
    )


def _readers(graph: Graph, task: int) -> list[int]:
    slots = np.flatnonzero(graph.slot_task == task - graph.first_task) + graph.first_slot
    edges = np.flatnonzero(np.isin(graph.deps, slots))
    return sorted(
        {int(np.searchsorted(graph.dep_ptr, edge, side="right")) - 1 + graph.first_task for edge in edges}
    )


def named_list(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
