"""Joins with a small frame: it goes whole to each partition of the large one, and nothing is shuffled."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry, Wanted, unknown_divisions
from chunkscope.dataframe.meta import emulate
from chunkscope.dataframe.partitionwise import PartitionWise
from chunkscope.dataframe.program import Step
from chunkscope.dataframe.wrapping import as_frame_expr
from chunkscope.errors import FrameError

__all__ = ["Merge", "merge"]


@dataclass(frozen=True, slots=True)
class Keys:
    """How rows are matched: the arguments of pandas' merge."""

    how: str
    on: tuple[Hashable, ...] | None = None
    left_on: tuple[Hashable, ...] | None = None
    right_on: tuple[Hashable, ...] | None = None
    left_index: bool = False
    right_index: bool = False
    suffixes: tuple[str | None, str | None] = ("_x", "_y")
    indicator: bool | str = False

    def join(self, left: Any, right: Any) -> Any:
        """The rows of both, matched."""
        return pd.merge(
            left,
            right,
            how=self.how,  # type: ignore[arg-type]
            on=None if self.on is None else list(self.on),
            left_on=None if self.left_on is None else list(self.left_on),
            right_on=None if self.right_on is None else list(self.right_on),
            left_index=self.left_index,
            right_index=self.right_index,
            suffixes=self.suffixes,
            indicator=self.indicator,
        )

    def columns(self, left: bool) -> frozenset[Hashable]:
        """The columns of one side that rows are matched by."""
        own = self.left_on if left else self.right_on
        return frozenset((*(self.on or ()), *(own or ())))


@dataclass(frozen=True, eq=False)
class Merge(PartitionWise):
    """`pd.merge(left, right)` for each partition of the side that has many; the other side is whole in each task."""

    left: FrameExpr
    right: FrameExpr
    keys: Keys
    op: ClassVar[str] = "merge"

    @property
    def _large(self) -> FrameExpr:
        return self.left if self.right.npartitions == 1 else self.right

    @cached_property
    def geometry(self) -> Geometry:
        large = self._large
        meta = emulate(self.keys.join, self.left.meta, self.right.meta)
        keys, left_large = self.keys, large is self.left
        keeps_index = (keys.left_index and keys.right_index) or (
            keys.how == "left" and left_large and keys.right_index
        )
        divisions = (
            large.divisions if keeps_index and large.npartitions > 1 else unknown_divisions(large.npartitions)
        )
        widths = {**self.right.widths, **self.left.widths}
        # a key that the small side has once: as many rows as before; nobody knows before it runs
        rows = large.rows if large.npartitions > 1 else np.maximum(self.left.rows, self.right.rows)
        return Geometry(meta, divisions, rows, False, widths, large.geometry.places)

    def step(self) -> Step:
        return _Join(self.keys)

    def scratch_bytes(self) -> int:
        return int(self.block_bytes().max(initial=0))

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        if wanted is None:
            return (None, None)
        return tuple(
            self._read(x, wanted, self.keys.columns(left))
            for x, left in ((self.left, True), (self.right, False))
        )

    def _read(self, x: FrameExpr, wanted: frozenset[Hashable], keys: frozenset[Hashable]) -> Wanted:
        if not isinstance(x.meta, pd.DataFrame):
            return None
        both = set(self.left.columns) & set(self.right.columns)  # they have suffixes while both are there
        return frozenset(name for name in x.columns if name in keys or name in wanted or name in both)


@dataclass(frozen=True, slots=True)
class _Join:
    keys: Keys

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        left, right = inputs
        return self.keys.join(left, right)


def _names(keys: Any) -> tuple[Hashable, ...] | None:
    if keys is None:
        return None
    return tuple(keys) if isinstance(keys, (list, pd.Index)) else (keys,)


def merge(
    left: Any,
    right: Any,
    how: str = "inner",
    on: Any = None,
    left_on: Any = None,
    right_on: Any = None,
    left_index: bool = False,
    right_index: bool = False,
    suffixes: Any = ("_x", "_y"),
    indicator: bool | str = False,
) -> FrameExpr:
    """The rows of both, matched; one side is a pandas frame or has one partition."""
    sides = [_side(left, "left"), _side(right, "right")]
    many = [x.npartitions > 1 for x in sides]
    if all(many):
        raise FrameError(
            f"merge of two frames of {sides[0].npartitions} and {sides[1].npartitions} partitions needs a shuffle, "
            "which is not built yet; make the smaller one whole with right.compute() or "
            "right.repartition(npartitions=1)"
        )
    safe = {"inner", "cross"} | ({"left"} if not many[1] else set()) | ({"right"} if not many[0] else set())
    if not any(many):
        safe = {"inner", "left", "right", "outer", "cross"}
    if how not in ("inner", "left", "right", "outer", "cross"):
        raise FrameError(f"how={how!r} is not one of 'inner', 'left', 'right', 'outer', 'cross'")
    if how not in safe:
        whole, parts = ("right", "left") if many[0] else ("left", "right")
        raise FrameError(
            f"merge(how={how!r}) keeps the rows of the {whole} frame that match nothing, which no single partition of "
            f"the {parts} one can tell; use how='inner' or how={parts!r}, or compute both"
        )
    if (
        on is None
        and left_on is None
        and right_on is None
        and not (left_index or right_index)
        and how != "cross"
    ):
        common = [name for name in sides[0].columns if name in sides[1].columns]
        if not common:
            raise FrameError("merge: the frames have no column in common; say on=, or left_on= and right_on=")
        on = common
    keys = Keys(
        how,
        _names(on),
        _names(left_on),
        _names(right_on),
        bool(left_index),
        bool(right_index),
        tuple(suffixes),
        indicator,
    )
    _check_keys(sides, keys)
    return Merge(sides[0], sides[1], keys)


def _side(value: Any, name: str) -> FrameExpr:
    expr = getattr(value, "_expr", None)
    if not isinstance(expr, FrameExpr):
        if not isinstance(value, (pd.DataFrame, pd.Series)):
            raise FrameError(f"merge needs frames; {name} is of type {type(value).__name__}")
        expr = as_frame_expr(value)
    if not isinstance(expr.meta, (pd.DataFrame, pd.Series)):
        raise FrameError(f"merge needs frames; {name} is of type {type(value).__name__}")
    if isinstance(expr.meta, pd.Series) and expr.meta.name is None:
        raise FrameError(f"merge needs a name for the series on the {name}; use x.rename(...)")
    return expr


def _check_keys(sides: list[FrameExpr], keys: Keys) -> None:
    for x, left, word in ((sides[0], True, "left"), (sides[1], False, "right")):
        missing = [name for name in keys.columns(left) if name not in x.columns and name != x.meta.index.name]
        if missing:
            known = ", ".join(map(repr, x.columns[:20])) + (", …" if len(x.columns) > 20 else "")
            raise KeyError(f"merge: the {word} frame has no column {missing[0]!r}; its columns are {known}")


def join(
    left: FrameExpr, other: Any, on: Any = None, how: str = "left", lsuffix: str = "", rsuffix: str = ""
) -> FrameExpr:
    """`left.join(other)`: rows of `other` looked up by its index, with the index or the columns `on` of `left`."""
    right = _side(other, "right")
    both = [name for name in left.columns if name in right.columns]
    if both and not lsuffix and not rsuffix:
        raise FrameError(f"join: both frames have columns {both!r}; give lsuffix= or rsuffix=")
    return merge(
        _Lazy(left),
        _Lazy(right),
        how,
        left_on=on,
        left_index=on is None,
        right_index=True,
        suffixes=(lsuffix, rsuffix),
    )


@dataclass(frozen=True)
class _Lazy:
    _expr: FrameExpr
