"""Count, mean and sum of squared deviations of one column, and how those of two parts become one.

Deviations are taken from the part's own mean, so no digits are lost where the mean is large against the deviation.
Source: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
variances", 1979.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Moments"]


class Moments(NamedTuple):
    """What is kept of a column for its variance.

    >>> Moments.of(np.array([1.0, 2.0, 3.0])).merged(Moments.of(np.array([4.0, np.nan])))
    Moments(n=4, mean=2.5, m2=5.0)
    """

    n: int
    mean: float
    m2: float

    @classmethod
    def of(cls, x: NDArray[np.float64], skipna: bool = True) -> Moments:
        """The moments of an array, without its NaNs if `skipna`."""
        with np.errstate(invalid="ignore", over="ignore"):
            total = float(np.add.reduce(x))
            if skipna and math.isnan(total):
                x = x[~np.isnan(x)]
                total = float(np.add.reduce(x))
            n = len(x)
            if not n:
                return cls(0, 0.0, 0.0)
            mean = total / n
            deviation = x - mean
            drift = float(np.add.reduce(deviation))  # what rounding left of the mean
            np.multiply(deviation, deviation, out=deviation)
            return cls(n, mean + drift / n, max(float(np.add.reduce(deviation)) - drift * drift / n, 0.0))

    def merged(self, other: Moments) -> Moments:
        """The moments of both parts together."""
        if not self.n or not other.n:
            return other if not self.n else self
        n = self.n + other.n
        delta = other.mean - self.mean
        return Moments(
            n,
            self.mean + delta * (other.n / n),
            self.m2 + other.m2 + delta * delta * (self.n * (other.n / n)),
        )

    @classmethod
    def together(cls, parts: Iterable[Moments]) -> Moments:
        """The moments of all parts, merged in order."""
        found = cls(0, 0.0, 0.0)
        for part in parts:
            found = found.merged(part)
        return found

    def finish(self, name: str, ddof: int) -> float:
        """The variance ("var"), standard deviation ("std") or standard error of the mean ("sem")."""
        if self.n <= ddof:
            return math.nan
        variance: Any = self.m2 / (self.n - ddof)
        if name == "var":
            return float(variance)
        return math.sqrt(variance) if name == "std" else math.sqrt(variance / self.n)
