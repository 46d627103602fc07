"""`idxmin` and `idxmax`: the label of the first least or greatest value, carried with the value up the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.keys import joined
from chunkscope.dataframe.aggregate.reductions import plausible
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.expr import FrameExpr, Wanted
from chunkscope.errors import FrameError
from chunkscope.tokens import tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ExtremeLabels", "extreme_labels"]


@dataclass(frozen=True, slots=True)
class ExtremeLabels:
    """Of each column one row: its extreme, or a missing value where pandas would stumble over one."""

    name: str
    meta: Any
    labels: pd.Index[Any] | None
    """Names of the columns that take part; None where the input is a series."""
    skipna: bool
    spec: tuple[Any, ...]
    gathers: str = ""

    def __chunkscope_token__(self) -> str:
        return tokenise((type(self).__qualname__, self.name, self.skipna, self.spec))

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        return (None if self.labels is None else frozenset(self.labels),)

    def partial(self, *inputs: Any) -> tuple[pd.Series[Any], ...]:
        (x,) = inputs
        columns = [x] if self.labels is None else [x[label] for label in self.labels]
        return tuple([self._kept(column) for column in columns])

    def _kept(self, x: pd.Series[Any]) -> pd.Series[Any]:
        """The row that decides, with its index label; of nothing no row."""
        there = x.notna().to_numpy()
        if not there.all() and (not self.skipna or not there.any()):
            return x.iloc[[int(np.argmin(there))]]
        if not len(x):
            return x
        place = getattr(x.set_axis(pd.RangeIndex(len(x))), self.name)()
        return x.iloc[[int(place)]]

    def combine(self, partials: Sequence[tuple[pd.Series[Any], ...]]) -> tuple[pd.Series[Any], ...]:
        found: list[pd.Series[Any]] = []
        for parts in zip(*partials, strict=True):
            full = [part for part in parts if len(part)] or [parts[0]]
            index = (
                full[0].index if len(full) == 1 else full[0].index.append([part.index for part in full[1:]])
            )
            found.append(self._kept(joined(full).set_axis(index)))
        return tuple(found)

    def finish(self, partial: tuple[pd.Series[Any], ...]) -> Any:
        each = [getattr(column, self.name)(skipna=self.skipna) for column in partial]
        if self.labels is None:
            return int(each[0]) if type(self.meta) is int else each[0]
        return pd.Series(each, index=self.labels, dtype=partial[0].index.dtype if each else None)

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(rows, 1)

    @property
    def kept_bytes(self) -> float:
        """Bytes of one row for each column."""
        return 200.0 * (1 if self.labels is None else len(self.labels))

    def scratch_bytes(self, rows: int) -> int:
        return rows * 17


def extreme_labels(
    name: str, x: FrameExpr, skipna: bool, numeric_only: bool, split_every: int | None = None
) -> FrameExpr:
    """`idxmin` or `idxmax` of each column; what pandas raises for such columns is raised here."""
    values = plausible(x.meta)
    if isinstance(values, pd.DataFrame):
        meta: Any = getattr(values, name)(skipna=skipna, numeric_only=numeric_only)
        labels = meta.index
        if not labels.is_unique:
            raise FrameError(f"{name} needs column names that are there once; they are {list(labels)}")
        meta = meta[:0]
    else:
        meta, labels = getattr(values, name)(skipna=skipna), None
    spec = (None if labels is None else tuple(map(repr, labels)),)
    return aggregated(ExtremeLabels(name, meta, labels, skipna, spec), x, split_every=split_every)
