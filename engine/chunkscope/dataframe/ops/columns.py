"""Adding, dropping, renaming and converting columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pandas as pd
from pandas.api.types import is_list_like

from chunkscope.dataframe.alignment import LeftAligned, aligned
from chunkscope.dataframe.expr import FrameExpr, Geometry, Wanted
from chunkscope.dataframe.ops.elementwise import literal
from chunkscope.dataframe.partitionwise import How, Literal
from chunkscope.errors import FrameError
from chunkscope.expr import Expr

__all__ = ["Columns", "assigned", "converted", "dropped", "renamed"]


class ColumnHow(How, Protocol):
    """What is done to a frame, where it can tell which columns of it matter."""

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        """The columns of the frame that are read when only `wanted` columns of the result are."""

    def narrowed(self, known: frozenset[Hashable]) -> ColumnHow:
        """The same for a frame that has only the columns `known`."""


@dataclass(frozen=True, eq=False)
class Columns(LeftAligned):
    """`how(x, *values)` for each partition, which knows the columns that it reads of the frame `x`."""

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        frames = [arg for arg in self.args if isinstance(arg, FrameExpr)]
        how: Any = self.how
        first = None if wanted is None else how.reads(wanted, frames[0].columns)
        return (first, *(None for _ in frames[1:]))

    def narrowed(self, wanted: Wanted, inputs: Sequence[Expr]) -> Expr:
        new = self.replace_inputs(inputs)
        how: Any = self.how
        frame = new.args[0]
        assert isinstance(frame, FrameExpr)
        less = type(self)(
            how.narrowed(frozenset(frame.columns)), new.args, None, self.keeps_index, False, self.user
        )
        return less.stamped(self)


@dataclass(frozen=True, slots=True)
class _Assign:
    names: tuple[Hashable, ...]
    name: str = "assign"

    def __call__(self, *values: Any) -> Any:
        x = values[0].copy(deep=False)
        for name, value in zip(self.names, values[1:], strict=True):
            if not len(x) and isinstance(value, (pd.Series, pd.DataFrame)):
                value = value.reindex(x.index)  # else pandas would take over the rows of the value
            x[name] = value
        return x

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        return wanted - set(self.names)

    def narrowed(self, known: frozenset[Hashable]) -> _Assign:
        return self


@dataclass(frozen=True, eq=False)
class Assigned(Columns):
    """A frame with columns added or replaced: those that nobody reads are not made."""

    def _unread(self, wanted: Wanted) -> frozenset[int]:
        """Numbers of the arguments whose columns nobody reads."""
        how = self.how
        assert isinstance(how, _Assign)
        if wanted is None:
            return frozenset()
        return frozenset(i for i, name in enumerate(how.names, start=1) if name not in wanted)

    def spared(self, wanted: Wanted) -> frozenset[int]:
        unread = self._unread(wanted)
        places = [i for i, arg in enumerate(self.args) if isinstance(arg, FrameExpr)]
        return frozenset(number for number, i in enumerate(places) if i in unread)

    def narrowed(self, wanted: Wanted, inputs: Sequence[Expr]) -> Expr:
        how, new = self.how, self.replace_inputs(inputs)
        assert isinstance(how, _Assign)
        unread = self._unread(wanted)
        kept = [i for i in range(1, len(self.args)) if i not in unread]
        names = tuple(how.names[i - 1] for i in kept)
        if not names:
            return inputs[0]
        return Assigned(_Assign(names), (new.args[0], *(new.args[i] for i in kept))).stamped(self)


def assigned(x: FrameExpr, columns: Mapping[Hashable, Any]) -> FrameExpr:
    """`x` with these columns added or replaced; values are lazy series, scalars, or pandas series matched by index."""
    values: list[FrameExpr | Literal] = []
    for name, value in columns.items():
        values.append(_column(name, value))
    matched = aligned([x, *values], "assign")
    return Assigned(_Assign(tuple(columns)), tuple(matched))


def _column(name: Hashable, value: Any) -> FrameExpr | Literal:
    found = literal(value)
    if isinstance(found, FrameExpr):
        if isinstance(found.meta, pd.DataFrame) and len(found.columns) != 1:
            raise FrameError(
                f"column {name!r} needs one series, found a frame of {len(found.columns)} columns"
            )
        return found
    if is_list_like(value) and not isinstance(value, (pd.Series, dict)):
        raise FrameError(
            f"column {name!r}: values of type {type(value).__name__} cannot be cut into partitions, whose row numbers "
            "are not known; make it a series with an index, by pd.Series(values, index=...)"
        )
    return found


@dataclass(frozen=True, slots=True)
class _Drop:
    names: tuple[Hashable, ...]
    name: str = "drop"

    def __call__(self, *values: Any) -> Any:
        return values[0].drop(columns=list(self.names))

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        return wanted

    def narrowed(self, known: frozenset[Hashable]) -> _Drop:
        return _Drop(tuple(name for name in self.names if name in known))


def dropped(x: FrameExpr, names: Any, errors: str) -> FrameExpr:
    """`x` without these columns."""
    if not isinstance(x.meta, pd.DataFrame):
        raise FrameError("drop(columns=...) needs a frame; a series has no columns")
    wanted = list(names) if is_list_like(names) and not isinstance(names, tuple) else [names]
    missing = [name for name in wanted if name not in x.meta.columns]
    if missing and errors != "ignore":
        known = ", ".join(map(repr, x.columns[:30])) + (", …" if len(x.columns) > 30 else "")
        raise KeyError(f"no column {', '.join(map(repr, missing))} to drop; the columns are {known}")
    return Columns(_Drop(tuple(name for name in wanted if name in x.meta.columns)), (x,))


@dataclass(frozen=True, slots=True)
class _Rename:
    """New names by old ones, for each column."""

    names: tuple[tuple[Hashable, Hashable], ...]
    name: str = "rename"

    def __call__(self, *values: Any) -> Any:
        x = values[0].copy(deep=False)
        new = dict(self.names)
        x.columns = pd.Index([new[name] for name in x.columns], name=x.columns.name)
        return x

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        return frozenset(old for old, new in self.names if new in wanted)

    def narrowed(self, known: frozenset[Hashable]) -> _Rename:
        return self


def renamed(x: FrameExpr, new_names: Sequence[Hashable]) -> FrameExpr:
    """`x` with these names for its columns, in order."""
    return Columns(_Rename(tuple(zip(x.columns, new_names, strict=True))), (x,))


@dataclass(frozen=True, slots=True)
class _ByName:
    """A method with one option for each column, such as `astype({"x": float})`; others stay as they are."""

    name: str
    choices: tuple[tuple[Hashable, Any], ...]
    options: tuple[tuple[str, Any], ...] = ()

    def __call__(self, *values: Any) -> Any:
        return getattr(values[0], self.name)(dict(self.choices), **dict(self.options))

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        return wanted

    def narrowed(self, known: frozenset[Hashable]) -> _ByName:
        return _ByName(self.name, tuple(pair for pair in self.choices if pair[0] in known), self.options)


@dataclass(frozen=True, slots=True)
class _AsType:
    """`astype` with one dtype for all values."""

    dtype: Any
    name: str = "astype"

    def __call__(self, *values: Any) -> Any:
        return values[0].astype(self.dtype)

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        return wanted

    def narrowed(self, known: frozenset[Hashable]) -> _AsType:
        return self


@dataclass(frozen=True, eq=False)
class Converted(Columns):
    """Columns in other dtypes. Made-up values need not convert, so pandas is asked with no rows at all."""

    @cached_property
    def geometry(self) -> Geometry:
        (x,) = self.args
        assert isinstance(x, FrameExpr)
        return x.geometry.with_meta(self.how(x.meta))


def converted(x: FrameExpr, dtype: Any) -> FrameExpr:
    """`x.astype(dtype)`, where `dtype` may be a dict of one for each column."""
    if isinstance(dtype, Mapping) and isinstance(x.meta, pd.DataFrame):
        return Converted(_ByName("astype", tuple(dtype.items())), (x,))
    return Converted(_AsType(dtype), (x,))


def new_names(names: Sequence[Hashable], mapper: Mapping[Any, Any] | Callable[[Any], Any]) -> list[Hashable]:
    """The names after `mapper`, a dict or a function of one name."""
    if callable(mapper):
        return [mapper(name) for name in names]
    return [mapper.get(name, name) for name in names]
