"""The two nodes of every aggregation: the partial of each partition, and the tree that combines partials.

The partial is a partition-wise operation, so it is fused into the reader and whatever lies between. Each task of
the tree combines at most `FAN_IN` partials, in the order of the partitions: results do not depend on the executor,
the number of workers or the machine.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry, Wanted, unknown_divisions
from chunkscope.dataframe.partitionwise import PartitionWise, shared_geometry
from chunkscope.errors import FrameError
from chunkscope.expr import Slots
from chunkscope.graph import Ragged, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["FAN_IN", "Partial", "Reducer", "TreeReduction", "aggregated"]

FAN_IN = 8
"""Most partials that one task combines: a fixed number, so that results are the same everywhere."""


class Reducer(Protocol):
    """One aggregation: frozen and picklable. Partials are whatever it likes, with honest bytes."""

    @property
    def name(self) -> str:
        """The operation in one word."""

    @property
    def meta(self) -> Any:
        """The result without rows; for a scalar an example value."""

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The columns that are read of each input; None for all."""

    @property
    def gathers(self) -> str:
        """Why the last task holds every value, or an empty string where partials stay small."""

    def partial(self, *inputs: Any) -> Any:
        """What is kept of one partition."""

    def combine(self, partials: Sequence[Any]) -> Any:
        """One partial for several neighbours, given in order."""

    def finish(self, partial: Any) -> Any:
        """The result, from the partial of everything."""

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many entries a partial of so many rows has, as estimated."""

    @property
    def kept_bytes(self) -> float:
        """Bytes of one such entry."""

    def scratch_bytes(self, rows: int) -> int:
        """Temporaries while the partial of so many rows is made."""


@dataclass(frozen=True, slots=True)
class _PartialStep:
    """The kernel of `Partial`."""

    reducer: Reducer

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return self.reducer.partial(*inputs)


@dataclass(frozen=True, slots=True)
class _CombineStep:
    """The kernel of one level of the tree; the last one finishes too."""

    reducer: Reducer
    last: bool

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        found = inputs[0] if len(inputs) == 1 else self.reducer.combine(inputs)
        return self.reducer.finish(found) if self.last else found


@dataclass(frozen=True, eq=False)
class Partial(PartitionWise):
    """What the aggregation keeps of each partition."""

    args: tuple[FrameExpr, ...]
    reducer: Reducer
    op: ClassVar[str] = "partial"

    @property
    def title(self) -> str:
        return f"{self.reducer.name}-partial"

    @cached_property
    def geometry(self) -> Geometry:
        shape = shared_geometry(self.args, self.reducer.name)
        meta = pd.Series([], dtype=object, name="partial")
        widths: dict[Hashable, float] = {"partial": self.reducer.kept_bytes}
        rows = self.reducer.kept_rows(shape.rows)
        return Geometry(meta, shape.divisions, rows, False, widths, shape.places)

    @property
    def grid(self) -> tuple[int, ...]:
        return (self.geometry.npartitions,)

    def frame_shape(self) -> None:
        return None  # partials are no frames

    def step(self) -> _PartialStep:
        return _PartialStep(self.reducer)

    @property
    def runs_user_code(self) -> bool:
        return bool(getattr(self.reducer, "user", False))

    def scratch_bytes(self) -> int:
        rows = shared_geometry(self.args, self.reducer.name).rows
        return self.reducer.scratch_bytes(int(rows.max())) if len(rows) else 0

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return self.reducer.wanted


@dataclass(frozen=True, eq=False)
class TreeReduction(FrameExpr):
    """The partials, combined a few at a time, and finished."""

    partials: FrameExpr
    reducer: Reducer
    fan_in: int = FAN_IN
    op: ClassVar[str] = "tree"

    @property
    def title(self) -> str:
        return self.reducer.name

    @cached_property
    def geometry(self) -> Geometry:
        entries = self.reducer.kept_rows(np.array([int(self.partials.rows.sum())], dtype=np.int64))
        return Geometry(self.reducer.meta, unknown_divisions(1), entries)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        slots = inputs[0][0].reshape(-1)
        rows = np.asarray(self.partials.rows, dtype=np.int64)
        gathers = self.reducer.gathers
        while True:
            starts = np.arange(0, len(slots), self.fan_in, dtype=np.int64)
            stacked = np.add.reduceat(rows, starts).max()  # all partials of a task, one after the other
            rows = self.reducer.kept_rows(np.add.reduceat(rows, starts))
            last = len(starts) == 1
            nbytes = np.ceil(rows * self.reducer.kept_bytes).astype(np.int64) + 128
            (slots,) = self.add_layer(
                build,
                _CombineStep(self.reducer, last),
                Ragged(np.append(starts, len(slots)), slots),
                grid=self.grid if last else (len(starts),),
                op=self.title if last else f"{self.title}-combine",
                strategy=Strategy.GATHERS if gathers and last else Strategy.TREE,
                nbytes=nbytes.reshape(self.grid) if last else nbytes,
                scratch_bytes=int(stacked * self.reducer.kept_bytes),
                detail=gathers,
                user=bool(getattr(self.reducer, "user", False)),
            )
            if last:
                return (slots,)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (None,)


def aggregated(reducer: Reducer, *args: FrameExpr, split_every: int | None = None) -> FrameExpr:
    """The reducer over the partitions of `args`; `split_every` is the most partials that one task combines."""
    if split_every is None or split_every is False:
        return TreeReduction(Partial(args, reducer), reducer)
    if type(split_every) is not int or split_every < 2:
        raise FrameError(
            f"split_every={split_every!r} is not a number of 2 or more; leave it out for {FAN_IN}"
        )
    return TreeReduction(Partial(args, reducer), reducer, split_every)
