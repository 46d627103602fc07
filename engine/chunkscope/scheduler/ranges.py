"""Many integer ranges as one array."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ranges"]


def ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """All of `range(starts[i], starts[i] + counts[i])`, one after the other.

    >>> ranges(np.array([10, 50]), np.array([3, 2])).tolist()
    [10, 11, 12, 50, 51]
    """
    shift = starts - (np.cumsum(counts) - counts)
    result: NDArray[np.int64] = np.repeat(shift, counts)
    result += np.arange(len(result))
    return result
