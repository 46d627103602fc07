"""How many workers there should be: the decision by itself, and a cluster that follows it."""

from __future__ import annotations

import gc
import math
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.errors import ConfigError
from chunkscope.futures import Adaptive, Client, LocalCluster
from chunkscope.futures.adaptive import Bounds, Load, decide, wish
from tests.engine.patience import until

loads = st.builds(
    Load, st.integers(0, 50), st.integers(0, 10_000), st.none() | st.floats(1e-6, 100, allow_nan=False)
)
bounds = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda x: Bounds(min(x), max(max(x), 1)))


@given(loads, st.integers(1, 8), st.floats(0.01, 10), bounds)
def test_wishes_are_within_bounds_and_no_worker_is_idle(
    load: Load, nthreads: int, target: float, bounds: Bounds
) -> None:
    found = wish(load, nthreads, target, bounds)
    assert bounds.minimum <= found <= bounds.maximum
    tasks = load.running + load.waiting
    if found > bounds.minimum:
        assert (found - 1) * nthreads < tasks, "the last worker has something to do"
    more = wish(load._replace(waiting=load.waiting + 1), nthreads, target, bounds)
    assert more >= found


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(0, 9), st.integers(1, 5))
def test_decisions_grow_at_once_and_shrink_late(wishes: list[int], have: int, wait_count: int) -> None:
    found = decide(wishes, have, wait_count)
    if wishes[-1] >= have:
        assert found == wishes[-1]
    else:
        recent = wishes[-wait_count:]
        shrinks = len(recent) == wait_count and all(one < have for one in recent)
        assert found == (max(recent) if shrinks else have)


def test_what_waits_is_worth_workers() -> None:
    free = Bounds(0, 100)
    assert wish(Load(0, 0), 2, 1.0, free) == 0
    assert wish(Load(1, 0), 2, 1.0, free) == 1
    assert wish(Load(2, 8, 10.0), 2, 1.0, free) == 5, "long tasks: a thread for each"
    assert wish(Load(2, 1000, 1e-3), 2, 1.0, free) == 1, "short ones: all are done in time"
    assert wish(Load(0, 4), 1, 1.0, free) == 2, "half a second each, as long as nobody knows"


@pytest.mark.parametrize("processes", [False, True])
def test_a_cluster_follows_its_load(processes: bool) -> None:
    with Client(n_workers=1, threads_per_worker=1, processes=processes) as client:
        cluster = client.cluster
        adaptive = cluster.adapt(minimum=1, maximum=3, interval=0.01, target_duration="10ms", wait_count=2)
        assert repr(adaptive) == "<Adaptive: 1 to 3 workers>" and cluster.adaptive is adaptive
        held = client.map(time.sleep, [0.2] * 9, pure=False)
        client.begin()
        assert until(lambda: len(cluster.observed) == 3), cluster.journal.lines()
        client.gather(held)
        assert until(lambda: len(cluster.observed) == 1), cluster.journal.lines()
        told = [line for _, line in cluster.journal.lines() if line.startswith("adapted:")]
        assert told[0].startswith("adapted: 1 to ") and "running" in told[0] and told[-1].split()[3] == "1"
        assert client.submit(abs, -1).result() == 1
        assert adaptive.safe_target() == 1 and adaptive.plan == cluster.plan
        cluster.scale(2)
        assert not adaptive.running and cluster.adaptive is None and len(cluster.plan) == 2
        assert repr(adaptive).endswith("workers, stopped>")


def test_processes_end_while_there_is_nothing_to_do() -> None:
    with Client(n_workers=1, threads_per_worker=1) as client:
        cluster = client.cluster
        assert len(cluster.observed) == 1
        cluster.adapt(minimum=0, maximum=2, interval=0.01, wait_count=1)
        assert until(lambda: not cluster.observed) and len(cluster.plan) == 1
        assert client.submit(abs, -2).result() == 2
        assert until(lambda: not cluster.observed)
        assert cluster.workers[0].deaths == 0


def test_what_it_would_do_can_be_asked() -> None:
    with LocalCluster(n_workers=3, processes=False, threads_per_worker=1) as cluster:
        adaptive = Adaptive(cluster, minimum=1, maximum=4, interval="1h")
        assert adaptive.recommendations(3) == {"status": "same"}
        assert adaptive.recommendations(4) == {"status": "up", "n": 4}
        assert adaptive.recommendations(1) == {"status": "down", "workers": ["2", "1"]}
        assert adaptive.target() == 0 and adaptive.safe_target() == 1
        adaptive.scale_down(["0"])
        assert cluster.plan == {"1", "2"}
        adaptive.scale_up(4)
        assert len(cluster.plan) == 4
        adaptive.stop()
        assert adaptive.observed == cluster.observed == adaptive.requested


def test_it_ends_with_its_cluster() -> None:
    cluster = LocalCluster(n_workers=1, processes=False)
    adaptive = cluster.adapt(interval=0.005)
    cluster.close()
    assert not adaptive.running
    other = LocalCluster(n_workers=1, processes=False)
    adaptive = other.adapt(interval=0.005)
    del other
    gc.collect()
    assert until(lambda: not any(thread.name == "chunkscope-adapt" for thread in threading.enumerate()))
    adaptive.adapt()
    assert not adaptive.running and adaptive.workers_to_close(0) == []


def test_it_goes_on_after_a_look_that_failed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False) as cluster:
        looks: list[int] = []

        def load() -> Load:
            looks.append(len(looks))
            if len(looks) == 1:
                raise ValueError("a plugin")
            return Load(0, 0)

        monkeypatch.setattr(cluster, "load", load)
        found = cluster.adapt(minimum=1, maximum=2, interval=0.01)
        assert until(lambda: len(looks) > 2) and found.running
    assert "a look at the load of a cluster failed" in caplog.text


def test_bounds_in_cores_and_memory() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, memory_limit="1GB") as cluster:
        one = cluster.adapt(minimum_cores=2, maximum_cores=8, interval="1h")
        assert (one.minimum, one.maximum) == (1, 4)
        two = cluster.adapt(minimum_memory="2GB", maximum_memory="3GB", interval="1h")
        assert (two.minimum, two.maximum) == (2, 3) and not one.running
        three = cluster.adapt(maximum=math.inf, interval="1h")
        assert three.maximum == cluster.most_workers
        for wrong in ({"minimum": 3, "maximum": 2}, {"minimum": 1, "maximum": 0}):
            with pytest.raises(ConfigError, match="there must be one worker at least"):
                cluster.adapt(**wrong)
        with pytest.raises(ConfigError, match="worker_key"):
            cluster.adapt(worker_key=len)
