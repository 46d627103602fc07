"""The memory of a run before it runs: bytes held over the static order, and what follows from the curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.scheduler.tables import has_scratch, needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph

__all__ = ["BATCH_BYTES", "Forecast", "forecast"]

BATCH_BYTES = 1 << 18
"""Bytes that the tasks of one batch may make: small tasks are handed out several at a time."""


@dataclass(frozen=True)
class Forecast:
    """Bytes of one segment over its order, by prediction: exact where the layers' sizes are, else an upper bound."""

    curve: NDArray[np.int64]
    """Bytes held after each step, in rank order, `(ntasks,)`."""
    during: NDArray[np.int64]
    """Bytes held while each step runs, its outputs and temporaries included, `(ntasks,)`."""
    peak_bytes: int
    """Highest use with this many lanes: at one the highest of `during`; at several, what lets every lane work on the
    steps that follow and be two finished tasks ahead. A run that is held to it never exceeds it, paced or not."""
    peak_task: int
    """The task (global id) at the peak of `during`; -1 in an empty graph."""
    floor_bytes: int
    """The smallest budget with which the run can go on one task at a time."""
    bound_bytes: int
    """What no run without a budget can exceed, however unevenly its lanes go: all blocks at once, and temporaries."""
    output_bytes: int
    """Bytes of the outputs that are kept at the end."""
    lanes: int


def forecast(
    graph: Graph, ranks: NDArray[np.int64], lanes: int = 1, *, keep_outputs: bool = True, held_bytes: int = 0
) -> Forecast:
    """The memory forecast of running `graph` in the order of `ranks`.

    `held_bytes`: what the run holds already when the segment begins; inputs from earlier segments count there, not
    here. Vectorised: 60 ns a task and edge.

    >>> from chunkscope.graph import GraphBuilder, Layer
    >>> from chunkscope.scheduler.order import order
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "x", print, (4,)), nbytes=100)
    >>> (y,) = build.add(Layer("y", "y", print, (2,)), [x.reshape(2, 2)], nbytes=10)
    >>> (z,) = build.add(Layer("z", "z", print, ()), [y], nbytes=1)
    >>> graph = build.freeze(z)
    >>> memory = forecast(graph, order(graph))
    >>> memory.curve.tolist(), memory.peak_bytes                # x  x  y    x   x   y   z
    ([100, 200, 10, 110, 210, 20, 1], 220)
    """
    n = graph.ntasks
    if not n:
        empty = np.zeros(0, dtype=np.int64)
        return Forecast(empty, empty, held_bytes, -1, held_bytes, held_bytes, 0, lanes)
    # Each slot is born with its task and dies with its last user: two entries in an array of changes.
    # In 32 bits where they are enough: half the memory, and faster.
    at = ranks.astype(np.int32) if n < 2**31 - 1 else ranks
    born = at if graph.nslots == n else at[graph.slot_task]
    dies = born.copy()
    deps = graph.deps
    reader_rank = np.repeat(at, np.diff(graph.dep_ptr))
    if graph.first_slot:
        inside = deps >= graph.first_slot
        deps, reader_rank = deps[inside] - graph.first_slot, reader_rank[inside]
    np.maximum.at(dies, deps, reader_rank)
    del reader_rank
    output_bytes = 0
    if keep_outputs:
        wanted = np.unique(graph.outputs[graph.outputs >= graph.first_slot]) - graph.first_slot
        dies[wanted] = n
        output_bytes = int(graph.slot_bytes[wanted].sum())
    released = _totals(dies, graph.slot_bytes, n + 1)[:n]
    del dies
    made = _totals(born, graph.slot_bytes, n)
    outs = made.copy() if lanes > 1 and has_scratch(graph) else made
    released[:n] -= made  # the step's change, negative
    curve = np.cumsum(-released)
    curve += held_bytes
    need = made
    need[ranks] = needs(graph)
    during = curve + released  # before the step
    during += need
    peak = int(during.argmax())
    floor = int(during[peak])
    scratch = np.sort(graph.scratch)[-lanes:].sum() if has_scratch(graph) else 0
    bound = held_bytes + int(graph.slot_bytes.sum() + scratch)
    return Forecast(
        curve=curve,
        during=during,
        peak_bytes=min(bound, _side_by_side(during, need, outs, lanes) + _slack(graph, lanes)),
        peak_task=int(np.flatnonzero(ranks == peak)[0]) + graph.first_task,
        floor_bytes=floor,
        bound_bytes=bound,
        output_bytes=output_bytes,
        lanes=lanes,
    )


def _totals(
    places: NDArray[np.signedinteger[Any]], amounts: NDArray[np.int64], length: int
) -> NDArray[np.int64]:
    """The sum of the amounts at each place; exact, where `bincount` would go through floats."""
    totals = np.zeros(length, dtype=np.int64)
    np.add.at(totals, places, amounts)
    return totals


def _side_by_side(
    during: NDArray[np.int64], need: NDArray[np.int64], outs: NDArray[np.int64], lanes: int
) -> int:
    """Highest use where beside each step, and with room for the rest in order, others run.

    Those are the `lanes - 1` steps after it; the outputs of as many more, which lanes that were faster have left; and
    for tasks so small that they are handed out in batches, what a batch gives back late.
    """
    if lanes == 1:
        return int(during.max())
    others = lanes - 1
    beside = np.maximum.accumulate(during[::-1])[::-1]
    beside += _following(need, 0, others)
    beside += _following(outs, others, others)
    return int(beside.max()) + lanes * max(0, BATCH_BYTES - int(need.max()))


def _slack(graph: Graph, lanes: int) -> int:
    """One more of the largest blocks for each lane: on a busy machine one falls behind, and the others would wait."""
    return lanes * int(graph.slot_bytes.max()) if lanes > 1 else 0


def _following(values: NDArray[np.int64], skip: int, count: int) -> NDArray[np.int64]:
    """For each step the sum over the `count` steps that come after it and `skip` more."""
    total = np.concatenate([[0], np.cumsum(values)])
    n = len(values)
    steps = np.arange(1, n + 1)
    found: NDArray[np.int64] = total[np.minimum(steps + skip + count, n)] - total[np.minimum(steps + skip, n)]
    return found
