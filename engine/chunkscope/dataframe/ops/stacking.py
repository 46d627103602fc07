"""Frames one below the other, and from one call for each partition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry, Restricted, Wanted, unknown_divisions
from chunkscope.dataframe.meta import empty, kind_of, meta_nonempty, same_dtypes
from chunkscope.dataframe.ops.custom import as_promised, name_of
from chunkscope.dataframe.ops.promise import promised
from chunkscope.dataframe.partitionwise import Apply, Source
from chunkscope.dataframe.program import Step
from chunkscope.dataframe.wrapping import as_frame_expr
from chunkscope.errors import FrameError
from chunkscope.expr import Expr, Slots

if TYPE_CHECKING:
    from chunkscope.graph import GraphBuilder

__all__ = ["FromMap", "Stacked", "from_map", "stacked"]

GUESSED_ROWS = 10_000
"""What a partition of unknown length is taken to have."""


@dataclass(frozen=True, eq=False)
class Stacked(FrameExpr):
    """The partitions of one frame, then those of the next. Needs no task."""

    frames: tuple[FrameExpr, ...]
    op: ClassVar[str] = "concat"

    @cached_property
    def geometry(self) -> Geometry:
        parts = [x.geometry for x in self.frames]
        places: tuple[str, ...] = ()
        if any(part.places for part in parts):
            places = tuple(place for part in parts for place in part.places or ("",) * part.npartitions)
        widths: dict[Any, float] = {}
        for part in parts:
            for name, width in part.widths.items():
                widths[name] = max(width, widths.get(name, 0.0))
        return Geometry(
            parts[0].meta,
            self._divisions(),
            np.concatenate([part.rows for part in parts]),
            all(part.exact for part in parts),
            widths,
            places,
        )

    def _divisions(self) -> tuple[Any, ...]:
        count = sum(x.npartitions for x in self.frames)
        if not all(x.known_divisions for x in self.frames):
            return unknown_divisions(count)
        edges = [x.divisions for x in self.frames]
        try:
            apart = all(a[-1] < b[0] for a, b in pairwise(edges))
        except TypeError:
            apart = False
        if not apart:
            return unknown_divisions(count)
        return (*(edge for one in edges for edge in one[:-1]), edges[-1][-1])

    def _shares(self, picked: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The partitions of each frame that are picked."""
        starts = np.cumsum([0, *(x.npartitions for x in self.frames)]).tolist()
        return [tuple(i - low for i in picked if low <= i < high) for low, high in pairwise(starts)]

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        return tuple(self._shares(picked))

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        shares = self._shares(picked)
        frames = [x for x, share in zip(inputs, shares, strict=True) if share and isinstance(x, FrameExpr)]
        return Stacked(tuple(frames)), picked

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted,) * len(self.frames)

    def narrowed(self, wanted: Wanted, inputs: Sequence[Expr]) -> Expr:
        if not isinstance(self.meta, pd.DataFrame):
            return self.replace_inputs(inputs)
        frames = [x for x in inputs if isinstance(x, FrameExpr)]
        names = [name for name in self.meta.columns if all(name in x.meta.columns for x in frames)]
        return Stacked(tuple(_only(x, names) for x in frames)).stamped(self)

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (np.concatenate([slots.reshape(-1) for slots, *_ in inputs]),)


def _only(x: FrameExpr, names: list[Any]) -> FrameExpr:
    from chunkscope.dataframe.ops.selection import Projection

    return x if list(x.meta.columns) == names else Projection(x, tuple(names), False)


@dataclass(frozen=True, slots=True)
class _Conform:
    """Columns and dtypes as they are when all frames stand together."""

    meta: Any
    name: str = "concat"

    def __call__(self, *values: Any) -> Any:
        (x,) = values
        if isinstance(self.meta, pd.Series):
            return x.astype(self.meta.dtype).rename(self.meta.name)
        found = x.reindex(columns=self.meta.columns)
        return found.astype(dict(zip(self.meta.columns, self.meta.dtypes, strict=True)))


def stacked(values: Iterable[Any], join: str) -> FrameExpr:
    """`pd.concat(values)`, one partition after the other; columns that a frame lacks are missing values in it."""
    frames = [_frame(value) for value in values]
    if not frames:
        raise FrameError("concat needs at least one frame; found none")
    kinds = {kind_of(x.meta) for x in frames}
    if len(kinds) > 1:
        raise FrameError(
            f"concat needs frames or series, found {' and '.join(sorted(kinds))}; use x.to_frame()"
        )
    if len(frames) == 1:
        return frames[0]
    samples = [meta_nonempty(x.meta) for x in frames]
    meta = empty(pd.concat(samples, join=join))  # type: ignore[call-overload]
    fitted = []
    for x in frames:
        own = x.meta
        alike = same_dtypes(meta, own) and getattr(own, "name", None) == getattr(meta, "name", None)
        fitted.append(x if alike else Apply(_Conform(meta), (x,), meta))
    return Stacked(tuple(fitted))


def _frame(value: Any) -> FrameExpr:
    expr = getattr(value, "_expr", None)
    if isinstance(expr, FrameExpr) and isinstance(expr.meta, (pd.DataFrame, pd.Series)):
        return expr
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return as_frame_expr(value)
    raise FrameError(f"concat needs frames or series, found {type(value).__name__}")


@dataclass(frozen=True, eq=False)
class FromMap(Source):
    """One call of the user's function for each partition."""

    function: Callable[..., Any]
    calls: tuple[tuple[Any, ...], ...]
    options: tuple[tuple[str, Any], ...]
    promised: Any
    edges: tuple[Any, ...]
    names: tuple[Any, ...] | None = None
    """The columns that are asked of a function that takes `columns`; None for all."""
    takes_columns: bool = False
    enforced: bool = True
    """Whether the columns of each partition are checked."""
    op: ClassVar[str] = "from_map"

    @property
    def title(self) -> str:
        return name_of(self.function)

    @property
    def runs_user_code(self) -> bool:
        return True

    @cached_property
    def geometry(self) -> Geometry:
        meta = self.promised if self.names is None else self.promised[list(self.names)]
        rows = np.full(len(self.calls), GUESSED_ROWS, dtype=np.int64)
        return Geometry(meta, self.edges, rows)

    def step(self) -> Step:
        options = dict(self.options)
        if self.names is not None:
            options["columns"] = list(self.names)
        return _Make(self.function, self.calls, tuple(options.items()), self.meta if self.enforced else None)

    def projected(self, columns: list[Any]) -> FrameExpr | None:
        if not self.takes_columns:
            return None
        return FromMap(
            self.function,
            self.calls,
            self.options,
            self.promised,
            self.edges,
            tuple(columns),
            True,
            self.enforced,
        )

    def taken(self, partitions: tuple[int, ...]) -> FrameExpr:
        calls = tuple(self.calls[i] for i in partitions)
        return FromMap(
            self.function,
            calls,
            self.options,
            self.promised,
            self.geometry.taken(partitions).divisions,
            self.names,
            self.takes_columns,
            self.enforced,
        )


@dataclass(frozen=True, slots=True)
class _Make:
    function: Callable[..., Any]
    calls: tuple[tuple[Any, ...], ...]
    options: tuple[tuple[str, Any], ...]
    promised: Any
    """None where nothing is checked."""

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        value = self.function(*self.calls[block], **dict(self.options))
        if self.promised is None:
            return value
        return as_promised(value, self.promised, name_of(self.function), block)

    def place_of(self, block: int) -> str:
        shown = ", ".join(repr(value) for value in self.calls[block])
        return f"{name_of(self.function)}({shown[:80]})"


def from_map(
    function: Callable[..., Any],
    iterables: Sequence[Iterable[Any]],
    args: Sequence[Any],
    options: Mapping[str, Any],
    meta: Any,
    divisions: Sequence[Any] | None,
    enforced: bool,
) -> FrameExpr:
    """A frame with one partition for each call of `function`."""
    import inspect

    if not callable(function):
        raise FrameError(f"from_map needs a function, found {type(function).__name__}")
    columns = [list(values) for values in iterables]
    if not columns or not columns[0]:
        raise FrameError("from_map needs at least one value to call the function with")
    if len({len(values) for values in columns}) > 1:
        raise FrameError(
            f"from_map needs as many values of each kind, found {' and '.join(str(len(v)) for v in columns)}"
        )
    calls = tuple((*call, *args) for call in zip(*columns, strict=True))
    if meta is None:
        try:
            known = empty(function(*calls[0], **options))
        except Exception as error:
            raise FrameError(
                f"from_map could not find what {name_of(function)} gives: the first call raised "
                f"{type(error).__name__}: {error}; say it with meta="
            ) from error
    else:
        known = promised(meta)
    if not isinstance(known, (pd.DataFrame, pd.Series)):
        raise FrameError(
            f"{name_of(function)} gives a value of type {type(known).__name__}; from_map needs frames or series"
        )
    edges = unknown_divisions(len(calls)) if divisions is None else tuple(divisions)
    if len(edges) != len(calls) + 1:
        raise FrameError(f"{len(calls)} partitions have {len(calls) + 1} divisions, found {len(edges)}")
    try:
        takes = "columns" in inspect.signature(function).parameters and "columns" not in options
    except (TypeError, ValueError):  # a builtin without a signature
        takes = False
    takes = takes and isinstance(known, pd.DataFrame)
    return FromMap(function, calls, tuple(options.items()), known, edges, None, takes, enforced)
