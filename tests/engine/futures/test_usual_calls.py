"""Calls with the argument names that Dask's users write; what cannot be meant is refused, not swallowed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import chunkscope
from chunkscope import last_run
from chunkscope.diagnostics import MemorySampler, get_task_stream, performance_report, progress
from chunkscope.errors import ConfigError
from chunkscope.futures import (
    Client,
    Event,
    Future,
    Lock,
    MultiLock,
    Queue,
    Semaphore,
    Variable,
    default_client,
)
from chunkscope.futures.plugins import UploadDirectory
from tests.engine.futures.second_process import Second


def inc(x: int) -> int:
    return x + 1


def test_futures_by_key_and_callbacks_by_name(client: Client) -> None:
    heard: list[int] = []
    there = client.submit(inc, 1, key="there")
    again = Future(key="there", client=client)
    again.add_done_callback(fn=lambda future: heard.append(future.result()))
    assert (again.result(), heard) == (2, [2])
    del there
    assert default_client(c=client) is client


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.who_has(asynchronous=False),
        lambda client: client.has_what(workers=None, asynchronous=False),
        lambda client: client.nthreads(asynchronous=False),
        lambda client: client.ncores(asynchronous=False),
        lambda client: client.nbytes(keys=None, summary=True, asynchronous=False),
        lambda client: client.list_datasets(asynchronous=False),
        lambda client: client.get_dataset("nothing", default=1, asynchronous=False),
        lambda client: client.rebalance(asynchronous=False),
        lambda client: client.replicate([client.submit(inc, 1)], n=2, branching_factor=2, asynchronous=False),
        lambda client: Queue("usual").qsize(asynchronous=False),
        lambda client: Variable("usual").set(1, timeout="30 s", asynchronous=False),
        lambda client: Event("usual").set(asynchronous=False),
    ],
)
def test_asynchronous_can_be_said_for_one_call(client: Client, ask: Any) -> None:
    ask(client)


def test_asynchronous_for_one_call_is_to_be_awaited() -> None:
    import asyncio

    async def told() -> Any:
        async with Client(processes=False, n_workers=1, asynchronous=True) as client:
            waited = await client.nthreads(asynchronous=True)
            return waited == client.nthreads(asynchronous=False)

    assert asyncio.run(told())


def test_locks_take_what_others_need_to_reach_a_scheduler(client: Client) -> None:
    for lock in (
        Lock(name="usual", client=client, scheduler_rpc=None, loop=None),
        Semaphore(max_leases=1, name="usual-s", scheduler_rpc=None, loop=None, register=True),
    ):
        assert lock.acquire(timeout="1s") and lock.get_value() == 1
        lock.release()
        lock.close()
    with pytest.raises(TypeError, match="max_lease"):
        Semaphore(max_lease=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_some_of_several_locks_are_enough(kind: str) -> None:
    def hold(names: list[str], enough: int | None) -> bool:
        lock = MultiLock(names)
        found = bool(lock.acquire(timeout="10s", num_locks=enough))
        lock.release()
        return found

    with Client(processes=kind == "processes", n_workers=2, threads_per_worker=1) as client:
        mine = MultiLock(names=["a", "b"], client=client)
        assert mine.acquire(blocking=True, timeout=1, num_locks=None) and mine.get_value() == 2
        assert client.submit(hold, ["b", "c", "d"], 2).result() is True
        other = MultiLock(["a", "c"])
        assert not other.acquire(timeout=0.01) and other.acquire(num_locks=1) and other.get_value() == 2
        other.release()
        assert mine.locked() and not MultiLock(["c"]).locked()
        mine.release()
        assert not mine.locked()
        with pytest.raises(ConfigError, match="holds none of"):
            mine.release()
        with pytest.raises(ConfigError, match="num_locks=3: there are 2"):
            mine.acquire(num_locks=3)
        assert MultiLock().acquire()


def test_some_locks_of_a_process_that_dies_are_free_again(client: Client, doomed: Second) -> None:
    mine = MultiLock(["dying-a"])
    assert mine.acquire()
    assert (
        doomed(
            "from chunkscope import MultiLock; lock = MultiLock(['dying-a', 'dying-b'], client=c); "
            "lock.acquire(num_locks=1), lock.acquire(timeout=0)"
        )
        == "(True, False)"
    )
    assert not MultiLock(["dying-b"]).acquire(timeout=0)
    doomed.kill()
    other = MultiLock(["dying-b"])
    assert other.acquire(timeout=20)
    other.release()
    assert mine.locked(), "what it did not hold was not given back for it"
    mine.release()


def test_a_graph_as_futures_and_with_the_options_of_its_calls(client: Client) -> None:
    graph = {"x": (inc, 1), "y": (inc, "x")}
    usual: dict[str, Any] = {
        "workers": None, "allow_other_workers": None, "asynchronous": None, "direct": None, "retries": 1, "priority": 0,
        "fifo_timeout": "60s", "actors": None,
    }  # fmt: skip
    assert client.get(graph, ["y", "x"], sync=True, resources={"licence": 1}, **usual) == [3, 2]
    futures = client.get(graph, ["y", ["x"]], sync=False, **usual)
    assert isinstance(futures[0], Future) and client.gather(futures) == [3, [2]]
    with pytest.raises(ConfigError, match="any worker may run any task"):
        client.get(graph, "y", workers="0")


def test_actors_have_a_key_and_a_client(any_client: Client) -> None:
    class Counter:
        n = 3

    actor = any_client.submit(Counter, actor=True).result()
    named, cluster = any_client.submit(lambda one: (one.key, one.client.cluster.name), actor).result()
    assert (named, cluster) == (actor.key, any_client.cluster.name)
    assert actor.key.startswith("Counter-") and actor.client is any_client and actor.n == 3
    assert actor.substitute({"x": 1}) is actor
    assert any_client.submit(Counter, actor=True).result().key != actor.key


def test_what_looks_at_a_block_of_code(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with get_task_stream(client, plot=False, filename="x.html") as tasks:
        client.submit(inc, 1, pure=False).result()
        run = last_run()
    assert run is not None and [row["run"] for row in tasks.data] == [run.number]
    sampler = MemorySampler()
    with sampler.sample("x", client=client, measure="process", interval=0.01):
        time.sleep(0.02)
    assert list(sampler.to_pandas(align=True).columns) == ["x"]
    with performance_report(filename=tmp_path / "x.html", stacklevel=1, mode=None, storage_options=None):
        client.submit(inc, 2).result()
    assert (tmp_path / "x.html").exists()
    with pytest.raises(ConfigError, match="a file of this machine"):
        performance_report(storage_options={"anon": True})
    done, more = client.submit(inc, 3), client.submit(inc, 4, pure=False)
    assert done.result() == 4
    progress([done, more], notebook=False, multi=True, complete=True, group_by="prefix")
    assert "2 tasks" in capsys.readouterr().out
    progress([done], notebook=False, complete=False)
    with pytest.raises(ConfigError, match="told by their functions"):
        progress(done, group_by="spans")


def test_warnings_and_folders(client: Client, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="said"):
        chunkscope.warn("said", category=UserWarning, stacklevel=1, source=None)
    (tmp_path / "module.py").write_text("x = 1")
    assert UploadDirectory(tmp_path, mode="all").name.startswith("upload-")
    with pytest.raises(ConfigError, match="mode='nobody'"):
        UploadDirectory(tmp_path, mode="nobody")
