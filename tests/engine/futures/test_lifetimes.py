"""Clients, clusters and futures begin and end: by themselves, together, twice, and with the program."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest

import chunkscope.array as ca
from chunkscope import last_run
from chunkscope.errors import ConfigError
from chunkscope.executors.opened import OPENED
from chunkscope.futures import (
    CancelledError,
    Client,
    Event,
    LocalCluster,
    Queue,
    Variable,
    clusters,
    default_client,
)
from chunkscope.futures.current import opened
from chunkscope.futures.meeting import _places as places
from tests.engine.futures.second_process import soon
from tests.engine.patience import until


def alive(pids: list[int]) -> list[int]:
    found = []
    for pid in pids:
        try:
            os.kill(pid, 0)
            found.append(pid)
        except ProcessLookupError:
            continue
    return found


def pids(cluster: LocalCluster) -> list[int]:
    return [worker.pid for worker in cluster.workers]


def test_a_client_that_nobody_has_closes_with_its_cluster() -> None:
    before = clusters()
    client = Client(n_workers=2, threads_per_worker=1)
    processes = pids(client.cluster)
    future = client.submit(abs, -1)
    assert future.result() == 1 and alive(processes) == processes
    del client
    gc.collect()
    assert alive(processes) == processes, "a future has it still"
    del future
    gc.collect()
    assert until(lambda: not alive(processes))
    assert clusters() == before and opened() == [] and OPENED.newest is None
    assert ca.ones(3).sum().compute() == 3 and last_run().executor == "threads"  # type: ignore[union-attr]


def parts(options: dict[str, Any]) -> tuple[Client, weakref.ref[LocalCluster]]:
    client = Client(n_workers=1, threads_per_worker=1, **options)
    return client, weakref.ref(client.cluster)  # type: ignore[arg-type]


@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.parametrize("kind", [Queue, Variable])
def test_futures_that_wait_in_a_queue_do_not_keep_a_cluster(kind: Any, processes: bool) -> None:
    client, cluster = parts({"processes": processes})
    put = kind("x").put if kind is Queue else kind("x").set
    future = client.submit(abs, -1)
    put([future, {"y": future}])
    del future
    gc.collect()
    (one, other) = kind("x").get()
    assert (one.result(), other["y"].result(), one.client) == (1, 1, client)
    put(client.submit(abs, -2))
    del one, other, client, put
    assert soon(lambda: cluster() is None)
    assert OPENED.newest is None and soon(lambda: ("line", "x") not in places and ("slot", "x") not in places)


@pytest.mark.parametrize("kind", [Queue, Variable])
def test_whoever_has_the_queue_has_what_is_in_it(kind: Any) -> None:
    def filled() -> tuple[Any, weakref.ref[LocalCluster]]:
        client, cluster = parts({"processes": False})
        kept = kind("x")
        (kept.put if kind is Queue else kept.set)(client.submit(abs, -1))
        return kept, cluster

    kept, cluster = filled()
    gc.collect()
    future = kept.get()
    assert future.result() == 1 and future.client.submit(abs, -2).result() == 2
    del kept, future
    assert soon(lambda: cluster() is None)


def test_a_future_in_a_queue_is_had_when_its_client_is_closed() -> None:
    with LocalCluster(n_workers=1, processes=False) as cluster:
        with Client(cluster) as client:
            queue = Queue("x")
            queue.put(client.submit(abs, -1))
        future = queue.get()
        assert future.client is not client and future.client.cluster is cluster
        assert future.result() == 1 and future.client.submit(abs, -2).result() == 2


@pytest.mark.parametrize("processes", [False, True])
def test_what_is_computed_next_goes_past_a_client_that_nobody_has(processes: bool) -> None:
    x = ca.ones((1000, 100), chunks=(10, 100))

    def executor_after_a_client_has_gone() -> str:
        client = Client(n_workers=1, threads_per_worker=1, processes=processes)
        assert OPENED.newest is client.cluster.executor
        del client  # its cluster closes in the background
        assert x.sum().compute() == 100_000
        return last_run().executor  # type: ignore[union-attr]

    assert executor_after_a_client_has_gone() == "threads"
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False) as cluster:
        older = Client(cluster)
        assert executor_after_a_client_has_gone() == "cluster"
        del older
        assert OPENED.newest is None, "a cluster without a client is meant by nobody"


def test_a_cluster_is_meant_as_long_as_one_of_its_clients_is_there() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False) as cluster:
        first, second = Client(cluster), Client(cluster)
        second.close()
        assert OPENED.newest is cluster.executor
        third: Client | None = Client(cluster)
        third = None
        assert OPENED.newest is cluster.executor and third is None
        first.close()
        assert OPENED.newest is None


@pytest.mark.parametrize("processes", [False, True])
def test_a_finished_future_stays_finished_when_its_client_closes(processes: bool) -> None:
    for value in range(5):  # the run of a call may still be ending when its result is there
        with Client(n_workers=1, threads_per_worker=2, processes=processes) as client:
            future = client.submit(abs, -value)
            assert future.result() == value
        assert future.status == "finished" and not future.cancelled() and future.result() == value


def test_a_cluster_lives_as_long_as_a_client_of_it() -> None:
    cluster = LocalCluster(n_workers=1)
    processes = pids(cluster)
    client = cluster.get_client()
    del cluster
    gc.collect()
    assert client.submit(abs, -1).result() == 1 and alive(processes) == processes
    other = Client(client.cluster)
    client.close()
    assert other.submit(abs, -2).result() == 2
    del client
    other.shutdown()
    assert alive(processes) == [] and other.status == "closed"


def test_closing_twice_is_like_closing_once() -> None:
    client = Client(processes=False, n_workers=1)
    cluster = client.cluster
    for _ in range(2):
        client.close()
        cluster.close()
        client.shutdown()
    assert (client.status, cluster.status, repr(client)) == ("closed", "closed", "<Client: closed>")
    with pytest.raises(ConfigError, match="this client is closed"):
        client.run(abs, 1)
    with pytest.raises(ConfigError, match="the cluster of this client is closed"):
        cluster.get_client().submit(abs, 1)


def test_a_cluster_that_is_closed_under_its_clients() -> None:
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=False)
    one, two = Client(cluster), Client(cluster)
    there = one.submit(abs, -1)
    assert there.result() == 1
    gate = threading.Event()
    held = one.submit(gate.wait, 20)
    one.begin()
    until(lambda: cluster.workers[0].running)
    behind = two.submit(abs, -2)
    cluster.close()
    gate.set()
    for client in (one, two):
        assert client.status == "closed"
        with pytest.raises(ConfigError, match="the cluster of this client is closed; make another one"):
            client.submit(abs, 1)
    with pytest.raises(CancelledError, match="was cancelled"):
        behind.result(10)
    assert behind.status == "cancelled" and behind.done()
    assert there.result() == 1, "what is there can be had"
    assert held.result(10) is True, "no thread can be stopped, and what it gave is there"
    one.close()
    two.close()


def test_futures_after_the_end_say_what_happened() -> None:
    client = Client(processes=False, n_workers=1, threads_per_worker=1)
    there, waiting = client.submit(abs, -1), client.submit(abs, -2, pure=False)
    assert there.result() == 1
    waiting.cancel(reason="not needed")
    with pytest.raises(CancelledError, match=r"was cancelled \(not needed\)"):
        waiting.result()
    client.close()
    assert there.result() == 1 and there.status == "finished"
    with pytest.raises(ConfigError, match="closed"):
        there.retry()
    there.release()
    assert repr(there) == "<Future: released>"


def test_cancelled_results_are_gone_for_all_who_share_them(client: Client) -> None:
    one, two = client.submit(abs, -5), client.submit(abs, -5)
    needing = client.submit(str, one)
    assert one.result() == 5 and needing.result() == "5"
    client.cancel([one], reason="enough")
    for future in (one, two):
        assert future.cancelled() and future.status == "cancelled" and future.type is None
        with pytest.raises(CancelledError, match="enough"):
            future.result()
        assert isinstance(future.exception(), CancelledError)
    assert needing.result() == "5"
    assert client.submit(abs, -5).result() == 5


def test_two_clients_of_one_cluster_share_what_is_equal() -> None:
    ran: list[int] = []

    def note(x: int) -> int:
        ran.append(x)
        return x

    with LocalCluster(n_workers=1, processes=False, resources={"licence": 1}) as cluster:
        one, two = cluster.get_client(), cluster.get_client()
        x, y = one.submit(note, 1), two.submit(note, 1)
        assert (x.key == y.key, x.result(), y.result(), ran) == (True, 1, 1, [1])
        x.bind_client(two)
        assert x.client is two and x.executor is two
        with (
            Client(processes=False, n_workers=1) as stranger,
            pytest.raises(ConfigError, match="of another cluster"),
        ):
            x.bind_client(stranger)
        assert default_client() is two
        two.close()
        assert default_client() is one
        busy = one.submit(lambda: Event("licence").wait("20s"), pure=False, resources={"licence": 1})
        three = cluster.get_client()
        last = three.submit(note, 2, resources={"licence": 1})
        three.begin()
        assert not last.wait(0.05)
        Event("licence").set()
        assert busy.result() and last.result() == 2
        Event("licence").close()


def test_the_closing_thread_ends_with_the_last_client() -> None:
    with Client(processes=False, n_workers=1):
        assert any(thread.name == "chunkscope-closing" for thread in threading.enumerate())
    assert until(lambda: not any(thread.name == "chunkscope-closing" for thread in threading.enumerate()))


PROGRAM = """
    import os, sys, atexit
    from chunkscope.futures import Client, LocalCluster, WorkerPlugin

    class Noted(WorkerPlugin):
        def teardown(self, worker):
            with open(sys.argv[1] if len(sys.argv) > 1 else {notes!r}, "a") as file:
                file.write("teardown\\n")

    client = Client(n_workers=1)
    other = LocalCluster(n_workers=1)
    client.register_plugin(Noted())
    future = client.submit(abs, -1)
    print(future.result(), *[worker.pid for one in (client.cluster, other) for worker in one.workers], flush=True)
    {end}
"""


@pytest.mark.parametrize(
    ("end", "status"), [("", 0), ("raise SystemExit(3)", 3), ("print(1 / 0)", 1), ("x = client, future", 0)]
)
def test_the_end_of_a_program_ends_all(end: str, status: int, tmp_path: Path) -> None:
    program = textwrap.dedent(PROGRAM).format(notes=str(tmp_path / "notes"), end=end)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == status, done.stderr
    told, *processes = map(int, done.stdout.split())
    assert told == 1 and len(processes) == 2
    assert until(lambda: not alive(processes))
    assert (tmp_path / "notes").read_text() == "teardown\n"
    assert done.stderr == "" or "ZeroDivisionError" in done.stderr


def test_a_child_leaves_the_parents_cluster_alone() -> None:
    program = textwrap.dedent(
        """
        import gc, os
        from chunkscope.futures import Client
        client = Client(n_workers=1)
        print(client.submit(abs, -1).result(), flush=True)
        if os.fork() == 0:
            del client
            gc.collect()
            raise SystemExit
        os.wait()
        print(client.submit(abs, -2).result(), flush=True)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout.split(), done.returncode) == (["1", "2"], 0), done.stderr


@pytest.mark.parametrize("processes", [True, False])
def test_a_child_takes_no_part_in_the_parents_cluster(processes: bool) -> None:
    program = textwrap.dedent(
        f"""
        import os
        import chunkscope.array as ca
        from chunkscope.futures import Client, Event, get_client
        client = Client(n_workers=2, threads_per_worker=1, processes={processes})
        done, late = client.submit(abs, -1), client.submit(Event("go").wait)
        done.result()
        if os.fork() == 0:
            def told(function):
                try:
                    return function()
                except Exception as error:
                    return type(error).__name__
            print([told(function) for function in (
                lambda: client.submit(abs, -2).result(20), lambda: late.result(20), get_client,
                lambda: done.result(20), lambda: float(ca.ones(10, chunks=5).sum().compute()), client.close,
            )], flush=True)
            with Client(n_workers=1, threads_per_worker=1, processes={processes}) as own:
                print(own.submit(abs, -3).result(20), flush=True)
            raise SystemExit
        assert os.wait()[1] == 0
        Event("go").set()
        print(late.result(20), client.submit(abs, -4).result(20), client.status, flush=True)
        """
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.stdout.splitlines() == [
        "['ConfigError', 'ClusterError', 'ConfigError', 1, 10.0, None]",
        "3",
        "True 4 running",
    ], ran.stderr
