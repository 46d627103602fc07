"""A failure at its cause: the note on the user's own exception, with their line, the block and its inputs."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from chunkscope.blocks import describe_block
from chunkscope.events import Failure
from chunkscope.graph import Graph, Layer

__all__ = ["explain_failure"]

_REMEDY = (
    "  remedy: blocks are read-only, because other tasks may read the same one; work on a copy: `x = x.copy()` first,\n"
    "          or write `y = x + 1` instead of `x += 1`"
)


def explain_failure(graph: Graph, task: int, error: BaseException, inputs: list[Any]) -> Failure:
    """What is known of the failed task. Adds it to the exception as a note and takes our frames off its traceback."""
    layer = graph.layer_at(task)
    key = graph.key(task)
    operation, origin = layer.op, layer.origin
    of_task = getattr(layer.kernel, "origin_of", None)
    if of_task is not None:  # a table of calls knows the function and the line of each
        local = task - graph.first_task - int(graph.task_ptr[int(graph.layer_of[task - graph.first_task])])
        operation, origin = of_task(local)
    span = origin.span if origin is not None else None
    failure = Failure(
        task=task,
        key=key,
        operation=operation,
        error=f"{type(error).__name__}: {_safely(str, error)}",
        origin=span,
        cell=span.place if span is not None else "",
        variable=span.variable if span is not None else "",
        region=_region(layer, key.block),
        inputs=tuple(_safely(describe_block, value) for value in inputs[:8])
        + (("…",) if len(inputs) > 8 else ()),
    )
    note = failure.describe()
    if isinstance(error, ValueError) and "read-only" in failure.error:
        note += "\n" + _REMEDY
    error.add_note(note)
    error.__traceback__ = _users_part(error.__traceback__)
    return failure


def _safely(tell: Callable[[Any], str], value: Any) -> str:
    """What `tell` says of a value of the user's, whose own methods may raise."""
    try:
        return tell(value)
    except Exception as error:
        return f"a {type(value).__name__} that cannot be shown ({type(error).__name__})"


def _region(layer: Layer, block: tuple[int, ...]) -> str:
    """The global slice of a block: "[0:100, 200:300]"."""
    if layer.chunks is None or len(layer.chunks) != len(block):
        return ""
    parts = []
    for sizes, index in zip(layer.chunks, block, strict=True):
        start = int(np.sum(sizes[:index]))
        parts.append(f"{start}:{start + int(sizes[index])}")
    return f"[{', '.join(parts)}]"


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is not ours, or the whole one where all are."""
    rest = trace
    while rest is not None and str(rest.tb_frame.f_globals.get("__name__", "")).startswith("chunkscope."):
        rest = rest.tb_next
    return rest if rest is not None else trace
