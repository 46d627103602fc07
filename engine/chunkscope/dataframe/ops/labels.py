"""The index as a value, and rows numbered anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry, Restricted, Wanted, unknown_divisions
from chunkscope.dataframe.how import Attribute
from chunkscope.dataframe.meta import emulate
from chunkscope.dataframe.partitionwise import Apply, PartitionWise, Source
from chunkscope.dataframe.program import Step
from chunkscope.expr import Expr, Slots

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["IndexOf", "Offsets", "ResetIndex", "Undivided", "reset"]


@dataclass(frozen=True, eq=False)
class IndexOf(Apply):
    """The index of each partition: no columns are read."""

    @classmethod
    def of(cls, x: FrameExpr) -> IndexOf:
        """The index of `x`."""
        return cls(Attribute("index"), (x,))

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (frozenset(),)


@dataclass(frozen=True, eq=False)
class Undivided(FrameExpr):
    """The same partitions without known divisions. Needs no task."""

    x: FrameExpr
    op: ClassVar[str] = "clear_divisions"
    keeps_labels: ClassVar[bool] = True

    @cached_property
    def geometry(self) -> Geometry:
        return self.x.geometry.unindexed()

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...]]:
        return (picked,)

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        return self.replace_inputs(inputs), picked

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][0],)


@dataclass(frozen=True, eq=False)
class Offsets(Source):
    """How many rows stand before each partition."""

    before: tuple[int, ...]
    op: ClassVar[str] = "offsets"

    @cached_property
    def geometry(self) -> Geometry:
        rows = np.ones(len(self.before), dtype=np.int64)
        meta = pd.Series([], dtype="int64", name="offset")
        return Geometry(meta, unknown_divisions(len(self.before)), rows, True)

    def step(self) -> Step:
        return _Offset(self.before)

    def taken(self, partitions: tuple[int, ...]) -> FrameExpr:
        return Offsets(tuple(self.before[i] for i in partitions))


@dataclass(frozen=True, slots=True)
class _Offset:
    before: tuple[int, ...]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return self.before[block]


@dataclass(frozen=True, eq=False)
class ResetIndex(PartitionWise):
    """The index as a column, rows numbered: from the offset of the partition, or from 0 in each."""

    x: FrameExpr
    drop: bool
    options: tuple[tuple[str, Any], ...]
    offsets: tuple[Offsets, ...]
    """One, where rows are counted; else none."""
    op: ClassVar[str] = "reset_index"

    @cached_property
    def geometry(self) -> Geometry:
        old = self.x.geometry
        found = replace(
            old, meta=emulate(self._reset, old.meta), divisions=unknown_divisions(old.npartitions)
        )
        if not self.offsets or not old.exact or not old.rows.sum():
            return found
        ends = np.concatenate([[0], np.cumsum(old.rows)])
        if (np.diff(ends)[:-1] == 0).any():  # an empty partition: two divisions would be equal
            return found
        return replace(found, divisions=(*ends[:-1].tolist(), int(ends[-1]) - 1))

    def _reset(self, x: Any) -> Any:
        return x.reset_index(drop=self.drop, **dict(self.options))

    def step(self) -> Step:
        return _Reset(self.drop, self.options)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        if wanted is None or not isinstance(self.x.meta, pd.DataFrame):
            return (None,) * len(self.inputs())
        return (wanted & set(self.x.columns), *(None for _ in self.offsets))


@dataclass(frozen=True, slots=True)
class _Reset:
    drop: bool
    options: tuple[tuple[str, Any], ...]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        found = inputs[0].reset_index(drop=self.drop, **dict(self.options))
        if len(inputs) > 1:
            found.index = pd.RangeIndex(inputs[1], inputs[1] + len(found))
        return found


def reset(x: FrameExpr, drop: bool, options: Mapping[str, Any]) -> FrameExpr:
    """`x.reset_index(drop)`: numbered through where the rows of each partition are counted."""
    offsets: tuple[Offsets, ...] = ()
    if x.exact_rows:
        before = np.concatenate([[0], np.cumsum(x.rows)[:-1]])
        offsets = (Offsets(tuple(before.tolist())),)
    return ResetIndex(x, bool(drop), tuple(options.items()), offsets)
