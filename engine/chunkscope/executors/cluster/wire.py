"""What a worker and its stand-in say to each other, and how a block is named on the way."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from chunkscope.blocks.arenas import Lease
from chunkscope.blocks.packing import Packed, Shape
from chunkscope.observe.stacks import Seen

__all__ = [
    "ALIAS", "ARENA", "BATCH", "CALL", "CLOSE", "GONE", "GRANT", "INLINE", "KERNEL", "LINE",
    "NUMBER", "OPEN", "OWN", "PART", "REPORT",
    "SEAT", "WORLD",
    "LayerCard", "Outcome", "sent_from", "shape_of",
]  # fmt: skip

# From the stand-in.
ARENA = b"a"
"""(number, bytes) of an arena, with its descriptor."""
GONE = b"d"
"""Numbers of arenas that are no more."""
WORLD = b"w"
"""Paths, folder and environment variables of the parent."""
OPEN = b"o"
"""A run begins, or has grown: (run, layer cards, layer_of, dep_ptr, deps, habits, interval of looks, depth)."""
KERNEL = b"k"
"""(run, layer, block)."""
BATCH = b"b"
"""(run, tasks, those whose inputs from this batch nobody else wants, plain inputs by slot, packed inputs by slot,
grants)."""
SEAT = b"s"
"""One more thread is wanted: with it the ends of its channel and its page."""
LINE = b"i"
"""From the worker: one end of a line between the two processes, see `outside.py`."""
CLOSE = b"x"
"""Numbers of runs that are over."""

# Both ways.
GRANT = b"g"
"""Bytes that the worker wants to write; the answer is an extent."""

CALL = b"h"
"""A call home: its `NUMBER`, then (topic, payload); the answer is (number, whether it is one, block or exception)."""
NUMBER = struct.Struct("=q")
"""Outside of the pickle: also a call that cannot be read is answered."""

# From the worker, beside the three of `forward.py`.
REPORT = b"r"
"""An `Outcome`."""
PART = b"p"
"""(task, *outcome): a task may wait for others; what its batch has done before it."""

INLINE, OWN, ALIAS = range(3)
"""Where the buffers of a block are: in the message, in an extent of its own, in a lease of another block."""


class LayerCard(NamedTuple):
    """What a worker has to know of a layer beside its kernel."""

    op: str
    strategy: str
    noutputs: int
    scratch_bytes: int
    user: bool
    frame: bool
    first_task: int
    first_slot: int
    name: str
    grid: tuple[int, ...]


class Outcome(NamedTuple):
    """What a worker tells after a batch."""

    starts: list[float]
    stops: list[float]
    sizes: list[int]
    values: list[Any]
    """The outputs of the finished tasks in order: plain values, or tuples that name a block.

    An empty tuple for what was read by others of the batch alone.
    """
    noted: dict[int, int]
    """Temporaries of tasks that told of some."""
    failed: int
    """The task that raised, or -1."""
    error: bytes
    kept: Sequence[int] = ()
    """Leases that the worker still uses, though its batch is over."""
    let_go: Sequence[int] = ()
    """Leases that it kept before and uses no longer."""
    clung: Sequence[tuple[int, int, int]] = ()
    """Extents (arena, start, bytes) of the grants of this batch that the worker still refers to, blocks or not."""
    unclung: Sequence[tuple[int, int]] = ()
    """Those (arena, start) of earlier batches that it refers to no longer."""
    processor: tuple[float, int, float, int] = (0.0, 0, 0.0, 0)
    """Processor seconds and preemptions of the process before the batch, and after it."""
    seen: Sequence[Seen] = ()
    """Stacks of the thread that were seen since it told last."""


def sent_from(block: Packed) -> tuple[tuple[Any, ...], Lease | None]:
    """The name of a block, and the lease that has to be held until the worker has read it."""
    lease, starts = block.place()
    if lease is None:
        return (-1, -1, (), *block.shape, block.inline, 0), None
    return (lease.number, lease.extent.arena, starts, *block.shape, (), lease.extent.size), lease


def shape_of(name: tuple[Any, ...]) -> Shape:
    """The shape in the name of a block."""
    return Shape(name[3], name[4], name[5])
