"""Covariance and correlation of columns, each pair over the rows where both have a value.

Partials are means and sums of products of deviations, merged as variances are: large means cost no digits.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.columns import as_floats
from chunkscope.dataframe.aggregate.describing import checked_names
from chunkscope.dataframe.aggregate.reductions import asked, plausible
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.expr import FrameExpr, Wanted
from chunkscope.errors import FrameError
from chunkscope.tokens import tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Comoments", "pairwise"]


class Comoments(NamedTuple):
    """For each pair of k columns, `(k, k)`: rows with both, the mean of the first over them, sums of products."""

    n: NDArray[np.float64]
    mean: NDArray[np.float64]
    square: NDArray[np.float64]
    """Sum of the squared deviations of the first."""
    product: NDArray[np.float64]

    @classmethod
    def of(cls, columns: Sequence[NDArray[np.float64]]) -> Comoments:
        """The comoments of columns of equal length, NaN for what is missing."""
        x = np.stack(columns, axis=1)
        there = ~np.isnan(x)
        count = np.maximum(there.sum(axis=0), 1)
        centre = np.where(there, x, 0).sum(axis=0) / count
        x = np.where(there, x - centre, 0)
        m = there.astype(np.float64)
        n, total, square, product = (_products(a, b) for a, b in ((m, m), (x, m), (x * x, m), (x, x)))
        some = np.maximum(n, 1)
        shift = total / some
        return cls(
            n,
            np.where(n > 0, centre[:, None] + shift, 0),
            np.maximum(square - total * shift, 0),
            product - total * shift.T,
        )

    def merged(self, other: Comoments) -> Comoments:
        """The comoments of both parts together."""
        n = self.n + other.n
        share = other.n / np.maximum(n, 1)
        delta = np.where(self.n > 0, np.where(other.n > 0, other.mean - self.mean, 0), other.mean)
        weight = self.n * share
        return Comoments(
            n,
            self.mean + delta * np.where(self.n > 0, share, 1.0 * (other.n > 0)),
            self.square + other.square + delta * delta * weight,
            self.product + other.product + delta * delta.T * weight,
        )


def _products(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """`a.T @ b` by one thread and in one order, so that it is the same on every machine."""
    found: NDArray[np.float64] = np.einsum("ij,ik->jk", a, b)
    return found


@dataclass(frozen=True, slots=True)
class Pairwise:
    """`cov` or `corr` of all columns of a frame, or of two series."""

    name: str
    meta: Any
    labels: pd.Index[Any] | None
    """Names of the columns that take part; None where the inputs are two series."""
    min_periods: int
    ddof: int
    spec: tuple[Any, ...]
    gathers: str = ""

    def __chunkscope_token__(self) -> str:
        return tokenise((type(self).__qualname__, self.name, self.min_periods, self.ddof, self.spec))

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        return (None, None) if self.labels is None else (frozenset(self.labels),)

    def partial(self, *inputs: Any) -> Comoments:
        columns = inputs if self.labels is None else [inputs[0][label] for label in self.labels]
        return Comoments.of([as_floats(column) for column in columns])

    def combine(self, partials: Sequence[Comoments]) -> Comoments:
        return functools.reduce(Comoments.merged, partials)

    def finish(self, partial: Comoments) -> Any:
        n = partial.n
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.name == "cov":
                found = partial.product / (n - self.ddof)
                found[n <= self.ddof] = np.nan
            else:
                found = np.clip(partial.product / np.sqrt(partial.square * partial.square.T), -1, 1)
        found[n < max(self.min_periods, 1)] = np.nan
        if self.labels is None:
            return found[0, 1]
        return pd.DataFrame(found, index=self.labels, columns=self.labels)

    def kept_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.ones(len(rows), dtype=np.int64)

    @property
    def kept_bytes(self) -> float:
        """Four numbers for each pair."""
        return 32.0 * (2 if self.labels is None else len(self.labels)) ** 2 + 200

    def scratch_bytes(self, rows: int) -> int:
        return rows * 34 * (2 if self.labels is None else len(self.labels))


def pairwise(
    name: str,
    x: FrameExpr,
    other: FrameExpr | None = None,
    *,
    min_periods: int | None = None,
    ddof: int = 1,
    numeric_only: bool = False,
    split_every: int | None = None,
) -> FrameExpr:
    """The covariances ("cov") or correlations ("corr") of the columns of `x`, or of two series."""
    few = min_periods or 1
    values = plausible(x.meta)
    if other is not None:
        for series in (x.meta, other.meta):
            if not isinstance(series, pd.Series) or getattr(series.dtype, "kind", "O") not in "iufb":
                raise FrameError(
                    f"{name} needs two series of numbers, found {getattr(series, 'dtype', type(series))}"
                )
        return aggregated(
            Pairwise(name, np.float64(1), None, few, ddof, ()), x, other, split_every=split_every
        )
    options = {"numeric_only": numeric_only}
    meta = asked(name, lambda part: getattr(part, name)(**options), values)
    labels = meta.columns
    checked_names(name, labels)
    spec = tuple(map(repr, labels))
    return aggregated(Pairwise(name, meta[:0], labels, few, ddof, spec), x, split_every=split_every)
