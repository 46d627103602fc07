"""Builds a graph segment layer by layer. Edges are given as arrays of slot ids, shaped like the block grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.errors import GraphError
from chunkscope.graph.graph import Graph
from chunkscope.graph.layer import Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GraphBuilder", "Ragged"]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Edges of a layer whose tasks have different numbers of inputs: `slots[ptr[i]:ptr[i + 1]]` for task `i`."""

    ptr: NDArray[np.int64]
    slots: NDArray[np.int64]


class GraphBuilder:
    """Collects layers and edges, then freezes them into a `Graph`.

    >>> from chunkscope.graph import Layer
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "x", lambda i: i, (2, 2)), nbytes=8)
    >>> (y,) = build.add(Layer("y", "y", lambda i, a, b: a + b, (2,)), [x], nbytes=8)   # rows of x, two inputs each
    >>> graph = build.freeze(outputs=y)
    >>> graph.ntasks, graph.inputs_of(5)
    (6, [2, 3])
    """

    def __init__(self, first_task: int = 0, first_slot: int = 0) -> None:
        self.token = ""
        """The token that layers get from now on."""
        self._first_task = first_task
        self._first_slot = first_slot
        self._layers: list[Layer] = []
        self._ntasks = 0
        self._nslots = 0
        self._task_ptr = [0]
        self._slot_ptr = [0]
        self._counts: list[NDArray[np.int64]] = []
        self._deps: list[NDArray[np.int64]] = []
        self._bytes: list[NDArray[np.int64]] = []

    @property
    def next_slot(self) -> int:
        """The slot id that the next layer begins with."""
        return self._first_slot + self._nslots

    def add(
        self,
        layer: Layer,
        edges: Sequence[NDArray[np.int64]] | Ragged = (),
        *,
        nbytes: int | NDArray[np.int64] = 0,
    ) -> tuple[NDArray[np.int64], ...]:
        """Add one layer and return where its blocks live: one array of slot ids, shaped as the grid, for each output.

        A layer with an empty name gets the name "op-number", the same in every run.

        `edges`: arrays of slot ids shaped `grid` (one input) or `grid + (k,)` (k inputs), their inputs in this order;
        or one `Ragged`. `nbytes`: predicted bytes of an output block: a number, an array that broadcasts to `grid`,
        or to `grid + (noutputs,)` where there are several outputs.
        """
        if not layer.name or self.token:
            name = layer.name or f"{layer.op}-{len(self._layers)}"
            layer = replace(layer, name=name, token=self.token)
        n = layer.ntasks
        counts, deps = self._flatten(layer, edges, n)
        self._layers.append(layer)
        self._counts.append(counts)
        self._deps.append(deps)
        shape = layer.grid if layer.noutputs == 1 else (*layer.grid, layer.noutputs)
        self._bytes.append(np.broadcast_to(np.asarray(nbytes, dtype=np.int64), shape).reshape(-1))
        first = self._first_slot + self._nslots
        slots = np.arange(first, first + n * layer.noutputs, dtype=np.int64).reshape(
            *layer.grid, layer.noutputs
        )
        self._ntasks += n
        self._nslots += n * layer.noutputs
        self._task_ptr.append(self._ntasks)
        self._slot_ptr.append(self._nslots)
        return tuple(slots[..., i] for i in range(layer.noutputs))

    def _flatten(
        self, layer: Layer, edges: Sequence[NDArray[np.int64]] | Ragged, n: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if isinstance(edges, Ragged):
            if len(edges.ptr) != n + 1:
                raise GraphError(f"layer {layer.name} has {n} tasks, its edges are for {len(edges.ptr) - 1}")
            return np.diff(edges.ptr), edges.slots
        columns = []
        for slots in edges:
            if slots.shape[: len(layer.grid)] != layer.grid:
                raise GraphError(
                    f"layer {layer.name}: edges of shape {slots.shape} do not fit the grid {layer.grid}"
                )
            columns.append(slots.reshape(n, -1))
        if not columns:
            return np.zeros(n, dtype=np.int64), np.zeros(0, dtype=np.int64)
        table = columns[0] if len(columns) == 1 else np.concatenate(columns, axis=1)
        return np.full(n, table.shape[1], dtype=np.int64), table.reshape(-1)

    def freeze(self, outputs: NDArray[np.int64]) -> Graph:
        """The finished segment. `outputs`: the slots to keep, in any shape."""
        counts = np.concatenate(self._counts) if self._counts else np.zeros(0, dtype=np.int64)
        dep_ptr = np.zeros(self._ntasks + 1, dtype=np.int64)
        np.cumsum(counts, out=dep_ptr[1:])
        return Graph(
            layers=tuple(self._layers),
            task_ptr=np.array(self._task_ptr, dtype=np.int64),
            slot_ptr=np.array(self._slot_ptr, dtype=np.int64),
            dep_ptr=dep_ptr,
            deps=np.concatenate(self._deps) if self._deps else np.zeros(0, dtype=np.int64),
            slot_bytes=np.concatenate(self._bytes) if self._bytes else np.zeros(0, dtype=np.int64),
            outputs=np.asarray(outputs, dtype=np.int64).reshape(-1),
            first_task=self._first_task,
            first_slot=self._first_slot,
        )
