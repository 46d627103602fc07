"""The clusters that are open, as those who show them read them."""

from __future__ import annotations

import os
import signal
import threading
import time

from chunkscope.executors.clusters import CLUSTERS
from chunkscope.futures import Client, LocalCluster, clusters
from chunkscope.observe import last_run
from tests.engine.patience import becomes


def test_open_clusters_are_listed_oldest_first_until_they_close() -> None:
    before = clusters()
    with LocalCluster(n_workers=1, processes=False) as x, LocalCluster(n_workers=1, processes=False) as y:
        assert [one for one in clusters() if one not in before] == [x, y]
    assert clusters() == before


def test_watchers_hear_of_each_change_and_a_broken_one_does_no_harm() -> None:
    told: list[int] = []

    def broken() -> None:
        raise ZeroDivisionError

    def watcher() -> None:
        told.append(sum(len(one.workers) for one in clusters() if one.name == "x"))

    CLUSTERS.watch(broken)
    CLUSTERS.watch(watcher)
    try:
        with LocalCluster(n_workers=1, processes=False, name="x") as one:
            one.scale(3)
            one.restart()
    finally:
        CLUSTERS.forget(broken)
        CLUSTERS.forget(watcher)
    assert told == [1, 3, 3, 0]


def test_workers_on_threads_tell_what_they_run(client: Client) -> None:
    gate, inside = threading.Event(), threading.Semaphore(0)

    def wait(n: int) -> int:
        inside.release()
        assert gate.wait(30)
        return n

    futures = client.map(wait, range(4))
    client.begin()
    for _ in range(4):
        assert inside.acquire(timeout=10)
    run = last_run()
    assert run is not None
    told = [one for worker in client.cluster.workers for one in worker.running]
    assert sorted(told) == sorted((run.number, task, start) for _, task, start in run.running())
    assert {worker.status for worker in client.cluster.workers} == {"running"}
    gate.set()
    assert client.gather(futures) == [0, 1, 2, 3]


def test_a_worker_whose_process_was_killed_is_dead_until_there_is_work() -> None:
    with Client(n_workers=1, threads_per_worker=1) as client:
        assert client.submit(abs, -1).result() == 1
        (worker,) = client.cluster.workers
        assert (worker.status, worker.deaths) == ("idle", 0)
        os.kill(worker.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while client.cluster.workers[0].status != "dead" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert client.cluster.workers[0].status == "dead"
        assert client.submit(abs, -2).result() == 2
        (again,) = client.cluster.workers
        assert (again.name, again.status, again.deaths) == (worker.name, "idle", 1)
        assert again.pid != worker.pid


def test_a_cluster_may_begin_without_a_process() -> None:
    with (
        LocalCluster(n_workers=0, threads_per_worker=2, memory_limit="1GB") as cluster,
        Client(cluster) as client,
    ):
        assert cluster.observed == set()
        assert client.submit(abs, -3).result(timeout=60) == 3
        cluster.scale(2)
        client.wait_for_workers(2, timeout=60)
        assert len(cluster.observed) == 2
    with Client(n_workers=0, processes=False) as client:
        assert client.submit(abs, -4).result(timeout=60) == 4


def test_scaled_to_nothing_the_processes_end_and_the_next_work_starts_one() -> None:
    with Client(n_workers=2, threads_per_worker=1) as client:
        cluster = client.cluster
        assert set(client.run(os.getpid)) == {"worker-0", "worker-1"}
        cluster.scale(0)
        assert becomes(lambda: cluster.observed == set())
        assert client.submit(abs, -5).result(timeout=60) == 5
        assert len(cluster.observed) == 1
