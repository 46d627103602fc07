"""Whether partition i of one operand belongs to partition i of another; and what to do where it does not.

Two frames belong together if both come, partition by partition, from the same reader: then pandas aligns the rows of
each pair of partitions. Otherwise their divisions must be known, and the frames are cut alike first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry
from chunkscope.dataframe.ops.making import FromPandas, from_pandas_expr
from chunkscope.dataframe.ops.repartition import by_divisions
from chunkscope.dataframe.ops.selection import Filter, Head, Projection, Tail
from chunkscope.dataframe.partitionwise import Apply, Literal
from chunkscope.errors import FrameError
from chunkscope.expr import postorder

__all__ = ["Aligned", "LeftAligned", "aligned", "same_rows"]

Operand = FrameExpr | Literal


@dataclass(frozen=True, slots=True)
class _Descent:
    """Where the rows of an expression come from."""

    readers: frozenset[str]
    """Tokens of what made the partitions that they come from, one to one."""
    rows: str
    """The token of what last chose the rows: equal where index and order are equal."""


@dataclass(frozen=True, eq=False)
class Aligned(Apply):
    """`Apply` over operands whose rows differ: each pair of partitions is matched by index, as pandas does."""

    chooses_rows: ClassVar[bool] = True

    @cached_property
    def geometry(self) -> Geometry:
        many = [x for x in self.inputs() if isinstance(x, FrameExpr) and not x.is_scalar]
        many = [x for x in many if x.npartitions == max(y.npartitions for y in many)]
        together = bool(frozenset.intersection(*[_descent(x).readers for x in many]))
        rows = [x.rows for x in many]
        most = np.max(rows, axis=0) if together else np.sum(rows, axis=0)
        whole: Geometry = Apply.geometry.func(self)  # type: ignore[attr-defined]
        return replace(whole, rows=most, exact=False)


@dataclass(frozen=True, eq=False)
class LeftAligned(Apply):
    """`Apply` over operands of other rows, which are looked up by the index of the first: its rows stay."""


def same_rows(frames: Sequence[FrameExpr]) -> bool:
    """Whether index and order of all are known to be the same."""
    return len(frames) < 2 or len({_descent(x).rows for x in frames}) == 1


def aligned(args: Sequence[Operand], name: str) -> tuple[Operand, ...]:
    """The operands such that partition i of each belongs to partition i of the others. Scalars stay as they are.

    Raises FrameError where that cannot be known.
    """
    frames = [arg for arg in args if isinstance(arg, FrameExpr) and not arg.is_scalar]
    if len(frames) < 2 or all(x.npartitions == 1 for x in frames) or _together(frames):
        return tuple(args)
    if any(isinstance(x.meta, pd.Index) for x in frames):
        raise FrameError(
            f"{name} pairs an index with rows of another frame, which cannot be matched; use x.index.to_series()"
        )
    sortable = {id(x): _divided(x) for x in frames}
    if not all(x.known_divisions for x in sortable.values()):
        counts = ", ".join(str(x.npartitions) for x in frames)
        raise FrameError(
            f"{name} needs rows that belong together, and these come from different readers ({counts} partitions) "
            "whose divisions are not known; compute the smaller one, or use map_partitions where partition i of "
            "one belongs to partition i of the other"
        )
    divisions = _union([x.divisions for x in sortable.values()], name)
    fitted = {key: by_divisions(x, divisions, force=True) for key, x in sortable.items()}
    return tuple(fitted.get(id(arg), arg) for arg in args)


def _together(frames: Sequence[FrameExpr]) -> bool:
    if len({x.npartitions for x in frames}) > 1:
        return False
    if frozenset.intersection(*[_descent(x).readers for x in frames]):
        return True
    return all(x.known_divisions for x in frames) and len({x.divisions for x in frames}) == 1


def _divided(x: FrameExpr) -> FrameExpr:
    """A pandas object of the user's, sorted by its index so that divisions are known; anything else as it is."""
    if not isinstance(x, FromPandas) or x.known_divisions or x.npartitions > 1 or x.names is not None:
        return x
    try:
        return from_pandas_expr(x.held.value, 1, None, sort=True)
    except (TypeError, FrameError):  # values that have no order
        return x


def _union(all_divisions: Sequence[tuple[Any, ...]], name: str) -> tuple[Any, ...]:
    try:
        found = sorted({edge for divisions in all_divisions for edge in divisions})
    except TypeError as error:
        raise FrameError(f"{name} cannot order the index values of its operands: {error}") from error
    return (*found, found[-1]) if len(found) == 1 else tuple(found)


def _descent(x: FrameExpr) -> _Descent:
    known: _Descent | None = x.__dict__.get("_descends")
    if known is not None:
        return known
    for node in postorder([x]):
        if isinstance(node, FrameExpr) and "_descends" not in node.__dict__:
            object.__setattr__(node, "_descends", _work_out(node))
    found: _Descent = x.__dict__["_descends"]
    return found


def _work_out(node: FrameExpr) -> _Descent:
    if _keeps_labels(node):
        paired: list[_Descent] = [
            child.__dict__["_descends"]
            for child in node.inputs()
            if isinstance(child, FrameExpr) and not child.is_scalar and child.grid == node.grid
        ]
        if paired:
            rows = {one.rows for one in paired}
            whole = isinstance(node, (Apply, Projection)) or bool(getattr(node, "keeps_rows", False))
            keeps = whole and not getattr(node, "chooses_rows", False)
            same = keeps and (isinstance(node, LeftAligned) or len(rows) == 1)
            readers = frozenset[str]().union(*[one.readers for one in paired])
            return _Descent(readers, paired[0].rows if same else node.token)
    return _Descent(frozenset({node.token}), node.token)


def _keeps_labels(node: FrameExpr) -> bool:
    """Whether the index values of each partition are among those of the partition that it comes from."""
    if isinstance(node, Apply):
        return node.keeps_index
    return isinstance(node, (Filter, Head, Projection, Tail)) or any(
        getattr(node, name, False) for name in ("keeps_labels", "keeps_rows")
    )
