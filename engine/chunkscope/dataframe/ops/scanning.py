"""Operations that look at rows of other partitions: what came before is handed from partition to partition.

A chain of small tasks carries the state; the work on the rows themselves stays one task for each partition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import Composite, FrameExpr, Geometry, Restricted, Wanted, unknown_divisions
from chunkscope.dataframe.how import Method
from chunkscope.dataframe.meta import emulate
from chunkscope.dataframe.partitionwise import Apply
from chunkscope.expr import Expr, Slots
from chunkscope.graph import Ragged, Strategy

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["Filled", "Scan", "cumulated"]

State = tuple[tuple[Any, ...], ...]
"""For each column nothing yet, or one value."""


class Carry(Protocol):
    """How the state goes over one partition: frozen and picklable."""

    @property
    def name(self) -> str:
        """The operation in one word."""

    def __call__(self, state: Any, part: Any) -> Any:
        """The state behind the partition, from that before it (None at the very beginning)."""


@dataclass(frozen=True, eq=False)
class Scan(FrameExpr):
    """The state before each partition; with `backward` that behind each, from the last partition to the first."""

    x: FrameExpr
    carry: Carry
    backward: bool
    state_bytes: int
    op: ClassVar[str] = "carry"

    @property
    def title(self) -> str:
        return f"{self.carry.name}-carry"

    @cached_property
    def geometry(self) -> Geometry:
        meta = pd.Series([], dtype=object, name="state")
        count = self.x.npartitions
        return Geometry(meta, unknown_divisions(count), np.ones(count, dtype=np.int64))

    def frame_shape(self) -> None:
        return None  # states are no frames

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (None,)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        parts = inputs[0][0].reshape(-1)
        count = len(parts)
        order = parts[::-1] if self.backward else parts
        first = build.next_slot
        own = np.arange(first, first + count, dtype=np.int64)
        ptr = np.concatenate([[0], 2 * np.arange(count, dtype=np.int64)])
        edges = np.column_stack([own[:-1], order[:-1]]).reshape(-1)
        (slots,) = self.add_layer(
            build,
            _Step(self.carry),
            Ragged(ptr, edges),
            strategy=Strategy.TREE,
            nbytes=np.full(count, self.state_bytes + 128, dtype=np.int64),
            detail="each state follows from the one before",
        )
        return (slots[::-1] if self.backward else slots,)


@dataclass(frozen=True, slots=True)
class _Step:
    carry: Carry

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return self.carry(*inputs) if inputs else None


def _columns(x: Any) -> list[pd.Series[Any]]:
    return [x.iloc[:, i] for i in range(x.shape[1])] if isinstance(x, pd.DataFrame) else [x]


def _rebuilt(x: Any, columns: list[Any]) -> Any:
    """The columns as an object like `x`."""
    if not isinstance(x, pd.DataFrame):
        return columns[0]
    found = pd.DataFrame(dict(enumerate(columns)), index=x.index)
    found.columns = x.columns
    return found


# running sums, products, maxima and minima


@dataclass(frozen=True, slots=True)
class _Running:
    """The last running value of each column."""

    name: str
    skipna: bool

    def __call__(self, state: State | None, part: Any) -> State:
        before = state or ((),) * len(_columns(part))
        return tuple(self._behind(one, column) for one, column in zip(before, _columns(part), strict=True))

    def _behind(self, before: tuple[Any, ...], column: pd.Series[Any]) -> tuple[Any, ...]:
        values = column.dropna() if self.skipna else column
        if not len(values):
            return before
        return (self.continued(before, values.iloc[-1:]).iloc[-1],)

    def continued(self, before: tuple[Any, ...], column: Any) -> Any:
        """Running values of one partition, continued from the value before it."""
        if not before:
            return column
        (last,) = before
        if pd.isna(last):
            return column.where(column.isna(), last)
        if self.name == "cumsum":
            return last + column
        if self.name == "cumprod":
            return last * column
        beyond = column < last if self.name == "cummax" else column > last
        return column.mask(beyond.fillna(False).astype(bool), last)


@dataclass(frozen=True, slots=True)
class _Continue:
    running: _Running

    @property
    def name(self) -> str:
        return self.running.name

    def __call__(self, *values: Any) -> Any:
        x, state = values
        if state is None:
            return x
        columns = [
            self.running.continued(before, column) for before, column in zip(state, _columns(x), strict=True)
        ]
        return _rebuilt(x, columns)


@dataclass(frozen=True, eq=False)
class Cumulated(Composite):
    """A running sum, product, maximum or minimum over all rows."""

    x: FrameExpr
    running: _Running
    op: ClassVar[str] = "cumulated"
    keeps_rows: ClassVar[bool] = True

    @property
    def title(self) -> str:
        return self.running.name

    @cached_property
    def geometry(self) -> Geometry:
        return self._local().geometry

    def _local(self) -> Apply:
        how = Method(self.running.name, (("skipna", self.running.skipna),))
        return Apply(how, (self.x,), None, True, True)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...]]:
        return (tuple(range(max(picked) + 1)),)

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        return self.replace_inputs(inputs), tuple(range(max(picked) + 1))

    def expand(self) -> FrameExpr:
        local = self._local()
        if local.npartitions == 1:
            return local
        scan = Scan(local, self.running, False, int(local.row_bytes) + 64 * len(local.columns))
        return Apply(_Continue(self.running), (local, scan), local.meta)


def cumulated(x: FrameExpr, name: str, skipna: bool) -> FrameExpr:
    """`x.cumsum()` and its like."""
    return Cumulated(x, _Running(name, bool(skipna)))


# missing values filled from the rows before or behind


@dataclass(frozen=True, slots=True)
class _Nearest:
    """The last value of each column that is there; the first one going backward."""

    name: str

    def __call__(self, state: State | None, part: Any) -> State:
        columns = _columns(part)
        before = state or ((),) * len(columns)
        at = -1 if self.name == "ffill" else 0
        return tuple(
            (values.iloc[at],) if len(values := column.dropna()) else one
            for one, column in zip(before, columns, strict=True)
        )


@dataclass(frozen=True, slots=True)
class _Fill:
    name: str

    def __call__(self, *values: Any) -> Any:
        x, state = values
        found = getattr(x, self.name)()
        if state is None:
            return found
        columns = [
            column.fillna(one[0]) if one else column
            for one, column in zip(state, _columns(found), strict=True)
        ]
        return _rebuilt(found, columns)


@dataclass(frozen=True, eq=False)
class Filled(Composite):
    """Missing values filled with the nearest value before (ffill) or behind (bfill) them."""

    x: FrameExpr
    name: str
    op: ClassVar[str] = "filled"
    keeps_rows: ClassVar[bool] = True

    @property
    def title(self) -> str:
        return self.name

    @cached_property
    def geometry(self) -> Geometry:
        return self.x.geometry.with_meta(emulate(Method(self.name), self.x.meta))

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...]]:
        forward = self.name == "ffill"
        return (tuple(range(max(picked) + 1) if forward else range(min(picked), self.npartitions)),)

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        return self.replace_inputs(inputs), self.reading(picked)[0]

    def expand(self) -> FrameExpr:
        if self.x.npartitions == 1:
            return Apply(Method(self.name), (self.x,))
        state = int(self.x.row_bytes) + 64 * len(self.x.columns)
        scan = Scan(self.x, _Nearest(self.name), self.name == "bfill", state)
        return Apply(_Fill(self.name), (self.x, scan), self.meta)
