"""The operations of a run as viewers show them, and the task numbers that go with them.

Array operations are shown as their layers, with the run's own task numbers. A table of delayed calls is one layer to
the engine, but people think in functions: viewers get one operation for each function and depth, and the table's tasks
are numbered anew so that those of one operation follow each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.graph import Graph, Layer
from chunkscope.observe.wire import LayerInfo, Place
from chunkscope.types import Origin, SourceSpan

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Numbering", "place_of", "place_of_span"]

TABLE_TASKS = 20_000
"""Calls of the largest table that is taken apart: above, it is shown as one operation."""
TABLE_GROUPS = 60
"""Operations that one table may become; where depth would make more, functions alone tell them apart."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """The shown operations, and the maps between a run's task numbers and the viewers'."""

    layers: tuple[LayerInfo, ...]
    edges: tuple[tuple[int, int], ...]
    """Pairs of operations, from and to."""
    shown: NDArray[np.int64]
    """The viewers' number of each of the run's tasks."""
    own: NDArray[np.int64]
    """The run's number of each of the viewers' tasks."""
    ptr: NDArray[np.int64]
    """Edges by the viewers' numbers: task `t` reads from `producer[ptr[t]:ptr[t + 1]]`."""
    producer: NDArray[np.int64]

    @classmethod
    def of(cls, graphs: Sequence[Graph]) -> Numbering:
        """The numbering of a run's segments so far."""
        ntasks = sum(graph.ntasks for graph in graphs)
        counts = np.concatenate([np.diff(graph.dep_ptr) for graph in graphs])
        ptr = np.concatenate([[0], np.cumsum(counts)])
        slot_task = np.concatenate([graph.slot_task + graph.first_task for graph in graphs])
        producer = slot_task[np.concatenate([graph.deps for graph in graphs])]
        own = np.arange(ntasks)
        layers: list[LayerInfo] = []
        for graph in graphs:
            for number, layer in enumerate(graph.layers):
                first = graph.first_task + int(graph.task_ptr[number])
                groups = _groups(layer, first, ptr, producer)
                if groups is None:
                    layers.append(_whole(layer, first))
                    continue
                own[first : first + layer.ntasks] = first + np.concatenate([rows for _, rows in groups])
                at = first
                for title, rows in groups:
                    layers.append(_part(layer, title, rows, at, len(layers)))
                    at += len(rows)
        shown = np.empty_like(own)
        shown[own] = np.arange(ntasks)
        sizes = counts[own]
        moved = np.concatenate([[0], np.cumsum(sizes)])
        take = np.repeat(ptr[own] - moved[:-1], sizes) + np.arange(len(producer))
        producer = shown[producer[take]]
        layer_of = np.repeat(np.arange(len(layers)), [layer.ntasks for layer in layers])
        consumer = np.repeat(layer_of, sizes)
        codes = np.unique(layer_of[producer] * max(len(layers), 1) + consumer)
        pairs = [(int(c) // len(layers), int(c) % len(layers)) for c in codes]
        return cls(tuple(layers), tuple(p for p in pairs if p[0] != p[1]), shown, own, moved, producer)


def _groups(
    layer: Layer, first: int, ptr: NDArray[Any], producer: NDArray[Any]
) -> list[tuple[str, NDArray[np.int64]]] | None:
    """The rows of a table layer by function and depth, or None for any other layer."""
    names = getattr(layer.kernel, "names", None)
    if names is None or layer.ntasks > TABLE_TASKS:
        return None
    titles: list[str] = names()
    starts = ptr[first : first + layer.ntasks + 1].tolist()
    inputs = (producer[starts[0] : starts[-1]] - first).tolist()
    depths = [0] * layer.ntasks
    for row in range(layer.ntasks):  # inputs have smaller numbers
        for source in inputs[starts[row] - starts[0] : starts[row + 1] - starts[0]]:
            if source >= 0 and depths[source] >= depths[row]:
                depths[row] = depths[source] + 1
    groups: dict[tuple[int, str], list[int]] = {}
    for row, title in enumerate(titles):
        groups.setdefault((depths[row], title), []).append(row)
    if len(groups) > TABLE_GROUPS:
        groups = {}
        for row, title in enumerate(titles):
            groups.setdefault((0, title), []).append(row)
    if len(groups) > TABLE_GROUPS:
        return None
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], item[1][0]))
    return [(title, np.array(rows, dtype=np.int64)) for (_, title), rows in ordered]


def _whole(layer: Layer, first: int) -> LayerInfo:
    return LayerInfo(
        name=layer.name,
        op=layer.op,
        label=layer.label or "",
        strategy=layer.strategy.value,
        grid=layer.grid,
        chunks=layer.chunks,
        dtype=layer.dtype,
        detail=layer.detail,
        first_task=first,
        ntasks=layer.ntasks,
        origin=place_of(layer.origin),
    )


def _part(layer: Layer, title: str, rows: NDArray[np.int64], first: int, number: int) -> LayerInfo:
    origin_of = getattr(layer.kernel, "origin_of", None)
    origin = layer.origin if origin_of is None else origin_of(int(rows[0]))[1]
    return LayerInfo(
        name=f"{title}-{number}",
        op=title,
        label="",
        strategy=layer.strategy.value,
        grid=() if len(rows) == 1 else (len(rows),),
        chunks=None,
        dtype=None,
        detail="",
        first_task=first,
        ntasks=len(rows),
        origin=place_of(origin),
    )


def place_of(origin: Origin | None) -> Place | None:
    """An origin as the wire carries it."""
    return None if origin is None else place_of_span(origin.span)


def place_of_span(span: SourceSpan | None) -> Place | None:
    """A place in the source as the wire carries it; a cell of a notebook has no file name that means anything."""
    if span is None:
        return None
    cell = "ipykernel" in span.filename or span.filename.startswith("<")
    return Place("the cell" if cell else PurePath(span.filename).name, span.line, span.text[:200])
