"""What ran on a cluster, read as plain data; calls made again; a cluster as an executor."""

from __future__ import annotations

import concurrent.futures
import json
import threading
import time
from pathlib import Path

import pytest

import chunkscope.array as ca
from chunkscope import config, delayed, get_task_metadata, last_run, span, warn
from chunkscope import print as say
from chunkscope.errors import ConfigError
from chunkscope.futures import Client, Future, Reschedule, sync, wait
from tests.engine.patience import until


def inc(x: int) -> int:
    return x + 1


def fail(x: int) -> int:
    raise ValueError(f"no {x}")


def spin(seconds: float) -> int:
    end, turns = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        turns += 1
    return turns


def test_tasks_that_have_ended(any_client: Client) -> None:
    before = time.time()
    futures = any_client.map(inc, range(3))
    any_client.gather(futures)
    rows = until(lambda: len(found := any_client.get_task_stream(start=before)) == 3 and found)
    assert {row["key"] for row in rows} == {future.key for future in futures}
    assert {(row["name"], row["status"]) for row in rows} == {("inc", "OK")}
    for row in rows:
        action = row["startstops"][-1]
        assert action["action"] == "compute" and before <= action["start"] <= action["stop"] <= time.time()
        assert row["worker"] in last_run().lanes  # type: ignore[union-attr]
    assert len(any_client.get_task_stream(count=2)) == 2 and any_client.get_task_stream(count=0) == []
    assert any_client.get_task_stream(stop="1h") == [] and len(any_client.get_task_stream(start="1h")) == 3
    with pytest.raises(ConfigError, match=r"with chunkscope\.get_task_stream\(plot=True\)"):
        any_client.get_task_stream(plot=True)


def test_the_story_of_a_key(any_client: Client) -> None:
    good, bad = any_client.submit(inc, 1), any_client.submit(fail, 2)
    wait([good, bad])
    story = until(lambda: any_client.story(good))
    assert [(key, start, finish) for key, start, finish, *_ in story] == [
        (good.key, "released", "waiting"),
        (good.key, "waiting", "ready"),
        (good.key, "ready", "executing"),
        (good.key, "executing", "memory"),
    ]
    times = [when for *_, when in story]
    assert times == sorted(times) and any_client.story("nothing") == []
    assert until(lambda: any_client.story(bad.key))[-1][1:3] == ("executing", "erred")


def test_who_has_what(any_client: Client) -> None:
    names = tuple(worker.name for worker in any_client.cluster.workers)
    x = any_client.submit(inc, 1)
    bad = any_client.submit(fail, 1)
    wait([x, bad])
    assert any_client.who_has([x, bad]) == {x.key: list(names), bad.key: []}
    assert any_client.has_what() == {name: [x.key] for name in names}
    assert list(any_client.has_what(workers=names[:1])) == [names[0]]
    assert any_client.ncores() == any_client.nthreads(names) == dict.fromkeys(names, 2)
    assert any_client.nbytes() == {"inc": 28} and any_client.nbytes(summary=False) == {x.key: 28}
    assert any_client.processing() == {name: [] for name in names}
    any_client.replicate([x], n=2, workers=names)
    any_client.rebalance(x)
    assert any_client.amm.running() is False
    with pytest.raises(ConfigError, match="there are no copies to manage"):
        any_client.amm.start()
    assert any_client.start() is any_client and any_client.id == any_client.name
    assert Client.current() is any_client


def test_where_the_time_went(client: Client) -> None:
    with config.set(profile_interval=0.002):
        client.submit(spin, 0.3).result()
    until(lambda: last_run() and last_run().stopped is not None)  # type: ignore[union-attr]
    tree = client.profile()
    (child,) = tree["children"].values()
    assert child["description"]["name"] == "spin" and 0 < child["count"] == tree["count"]
    assert client.profile(key="nothing")["children"] == {} == client.profile(stop="1h")["children"]
    with pytest.raises(ConfigError, match=r"run\.stacks\(\) shows where time went"):
        client.profile(plot=True)


def test_a_dump_can_be_read(any_client: Client, tmp_path: Path) -> None:
    future = any_client.submit(inc, 1)
    future.result()
    any_client.log_event("x", {"a": 1})
    path = any_client.dump_cluster_state(tmp_path / "state", exclude=["versions"])
    state = json.loads(path.read_text())
    assert path.name == "state.json" and set(state) == {"workers", "scheduler", "runs", "futures", "events"}
    assert set(state["workers"]) == set(any_client.nthreads()) and state["futures"] == {
        future.key: "finished"
    }
    assert state["events"]["x"][0][1] == {"a": 1} and state["runs"][0]["tasks"] == 1
    for options, message in (({"format": "msgpack"}, "a dump is JSON"), ({"exclude": ["x"]}, "is not known")):
        with pytest.raises(ConfigError, match=message):
            any_client.dump_cluster_state(tmp_path / "state", **options)


def test_metadata_of_tasks(any_client: Client) -> None:
    with get_task_metadata() as tasks:
        any_client.submit(inc, 1, key="good").result()
        assert any_client.submit(fail, 1, key="bad").exception() is not None
        assert delayed(inc)(4).compute() == 5
        until(lambda: last_run().stopped is not None)  # type: ignore[union-attr]
    assert tasks.state["good"] == "memory" and len(tasks.state) == 3
    told = tasks.metadata["good"]
    assert told["name"] == "inc" and told["start_time"] <= told["stop_time"] and told["nbytes"] == 28


def test_calls_are_made_again_here(client: Client) -> None:
    state = {"broken": True}

    def flaky(x: int) -> int:
        if state["broken"]:
            raise ValueError(f"no {x}")
        return x

    first = client.submit(flaky, 1)
    second = client.submit(inc, first)
    with pytest.raises(ValueError, match="no 1"):
        client.recreate_error_locally(second)
    assert last_run().executor == "sync"  # type: ignore[union-attr]
    state["broken"] = False
    assert client.recreate_error_locally(first) == 1
    assert client.recreate_task_locally(first) == 1
    good = client.submit(inc, 5)
    assert client.recreate_error_locally(good) is None
    with pytest.raises(ConfigError, match="its result is there"):
        client.recreate_task_locally(good)


def test_a_cluster_is_an_executor(any_client: Client) -> None:
    with any_client.get_executor(priority=2) as executor:
        assert isinstance(executor, concurrent.futures.Executor)
        futures = [executor.submit(inc, x) for x in range(5)]
        assert sorted(one.result() for one in concurrent.futures.as_completed(futures)) == [1, 2, 3, 4, 5]
        assert list(executor.map(pow, [2, 3], [2, 2])) == [4, 9]
        bad = executor.submit(fail, 3)
        assert isinstance(bad.exception(10), ValueError) and bad.done() and not bad.cancelled()
        with pytest.raises(ValueError, match="no 3"):
            bad.result()
        assert not bad.cancel()
        slow = executor.submit(time.sleep, 0.05)
    assert slow.done(), "leaving the block waits"
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
        executor.submit(inc, 1)
    with pytest.raises(ConfigError, match="get_executor takes no colour; it takes workers"):
        any_client.get_executor(colour="red")


def test_an_executor_cancels_what_waits() -> None:
    with Client(processes=False, n_workers=1, threads_per_worker=1) as client:
        executor, begun, gate = client.get_executor(), threading.Event(), threading.Event()

        def hold() -> bool:
            begun.set()
            return gate.wait(60)

        executor.submit(hold)
        futures = [executor.submit(time.sleep, 1e-4 * i) for i in range(20)]
        assert begun.wait(10)
        executor.shutdown(wait=False, cancel_futures=True)
        gate.set()
        concurrent.futures.wait(futures, timeout=10)
        assert all(one.cancelled() for one in futures)
        with pytest.raises(concurrent.futures.CancelledError):
            futures[-1].result(timeout=10)


def test_spans_are_kept_by_runs(client: Client) -> None:
    with span("outer") as outer, span("inner") as inner:
        client.submit(inc, 1).result()
        tags = last_run().tags  # type: ignore[union-attr]
        delayed(inc)(2).compute()
    assert (outer, inner) == ("outer", "outer/inner")
    assert tags == ("outer", "inner") == last_run().tags  # type: ignore[union-attr]
    client.submit(inc, 3).result()
    assert last_run().tags == ()  # type: ignore[union-attr]


def test_calls_ask_to_run_again(client: Client) -> None:
    left = {"tries": 3}

    def picky() -> str:
        if left["tries"]:
            left["tries"] -= 1
            raise Reschedule
        return "there"

    assert client.submit(picky).result() == "there"


def speak() -> None:
    say("a", "b", sep="-")
    warn("mind", RuntimeWarning)


def test_tasks_speak_where_the_client_is(any_client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(RuntimeWarning, match="mind"):
        any_client.submit(speak).result()
    assert capfd.readouterr().out == "a-b\n"


def test_coroutines_of_loops_elsewhere() -> None:
    async def x() -> int:
        return 1

    assert sync(None, x) == 1 and sync(None, inc, 1) == 2


def test_futures_by_key_and_of_blocks(any_client: Client) -> None:
    x = any_client.submit(inc, 1, key="mine")
    assert Future("mine", any_client).result() == 2 == Future("mine").result()
    with pytest.raises(ConfigError, match="no result has the key 'yours'"):
        Future("yours", client=any_client)
    kept = any_client.persist(ca.ones(4, chunks=2))
    first, second = any_client.futures_of([kept])
    assert first.result().tolist() == [1.0, 1.0] == second.result().tolist()
    assert any_client.submit(sum, second).result() == 2.0
    assert any_client.submit(inc, 7, workers=["a"], allow_other_workers=True).result() == 8
    del x
