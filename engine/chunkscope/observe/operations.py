"""The operations and edges of a run's graph as the wire carries them, over all its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.graph import FrameShape, Graph
from chunkscope.observe.records import FrameInfo, LayerInfo, Place
from chunkscope.types import Origin, SourceSpan

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Operations", "place_of", "place_of_span"]

LONGEST_TEXT = 200
LONGEST_NAME = 60
MOST_COLUMNS = 100
MOST_PARTITIONS = 2_000
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

    @classmethod
    def of(cls, graphs: Sequence[Graph]) -> Operations:
        """The operations of these segments."""
        counts = np.concatenate([np.diff(graph.dep_ptr) for graph in graphs])
        slot_task = np.concatenate([graph.slot_task + graph.first_task for graph in graphs])
        producer = slot_task[np.concatenate([graph.deps for graph in graphs])]
        kept = np.unique(slot_task[np.concatenate([graph.outputs for graph in graphs])])
        layers = tuple(info for graph in graphs for info in _layers(graph))
        layer_of = np.repeat(np.arange(len(layers)), [layer.ntasks for layer in layers])
        codes = np.unique(layer_of[producer] * max(len(layers), 1) + np.repeat(layer_of, counts))
        pairs = [(int(code) // len(layers), int(code) % len(layers)) for code in codes]
        ptr = np.concatenate([[0], np.cumsum(counts)])
        return cls(layers, tuple(pair for pair in pairs if pair[0] != pair[1]), ptr, producer, kept)


def _layers(graph: Graph) -> list[LayerInfo]:
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
            origin=place_of(layer.origin),
            nbytes=float(graph.slot_bytes[graph.slot_ptr[i] : graph.slot_ptr[i + 1]].sum()),
            scratch=float(layer.scratch_bytes),
            read_bytes=float(layer.read_bytes),
            frame=None if layer.frame is None else _frame(layer.frame),
            parts=(),
            token="",
            kept_as="",
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


def place_of(origin: Origin | None) -> Place | None:
    """An origin as the wire carries it."""
    return None if origin is None else place_of_span(origin.span)


def place_of_span(span: SourceSpan | None) -> Place | None:
    """A place in the source as the wire carries it; a cell of a notebook has no file name that means anything."""
    if span is None:
        return None
    cell = "ipykernel" in span.filename or span.filename.startswith("<")
    return Place(
        "the cell" if cell else PurePath(span.filename).name, span.line, span.text[:LONGEST_TEXT], ""
    )
