"""The outputs of a group-by: which states each needs, and the series that they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.groupstates import (
    Counts,
    Deviations,
    Extremes,
    Folded,
    GroupState,
    Pairs,
    Sizes,
    Sums,
)
from chunkscope.errors import FrameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AGGREGATIONS", "Output"]

AGGREGATIONS = (
    "sum", "mean", "count", "size", "min", "max", "std", "var", "sem", "nunique", "first", "last", "prod", "any",
    "all", "median",
)  # fmt: skip
"""What a group-by can make."""


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the result: an aggregation of one column of the input."""

    name: str
    column: int
    source: Any
    """The dtype of the input column."""
    dtype: Any
    """The dtype of the result where every group has a value; None to leave it as it comes."""
    ddof: int = 1
    skipna: bool = True
    min_count: int = -1
    dropna: bool = True
    beside_spread: bool = False
    """Whether deviations of the column are kept anyhow, with its count and mean."""

    @property
    def plain(self) -> str:
        """The kind letter of a NumPy dtype, "O" for all others."""
        return self.source.kind if isinstance(self.source, np.dtype) else "O"

    @property
    def states(self) -> tuple[GroupState, ...]:
        """What has to be kept for it."""
        return (self._main, *self._guards)

    @property
    def _main(self) -> GroupState:
        name, column, plain = self.name, self.column, self.plain
        if self.beside_spread:
            return Deviations(column)
        if name == "size":
            return Sizes()
        if name == "count":
            return Counts(column)
        if name == "mean" and plain in "mM":
            return Sums(column, "times")
        if name == "mean" or (name == "sum" and plain in "iubf"):
            return Sums(column, "floats" if plain == "f" or name == "mean" else "whole")
        if name in ("min", "max") and plain in "iuf":
            return Extremes(column, name)
        if name in ("var", "std", "sem"):
            return Deviations(column)
        if name in ("nunique", "median"):
            return Pairs(column, name == "nunique")
        skipna = self.skipna or name not in ("first", "last", "any", "all")
        return Folded(column, name, skipna, wide=name == "prod" and plain in "iu")

    @property
    def _guards(self) -> tuple[GroupState, ...]:
        if self.name in ("size", "count", "nunique", "first", "last", "any", "all"):
            return ()
        guards: list[GroupState] = []
        if self.min_count > 0 or not self.skipna:
            guards.append(Counts(self.column))
        if not self.skipna:
            guards.append(Sizes())
        return tuple(guards)

    def series(self, states: Mapping[GroupState, Any], ngroups: int) -> pd.Series[Any]:
        """The values in the order of the groups."""
        found = self._made(states[self._main], ngroups)
        if self._guards:
            count = states[Counts(self.column)]
            good = count >= max(self.min_count, 0)
            if not self.skipna:
                good &= count == states[Sizes()]
            if not np.all(good):
                found = found.astype(np.float64) if found.dtype == bool else found
                found = found.where(pd.Series(good, dtype=bool))
        return found

    def settled(self, values: pd.Series[Any]) -> pd.Series[Any]:
        """The values of the whole result with pandas' dtype, which follows from the values for narrow integers."""
        if self.name in ("sum", "prod") and self.plain in "iu":
            if values.dtype.kind not in "iu":
                return values
            narrow = values.astype(self.source)
            return narrow if (narrow == values).all() else values
        if self.dtype is None or values.dtype == self.dtype:
            return values
        if values.dtype.kind == "f" and self.dtype.kind in "iub":
            return values  # some are missing
        return values.astype(self.dtype)

    def _made(self, state: Any, ngroups: int) -> pd.Series[Any]:
        name = self.name
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if self.beside_spread:
                count, mean, _ = state
                return pd.Series(count if name == "count" else np.where(count > 0, mean, np.nan))
            if name == "mean" and self.plain in "mM":
                return self._times(*state)
            if name == "mean":
                return pd.Series(state[0] / np.where(state[1] > 0, state[1], np.nan))
            if name == "sum" and isinstance(state, tuple):
                return pd.Series(state[0])
            if name in ("var", "std", "sem"):
                return self._spread(*state)
        if name in ("nunique", "median"):
            codes, values = state
            return self._of_pairs(codes, values, ngroups)
        return pd.Series(state)

    def _times(self, high: NDArray[Any], low: NDArray[Any], count: NDArray[Any]) -> pd.Series[Any]:
        """Exact means of times, rounded towards zero as pandas does."""
        ticks = [(int(h) << 32) + int(x) for h, x in zip(high, low, strict=True)]
        means = [
            abs(t) // n * (1 if t >= 0 else -1) if n else 0
            for t, n in zip(ticks, count.tolist(), strict=True)
        ]
        found = pd.Series(np.array(means, dtype=np.int64)).astype(self.source)
        return found.where(pd.Series(count > 0, dtype=bool))

    def _spread(self, n: NDArray[Any], mean: NDArray[Any], m2: NDArray[Any]) -> pd.Series[Any]:
        free = n - self.ddof
        found = m2 / np.where(free > 0, free, np.nan)
        if self.name != "var":
            found = np.sqrt(found / n) if self.name == "sem" else np.sqrt(found)
        if self.plain in "mM":
            good = ~np.isnan(found)
            ticks = pd.Series(np.where(good, found, 0).astype(np.int64))
            return ticks.astype(self.dtype).where(pd.Series(good, dtype=bool))
        return pd.Series(found)

    def _of_pairs(self, codes: NDArray[Any], values: pd.Series[Any], ngroups: int) -> pd.Series[Any]:
        if self.name == "nunique":
            there = values.notna().to_numpy() if self.dropna else slice(None)
            return pd.Series(np.bincount(codes[there], minlength=ngroups).astype(np.int64, copy=False))
        numbers: Any = range(ngroups)
        group: Any = pd.Categorical.from_codes(codes, categories=numbers)
        found: pd.Series[Any] = values.groupby(group, observed=False, sort=True).median()
        return found.reset_index(drop=True)

    def unobserved(self) -> pd.Series[Any]:
        """What pandas answers for a category that no row has."""
        nobody = pd.Series([], dtype=self.source).groupby(pd.Categorical([], categories=[0]), observed=False)
        options = {"min_count": self.min_count} if self.min_count > 0 and self.name in ("sum", "prod") else {}
        found: pd.Series[Any] = getattr(nobody, self.name)(**options)
        return found.reset_index(drop=True)


def checked(name: str) -> str:
    """The name of an aggregation, or an error that lists those there are."""
    if name not in AGGREGATIONS:
        raise FrameError(
            f"a group-by cannot aggregate by {name!r} a few partitions at a time; there are {', '.join(AGGREGATIONS)}"
        )
    return name
