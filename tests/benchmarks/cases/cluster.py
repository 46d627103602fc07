"""Worker processes: what a task costs, how soon the first answer is there, what reading another's block takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.benchmarks.case import OURS, Case, Goal, Kind
from tests.benchmarks.cases.engine import increment, total

TASKS = 100_000
PEER_TASKS = 2_000
LINKS = 2_000
BLOCK_BYTES = 1 << 30

_START = """
import time
from chunkscope import compute, delayed
calls = [delayed(abs)(-i) for i in range(4)]
begin = time.perf_counter()
assert compute(*calls, scheduler="processes", num_workers=2) == (0, 1, 2, 3)
print(time.perf_counter() - begin)
"""
_START_DASK = """
import time, dask
calls = [dask.delayed(abs)(-i) for i in range(4)]
begin = time.perf_counter()
assert dask.compute(*calls, scheduler="processes", num_workers=2) == (0, 1, 2, 3)
print(time.perf_counter() - begin)
"""
_START_CLUSTER = """
import time, dask
from distributed import Client, LocalCluster
if __name__ == "__main__":
    calls = [dask.delayed(abs)(-i) for i in range(4)]
    begin = time.perf_counter()
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        assert dask.compute(*calls) == (0, 1, 2, 3)
        print(time.perf_counter() - begin)
"""


def _ours(ntasks: int, *, chain: bool = False) -> Callable[[], Any]:
    """Many trivial calls summed by one more, or one after the other. Only `compute` is measured, all of it."""
    from chunkscope import compute, delayed

    call, together = delayed(increment, pure=False), delayed(total, pure=False)
    compute(together([call(i) for i in range(100)]), scheduler="processes", num_workers=2)  # the pool is warm
    if chain:
        root = call(0)
        for _ in range(ntasks):
            root = call(root)
    else:
        root = together([call(i) for i in range(ntasks)])
    return lambda: compute(root, scheduler="processes", num_workers=2) and None


def _dask(ntasks: int) -> Callable[[], Any]:
    import dask

    call, together = dask.delayed(increment, pure=False), dask.delayed(total, pure=False)
    root = together([call(i) for i in range(ntasks)])
    return lambda: dask.compute(root, scheduler="processes", num_workers=2, optimize_graph=False) and None


def _dask_cluster(ntasks: int, *, chain: bool = False) -> Callable[[], Any]:
    import dask

    client = _client()
    call, together = dask.delayed(increment, pure=False), dask.delayed(total, pure=False)
    client.compute(together([call(i) for i in range(100)])).result()
    root = together([call(i) for i in range(ntasks)])
    if chain:
        root = call(0)
        for _ in range(ntasks):
            root = call(root)
    return lambda: client.compute(root, optimize_graph=False).result() and None


def _client() -> Any:
    from distributed import Client, LocalCluster

    return Client(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))


def started(code: str) -> Callable[[], Any]:
    """The first answer of a fresh process, its imports not counted; compiled modules are kept, as for every user."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def work() -> dict[str, float]:
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        return {"seconds": float(done.stdout)}

    return work


def _ours_again() -> Callable[[], Any]:
    from chunkscope import compute, delayed

    calls = [delayed(abs)(-i) for i in range(4)]
    compute(*calls, scheduler="processes", num_workers=2)
    return lambda: compute(*calls, scheduler="processes", num_workers=2) and None


def _dask_again() -> Callable[[], Any]:
    import dask

    calls = [dask.delayed(abs)(-i) for i in range(4)]
    dask.compute(*calls, scheduler="processes", num_workers=2)
    return lambda: dask.compute(*calls, scheduler="processes", num_workers=2) and None


def _first(x: Any) -> float:
    """Looks at a block without reading it all: what is measured is how it gets there."""
    return float(x[0]) + float(x[-1])


def ones(n: int) -> Any:
    import numpy as np

    return np.ones(n)


def _ours_read() -> Callable[[], Any]:
    """A block of a gigabyte that one worker has made, seen by both."""
    from chunkscope import compute, delayed, persist

    (kept,) = persist(delayed(ones)(BLOCK_BYTES // 8), scheduler="processes", num_workers=2)
    looks = [delayed(_first)(kept) for _ in range(2)]
    compute(*looks, scheduler="processes", num_workers=2)
    more = [delayed(_first, pure=False)(kept) for _ in range(2)]
    return lambda: compute(*more, scheduler="processes", num_workers=2) and None


def _dask_read() -> Callable[[], Any]:
    client = _client()
    first, second = list(client.scheduler_info()["workers"])
    kept = client.submit(ones, BLOCK_BYTES // 8, workers=[first], pure=False)

    def work() -> dict[str, float]:
        from distributed import wait

        wait(kept)
        begin = time.perf_counter()
        client.submit(_first, kept, workers=[second], pure=False).result()
        return {"seconds": time.perf_counter() - begin}

    return work


CLUSTER = (
    Case(
        "tasks-processes",
        "one trivial delayed task on two processes, all of compute()",
        {
            OURS: partial(_ours, TASKS),
            "Dask processes": partial(_dask, PEER_TASKS),
            "Dask LocalCluster": partial(_dask_cluster, PEER_TASKS),
        },
        (Goal(Kind.AT_MOST, 60e-6, "µs"),),
        {OURS: TASKS, "Dask processes": PEER_TASKS, "Dask LocalCluster": PEER_TASKS},
    ),
    Case(
        "chain-processes",
        "the same, each task reading the one before",
        {
            OURS: partial(_ours, LINKS, chain=True),
            "Dask LocalCluster": partial(_dask_cluster, LINKS, chain=True),
        },
        (Goal(Kind.FASTER, 3, peer="Dask LocalCluster"),),
        {OURS: LINKS, "Dask LocalCluster": LINKS},
    ),
    Case(
        "processes-start",
        "two worker processes, from nothing to the first answer",
        {
            OURS: partial(started, _START),
            "Dask processes": partial(started, _START_DASK),
            "Dask LocalCluster": partial(started, _START_CLUSTER),
        },
        (Goal(Kind.AT_MOST, 0.4, "s"),),
    ),
    Case(
        "processes-again",
        "the second use of a pool of processes",
        {OURS: _ours_again, "Dask processes": _dask_again},
        (Goal(Kind.AT_MOST, 10e-3, "s"),),
    ),
    Case(
        "shared-read",
        "a block of 1 GB, made by one worker, seen by another",
        {OURS: _ours_read, "Dask LocalCluster": _dask_read},
        (Goal(Kind.AT_MOST, 5e-3, "s"),),
    ),
)
