"""A failure at its cause: the note on the user's own exception, with their line, the block and its inputs."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

import numpy as np

from chunkscope.blocks import Measured, Sheltered, describe_block, preview
from chunkscope.errors import ChunkscopeError, WorkerDiedError
from chunkscope.events import FAILURE, Failure
from chunkscope.graph import Graph, Layer, Strategy
from chunkscope.observe.cards import with_card
from chunkscope.types import SourceSpan

__all__ = ["explain_failure", "note_inputs", "span_of"]

_GIVEN = "__chunkscope_given__"
"""What an operation inside a fused kernel was given, in words: they can travel, a traceback's frames cannot."""

MOST_INPUTS = 8
MOST_ROWS = 40
LONGEST_CELL = 200

_REMEDY = (
    "remedy: blocks are read-only, because other tasks may read the same one; work on a copy: `x = x.copy()` first,\n"
    "        or write `y = x + 1` instead of `x += 1`"
)


def explain_failure(graph: Graph, task: int, error: BaseException, inputs: Iterable[Any]) -> Failure:
    """What is known of the failed task. Adds it to the exception as a note and takes our frames off its traceback.

    Where that cannot be told, the exception is still the one that is raised.

    A kernel may tell more than its layer: `origin_of(block)` whose line it was, `blame(error)` which of its fused
    operations, `inputs_of(error)` what that one was given, `place_of(block)` what the block was read from.
    """
    layer = graph.layer_at(task)
    earlier = error.__dict__.get(FAILURE)
    if isinstance(earlier, Failure) and layer.strategy is Strategy.STORED:
        return replace(earlier, task=task)  # the run that was to make the block has told it all
    try:
        failure = _explained(graph, layer, task, error, list(inputs))
    except Exception as reason:
        text = f"{type(error).__name__}: {_safely(str, error)}"
        failure = Failure(task, graph.key(task), layer.op, text, None, "", "", "", ())
        error.add_note(f"chunkscope: less is told of this than is known ({type(reason).__name__}: {reason})")
    error.add_note(failure.describe(interactive=hasattr(sys, "ps1") or _in_ipython()))
    error.__dict__[FAILURE] = failure
    with_card(error)
    error.__traceback__ = _users_part(error)
    return failure


def _explained(graph: Graph, layer: Layer, task: int, error: BaseException, inputs: list[Any]) -> Failure:
    key = graph.key(task)
    local = task - graph.first_task - int(graph.task_ptr[int(graph.layer_of[task - graph.first_task])])
    operation, span = _operation_and_span(layer, local, error)
    given = _ask(layer.kernel, "inputs_of", error)
    shown: Sequence[Any] = inputs if given is None else given
    words = error.__dict__.pop(_GIVEN, None) or _in_words(shown)
    text = f"{type(error).__name__}: {_safely(str, error)}"
    return Failure(
        task=task,
        key=key,
        operation=operation,
        error=text,
        origin=span,
        cell=span.place if span is not None else "",
        variable=span.variable if span is not None else "",
        region=_region(layer, key.block),
        inputs=words[0],
        partition=_partition(layer, local),
        file=_file(layer, local),
        previews=words[1],
        detail=layer.detail,
        remedy=_REMEDY if isinstance(error, ValueError) and "read-only" in text else "",
        table=_table(error),
        hint=str(getattr(error, "dtype_hint", "") or ""),
        post_mortem=error.post_mortem if isinstance(error, WorkerDiedError) else (),
    )


def span_of(graph: Graph, task: int) -> SourceSpan | None:
    """The user's line that made a task, as far as that can be told without its exception."""
    local = task - graph.first_task - int(graph.task_ptr[int(graph.layer_of[task - graph.first_task])])
    return _operation_and_span(graph.layer_at(task), local, None)[1]


def note_inputs(kernel: Any, error: BaseException) -> None:
    """In a worker, where the exception still has its frames: note what the operation that raised it was given."""
    while isinstance(kernel, Sheltered | Measured):
        kernel = kernel.kernel
    given = _ask(kernel, "inputs_of", error)
    if given is not None:
        with contextlib.suppress(Exception):  # a class of the user's that takes no attributes
            error.__dict__[_GIVEN] = _in_words(given)


def _in_words(shown: Sequence[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Shapes and types, and beginnings, of the first inputs."""
    first = shown[:MOST_INPUTS]
    more = ("…",) if len(shown) > MOST_INPUTS else ()
    return tuple(_safely(describe_block, x) for x in first) + more, tuple(_safely(preview, x) for x in first)


def _operation_and_span(
    layer: Layer, local: int, error: BaseException | None
) -> tuple[str, SourceSpan | None]:
    """The operation that task `local` of a layer is, or the one of several that raised, and whose line it was."""
    operation, origin = layer.op, layer.origin
    told = _ask(layer.kernel, "origin_of", local)
    if told is None and error is not None:
        told = _ask(layer.kernel, "blame", error)
    if told is not None:
        operation, origin = told[0] or operation, told[1] or origin
    return operation, origin.span if origin is not None else None


def _ask(kernel: Any, name: str, about: Any) -> Any:
    """What a kernel tells by a method that it may have; None where it has none, or where that fails."""
    method = getattr(kernel, name, None)
    if method is None:
        return None
    try:
        return method(about)
    except Exception:
        return None  # the user's exception is the one to be told


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


def _partition(layer: Layer, local: int) -> str:
    """Which partition of a frame it was: "partition 3 of 105, rows 200 to 300"; they are counted from 0.

    Where a layer makes one partition alone, it may be the last of many: its number would say nothing.
    """
    frame = layer.frame
    if frame is None or layer.ntasks == 1:
        return ""
    said = f"partition {local} of {layer.ntasks:,}"
    if frame.exact and len(frame.rows) == layer.ntasks:
        start = sum(frame.rows[:local])
        said += f", rows {start:,} to {start + frame.rows[local]:,}"
    if len(frame.divisions) == layer.ntasks + 1:
        said += f", index {frame.divisions[local]} to {frame.divisions[local + 1]}"
    return said


def _file(layer: Layer, local: int) -> str:
    """What the task read."""
    place = _ask(layer.kernel, "place_of", local)
    if place:
        return str(place)
    if layer.frame is not None and len(layer.frame.places) == layer.ntasks:
        return layer.frame.places[local]
    return ""


def _table(error: BaseException) -> tuple[tuple[str, ...], ...]:
    """The rows of an error table that the exception carries, with their head."""
    rows = getattr(error, "table", None)
    if not isinstance(rows, tuple) or not rows or not hasattr(rows[0], "_fields"):
        return ()
    head = tuple(rows[0]._fields)
    return (head, *(tuple(_safely(str, cell)[:LONGEST_CELL] for cell in row) for row in rows[:MOST_ROWS]))


def _in_ipython() -> bool:
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)() is not None


def _users_part(error: BaseException) -> TracebackType | None:
    """The traceback from the first frame that is not ours.

    Where all are, the whole of it, unless the error is our own report, which says all that there is to say.
    """
    rest = error.__traceback__
    while rest is not None and str(rest.tb_frame.f_globals.get("__name__", "")).startswith("chunkscope."):
        rest = rest.tb_next
    return rest if rest is not None or isinstance(error, ChunkscopeError) else error.__traceback__
