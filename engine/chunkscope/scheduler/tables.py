"""The tables that the machine runs on: one graph segment, turned into compact Python arrays and lists, vectorised.

Lists where the numbers are small (Python shares the small integers, so an entry costs 8 bytes and reading it is fast),
`array` where they are not.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.errors import GraphError
from chunkscope.scheduler.ranges import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph

__all__ = ["END", "Tables", "compact", "has_scratch", "needs"]

END = 2**31 - 1
"""A rank after all ranks."""


@dataclass(frozen=True, slots=True)
class Tables:
    """One segment for the machine; ids and ranks are global, entries are in the segment's order."""

    row: array[int]
    """For all tasks one after the other: the slots that finishing it releases (>= 0), then the tasks that wait for it
    (as ~task, < 0), each as often as there are edges."""
    pointer: array[int]
    """End of each task's part of `row`."""
    missing: list[int]
    """How many edges of this segment each task waits for."""
    users: list[int]
    """How many times each slot must be released before it can go: once for each edge in this segment, and once for a
    kept output. A slot that nobody would use has one user, the task that makes it."""
    rank_of: array[int]
    task_of: array[int]
    """Task at each rank."""
    sources: array[int]
    """Ranks of the tasks with nothing to wait for in this segment, falling."""


def compact(graph: Graph, ranks: NDArray[np.int64], keep_outputs: bool, base: int = 0) -> Tables:
    """The machine's tables for one segment; 4 bytes an entry, 0.15 µs a task.

    `base`: length of the run's `row` so far. Raises GraphError where the numbers would not fit 31 bits, or where
    `ranks` is no order of the tasks.
    """
    n = graph.ntasks
    if len(ranks) != n or not (np.bincount(ranks, minlength=n) == 1).all():
        raise GraphError(f"{len(ranks)} ranks are not an order of {n} tasks; use order(graph)")
    entries = base + 2 * graph.nedges + graph.nslots
    if max(graph.first_slot + graph.nslots, graph.first_task + n, entries) >= END:
        raise GraphError(f"a segment of {n} tasks and {graph.nedges} edges is above the machine's 2³¹")
    deps = graph.deps - graph.first_slot if graph.first_slot else graph.deps
    reader = np.repeat(np.arange(n), np.diff(graph.dep_ptr))
    inner = np.flatnonzero(deps >= 0) if len(deps) and deps.min() < 0 else None
    made = deps if inner is None else deps[inner]
    waits = reader if inner is None else reader[inner]
    users = np.bincount(made, minlength=graph.nslots)
    if keep_outputs:
        wanted = graph.outputs - graph.first_slot
        users[np.unique(wanted[wanted >= 0])] += 1
    unused = np.flatnonzero(users == 0)
    users[unused] = 1
    one_each = graph.nslots == n
    maker = made if one_each else graph.slot_task[made]
    self_user = unused if one_each else graph.slot_task[unused]

    inputs = np.diff(graph.dep_ptr)
    own = np.bincount(self_user, minlength=n)
    consumers = np.bincount(maker, minlength=n)
    ends = np.cumsum(inputs + own + consumers)
    row = np.empty(int(ends[-1]) if n else 0, dtype=np.int32)
    at = ends - (inputs + own + consumers)
    row[ranges(at, inputs)] = graph.deps
    at += inputs
    row[ranges(at, own)] = unused + graph.first_slot
    at += own
    by_maker = np.argsort(maker, kind="stable")
    row[ranges(at, consumers)] = ~(waits[by_maker] + graph.first_task)

    missing = inputs if inner is None else np.bincount(waits, minlength=n)
    task_at = np.empty(n, dtype=np.int64)
    task_at[ranks] = np.arange(n)
    return Tables(
        row=_array("i", row),
        pointer=_array("i", ends + base),
        missing=missing.tolist(),
        users=users.tolist(),
        rank_of=_array("i", ranks + graph.first_task),
        task_of=_array("i", task_at + graph.first_task),
        sources=_array("i", np.flatnonzero(missing[task_at] == 0)[::-1] + graph.first_task),
    )


def needs(graph: Graph) -> NDArray[np.int64]:
    """Predicted bytes that each task asks for when it starts: its outputs and its declared temporaries, `(ntasks,)`."""
    if graph.nslots == graph.ntasks:
        outputs = graph.slot_bytes
    else:
        outputs = np.diff(np.concatenate([[0], np.cumsum(graph.slot_bytes)])[graph.first_slot_of])
    return outputs + graph.scratch if has_scratch(graph) else outputs


def has_scratch(graph: Graph) -> bool:
    """Whether any task declares temporaries."""
    return any(layer.scratch_bytes for layer in graph.layers)


def _array(code: str, values: NDArray[Any]) -> array[int]:
    """The values as a Python array of 4 bytes each."""
    result = array(code)
    result.frombytes(np.ascontiguousarray(values, dtype=np.int32).view(np.uint8).data)
    return result
