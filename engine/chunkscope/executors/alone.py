"""One task by itself: the tasks that its inputs come from are run in this thread, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.executors.table import TaskTable
from chunkscope.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["inputs_of_task", "upstream"]


def upstream(graphs: Sequence[Graph], task: int) -> NDArray[np.int64]:
    """The tasks that `task` needs, itself not among them, in an order in which they can run."""
    slot_task = np.concatenate([graph.slot_task + graph.first_task for graph in graphs])
    wanted: set[int] = set()
    stack = [task]
    while stack:
        graph = _segment(graphs, stack[-1])
        found = slot_task[graph.inputs_of(stack.pop())].tolist()
        new = set(found) - wanted
        wanted |= new
        stack.extend(new)
    return np.array(sorted(wanted), dtype=np.int64)  # inputs have smaller ids than what reads them


def inputs_of_task(graphs: Sequence[Graph], task: int) -> list[Any]:
    """The inputs of `task`, computed anew. Blocks are dropped with their last user; raises what a kernel raises."""
    table = TaskTable()
    for graph in graphs:
        table.extend(graph)
    table.shelter()
    tasks = [*upstream(graphs, task).tolist(), task]
    left: dict[int, int] = {}
    for t in tasks:
        for slot in table.deps[table.dep_ptr[t] : table.dep_ptr[t + 1]]:
            left[slot] = left.get(slot, 0) + 1
    data: dict[int, Any] = {}
    for t in tasks:
        slots = table.deps[table.dep_ptr[t] : table.dep_ptr[t + 1]]
        inputs = [data[slot] for slot in slots]
        if t == task:
            return inputs
        kernel, first_task, first_slot, noutputs, protect, _ = table.layers[table.layer_of[t]]
        value = kernel(t - first_task, *inputs)
        inputs.clear()
        first = first_slot + (t - first_task) * noutputs
        for slot, part in enumerate((value,) if noutputs == 1 else value, start=first):
            if slot in left:
                data[slot] = protect(part)
        for slot in slots:
            left[slot] -= 1
            if not left[slot]:
                data.pop(slot, None)
    raise AssertionError("unreachable: the task itself comes last")


def _segment(graphs: Sequence[Graph], task: int) -> Graph:
    return next(graph for graph in graphs if task < graph.first_task + graph.ntasks)
