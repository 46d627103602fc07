"""Lesson 08's arithmetic of what is alive at once."""

from typing import Any

from chunkscope import array as ca
from chunkscope import plan
from chunkscope.executors.cluster.allowance import SHARED_SHARE
from chunkscope.units import format_bytes

SIDE, TILE = 20_000, 1_000
POINTS = 1_000_000
LIMIT, CHUNK, NCHUNKS = 120_000_000, 8_000_000, 25
"""Bytes of each of two workers, of a chunk, and the number of chunks that are too many for them."""
NUMBER = 8
"""Bytes of a float64."""


def memory_facts() -> dict[str, Any]:
    """Returns megabytes of the whole array, of two of its chunks, of the plan of its mean, of NumPy's temporaries."""
    x = ca.random.default_rng(0).random((SIDE, SIDE), chunks=(TILE, TILE))
    chunk = TILE * TILE * NUMBER
    shared = SHARED_SHARE * 2 * LIMIT
    kept = int(shared // CHUNK)
    points, squares, sums = (POINTS * n * NUMBER for n in (2, 2, 1))
    return {
        "memory.whole_mb": x.nbytes // 10**6,
        "memory.two_chunks_mb": 2 * chunk // 10**6,
        "memory.mean_plan": format_bytes(plan(x.mean(), scheduler="threads", num_workers=2).peak_bytes),
        "memory.shared_share": SHARED_SHARE,
        "memory.shared_mb": round(shared / 10**6),
        "memory.kept_chunks": kept,
        "memory.spilled_chunks": NCHUNKS - kept,
        "memory.points_peak": (points + squares + sums) // 10**6,
    }
