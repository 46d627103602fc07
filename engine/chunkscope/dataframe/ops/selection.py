"""Choosing columns, rows and partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype

from chunkscope.dataframe.expr import FrameExpr, Geometry, Wanted
from chunkscope.dataframe.meta import emulate
from chunkscope.dataframe.partitionwise import PartitionWise, shared_geometry
from chunkscope.dataframe.program import Step
from chunkscope.errors import FrameError
from chunkscope.expr import Slots

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["Filter", "Head", "Partitions", "Projection", "Tail", "filtered", "projection"]


@dataclass(frozen=True, eq=False)
class Projection(PartitionWise):
    """Columns of a frame, as a frame; one column as a series where `single`."""

    x: FrameExpr
    names: tuple[Any, ...]
    single: bool
    op: ClassVar[str] = "getitem"

    @property
    def title(self) -> str:
        shown = ", ".join(map(str, self.names[:3])) + (", …" if len(self.names) > 3 else "")
        return f"[{shown}]"

    @cached_property
    def geometry(self) -> Geometry:
        return self.x.geometry.with_meta(_columns(self.x.meta, self.names, self.single))

    def step(self) -> Step:
        return _Project(self.names, self.single)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (frozenset(self.names),)


def _columns(x: Any, names: tuple[Any, ...], single: bool) -> Any:
    return x[names[0]] if single else x[list(names)]


@dataclass(frozen=True, slots=True)
class _Project:
    names: tuple[Any, ...]
    single: bool

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return _columns(inputs[0], self.names, self.single)


def projection(x: FrameExpr, key: Any) -> Projection:
    """`x[key]` for the name of a column, or a list of them. Raises KeyError that says what there is."""
    known = x.meta.columns
    single = not isinstance(key, (list, pd.Index, np.ndarray))
    names = (key,) if single else tuple(key)
    missing = [name for name in names if name not in known]
    if missing:
        raise KeyError(f"no column {', '.join(map(repr, missing))}; the columns are {_some(known)}")
    if single and isinstance(x.meta[key], pd.DataFrame):
        single = False
    return Projection(x, names, single)


def _some(names: Sequence[Any]) -> str:
    shown = ", ".join(repr(name) for name in list(names)[:30])
    return shown + (f" and {len(names) - 30} more" if len(names) > 30 else "")


@dataclass(frozen=True, eq=False)
class Filter(PartitionWise):
    """The rows of `x` where `mask` is true."""

    x: FrameExpr
    mask: FrameExpr
    op: ClassVar[str] = "filter"

    @cached_property
    def geometry(self) -> Geometry:
        shape = shared_geometry([self.x, self.mask], "a filter")
        return shape.with_meta(self.x.meta).at_most()

    @property
    def widths(self) -> Any:
        return self.x.widths

    def step(self) -> Step:
        return _Select()

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted, None)


@dataclass(frozen=True, slots=True)
class _Select:
    def __call__(self, block: int, /, *inputs: Any) -> Any:
        x, mask = inputs
        return x[mask]


def filtered(x: FrameExpr, mask: FrameExpr) -> Filter:
    """`x[mask]`: raises what pandas raises for such a mask."""
    if not isinstance(mask.meta, pd.Series) or not is_bool_dtype(mask.meta.dtype):
        what = type(mask.meta).__name__
        kind = getattr(mask.meta, "dtype", "several dtypes")
        raise FrameError(
            f"a filter needs a series of booleans, found a {what} of {kind}; use a comparison such as x > 0"
        )
    emulate(lambda a, b: a[b], x.meta, mask.meta)
    return Filter(x, mask)


@dataclass(frozen=True, eq=False)
class Partitions(FrameExpr):
    """Some of the partitions of `x`, in the order given. Needs no task."""

    x: FrameExpr
    picked: tuple[int, ...]
    op: ClassVar[str] = "partitions"

    @property
    def title(self) -> str:
        return f"partitions[{', '.join(map(str, self.picked[:3]))}{', …' if len(self.picked) > 3 else ''}]"

    @cached_property
    def geometry(self) -> Geometry:
        return self.x.geometry.taken(self.picked)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][0][list(self.picked)],)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)


@dataclass(frozen=True, eq=False)
class Head(PartitionWise):
    """The first rows of each partition of `x`."""

    x: FrameExpr
    nrows: int
    op: ClassVar[str] = "head"

    @cached_property
    def geometry(self) -> Geometry:
        return _cut(self.x.geometry, self.nrows)

    def step(self) -> Step:
        return _First(self.nrows)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)


@dataclass(frozen=True, eq=False)
class Tail(PartitionWise):
    """The last rows of each partition of `x`."""

    x: FrameExpr
    nrows: int
    op: ClassVar[str] = "tail"

    @cached_property
    def geometry(self) -> Geometry:
        return _cut(self.x.geometry, self.nrows)

    def step(self) -> Step:
        return _Last(self.nrows)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,)


def _cut(geometry: Geometry, nrows: int) -> Geometry:
    if nrows < 0:
        return geometry.at_most()
    return replace(geometry, rows=np.minimum(geometry.rows, nrows))


@dataclass(frozen=True, slots=True)
class _First:
    nrows: int

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return inputs[0].head(self.nrows)


@dataclass(frozen=True, slots=True)
class _Last:
    nrows: int

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return inputs[0].tail(self.nrows)
