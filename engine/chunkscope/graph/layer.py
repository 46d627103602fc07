"""One operation of a lowered graph: a kernel over a block grid. No edges here: they live in the graph's arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np

from chunkscope.errors import GraphError
from chunkscope.types import Kernel, Origin

__all__ = ["FrameShape", "Layer", "Strategy", "spent"]


class Strategy(Enum):
    """How an operation runs, which tells its cost before it runs."""

    SOURCE = "source"  # makes or reads blocks, no inputs
    BLOCKWISE = "blockwise"  # each task needs a few blocks at the same place
    TREE = "tree"  # combines partial results, a few at a time
    SHUFFLE = "shuffle"  # each task needs parts of many blocks
    GATHERS = "gathers"  # one task needs all the blocks: shown in the plan with its reason
    CALL = "call"  # delayed calls
    STORED = "stored"  # blocks that are there already


def spent(block: int, /, *inputs: Any) -> Any:
    """The kernel of a layer that is kept only to be looked at."""
    raise GraphError("this graph belongs to a run that is over; its kernels are gone")


@dataclass(frozen=True, slots=True)
class FrameShape:
    """What the partitions of a layer hold where it makes a frame or a series: for people."""

    columns: tuple[tuple[str, str], ...]
    """Name and dtype of each column, the first hundred; one with an empty name may be a series without a name."""
    rows: tuple[int, ...]
    """Rows of each partition: counted, or at most as many."""
    exact: bool
    """Whether `rows` are counted."""
    divisions: tuple[str, ...] = ()
    """The index values between partitions, one more than there are partitions; empty where they are not known."""
    places: tuple[str, ...] = ()
    """Where each partition comes from, "ABQ.csv"; empty where that says nothing."""
    ncolumns: int = 0
    """How many columns there are in all."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A kernel over a block grid: task `i` of the layer calls `kernel(i, *inputs)`, `i` counting blocks in C order."""

    name: str
    """Unique within its graph: operation and token."""
    op: str
    """The operation in one word, for people: "sum"."""
    kernel: Kernel
    """Picklable; returns one value, or a tuple of `noutputs` values."""
    grid: tuple[int, ...]
    """Shape of the block grid; () is one task."""
    strategy: Strategy = Strategy.BLOCKWISE
    noutputs: int = 1
    """Slots of each task."""
    scratch_bytes: int = 0
    """Temporaries that one task needs beside its inputs and outputs, at most, in bytes."""
    read_bytes: int = 0
    """Bytes that the whole layer reads from files or the user's own arrays."""
    exact: bool = True
    """Whether the predicted output bytes are exact; False where they are a bound."""
    user: bool = False
    """Whether the kernel runs the user's own code: its outputs are protected by a view, its errors get the remedy."""
    chunks: tuple[tuple[int, ...], ...] | None = None
    """Sizes of the output's chunks along each axis where the layer makes an array; None otherwise."""
    dtype: str | None = None
    """The dtype of the blocks, for people, where there is one."""
    frame: FrameShape | None = None
    """Columns and rows where the layer makes partitions of a frame; None otherwise."""
    detail: str = ""
    """What was fused into this layer, or why it gathers: one line for people."""
    origin: Origin | None = None
    label: str | None = None
    """The user's own `name=`."""
    token: str = ""
    """The token of the expression that was lowered to this layer, alone or with others; empty where it has none."""

    @property
    def ntasks(self) -> int:
        """Number of blocks in the grid."""
        return math.prod(self.grid)

    def stripped(self) -> Layer:
        """The layer without its kernel, and so without whatever data that holds; for logs of runs that are over.

        A kernel that tells people something (`names()`, `origin_of()`) says what stays of it with `stripped()`.
        """
        strip = getattr(self.kernel, "stripped", None)
        return replace(self, kernel=spent if strip is None else strip())

    def block(self, index: int) -> tuple[int, ...]:
        """The block coordinates of task `index` of this layer.

        >>> Layer("x", "ones", print, (2, 3)).block(4)
        (1, 1)
        """
        return tuple(int(i) for i in np.unravel_index(index, self.grid)) if self.grid else ()
