"""What a run has to do with lazy values that people look at: which tasks make their blocks, what becomes of these."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import Graph

__all__ = ["Concern", "How"]

How: TypeAlias = Literal["kept", "given", "made", "inside"]
"""kept: persisted. given: computed for the caller. made: there while the run needs it. inside: never there whole."""


@dataclass(frozen=True, slots=True)
class Concern:
    """A lazy value and the tasks of a run that make it. The value is held weakly: a log keeps no data."""

    values: tuple[weakref.ref[Any], ...]
    """The expression as the user has it, and the leaf over its stored blocks where it is kept."""
    how: How
    slots: range | NDArray[np.int64] | None = None
    """The slot of each block, in C order of the block grid; None where the value has none of its own."""
    op: str = ""
    """The operation that it is made inside of."""
    calls: NDArray[np.int64] | None = None
    """The slot of each call behind a delayed value, inputs first."""

    @classmethod
    def of(
        cls,
        values: Sequence[object],
        how: How,
        slots: NDArray[np.int64] | None = None,
        op: str = "",
        calls: NDArray[np.int64] | None = None,
    ) -> Concern:
        """A run's concern with these objects; slots that follow each other are kept as a range."""
        found: range | NDArray[np.int64] | None = None
        if slots is not None:
            flat = slots.reshape(-1)
            first = int(flat[0]) if flat.size else 0
            follows = flat.size < 2 or bool((np.diff(flat) == 1).all())
            found = range(first, first + flat.size) if follows else flat
        return cls(tuple(map(weakref.ref, values)), how, found, op, calls)

    def about(self, *values: object) -> bool:
        """Whether it is about one of these very objects."""
        return any(ref() is value for ref in self.values for value in values)

    def tasks(self, graph: Graph) -> NDArray[np.int64] | None:
        """The task that makes each block."""
        return None if self.slots is None else _makers(graph, self.slots)

    def call_tasks(self, graph: Graph) -> NDArray[np.int64] | None:
        """The task of each call."""
        return None if self.calls is None or not self.calls.size else _makers(graph, self.calls)


def _makers(graph: Graph, slots: range | NDArray[np.int64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = graph.slot_task[np.asarray(slots, dtype=np.int64) - graph.first_slot]
    return found + graph.first_task
