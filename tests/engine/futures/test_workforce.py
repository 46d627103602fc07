"""Workers that come and go: by name, by number, afresh."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from chunkscope.errors import ConfigError
from chunkscope.futures import CancelledError, Client, LocalCluster


def slow(x: int) -> int:
    time.sleep(0.01)
    return x


def test_workers_retire_by_name(any_client: Client) -> None:
    first, second = (worker.name for worker in any_client.cluster.workers)
    futures = any_client.map(slow, range(30))
    any_client.begin()
    assert set(any_client.retire_workers([first])) == {first}
    assert any_client.cluster.plan == {second}
    assert any_client.gather(futures) == list(range(30)), (
        "they finish what they run, and no result goes with them"
    )
    with pytest.raises(ConfigError, match="would leave no worker"):
        any_client.retire_workers([second])
    with pytest.raises(ConfigError, match=f"no worker is named '{first}'; the workers are '{second}'"):
        any_client.retire_workers([first])
    any_client.cluster.scale(3)
    assert len(any_client.cluster.plan) == 3 and second in any_client.cluster.plan
    any_client.wait_for_workers(3, timeout=10)
    assert len(any_client.retire_workers()) == 2, "all but one, where there is nothing to do"
    assert len(any_client.cluster.workers) == 1
    assert any_client.submit(slow, 99).result() == 99


def test_workers_are_waited_for(any_client: Client) -> None:
    any_client.wait_for_workers(2)
    with pytest.raises(TimeoutError, match=r"2 of 3 workers are there after 0\.01; use scale\(3\)"):
        any_client.wait_for_workers(3, timeout=0.01)
    with pytest.raises(ConfigError, match=r"wait_for_workers\(0\)"):
        any_client.wait_for_workers(0)
    assert any_client.cluster.start_worker() in any_client.cluster.plan
    assert len(any_client.cluster.plan) == 3 == len(any_client.cluster.requested)
    with pytest.raises(ConfigError, match="the workers of a cluster are alike"):
        any_client.cluster.start_worker(nthreads=3)
    ((name, options),) = any_client.cluster.new_worker_spec().items()
    assert name not in any_client.cluster.plan and options["nthreads"] == 2
    any_client.cluster.scale_down(list(any_client.cluster.plan)[:1])
    any_client.cluster.scale_up(4)
    assert len(any_client.cluster.plan) == 4


def test_fresh_workers_for_some(any_client: Client) -> None:
    first, second = (worker.name for worker in any_client.cluster.workers)
    before = any_client.run(os.getpid)
    any_client.run(lambda dask_worker: setattr(dask_worker, "mine", 1))
    kept = any_client.submit(slow, 1)
    assert kept.result() == 1
    assert any_client.restart_workers([first]) == {first: "OK"}
    after = any_client.run(os.getpid)
    assert after[second] == before[second]
    assert (after[first] != before[first]) == any_client.cluster.processes
    assert any_client.run(lambda dask_worker: hasattr(dask_worker, "mine")) == {first: False, second: True}
    assert kept.result() == 1, "results are no worker's"


def test_a_restart_begins_afresh(any_client: Client) -> None:
    kept = any_client.submit(slow, 1)
    assert kept.result() == 1
    before = any_client.run(os.getpid)
    assert any_client.restart() is any_client
    with pytest.raises(CancelledError):
        kept.result()
    after = any_client.run(os.getpid)
    assert set(after) == set(before)
    assert set(after.values()).isdisjoint(before.values()) == any_client.cluster.processes
    assert any_client.submit(slow, 1).result() == 1
    assert all(worker.deaths == 0 for worker in any_client.cluster.workers)


def test_clusters_by_name_and_by_file(tmp_path: Path) -> None:
    with LocalCluster("by name", n_workers=1, processes=False) as cluster:
        assert LocalCluster.from_name("by name") is cluster
        with pytest.raises(ConfigError, match="no cluster of this process is named 'x'; open: 'by name'"):
            LocalCluster.from_name("x")
        with cluster.get_client() as client:
            client.write_scheduler_file(tmp_path / "scheduler.json")
            assert (
                json.loads((tmp_path / "scheduler.json").read_text())["address"] == client.scheduler_address
            )
            with Client(scheduler_file=tmp_path / "scheduler.json") as other:
                assert other.cluster is cluster
        assert cluster.status == "running"


def test_what_happened_is_written_down() -> None:
    with LocalCluster(n_workers=1, processes=False) as cluster, cluster.get_client() as client:
        cluster.scale(2)
        cluster.restart()
        client.retire_workers(["0"])
        told = [line for _, line in cluster.journal.lines()]
        assert told[0].startswith("started: 1 worker") and told[1:] == [
            *("scaled to 2 workers", "restarted 0, 1", "retired 0"),
        ]
        assert client.get_scheduler_logs(n=1) == (("INFO", "retired 0"),)
        assert "scaled to 2 workers" in cluster.get_logs(cluster=False, workers=False)["Scheduler"]
