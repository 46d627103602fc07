"""Many integer ranges as one array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.signedinteger[Any]]

__all__ = ["ranges"]


def ranges(starts: Ints, counts: Ints) -> Ints:
    """All of `range(starts[i], starts[i] + counts[i])`, one after the other, in the type of `starts`.

    >>> ranges(np.array([10, 50]), np.array([3, 2])).tolist()
    [10, 11, 12, 50, 51]
    """
    shift = starts - (np.cumsum(counts, dtype=starts.dtype) - counts)
    result = np.repeat(shift, counts)
    result += np.arange(len(result), dtype=result.dtype)
    return result
