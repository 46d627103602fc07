"""Operations on the rows of one partition at a time, by the name of pandas' method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like

from chunkscope.dataframe.alignment import Aligned, LeftAligned, aligned, same_rows
from chunkscope.dataframe.expr import FrameExpr, Geometry
from chunkscope.dataframe.how import Method
from chunkscope.dataframe.partitionwise import Apply, How, Literal
from chunkscope.dataframe.wrapping import operand
from chunkscope.errors import FrameError

__all__ = ["Call", "Subset", "binary", "call", "literal"]


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the first value, of whose arguments the last few are given by keyword.

    `options` are keyword arguments that are the same for each partition.
    """

    name: str
    keywords: tuple[str, ...]
    options: tuple[tuple[str, Any], ...] = ()

    def __call__(self, *values: Any) -> Any:
        cut = len(values) - len(self.keywords)
        x, *args = values[:cut]
        named = dict(zip(self.keywords, values[cut:], strict=True))
        return getattr(x, self.name)(*args, **named, **dict(self.options))


@dataclass(frozen=True, eq=False)
class Subset(Apply):
    """`Apply` that drops or repeats rows: what is left keeps its index values, so divisions stay."""

    chooses_rows: ClassVar[bool] = True

    @cached_property
    def geometry(self) -> Geometry:
        whole: Geometry = Apply.geometry.func(self)  # type: ignore[attr-defined]
        return whole.at_most()


def literal(value: Any) -> FrameExpr | Literal:
    """An argument of which every partition gets the whole: a lazy scalar or frame, else the value as it is."""
    expr = value if isinstance(value, FrameExpr) else getattr(value, "_expr", None)
    return expr if isinstance(expr, FrameExpr) else Literal(value)


def call(
    x: FrameExpr,
    name: str,
    args: Sequence[Any] = (),
    options: Mapping[str, Any] | None = None,
    *,
    columnwise: bool = False,
    node: type[Apply] = Apply,
    keeps_index: bool = True,
) -> FrameExpr:
    """`x.<name>(*args, **options)` for each partition. Arguments that are lazy frames are matched by partition.

    For methods that look up the rows of `x` in their arguments: pandas objects go whole to each partition.
    """
    lazy = {key: value for key, value in (options or {}).items() if isinstance(literal(value), FrameExpr)}
    plain = tuple((key, value) for key, value in (options or {}).items() if key not in lazy)
    values = [x, *map(literal, args), *map(literal, lazy.values())]
    how: How = Call(name, tuple(lazy), plain) if lazy else Method(name, plain)
    matched = aligned(values, name)
    frames = [arg for arg in matched if isinstance(arg, FrameExpr)]
    # a value for each column, in order or by label, cannot be matched once columns are left out
    simple = not any(isinstance(arg, FrameExpr) for arg in matched[1:])
    by_column = columnwise and (simple or all(_same_columns(x, arg) for arg in frames))
    if keeps_index and node is Apply and not same_rows([f for f in frames if f.npartitions == x.npartitions]):
        node = LeftAligned
    return node(how, tuple(matched), None, keeps_index, by_column)


def _same_columns(x: FrameExpr, other: FrameExpr) -> bool:
    if other.is_scalar:
        return True
    return isinstance(other.meta, pd.DataFrame) and list(other.meta.columns) == list(x.meta.columns)


def binary(how: How, values: Sequence[Any], *, by_rows: bool = False, name: str | None = None) -> FrameExpr:
    """`how(*values)` for each partition, rows matched by index as in pandas' arithmetic (both sides' rows are kept).

    A series beside a frame is matched with its columns, unless `by_rows`.
    """
    shown = name or how.name
    args = [operand(value) for value in values]
    rowed = [arg for arg in args if isinstance(arg, FrameExpr) and not arg.is_scalar]
    frames = [arg for arg in rowed if isinstance(arg.meta, pd.DataFrame)]
    for arg in args:
        if isinstance(arg, Literal):
            _check_list(arg.value, rowed, frames, shown, by_rows)
    matched: Sequence[FrameExpr | Literal] = args
    if frames and len(frames) < len(rowed) and not by_rows:
        _check_one_partition([x for x in rowed if x not in frames], shown)
        kept = iter(aligned(frames, shown))
        matched = [next(kept) if arg in frames else arg for arg in args]
        rows = [arg for arg in matched if isinstance(arg, FrameExpr) and isinstance(arg.meta, pd.DataFrame)]
    else:
        matched = aligned(args, shown)
        rows = [arg for arg in matched if isinstance(arg, FrameExpr) and not arg.is_scalar]
    alike = all(
        arg.is_scalar or isinstance(arg.meta, pd.DataFrame)
        if isinstance(arg, FrameExpr)
        else not is_list_like(arg.value)
        for arg in matched
    )
    node = Apply if same_rows(rows) else Aligned
    keeps_index = not any(isinstance(x.meta, pd.Index) for x in rowed)
    return node(how, tuple(matched), None, keeps_index, alike)


def _check_list(
    value: Any, rowed: list[FrameExpr], frames: list[FrameExpr], name: str, by_rows: bool
) -> None:
    if not is_list_like(value) or isinstance(value, (dict, set)):
        return
    one = getattr(value, "ndim", 1) == 1
    if one and frames and not by_rows:
        return  # pandas matches it with the columns
    if one and all(x.npartitions == 1 for x in rowed) and isinstance(value, pd.Index):
        return
    size = f"of shape {np.shape(value)}" if hasattr(value, "shape") else f"of {len(list(value))} values"
    raise FrameError(
        f"{name}: a {type(value).__name__} {size} cannot be matched with rows in partitions, whose numbers are not "
        "known; make it a series with an index, by pd.Series(values, index=...)"
    )


def _check_one_partition(series: list[FrameExpr], name: str) -> None:
    for x in series:
        if x.npartitions > 1:
            raise FrameError(
                f"{name}: a series beside a frame is matched with its columns, as in pandas, and this one has "
                f"{x.npartitions} partitions of rows; to match rows, use the method with axis=0, "
                "such as x.add(y, axis=0)"
            )
