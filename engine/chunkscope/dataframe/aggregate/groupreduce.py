"""A group-by as a reducer: groups and their states of each partition, merged, and finished as pandas shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.blocks import size_of
from chunkscope.dataframe.aggregate.coding import decoded
from chunkscope.dataframe.aggregate.groupouts import Output
from chunkscope.dataframe.aggregate.groupstates import GroupState, Pairs
from chunkscope.dataframe.aggregate.kernels import Rows
from chunkscope.dataframe.aggregate.keys import Grouping, joined
from chunkscope.dataframe.aggregate.masking import chosen
from chunkscope.dataframe.expr import Wanted
from chunkscope.tokens import tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GROUPS", "GroupReducer", "Groups"]

GROUPS = 100_000
"""A partition is taken to have at most this many groups, for the forecast of memory."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of some partitions: the keys of each, and what is kept of each."""

    keys: tuple[pd.Series[Any], ...]
    states: tuple[Any, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of keys and states."""
        return sum(map(size_of, self.keys)) + sum(map(size_of, self.states))


@dataclass(frozen=True, slots=True)
class GroupReducer:
    """Rows grouped by keys, columns aggregated: the same states serve all outputs, in one pass over the keys."""

    name: str
    meta: Any
    by: tuple[Any, ...]
    """For each key its column in the frame, or …"""
    given: tuple[bool, ...]
    """… where True, the number of the input that it is."""
    names: tuple[Any, ...]
    """Names of the levels of the result."""
    columns: tuple[Any, ...]
    """Columns that are aggregated; of a series its one name."""
    states: tuple[GroupState, ...]
    outputs: tuple[Output, ...]
    sort: bool
    dropna: bool
    observed: bool
    spec: tuple[Any, ...]
    """All that was asked, for the token."""
    gathers: str = ""
    most: int = GROUPS
    """The most groups there can be, or are taken to be."""
    texts: tuple[Any, ...] = ()
    """For each key its dtype where it is a column of text: what it is made again where it came as codes."""
    masked: bool = False
    """Whether the last input tells which rows count."""

    def __chunkscope_token__(self) -> str:
        return tokenise((type(self).__qualname__, self.spec))

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        keys = [key for key, given in zip(self.by, self.given, strict=True) if not given]
        others = sum(self.given) + self.masked
        return (frozenset([*keys, *self.columns]), *(None for _ in range(others)))

    @property
    def keys_only(self) -> tuple[frozenset[Any], ...]:
        """Of each input the columns that are keys and nothing else: their strings may come as categories."""
        pairs = zip(self.by, self.given, self.texts, strict=True) if self.texts else ()
        keys = [key for key, given, text in pairs if not given and text is not None]
        others = sum(self.given) + self.masked
        return (frozenset(keys) - frozenset(self.columns), *(frozenset() for _ in range(others)))

    def where(self) -> GroupReducer | None:
        """The same with one more input that tells which rows count; None where a filter has to come first."""
        several = not self.observed and len(self.by) > 1  # the keys of rows that are gone would be paired too
        return None if self.masked or any(self.given) or several else replace(self, masked=True)

    def partial(self, *inputs: Any) -> Groups:
        x, keep = inputs[0], None
        if self.masked:
            x, keep = chosen(x, inputs[-1])
        keys = [inputs[key] if given else x[key] for key, given in zip(self.by, self.given, strict=True)]
        keys = [pd.Series(key.array if isinstance(key, pd.Series) else key) for key in keys]
        several = (
            not self.observed and len(keys) > 1
        )  # then pandas pairs values with those of dropped rows too
        grouping = Grouping.of(keys, self.dropna and not several)
        if keep is not None:
            grouping = grouping.only(keep)
        rows = Rows(grouping.codes, grouping.ngroups)
        whole = not isinstance(x, pd.DataFrame)
        columns = [x if whole else x[name] for name in self.columns]
        columns.append(keys[0])  # what `Sizes` is handed and does not look at
        found = grouping.keys
        if self.texts:
            found = tuple(decoded(key, text) for key, text in zip(found, self.texts, strict=True))
        return Groups(found, tuple(state.partial(columns[state.column], rows) for state in self.states))

    def combine(self, partials: Sequence[Groups]) -> Groups:
        keys = [joined(parts) for parts in zip(*(partial.keys for partial in partials), strict=True)]
        grouping = Grouping.of(keys, dropna=False)
        rows = Rows(grouping.codes, grouping.ngroups)
        starts = np.cumsum([0, *(len(partial.keys[0]) for partial in partials)])
        states: list[Any] = []
        for i, state in enumerate(self.states):
            parts = [partial.states[i] for partial in partials]
            if isinstance(state, Pairs):  # their groups are numbered anew
                parts = [
                    (grouping.codes[start + codes], values)
                    for start, (codes, values) in zip(starts, parts, strict=False)
                ]
            states.append(state.merge(parts, rows))
        return Groups(grouping.keys, tuple(states))

    def finish(self, partial: Groups) -> Any:
        where = self._places(partial.keys)
        found = [
            output.series(dict(zip(self.states, partial.states, strict=True)), len(partial.keys[0]))
            for output in self.outputs
        ]
        places = where.to_numpy()
        if len(places) and places.min() < 0:  # categories that nobody has
            found = [
                _with_last(values, output.unobserved())
                for values, output in zip(found, self.outputs, strict=True)
            ]
            places = np.where(places < 0, len(partial.keys[0]), places)
        taken = [
            output.settled(values.take(places)) for values, output in zip(found, self.outputs, strict=True)
        ]
        for values in taken:
            values.index = where.index
        if isinstance(self.meta, pd.Series):
            name: Any = self.meta.name
            return taken[0].rename(name)
        if not taken:
            return pd.DataFrame(index=where.index, columns=self.meta.columns)
        result = pd.concat(taken, axis=1, ignore_index=True)
        result.columns = self.meta.columns
        return result

    def _places(self, keys: Sequence[pd.Series[Any]]) -> pd.Series[Any]:
        """For each row of the result the number of its group, -1 for none; index and order are pandas' own."""
        numbers = pd.Series(np.arange(len(keys[0])))
        named = [key.rename(name) for key, name in zip(keys, self.names, strict=True)]
        grouped = numbers.groupby(named, sort=self.sort, dropna=self.dropna, observed=self.observed)
        return grouped.max().fillna(-1).astype(np.intp)

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows if self.gathers else np.minimum(rows, self.most)

    @property
    def kept_bytes(self) -> float:
        return 24.0 * len(self.by) + 16.0 * max(len(self.states), 1)

    def scratch_bytes(self, rows: int) -> int:
        """Group numbers twice, those with their missing values, and deviations."""
        return rows * (8 * (2 + len(self.by)) + 17)


def _with_last(values: pd.Series[Any], last: pd.Series[Any]) -> pd.Series[Any]:
    """The values and one more; booleans become numbers beside NaN, as in pandas."""
    return joined(
        [values.astype(last.dtype) if values.dtype == bool and last.dtype != bool else values, last]
    )
