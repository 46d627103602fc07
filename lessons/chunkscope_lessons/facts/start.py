"""The arithmetic of lesson 00's array."""

import math
from typing import Any

from chunkscope import array as ca


def start_facts() -> dict[str, Any]:
    """Returns the arithmetic of lesson 00's array."""
    x = ca.random.default_rng(0).random((4000, 4000), chunks=(1000, 1000))
    return {
        "start.nchunks": int(x.npartitions),
        "start.chunk_mb": math.prod(x.chunksize) * x.dtype.itemsize // 10**6,
        "start.total_mb": int(x.nbytes) // 10**6,
        "start.chunk_mib": round(math.prod(x.chunksize) * x.dtype.itemsize / 2**20, 2),
        "start.total_mib": round(x.nbytes / 2**20, 1),
    }
