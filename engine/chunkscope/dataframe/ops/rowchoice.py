"""Leaving rows out, or repeating them, by what stands in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import FrameType
from typing import Any, ClassVar

import pandas as pd
from pandas.api.types import is_list_like

from chunkscope.dataframe.alignment import aligned
from chunkscope.dataframe.expr import FrameExpr, Geometry
from chunkscope.dataframe.ops.columns import Columns
from chunkscope.dataframe.ops.elementwise import call
from chunkscope.dataframe.ops.selection import filtered
from chunkscope.errors import FrameError

__all__ = ["dropna", "evaluated", "exploded", "masked", "queried"]

_LOCAL = re.compile(r"@([A-Za-z_]\w*)")


@dataclass(frozen=True, eq=False)
class RowChoice(Columns):
    """Rows left out or repeated; index values stay, so divisions do."""

    chooses_rows: ClassVar[bool] = True

    @cached_property
    def geometry(self) -> Geometry:
        whole: Geometry = Columns.geometry.func(self)  # type: ignore[attr-defined]
        return whole.at_most()


@dataclass(frozen=True, slots=True)
class _ByMethod:
    """A method whose choice of rows depends on some columns (None: on all)."""

    name: str
    args: tuple[Any, ...]
    options: tuple[tuple[str, Any], ...]
    columns: frozenset[Hashable] | None

    def __call__(self, *values: Any) -> Any:
        return getattr(values[0], self.name)(*self.args, **dict(self.options))

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        return frozenset(known) if self.columns is None else wanted | self.columns

    def narrowed(self, known: frozenset[Hashable]) -> _ByMethod:
        return self


def dropna(x: FrameExpr, subset: Any, options: Mapping[str, Any]) -> FrameExpr:
    """The rows without missing values."""
    columns = None
    if subset is not None:
        names = list(subset) if is_list_like(subset) and not isinstance(subset, tuple) else [subset]
        columns = frozenset(names)
        options = {**options, "subset": names}
    return RowChoice(_ByMethod("dropna", (), tuple(options.items()), columns), (x,))


def exploded(x: FrameExpr, column: Any) -> FrameExpr:
    """A row for each element of the lists in `column`."""
    names = list(column) if is_list_like(column) and not isinstance(column, tuple) else [column]
    return RowChoice(_ByMethod("explode", (column,), (), frozenset(names)), (x,))


@dataclass(frozen=True, slots=True)
class _Text:
    """`query` or `eval` of an expression in words; variables of the caller are held by value."""

    name: str
    text: str
    variables: tuple[tuple[str, Any], ...]
    options: tuple[tuple[str, Any], ...]

    def __call__(self, *values: Any) -> Any:
        return getattr(values[0], self.name)(
            self.text, local_dict=dict(self.variables), global_dict={}, **dict(self.options)
        )

    def reads(self, wanted: frozenset[Hashable], known: Sequence[Hashable]) -> frozenset[Hashable]:
        named = _names(self.text)
        if named is None:
            return frozenset(known)
        return (wanted | named) & frozenset(known)

    def narrowed(self, known: frozenset[Hashable]) -> _Text:
        return self


def _names(text: str) -> frozenset[str] | None:
    """The names in an expression; None where Python's own grammar does not tell."""
    try:
        tree = ast.parse(_LOCAL.sub("None", text).strip())
    except SyntaxError:
        return None
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _variables(text: str, given: Mapping[str, Any] | None, caller: FrameType) -> tuple[tuple[str, Any], ...]:
    found = {}
    for name in _LOCAL.findall(text):
        for scope in (given or {}, caller.f_locals, caller.f_globals):
            if name in scope:
                found[name] = scope[name]
                break
        else:
            raise FrameError(f"query: there is no variable {name!r} for @{name}; give it in local_dict=")
        if isinstance(getattr(found[name], "_expr", None), FrameExpr):
            raise FrameError(f"query: @{name} is a lazy value; compute it first, or use x[mask]")
    return tuple(found.items())


def masked(x: FrameExpr, mask: FrameExpr) -> FrameExpr:
    """`x[mask]`: rows where a series of booleans holds, or values where a frame of booleans does."""
    if isinstance(mask.meta, pd.DataFrame) and isinstance(x.meta, pd.DataFrame):
        return call(x, "where", (mask,))
    first, second = aligned([x, mask], "a filter")
    assert isinstance(first, FrameExpr)
    assert isinstance(second, FrameExpr)
    return filtered(first, second)


def queried(
    x: FrameExpr, text: str, given: Mapping[str, Any] | None, caller: FrameType, options: Mapping[str, Any]
) -> FrameExpr:
    """The rows for which the expression holds."""
    how = _Text("query", text, _variables(text, given, caller), tuple(options.items()))
    return RowChoice(how, (x,))


def evaluated(
    x: FrameExpr, text: str, given: Mapping[str, Any] | None, caller: FrameType, options: Mapping[str, Any]
) -> FrameExpr:
    """The value of the expression for each row, or the frame with a column assigned."""
    if options.get("inplace"):
        raise FrameError("eval(inplace=True) is not possible; use x = x.eval(...)")
    how = _Text("eval", text, _variables(text, given, caller), tuple(options.items()))
    found = Columns(how, (x,))
    if not isinstance(found.meta, (pd.DataFrame, pd.Series)):
        raise FrameError(f"eval: {text!r} gives one value, not one for each row")
    return found
