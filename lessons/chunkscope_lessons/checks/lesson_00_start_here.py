"""Checks of lesson 00."""

import math

from ..attempt import Attempt
from ..registry import check

LESSON = "00_start_here"


@check(LESSON, "ex1")
def four_chunks(attempt: Attempt) -> str:
    """Four chunks of a 4,000 × 4,000 array, of any shape."""
    y = attempt.lazy("y")
    attempt.expect(y.shape == (4000, 4000), f"`y` has the shape {y.shape}; it should still be (4000, 4000)")
    nchunks = math.prod(y.numblocks)
    small = max(y.chunksize) <= 16
    attempt.expect(
        not small,
        f"`y` has {nchunks:,} chunks of {y.chunksize[0]} × {y.chunksize[1]} numbers",
        "M09",
    )
    attempt.expect(
        nchunks == 4,
        f"`y` has {nchunks} chunks of {y.chunksize[0]:,} × {y.chunksize[1]:,} numbers; there should be 4. "
        "Larger chunks are fewer",
    )
    return f"4 chunks of {y.chunksize[0]:,} × {y.chunksize[1]:,} numbers, and none of them made yet."
