"""Operations over each partition and some rows of the partitions around it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import Composite, FrameExpr, Geometry, Restricted, Wanted
from chunkscope.dataframe.how import Method
from chunkscope.dataframe.meta import emulate, meta_nonempty
from chunkscope.dataframe.ops.custom import name_of, own_copy
from chunkscope.dataframe.ops.promise import found_meta, promised
from chunkscope.dataframe.ops.scanning import Filled, Scan
from chunkscope.dataframe.partitionwise import Apply, How
from chunkscope.errors import FrameError
from chunkscope.expr import Expr

__all__ = ["filled", "map_overlap", "neighbours"]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The last `count` rows so far; going backward the first ones."""

    count: int
    backward: bool
    name: str = "rows"

    def __call__(self, state: Any, part: Any) -> Any:
        if self.backward:
            near = part if state is None else pd.concat([part.iloc[: self.count], state])
            return near.iloc[: self.count]
        near = part if state is None else pd.concat([state, part.iloc[-self.count :]])
        return near.iloc[-self.count :]


@dataclass(frozen=True, slots=True)
class _Window:
    """`how` over the rows of a partition and its neighbours, whose own results are dropped."""

    how: How
    before: bool
    after: bool

    @property
    def name(self) -> str:
        return self.how.name

    def __call__(self, *values: Any) -> Any:
        x, *states = values
        rest = iter(states)
        front = next(rest) if self.before else None
        back = next(rest) if self.after else None
        start = 0 if front is None else len(front)
        parts = [part for part in (front, x, back) if part is not None]
        found = self.how(pd.concat(parts) if len(parts) > 1 else x)
        if len(found) != sum(map(len, parts)):
            raise FrameError(
                f"{self.name} gave {len(found)} rows for {sum(map(len, parts))}; over neighbouring rows a function "
                "must give as many rows as it gets"
            )
        return found.iloc[start : start + len(x)]


@dataclass(frozen=True, eq=False)
class Neighbours(Composite):
    """`how` over each partition with some rows of the partitions before and behind it."""

    x: FrameExpr
    how: How
    before: int
    after: int
    given_meta: Any
    columnwise: bool
    user: bool
    op: ClassVar[str] = "neighbours"
    keeps_labels: ClassVar[bool] = True
    """Also where the function is the user's: who calls it answers for the index."""

    @property
    def keeps_rows(self) -> bool:
        """Whether index and order are those of the input."""
        return not self.user

    @property
    def title(self) -> str:
        return self.how.name

    @cached_property
    def geometry(self) -> Geometry:
        meta = emulate(self.how, self.x.meta) if self.given_meta is None else self.given_meta
        return self.x.geometry.with_meta(meta)

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        return (wanted if self.columnwise else None,)

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...]]:
        first = min(picked) if not self.before else 0
        stop = max(picked) + 1 if not self.after else self.npartitions
        return (tuple(range(first, stop)),)

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        return self.replace_inputs(inputs), self.reading(picked)[0]

    def expand(self) -> FrameExpr:
        x = self.x
        many = x.npartitions > 1
        scans = [
            Scan(x, _Rows(count, backward), backward, int(np.ceil(x.row_bytes * count)))
            for count, backward in ((self.before, False), (self.after, True))
            if count and many
        ]
        how = _Window(self.how, bool(self.before) and many, bool(self.after) and many)
        return Apply(how, (x, *scans), self.meta, user=self.user)


def neighbours(
    x: FrameExpr,
    how: How,
    before: int,
    after: int,
    *,
    meta: Any = None,
    columnwise: bool = False,
    user: bool = False,
) -> FrameExpr:
    """`how(rows)` for each partition, where rows are those of the partition and some around it."""
    return Neighbours(x, how, before, after, meta, columnwise, user)


@dataclass(frozen=True, slots=True)
class _User:
    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: tuple[tuple[Hashable, Any], ...]

    @property
    def name(self) -> str:
        return name_of(self.function)

    def __call__(self, *values: Any) -> Any:
        options: dict[Any, Any] = dict(self.options)
        return self.function(own_copy(values[0]), *self.args, **options)


def map_overlap(
    x: FrameExpr,
    function: Callable[..., Any],
    before: Any,
    after: Any,
    args: Sequence[Any],
    options: dict[str, Any],
    meta: Any,
) -> FrameExpr:
    """`function(rows, *args, **options)` for each partition with `before` and `after` rows around it."""
    for name, value in (("before", before), ("after", after)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise FrameError(f"map_overlap: {name}={value!r} is not a number of rows, 0 or more")
    how = _User(function, tuple(args), tuple(options.items()))
    if meta is None:
        known = found_meta(lambda: how(meta_nonempty(x.meta)), how.name, "map_overlap")
    else:
        known = promised(meta, x.meta.index)
    return neighbours(x, how, int(before), int(after), meta=known, user=True)


def filled(x: FrameExpr, name: str, limit: int | None) -> FrameExpr:
    """`x.ffill(limit=limit)` or `x.bfill(limit=limit)`."""
    if limit is None:
        return Filled(x, name)
    before, after = (limit, 0) if name == "ffill" else (0, limit)
    return neighbours(x, Method(name, (("limit", limit),)), before, after, columnwise=True)
