"""The graph of a run as flat columns that a lane can index fast, growing segment by segment."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.blocks import Measured, Sheltered, lend, own, own_frame, size_of
from chunkscope.executors.instruments import INSTRUMENTS, instrumented
from chunkscope.graph import Graph, Layer, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LayerEntry", "TaskTable", "is_asked_for", "slots_made", "treatment"]

LayerEntry = tuple[Callable[..., Any], int, int, int, Callable[[Any], Any], Callable[[Any], int]]
"""kernel, first task, first slot, outputs of each task, how a block is made read-only, how it is weighed."""


class TaskTable:
    """Layer, inputs and output place of every task, by global id."""

    __slots__ = (
        "_users",
        "dep_ptr",
        "deps",
        "layer_of",
        "layers",
        "noted",
        "ntasks",
        "output_at",
        "shared_outputs",
        "sheltered",
        "slot_bytes",
    )

    def __init__(self) -> None:
        self.layers: list[LayerEntry] = []
        self.layer_of = array("i")
        self.dep_ptr = array("q", [0])
        self.deps = array("q")
        self.slot_bytes = array("q")
        """Bytes of each slot: predicted, then as measured."""
        self.output_at = array("i")
        """1 + the position of a slot among the outputs, 0 for slots that nobody asked for."""
        self.shared_outputs: dict[int, list[int]] = {}
        """Further positions of slots that were asked for more than once."""
        self.noted: dict[int, int] = {}
        """Bytes of temporaries of tasks that ended and are not in the log yet; only of layers that declare some."""
        self.sheltered = False
        self._users: list[int] = []
        self.ntasks = 0

    def extend(self, graph: Graph) -> None:
        """Add a segment."""
        first = len(self.layers)
        for number, layer in enumerate(graph.layers):
            protect, weigh = treatment(layer)
            first_task = graph.first_task + int(graph.task_ptr[number])
            kernel: Callable[..., Any] = layer.kernel
            if layer.user or layer.strategy is Strategy.CALL:
                self._users.append(len(self.layers))
                if self.sheltered:
                    kernel = Sheltered(kernel)
            if layer.scratch_bytes:
                kernel = Measured(kernel, first_task, layer.scratch_bytes, self.noted)
            if INSTRUMENTS:
                kernel = instrumented(kernel, graph, number)
            self.layers.append(
                (
                    kernel,
                    first_task,
                    graph.first_slot + int(graph.slot_ptr[number]),
                    layer.noutputs,
                    protect,
                    weigh,
                )
            )
        _append(self.layer_of, (graph.layer_of + first).astype(np.int32))
        base = len(self.deps)
        _append(self.dep_ptr, graph.dep_ptr[1:] + base)
        _append(self.deps, graph.deps)
        _append(self.slot_bytes, graph.slot_bytes)
        places = np.zeros(graph.nslots, dtype=np.int32)
        slots, positions = np.unique(graph.outputs, return_index=True)
        places[slots - graph.first_slot] = positions + 1
        _append(self.output_at, places)
        for position in np.setdiff1d(np.arange(len(graph.outputs)), positions).tolist():
            self.shared_outputs.setdefault(int(graph.outputs[position]), []).append(position)
        self.ntasks += graph.ntasks

    def positions_of(self, slot: int) -> list[int]:
        """Where a slot is among the outputs."""
        first = self.output_at[slot] - 1
        return [first, *self.shared_outputs.get(slot, ())] if first >= 0 else []

    def shelter(self) -> None:
        """From now on the user's kernels get frames as shallow copies. Until a frame is stored, nobody pays for it."""
        users, self._users = self._users, []
        for number in users:
            kernel, *rest = self.layers[number]
            if isinstance(kernel, Measured):
                kernel.kernel = Sheltered(kernel.kernel)
            else:
                self.layers[number] = (Sheltered(kernel), *rest)  # type: ignore[assignment]
        self.sheltered = True


def slots_made(table: TaskTable, tasks: Iterable[int]) -> set[int]:
    """The slots that these tasks fill."""
    found: set[int] = set()
    for task in tasks:
        _, first_task, first_slot, noutputs, *_ = table.layers[table.layer_of[task]]
        slot = first_slot + (task - first_task) * noutputs
        found.update(range(slot, slot + noutputs))
    return found


def is_asked_for(table: TaskTable, task: int) -> bool:
    """Whether any output of the run is made by this task."""
    return any(table.output_at[slot] for slot in slots_made(table, [task]))


def _append(column: array[Any], values: NDArray[Any]) -> None:
    column.frombytes(np.ascontiguousarray(values, dtype=np.dtype(column.typecode)).tobytes())


def treatment(layer: Layer) -> tuple[Callable[[Any], Any], Callable[[Any], int]]:
    """How the blocks of a layer are protected and weighed."""
    if layer.strategy is Strategy.STORED:
        return _as_it_is, _nothing  # booked already, by whoever stored it
    if layer.frame is not None:
        return (_as_it_is if layer.strategy is Strategy.SOURCE else own_frame), size_of
    if layer.strategy is Strategy.SOURCE:
        return lend, _nbytes  # may be a view of the user's own array, whose bytes are not ours
    return (lend if layer.user else own), size_of


def _as_it_is(value: Any) -> Any:
    return value


def _nothing(value: Any) -> int:
    return 0


def _nbytes(value: Any) -> int:
    nbytes = getattr(value, "nbytes", None)
    return nbytes if type(nbytes) is int else size_of(value)
