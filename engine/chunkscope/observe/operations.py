"""The operations and edges of a run's graph as the wire carries them, over all its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from chunkscope.cells import CELLS
from chunkscope.graph import FrameShape, Graph
from chunkscope.observe.lineage import calls_of, fused_into
from chunkscope.observe.records import FrameInfo, LayerInfo, PartInfo, Place
from chunkscope.types import Origin, SourceSpan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.observe.runlog import Step

__all__ = ["Operations", "place_of", "place_of_span"]

LONGEST_TEXT = 200
LONGEST_NAME = 60
MOST_COLUMNS = 100
MOST_PARTITIONS = 2_000
MOST_PARTS = 50
MOST_CALLS = 20_000
"""Calls of the largest table whose tasks are each told apart."""
MOST_BLOCKS = 10_000
"""Chunk sizes are sent for grids with at most this many blocks along each axis."""


@dataclass(frozen=True, slots=True)
class Operations:
    """What a run's graph consists of, with tasks in the run's own numbers."""

    layers: tuple[LayerInfo, ...]
    edges: tuple[tuple[int, int], ...]
    """Pairs of operations, from and to, each once."""
    ptr: NDArray[np.int64]
    """Task `t` reads from the tasks `producer[ptr[t]:ptr[t + 1]]`."""
    producer: NDArray[np.int64]
    kept: NDArray[np.int64]
    """The tasks whose outputs the caller asked for."""
    part: NDArray[np.int64]
    """Which of its layer's parts each task is, -1 for none; empty where no layer has several calls."""

    @classmethod
    def of(
        cls, graphs: Sequence[Graph], seconds: float | None = None, record: Sequence[Step] = ()
    ) -> Operations:
        """The operations of these segments, of a run that began at `seconds` (of `time.time()`).

        `record`: the steps of the rewrite that led to them.
        """
        counts = np.concatenate([np.diff(graph.dep_ptr) for graph in graphs])
        slot_task = np.concatenate([graph.slot_task + graph.first_task for graph in graphs])
        producer = slot_task[np.concatenate([graph.deps for graph in graphs])]
        kept = np.unique(slot_task[np.concatenate([graph.outputs for graph in graphs])])
        calls = [_calls(graph) for graph in graphs]
        layers = [
            info
            for graph, parts in zip(graphs, calls, strict=True)
            for info in _layers(graph, seconds, record, parts)
        ]
        layer_of = np.repeat(np.arange(len(layers)), [layer.ntasks for layer in layers])
        codes = np.unique(layer_of[producer] * max(len(layers), 1) + np.repeat(layer_of, counts))
        pairs = [(int(code) // len(layers), int(code) % len(layers)) for code in codes]
        ptr = np.concatenate([[0], np.cumsum(counts)])
        edges = tuple(pair for pair in pairs if pair[0] != pair[1])
        uses = np.bincount([a for a, _ in edges], minlength=len(layers))
        uses[np.unique(layer_of[kept])] += 1
        used = tuple(replace(info, uses=int(n)) for info, n in zip(layers, uses, strict=True))
        return cls(used, edges, ptr, producer, kept, _parts(graphs, calls))


_Calls: TypeAlias = dict[int, tuple[list[tuple[str, Origin | None]], list[int]]]


def _calls(graph: Graph) -> _Calls:
    """By layer, the different calls of tables that have several, and which of them each task is."""
    tables = {
        number: calls_of(layer, MOST_PARTS)
        for number, layer in enumerate(graph.layers)
        if 1 < layer.ntasks <= MOST_CALLS and hasattr(layer.kernel, "origin_of")
    }
    return {number: found for number, found in tables.items() if len(found[0]) > 1}


def _parts(graphs: Sequence[Graph], calls: Sequence[_Calls]) -> NDArray[np.int64]:
    """See `Operations.part`."""
    if not any(calls):
        return np.zeros(0, dtype=np.int64)
    part = np.full(sum(graph.ntasks for graph in graphs), -1, dtype=np.int64)
    for graph, tables in zip(graphs, calls, strict=True):
        for number, (_, found) in tables.items():
            first = graph.first_task + int(graph.task_ptr[number])
            part[first : first + len(found)] = found
    return part


def _places(parts: Sequence[tuple[str, Origin | None]], seconds: float | None) -> tuple[PartInfo, ...]:
    return tuple(PartInfo(op, place_of(origin, seconds)) for op, origin in parts[:MOST_PARTS])


def _layers(graph: Graph, seconds: float | None, record: Sequence[Step], calls: _Calls) -> list[LayerInfo]:
    return [
        LayerInfo(
            name=layer.name,
            op=layer.op,
            label=layer.label or "",
            strategy=layer.strategy.value,
            grid=layer.grid,
            chunks=layer.chunks if max(layer.grid, default=1) <= MOST_BLOCKS else None,
            dtype=layer.dtype,
            detail=layer.detail[:LONGEST_TEXT],
            first_task=graph.first_task + int(first),
            ntasks=layer.ntasks,
            origin=place_of(layer.origin, seconds),
            nbytes=float(graph.slot_bytes[graph.slot_ptr[i] : graph.slot_ptr[i + 1]].sum()),
            scratch=float(layer.scratch_bytes),
            read_bytes=float(layer.read_bytes),
            frame=None if layer.frame is None else _frame(layer.frame),
            parts=_places(calls[i][0] if i in calls else fused_into(record, layer), seconds),
            token=layer.token,
            uses=0,
        )
        for i, (layer, first) in enumerate(
            zip(graph.layers, graph.task_ptr, strict=False)
        )  # the pointers have one entry more
    ]


def _frame(frame: FrameShape) -> FrameInfo:
    """What a frame's partitions hold, within bounds: every keyframe repeats it."""
    few = len(frame.rows) <= MOST_PARTITIONS
    return FrameInfo(
        columns=tuple((_shorten(name), _shorten(dtype)) for name, dtype in frame.columns[:MOST_COLUMNS]),
        ncolumns=max(frame.ncolumns, len(frame.columns)),
        rows=tuple(map(int, frame.rows)) if few else (),
        exact=frame.exact,
        divisions=tuple(map(_shorten, frame.divisions)) if few else (),
        places=tuple(map(_shorten, frame.places)) if few else (),
    )


def _shorten(text: str) -> str:
    """A name of the user's, cut to what a label can show."""
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def place_of(origin: Origin | None, seconds: float | None = None) -> Place | None:
    """An origin as the wire carries it; `seconds`: when its code was run last, of two cells with the same text."""
    return None if origin is None else place_of_span(origin.span, seconds)


def place_of_span(span: SourceSpan | None, seconds: float | None = None) -> Place | None:
    """A place in the source as the wire carries it; a cell of a notebook has no file name that means anything."""
    if span is None:
        return None
    spot = CELLS.find(span.filename, seconds)
    name = span.place
    if "ipykernel" in span.filename or span.filename.startswith("<"):
        name = name if name.startswith("cell ") else "the cell"
    if spot is None:
        return Place(name, span.line, span.text[:LONGEST_TEXT], "")
    return Place(name, span.line + spot.offset, span.text[:LONGEST_TEXT], spot.cell)
