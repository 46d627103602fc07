"""Frames from what is there already: a pandas object, delayed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry, unknown_divisions
from chunkscope.dataframe.meta import empty, kind_of, same_dtypes
from chunkscope.dataframe.partitionwise import Source
from chunkscope.dataframe.program import Step
from chunkscope.errors import FrameError
from chunkscope.expr import Expr, Slots
from chunkscope.graph import Strategy
from chunkscope.tokens import unique_token

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["FromDelayed", "FromPandas", "Partition", "from_pandas_expr"]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A pandas object of the user's; equal to itself alone, so that nobody has to read it to make a token."""

    value: Any
    token: str = field(default_factory=lambda: unique_token("held"))

    def __chunkscope_token__(self) -> str:
        return self.token


@dataclass(frozen=True, eq=False)
class FromPandas(Source):
    """Consecutive rows of a pandas object: partition i holds rows `bounds[i]:bounds[i + 1]`."""

    held: Held
    bounds: tuple[int, ...]
    edges: tuple[Any, ...]
    """The divisions."""
    names: tuple[Any, ...] | None = None
    """The columns that are made, or None for all."""
    picked: tuple[int, ...] | None = None
    """The partitions that are made, or None for all."""
    op: ClassVar[str] = "from_pandas"

    @cached_property
    def geometry(self) -> Geometry:
        value = self.held.value
        meta = empty(value)
        if self.names is not None:
            meta = meta[list(self.names)]
        edges = np.asarray(self.bounds, dtype=np.int64)
        rows = edges[1:] - edges[:-1]
        geometry = Geometry(meta, self.edges, rows, True, _widths(value))
        return geometry if self.picked is None else geometry.taken(self.picked)

    def step(self) -> Step:
        picked = range(len(self.bounds) - 1) if self.picked is None else self.picked
        return _Rows(self.held.value, tuple((self.bounds[i], self.bounds[i + 1]) for i in picked), self.names)

    def projected(self, columns: list[Any]) -> FrameExpr | None:
        if not isinstance(self.held.value, pd.DataFrame):
            return None
        return FromPandas(self.held, self.bounds, self.edges, tuple(columns), self.picked)

    def taken(self, partitions: tuple[int, ...]) -> FrameExpr | None:
        now = range(self.npartitions) if self.picked is None else self.picked
        return FromPandas(self.held, self.bounds, self.edges, self.names, tuple(now[i] for i in partitions))


def _widths(value: Any) -> dict[Any, float]:
    """Bytes of one value of each column whose dtype does not tell."""
    if isinstance(value, pd.Index):
        value = value.to_series()
    if isinstance(value, pd.Series):
        value = value.to_frame()
    found = {}
    for i, name in enumerate(value.columns):
        column = value.iloc[:, i]
        if len(column) and not isinstance(column.dtype, np.dtype):
            found[name] = column.memory_usage(index=False) / len(column) + 1
        elif column.dtype == object and len(column):
            sample = column.iloc[:: max(1, len(column) // 100)]
            found[name] = sample.memory_usage(index=False, deep=True) / len(sample)
    return found


@dataclass(frozen=True, slots=True)
class _Rows:
    value: Any
    spans: tuple[tuple[int, int], ...]
    names: tuple[Any, ...] | None

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        start, stop = self.spans[block]
        if isinstance(self.value, pd.Index):
            return self.value[start:stop]
        value = self.value if self.names is None else self.value[list(self.names)]
        return value.iloc[start:stop]

    def place_of(self, block: int) -> str:
        start, stop = self.spans[block]
        return f"rows {start:,} to {stop:,}"


def from_pandas_expr(value: Any, npartitions: int | None, chunksize: int | None, sort: bool) -> FromPandas:
    """A pandas object cut into partitions; see `from_pandas`."""
    if not isinstance(value, (pd.DataFrame, pd.Series)):
        raise FrameError(
            f"from_pandas needs a pandas DataFrame or Series, found {type(value).__name__}; "
            "make one with pd.DataFrame(...)"
        )
    if npartitions is not None and chunksize is not None:
        raise FrameError("give npartitions= or chunksize=, not both")
    for name, given in (("npartitions", npartitions), ("chunksize", chunksize)):
        if given is not None and (type(given) is not int or given < 1):
            raise FrameError(f"{name}={given!r} is not a number of 1 or more")
    if isinstance(value.index, pd.MultiIndex):
        raise FrameError(
            "from_pandas needs an index of one level, found a MultiIndex; use value.reset_index()"
        )
    nrows = len(value)
    count = -(-nrows // chunksize) if chunksize is not None else int(npartitions or 1)
    count = max(1, min(count, nrows))
    value = value.copy(deep=False)  # copy on write: what the user does to theirs later is not seen here
    if not sort or not nrows:
        step = -(-nrows // count) if count else 0
        bounds = tuple(min(i * step, nrows) for i in range(count + 1))
        bounds = tuple(dict.fromkeys(bounds)) if nrows else (0, 0)
        return FromPandas(Held(value), bounds, unknown_divisions(len(bounds) - 1))
    if value.index.hasnans:
        raise FrameError(
            "the index has missing values, so it cannot be sorted into divisions; use sort=False"
        )
    if not value.index.is_monotonic_increasing:
        value = value.sort_index(kind="stable")
    bounds, edges = _sorted_bounds(value.index, count)
    return FromPandas(Held(value), bounds, edges)


def _sorted_bounds(index: pd.Index[Any], count: int) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """Where to cut a sorted index into about `count` parts such that equal values stay together."""
    nrows = len(index)
    step = -(-nrows // count)
    cuts = [0]
    for wish in range(step, nrows, step):
        first = int(index.searchsorted(index[wish], side="left"))
        if first <= cuts[-1]:
            first = int(index.searchsorted(index[wish], side="right"))
        if cuts[-1] < first < nrows:
            cuts.append(first)
    edges = (*(index[i] for i in cuts), index[-1])
    return (*cuts, nrows), edges


@dataclass(frozen=True, eq=False)
class FromDelayed(FrameExpr):
    """One delayed value for each partition, checked against what was promised."""

    parts: tuple[Expr, ...]
    promised: Any
    edges: tuple[Any, ...]
    verify: bool
    op: ClassVar[str] = "from_delayed"

    @cached_property
    def geometry(self) -> Geometry:
        rows = np.full(len(self.parts), 10_000, dtype=np.int64)  # nothing is known before they run
        return Geometry(self.promised, self.edges, rows)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        slots = np.array([int(parts[0].reshape(())) for parts in inputs], dtype=np.int64)
        return self.add_layer(
            build, _Verify(self.promised, self.verify), [slots], strategy=Strategy.BLOCKWISE
        )


@dataclass(frozen=True, slots=True)
class _Verify:
    meta: Any
    verify: bool

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        (value,) = inputs
        if self.verify and not same_dtypes(self.meta, value):
            raise FrameError(
                f"partition {block} of from_delayed is {_columns_of(value)}, promised was {_columns_of(self.meta)}; "
                "give meta= as it is, or verify_meta=False"
            )
        return value


def _columns_of(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        named = [f"{name} {dtype}" for name, dtype in zip(value.columns, value.dtypes, strict=True)]
        return f"a DataFrame of {', '.join(named[:20])}{', …' if len(named) > 20 else ''}"
    return f"a {kind_of(value)} of {getattr(value, 'dtype', type(value).__name__)}"


@dataclass(frozen=True, eq=False)
class Partition(Expr):
    """One partition of a frame as one value: what `to_delayed` gives. Needs no task."""

    x: FrameExpr
    index: int
    op: ClassVar[str] = "partition"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][0].reshape(-1)[self.index].reshape(()),)
