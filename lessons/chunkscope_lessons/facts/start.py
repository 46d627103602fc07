"""The arithmetic of lesson 00's array, and the partitions of its table."""

import math
from typing import Any

import chunkscope.dataframe as cd
from chunkscope import array as ca
from chunkscope_datasets import flights


def start_facts() -> dict[str, Any]:
    """Returns counts and sizes of the array's chunks and of the table's partitions."""
    x = ca.random.default_rng(0).random((4000, 4000), chunks=(1000, 1000))
    path = flights("by_month")[0]
    january = cd.read_csv(path, blocksize="500kB", assume_missing=True)
    return {
        "start.partitions": january.npartitions,
        "start.january_mb": round(path.stat().st_size / 1e6, 1),
        "start.nchunks": int(x.npartitions),
        "start.chunk_mb": math.prod(x.chunksize) * x.dtype.itemsize // 10**6,
        "start.total_mb": int(x.nbytes) // 10**6,
        "start.chunk_mib": round(math.prod(x.chunksize) * x.dtype.itemsize / 2**20, 2),
        "start.total_mib": round(x.nbytes / 2**20, 1),
    }
