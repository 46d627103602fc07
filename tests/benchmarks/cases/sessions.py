"""A session with a local cluster: its start, many small futures, large graphs, large results, more than its memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.benchmarks.case import OURS, Case, Goal, Kind
from tests.benchmarks.cases.cluster import ones, started
from tests.benchmarks.cases.engine import increment, total
from tests.benchmarks.measure import descendants, resident

CALLS = 10_000
PEER_CALLS = 2_000
TASKS = 100_000
PEER_TASKS = 2_000
RESULT_BYTES = 80_000_000
A_CALL = (Goal(Kind.AT_MOST, 60e-6, "µs"), Goal(Kind.FASTER, 10, peer="Dask LocalCluster"))
CALLS_OF = {
    OURS: CALLS,
    "chunkscope threads": CALLS,
    "Dask LocalCluster": PEER_CALLS,
    "Dask threads": PEER_CALLS,
}
JOB_ROWS = 500_000  # of a thousand numbers: 4 GB
LIMIT = "512MB"

_START = """
import time
from chunkscope import Client
begin = time.perf_counter()
with Client(n_workers=2, threads_per_worker=1) as client:
    assert client.submit(abs, -3).result() == 3
    print(time.perf_counter() - begin)
"""
_START_DASK = """
import time
from distributed import Client, LocalCluster
if __name__ == "__main__":
    begin = time.perf_counter()
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        assert client.submit(abs, -3).result() == 3
        print(time.perf_counter() - begin)
"""


def _client(ours: bool, **options: Any) -> Any:
    """A client of a cluster of two; `processes=False` for one whose workers are threads."""
    options = {"n_workers": 2, "threads_per_worker": 1, **options}
    if ours:
        from chunkscope import Client

        return Client(**options)
    from distributed import Client as Peer
    from distributed import LocalCluster

    return Peer(LocalCluster(dashboard_address=None, **options))


def _submit(ours: bool, calls: int, **options: Any) -> Callable[[], Any]:
    """Calls that are submitted one by one, and their results."""
    client = _client(ours, **options)
    client.gather([client.submit(increment, -i) for i in range(100)])

    def work() -> None:
        futures = [client.submit(increment, i) for i in range(calls)]
        assert client.gather(futures)[-1] == calls

    return work


def _map(ours: bool, calls: int, **options: Any) -> Callable[[], Any]:
    client = _client(ours, **options)
    client.gather(client.map(increment, range(-100, 0)))

    def work() -> None:
        assert client.gather(client.map(increment, range(calls)))[-1] == calls

    return work


def _on_clients(work: Callable[..., Callable[[], Any]]) -> dict[str, Callable[[], Any]]:
    """The same calls on clients of processes and of threads, ours and the peer's."""
    return {
        OURS: partial(work, True, CALLS),
        "chunkscope threads": partial(work, True, CALLS, processes=False),
        "Dask LocalCluster": partial(work, False, PEER_CALLS),
        "Dask threads": partial(work, False, PEER_CALLS, processes=False),
    }


def _delayed(ours: bool, ntasks: int) -> Callable[[], Any]:
    """Many trivial delayed calls and one that adds them up, on a cluster. Only computing is measured."""
    client = _client(ours)
    if ours:
        from chunkscope import delayed
    else:
        from dask import delayed
    call, together = delayed(increment, pure=False), delayed(total, pure=False)
    client.compute(together([call(i) for i in range(100)])).result()
    root = together([call(i) for i in range(ntasks)])
    return lambda: client.compute(root, optimize_graph=False).result() and None


def _array(ours: bool, ntasks: int, scheduler: str | None) -> Callable[[], Any]:
    """An array of many small chunks: an operation on each, and the sum of all."""
    client = None if scheduler else _client(ours)
    options: dict[str, Any] = {"scheduler": scheduler, "num_workers": 2} if scheduler else {}
    if ours:
        import chunkscope.array as arrays
    else:
        import dask.array as arrays
    small = arrays.ones((100, 100), chunks=10)
    (small + 1).sum().compute(**options)
    x = arrays.ones((10 * ntasks, 10), chunks=10)
    y = (x + 1).sum()

    def work() -> None:
        assert y.compute(**options) == 200.0 * ntasks
        assert client is None or client.status == "running"

    return work


def _large_result(ours: bool) -> Callable[[], Any]:
    """Making it is not measured, only bringing it here."""
    client = _client(ours)
    client.submit(ones, 10).result()
    future = client.submit(ones, RESULT_BYTES // 8)
    assert client.submit(len, future).result() == RESULT_BYTES // 8

    def work() -> None:
        value = future.result()
        assert value.sum() == RESULT_BYTES // 8  # pages may come only when they are read

    return work


def _large_job(ours: bool) -> Callable[[], Any]:
    """An array of 4 GB kept in a cluster of 1 GB, then read twice; tells the most that any worker held."""
    client = _client(ours, memory_limit=LIMIT)
    if ours:
        import chunkscope.array as arrays
    else:
        import dask.array as arrays
    arrays.ones((4000, 1000), chunks=(2000, 1000)).sum().compute()

    def work() -> dict[str, float]:
        x = arrays.random.default_rng(1).random((JOB_ROWS, 1000), chunks=(2000, 1000))
        kept = client.persist(x)
        spread = float((kept - kept.mean(axis=0)).std().compute())
        assert abs(spread - 12**-0.5) < 1e-3
        return {"most_bytes_of_a_process": max(resident("VmHWM", pid) for pid in descendants())}

    return work


SESSIONS = (
    Case(
        "cluster-start",
        "a local cluster of two workers, from nothing to the first answer",
        {OURS: partial(started, _START), "Dask LocalCluster": partial(started, _START_DASK)},
        (Goal(Kind.AT_MOST, 0.4, "s"), Goal(Kind.FASTER, 3, peer="Dask LocalCluster")),
    ),
    Case(
        "futures-submit",
        "one trivial future, submitted one by one, with its result",
        _on_clients(_submit),
        A_CALL,
        CALLS_OF,
    ),
    Case(
        "futures-map",
        "one trivial future of a map, gathered",
        _on_clients(_map),
        A_CALL,
        CALLS_OF,
    ),
    Case(
        "graph-client",
        "one trivial delayed task of a graph on a client",
        {OURS: partial(_delayed, True, TASKS), "Dask LocalCluster": partial(_delayed, False, PEER_TASKS)},
        A_CALL,
        {OURS: TASKS, "Dask LocalCluster": PEER_TASKS},
    ),
    Case(
        "array-processes",
        "one chunk of an array of 10 × 10: made, one added, summed",
        {
            OURS: partial(_array, True, TASKS, "processes"),
            "chunkscope client": partial(_array, True, TASKS, None),
            "Dask threads": partial(_array, False, PEER_TASKS, "threads"),
            "Dask processes": partial(_array, False, PEER_TASKS, "processes"),
            "Dask LocalCluster": partial(_array, False, PEER_TASKS, None),
        },
        A_CALL,
        {
            OURS: TASKS,
            "chunkscope client": TASKS,
            "Dask threads": PEER_TASKS,
            "Dask processes": PEER_TASKS,
            "Dask LocalCluster": PEER_TASKS,
        },
    ),
    Case(
        "large-result",
        "80 MB that a worker holds, brought to the caller and read there",
        {OURS: partial(_large_result, True), "Dask LocalCluster": partial(_large_result, False)},
        (Goal(Kind.FASTER, 3, peer="Dask LocalCluster"),),
    ),
    Case(
        "more-than-memory",
        "an array of 4 GB kept in a cluster of 1 GB, and its standard deviation about the mean of each column",
        {OURS: partial(_large_job, True), "Dask LocalCluster": partial(_large_job, False)},
        (Goal(Kind.AT_MOST, 512e6, "MB", figure="most_bytes_of_a_process"),),
        repeats=1,
        slow=frozenset({OURS, "Dask LocalCluster"}),
    ),
)
