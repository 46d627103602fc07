"""The arithmetic of lesson 13's cluster, as a cluster of its size states it."""

from typing import Any

from chunkscope import LocalCluster


def cluster_facts() -> dict[str, Any]:
    """Returns the threads and the memory of two workers with two threads and 1 GB each."""
    with LocalCluster(n_workers=2, threads_per_worker=2, memory_limit="1GB", processes=False) as cluster:
        workers = cluster.workers
    return {
        "cluster.threads": sum(worker.nthreads for worker in workers),
        "cluster.gib": round(sum(worker.memory_limit or 0 for worker in workers) / 2**30, 4),
    }
