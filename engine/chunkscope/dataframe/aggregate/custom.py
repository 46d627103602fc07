"""`reduction`: a tree of the user's own functions; and the bytes that a frame takes."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.expr import FrameExpr, Wanted
from chunkscope.dataframe.meta import empty, is_scalar, meta_nonempty
from chunkscope.errors import FrameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MemoryUsage", "UserReducer", "user_reduction"]

Options = Mapping[str, Any]
PARTIAL_BYTES = 1_000.0
"""What a partial of the user's is taken to weigh."""


@dataclass(frozen=True, slots=True)
class UserReducer:
    """`chunk` of each partition, then `combine` of those of neighbours one below the other, then `aggregate` of all."""

    name: str
    meta: Any
    chunk: Callable[..., Any]
    combining: Callable[..., Any]
    aggregate: Callable[..., Any]
    options: tuple[Options, Options, Options]
    user: bool = True
    gathers: str = ""
    kept_bytes: float = PARTIAL_BYTES
    wanted: tuple[Wanted, ...] = (None,)

    def partial(self, *inputs: Any) -> Any:
        return self.chunk(inputs[0].copy(deep=False), **self.options[0])

    def combine(self, partials: Sequence[Any]) -> Any:
        return self.combining(below_each_other(partials), **self.options[1])

    def finish(self, partial: Any) -> Any:
        return self.aggregate(below_each_other([partial]), **self.options[2])

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.ones(len(rows), dtype=np.int64)

    def scratch_bytes(self, rows: int) -> int:
        return 0


def below_each_other(parts: Sequence[Any]) -> Any:
    """Frames and series as one frame, a series being a row of it; plain values as one series."""
    if all(is_scalar(part) for part in parts):
        return pd.Series(list(parts))
    rows = [part.to_frame().T if isinstance(part, pd.Series) else part for part in parts]
    return pd.concat(rows) if len(rows) > 1 else rows[0]


def user_reduction(
    x: FrameExpr,
    chunk: Callable[..., Any],
    combine: Callable[..., Any] | None,
    aggregate: Callable[..., Any] | None,
    options: tuple[Options, Options, Options],
    meta: Any,
    split_every: int | None,
) -> FrameExpr:
    """The tree of these functions. Without `combine`, `aggregate` is used for that too, without both `chunk`."""
    for name, function in (("chunk", chunk), ("combine", combine), ("aggregate", aggregate)):
        if function is not None and not callable(function):
            raise FrameError(f"reduction({name}=…) needs a function, found {function!r}")
    last = aggregate or chunk
    between = combine or last
    if combine is None:
        options = (options[0], options[2] or (options[0] if aggregate is None else {}), options[2])
    if aggregate is None:
        options = (options[0], options[1], options[2] or options[0])
    reducer = UserReducer("reduction", meta, chunk, between, last, options)
    if meta is None:
        try:
            with np.errstate(all="ignore"):
                found = reducer.finish(reducer.partial(meta_nonempty(x.meta)))
        except Exception as error:
            raise FrameError(
                f"what the reduction gives cannot be told from two rows of made-up values ({type(error).__name__}: "
                f"{error}); say it with meta=, a pandas object without rows or an example value"
            ) from error
        reducer = UserReducer("reduction", empty(found), chunk, between, last, options)
    return aggregated(reducer, x, split_every=split_every)


@dataclass(frozen=True, slots=True)
class MemoryUsage:
    """The bytes of each column, added up over the partitions."""

    meta: Any
    index: bool
    deep: bool
    name: str = "memory_usage"
    gathers: str = ""
    kept_bytes: float = 500.0
    wanted: tuple[Wanted, ...] = (None,)

    def partial(self, *inputs: Any) -> Any:
        return inputs[0].memory_usage(index=self.index, deep=self.deep)

    def combine(self, partials: Sequence[Any]) -> Any:
        return functools.reduce(operator.add, partials)

    def finish(self, partial: Any) -> Any:
        return partial

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.ones(len(rows), dtype=np.int64)

    def scratch_bytes(self, rows: int) -> int:
        return 0
