"""What clients and workers tell a cluster: events by topic, and values by key."""

from __future__ import annotations

from typing import Any

import pytest

from chunkscope.errors import ConfigError
from chunkscope.futures import Client, get_worker


def test_events_and_metadata(any_client: Client) -> None:
    heard: list[Any] = []
    any_client.subscribe_topic("x", lambda event: heard.append(event[1]))
    any_client.log_event(["x", "y"], 1)
    any_client.run(
        lambda dask_worker: dask_worker.log_event("x", 2), workers=[any_client.cluster.workers[0].name]
    )
    assert heard == [1, 2] == [told for _, told in any_client.get_events("x")]
    assert {topic: len(told) for topic, told in any_client.get_events().items()} == {"x": 2, "y": 1}
    any_client.unsubscribe_topic("x")
    any_client.log_event("x", 3)
    assert heard == [1, 2] and any_client.get_events("nothing") == ()
    with pytest.raises(ConfigError, match="nobody has subscribed to 'x'"):
        any_client.unsubscribe_topic("x")
    any_client.set_metadata("a", 1)
    any_client.set_metadata(["b", "c"], 2)
    assert any_client.get_metadata("a") == 1 and any_client.get_metadata(["b"]) == {"c": 2}
    with pytest.raises(KeyError, match="nothing is kept"):
        any_client.get_metadata(["b", "d"])


@pytest.mark.parametrize("processes", [False, True])
def test_each_cluster_hears_its_own_workers(processes: bool) -> None:
    """Their workers have the same names."""

    def told_here(dask_worker: Any) -> None:
        dask_worker.log_event("x", "run")

    def told_in_task() -> bool:
        get_worker().log_event("x", "task")
        return bool(get_worker().client.cluster.started)

    options: dict[str, Any] = {"n_workers": 1, "threads_per_worker": 1, "processes": processes}
    with Client(**options) as one, Client(**options) as two:
        assert list(one.nthreads()) == list(two.nthreads())
        one.run(told_here)
        assert one.submit(told_in_task).result()
        assert [told for _, told in one.get_events("x")] == ["run", "task"]
        assert two.get_events("x") == ()
        two.run(told_here)
        assert len(two.get_events("x")) == 1 and len(one.get_events("x")) == 2


def test_a_worker_of_threads_has_a_client_of_its_own_cluster(client: Client) -> None:
    with Client(processes=False, n_workers=1):
        started = client.run(lambda dask_worker: dask_worker.client.cluster.started)
    assert set(started.values()) == {client.cluster.started}
