"""Value counts, modes, different values and rows, and the largest: reducers whose partials are shortened columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.coding import decoded
from chunkscope.dataframe.aggregate.keys import Grouping, joined
from chunkscope.dataframe.aggregate.reductions import DISTINCT
from chunkscope.dataframe.aggregate.tally import Tally
from chunkscope.dataframe.expr import Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DifferentRows", "Largest", "Modes", "Uniques", "ValueCounts"]


def as_series(x: Any) -> pd.Series[Any]:
    """A series, also of an index."""
    return x if isinstance(x, pd.Series) else x.to_series(index=pd.RangeIndex(len(x)))


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """How often each value occurs, as `Series.value_counts`."""

    meta: Any
    sort: bool
    ascending: bool
    dropna: bool
    normalize: bool
    name: str = "value_counts"
    gathers: str = ""
    kept_bytes: float = 40.0
    wanted: tuple[Wanted, ...] = (None,)

    @property
    def keys_only(self) -> tuple[frozenset[Any], ...]:
        """The column: its strings may come as categories."""
        return (frozenset([self.meta.index.name]),)

    def partial(self, *inputs: Any) -> Tally:
        values, counts = Tally.of(as_series(inputs[0]), self.dropna)
        return Tally(decoded(values, self.meta.index.dtype), counts)

    def combine(self, partials: Sequence[Tally]) -> Tally:
        return Tally.together(partials)

    def finish(self, partial: Tally) -> pd.Series[Any]:
        values, counts = partial
        if isinstance(values.dtype, pd.CategoricalDtype):
            values, counts = _every_category(values, counts)
        elif isinstance(values.dtype, pd.api.extensions.ExtensionDtype) and values.dtype.kind in "iufb":
            values, counts = _missing_last(values, counts)  # as pandas' masked arrays do
        index = pd.Index(values.array, name=self.meta.index.name)
        found = pd.Series(counts, index=index, dtype=np.int64)
        if self.sort:
            found = found.sort_values(ascending=self.ascending, kind="stable")
        if self.normalize:
            found = found / found.sum()
        return found.astype(self.meta.dtype).rename(self.meta.name)

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(rows, DISTINCT)

    def scratch_bytes(self, rows: int) -> int:
        return rows * 12


def _every_category(
    values: pd.Series[Any], counts: NDArray[np.int64]
) -> tuple[pd.Series[Any], NDArray[np.int64]]:
    """All categories in their order, those that nobody has too; a missing value comes last."""
    kind: Any = values.dtype
    codes = np.asarray(values.cat.codes)
    width = len(values.cat.categories)
    table = np.zeros(width + 1, dtype=np.int64)
    table[codes] = counts  # -1, the missing value, is the last place
    every = np.arange(width + bool((codes < 0).any()))
    every[width:] = -1
    return pd.Series(pd.Categorical.from_codes(every, dtype=kind)), table[: len(every)]


def _missing_last(
    values: pd.Series[Any], counts: NDArray[np.int64]
) -> tuple[pd.Series[Any], NDArray[np.int64]]:
    order = np.argsort(values.isna().to_numpy(), kind="stable")
    return values.take(order), counts[order]


@dataclass(frozen=True, slots=True)
class Modes:
    """The most frequent values, as `Series.mode`; of a frame column by column."""

    meta: Any
    dropna: bool
    name: str = "mode"
    gathers: str = ""
    wanted: tuple[Wanted, ...] = (None,)

    @property
    def kept_bytes(self) -> float:
        """Bytes of a value and its count, for each column."""
        return 32.0 * (self.meta.shape[1] if isinstance(self.meta, pd.DataFrame) else 1)

    def partial(self, *inputs: Any) -> tuple[Tally, ...]:
        (x,) = inputs
        columns = [x.iloc[:, i] for i in range(x.shape[1])] if isinstance(x, pd.DataFrame) else [x]
        return tuple([Tally.of(column, self.dropna) for column in columns])

    def combine(self, partials: Sequence[tuple[Tally, ...]]) -> tuple[Tally, ...]:
        return tuple([Tally.together(parts) for parts in zip(*partials, strict=True)])

    def finish(self, partial: tuple[Tally, ...]) -> Any:
        found = [values[counts == counts.max(initial=0)].mode(dropna=False) for values, counts in partial]
        if not isinstance(self.meta, pd.DataFrame):
            return found[0].rename(self.meta.name)
        frame = pd.concat(found, axis=1, ignore_index=True)
        frame.columns = self.meta.columns
        return frame

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(rows, DISTINCT)

    def scratch_bytes(self, rows: int) -> int:
        return rows * 12


@dataclass(frozen=True, slots=True)
class Uniques:
    """The different values in the order of first appearance, a missing one included."""

    meta: Any
    name: str = "unique"
    gathers: str = ""
    kept_bytes: float = 32.0
    wanted: tuple[Wanted, ...] = (None,)

    @property
    def keys_only(self) -> tuple[frozenset[Any], ...]:
        """The column, where it is text: its strings may come as categories."""
        return (frozenset([self.meta.name]) if isinstance(self.meta.dtype, pd.StringDtype) else frozenset(),)

    def partial(self, *inputs: Any) -> pd.Series[Any]:
        return decoded(pd.Series(as_series(inputs[0]).unique()), self.meta.dtype)

    def combine(self, partials: Sequence[pd.Series[Any]]) -> pd.Series[Any]:
        return pd.Series(joined(partials).unique())

    def finish(self, partial: pd.Series[Any]) -> pd.Series[Any]:
        return partial.rename(self.meta.name)

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(rows, DISTINCT)

    def scratch_bytes(self, rows: int) -> int:
        return rows * 8


@dataclass(frozen=True, slots=True)
class DifferentRows:
    """The first or last of equal rows, as `drop_duplicates`. Each partition's own are dropped before any are joined."""

    meta: Any
    subset: tuple[Any, ...] | None
    keep: str
    ignore_index: bool
    row_bytes: float
    name: str = "drop_duplicates"
    gathers: str = ""
    wanted: tuple[Wanted, ...] = (None,)

    @property
    def kept_bytes(self) -> float:
        """Bytes of one row."""
        return self.row_bytes + 8

    def partial(self, *inputs: Any) -> Any:
        (x,) = inputs
        if isinstance(x, pd.Index):
            return x.drop_duplicates(keep=self.keep)  # type: ignore[arg-type]
        if isinstance(x, pd.Series):
            keys = [x]
        elif self.subset is None:
            keys = [x.iloc[:, i] for i in range(x.shape[1])]
        else:
            keys = [column for _, column in x[list(self.subset)].items()]
        if not keys or not len(x):
            return x
        grouping = Grouping.of([pd.Series(key.array) for key in keys], dropna=False)
        order = np.arange(len(x))
        places = np.empty(grouping.ngroups, dtype=np.intp)
        if self.keep == "first":
            places[grouping.codes[::-1]] = order[::-1]  # the last one written stays
        else:
            places[grouping.codes] = order
        return x if len(places) == len(x) else x.iloc[np.sort(places)]

    def combine(self, partials: Sequence[Any]) -> Any:
        return self.partial(stacked(partials))

    def finish(self, partial: Any) -> Any:
        return partial.reset_index(drop=True) if self.ignore_index else partial

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows

    def scratch_bytes(self, rows: int) -> int:
        return rows * 24


@dataclass(frozen=True, slots=True)
class Largest:
    """The `n` largest or smallest, as `nlargest` and `nsmallest`: a partial holds one row more of each partition.

    They stay in the order of the rows, so that ties fall as in one piece; the last task puts them in order.
    """

    name: str
    meta: Any
    n: int
    columns: tuple[Any, ...] | None
    """The columns that decide; None for a series."""
    keep: str
    row_bytes: float
    gathers: str = ""
    wanted: tuple[Wanted, ...] = (None,)

    @property
    def kept_bytes(self) -> float:
        """Bytes of one row."""
        return self.row_bytes + 8

    def _picked(self, x: Any, n: int) -> Any:
        if self.columns is None:
            return getattr(x, self.name)(n, keep=self.keep)
        return getattr(x, self.name)(n, list(self.columns), keep=self.keep)

    def partial(self, *inputs: Any) -> Any:
        (x,) = inputs
        more = max(self.n, 0) + 1  # pandas orders ties by whether one of them is left out
        if len(x) <= more:
            return x
        deciding = x if self.columns is None else x[list(self.columns)]
        places = self._picked(deciding.set_axis(pd.RangeIndex(len(x)), axis=0), more).index
        return x.iloc[np.sort(places.to_numpy())]

    def combine(self, partials: Sequence[Any]) -> Any:
        return self.partial(stacked(partials))

    def finish(self, partial: Any) -> Any:
        return self._picked(partial, self.n)

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows if self.keep == "all" else np.minimum(rows, max(self.n, 0) + 1)

    def scratch_bytes(self, rows: int) -> int:
        return rows * 17


def stacked(parts: Sequence[Any]) -> Any:
    """The rows of all parts, in order; empty ones say nothing of dtypes."""
    full = [part for part in parts if len(part)] or [parts[0]]
    if len(full) == 1:
        return full[0]
    return full[0].append(full[1:]) if isinstance(full[0], pd.Index) else pd.concat(full)
