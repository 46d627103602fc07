"""String operations that need more than one series, or whose columns must be known before they run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from chunkscope.dataframe.alignment import LeftAligned, aligned
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.ops.elementwise import literal
from chunkscope.dataframe.partitionwise import Apply, Literal
from chunkscope.errors import FrameError

__all__ = ["joined", "split_columns"]


@dataclass(frozen=True, slots=True)
class _Cat:
    sep: Any
    na_rep: Any
    name: str = "cat"

    def __call__(self, *values: Any) -> Any:
        x, *others = values
        return x.str.cat(others, sep=self.sep, na_rep=self.na_rep, join="left")


def joined(x: FrameExpr, others: Any, sep: Any, na_rep: Any, join: str) -> FrameExpr:
    """`x.str.cat(others)`; others are series or frames, lazy or pandas' own."""
    if others is None:
        raise FrameError("str.cat without others= makes one string of all rows; use sep.join(x.compute())")
    if join != "left":
        raise FrameError(f"str.cat(join={join!r}) is not built; join='left' is")
    parts = list(others) if isinstance(others, (list, tuple)) else [others]
    values = list(map(literal, parts))
    for value in values:
        if isinstance(value, Literal) and not isinstance(value.value, (pd.Series, pd.DataFrame)):
            raise FrameError(
                f"str.cat takes series, found a {type(value.value).__name__}; "
                "for the same text behind each string use x + text"
            )
    return LeftAligned(_Cat(sep, na_rep), tuple(aligned([x, *values], "str.cat")))


@dataclass(frozen=True, slots=True)
class _SplitColumns:
    """Split strings as a known number of columns, whatever the longest string of the partition has."""

    name: str
    pat: Any
    n: int
    options: tuple[tuple[str, Any], ...]

    def __call__(self, *values: Any) -> Any:
        (x,) = values
        found = getattr(x.str, self.name)(self.pat, n=self.n, expand=True, **dict(self.options))
        if found.shape[1] < self.n + 1:
            found = found.reindex(columns=pd.RangeIndex(self.n + 1))
            for i in range(self.n + 1):
                if found[i].dtype != x.dtype:
                    found[i] = found[i].astype(x.dtype)
        return found


def split_columns(x: FrameExpr, name: str, pat: Any, n: int, options: dict[str, Any]) -> FrameExpr:
    """`x.str.split(pat, n=n, expand=True)` with `n + 1` columns."""
    if n < 1:
        raise FrameError(
            f"str.{name}(expand=True) needs n=, the number of splits: without it the number of columns is known "
            "only after reading all strings"
        )
    return Apply(_SplitColumns(name, pat, n, tuple(options.items())), (x,))
