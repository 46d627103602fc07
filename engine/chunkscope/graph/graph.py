"""The integer graph of one segment: layers, one CSR pair for the edges, bytes of every slot. Immutable, no data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.graph.layer import Layer
from chunkscope.types import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Graph"]


@dataclass(frozen=True)
class Graph:
    """Tasks as integers: task `t` reads the slots `deps[dep_ptr[t]:dep_ptr[t + 1]]`, in the kernel's argument order.

    Ids are global in a run: the first task of this segment is `first_task`, its first slot `first_slot`, and `deps` may
    name slots of earlier segments. Arrays are indexed by the local number, `id - first_...`.
    """

    layers: tuple[Layer, ...]
    task_ptr: NDArray[np.int64]
    """First task of each layer, and the end: nlayers + 1 entries, local."""
    slot_ptr: NDArray[np.int64]
    """First slot of each layer, and the end: nlayers + 1 entries, local."""
    dep_ptr: NDArray[np.int64]
    """ntasks + 1 entries."""
    deps: NDArray[np.int64]
    """Global slot ids, one for each edge."""
    slot_bytes: NDArray[np.int64]
    """Predicted bytes of each slot."""
    outputs: NDArray[np.int64]
    """Global slot ids that the caller asked for: kept until taken."""
    first_task: int = 0
    first_slot: int = 0

    @property
    def ntasks(self) -> int:
        """Number of tasks in this segment."""
        return int(self.task_ptr[-1])

    @property
    def nslots(self) -> int:
        """Number of slots in this segment."""
        return int(self.slot_ptr[-1])

    @property
    def nedges(self) -> int:
        """Number of edges in this segment."""
        return len(self.deps)

    @cached_property
    def layer_of(self) -> NDArray[np.int32]:
        """The layer number of each task, `(ntasks,)`."""
        return np.repeat(np.arange(len(self.layers), dtype=np.int32), np.diff(self.task_ptr))

    @cached_property
    def slot_task(self) -> NDArray[np.int64]:
        """The local task that makes each slot, `(nslots,)`."""
        outputs = np.array([layer.noutputs for layer in self.layers], dtype=np.int64)
        return np.repeat(np.arange(self.ntasks), np.repeat(outputs, np.diff(self.task_ptr)))

    @cached_property
    def first_slot_of(self) -> NDArray[np.int64]:
        """The local first slot of each task, `(ntasks + 1,)`."""
        outputs = np.array([layer.noutputs for layer in self.layers], dtype=np.int64)
        return np.concatenate([[0], np.cumsum(np.repeat(outputs, np.diff(self.task_ptr)))]).astype(np.int64)

    @cached_property
    def scratch(self) -> NDArray[np.int64]:
        """Declared temporaries of each task in bytes, `(ntasks,)`."""
        each = np.array([layer.scratch_bytes for layer in self.layers], dtype=np.int64)
        return np.repeat(each, np.diff(self.task_ptr))

    @cached_property
    def read_bytes(self) -> int:
        """Bytes that this segment reads from outside."""
        return sum(layer.read_bytes for layer in self.layers)

    def stripped(self) -> Graph:
        """The same graph without kernels, for logs of runs that are over."""
        return replace(self, layers=tuple(layer.stripped() for layer in self.layers))

    def layer_at(self, task: int) -> Layer:
        """The layer of task `task` (global id)."""
        return self.layers[int(self.layer_of[task - self.first_task])]

    def key(self, task: int) -> Key:
        """The name of task `task` (global id) for people."""
        local = task - self.first_task
        number = int(self.layer_of[local])
        layer = self.layers[number]
        return Key(layer.name, layer.block(local - int(self.task_ptr[number])))

    def inputs_of(self, task: int) -> list[int]:
        """The slots that task `task` (global id) reads, in argument order, as global ids."""
        local = task - self.first_task
        return [int(s) for s in self.deps[self.dep_ptr[local] : self.dep_ptr[local + 1]]]

    def layer_edges(self) -> list[tuple[int, int]]:
        """Pairs (from layer, to layer) of this segment, each once, sorted. Edges from earlier segments are left out."""
        inside = self.deps >= self.first_slot
        if not inside.any():
            return []
        producers = self.layer_of[self.slot_task[self.deps[inside] - self.first_slot]]
        consumers = np.repeat(self.layer_of, np.diff(self.dep_ptr))[inside]
        codes = np.unique(producers.astype(np.int64) * len(self.layers) + consumers)
        return [(int(c) // len(self.layers), int(c) % len(self.layers)) for c in codes]
