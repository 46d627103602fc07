"""Clients inside tasks: the same in threads and in worker processes, and waiting tasks never hold the cluster up."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import last_run
from chunkscope.errors import ConfigError
from chunkscope.futures import (
    Client,
    Event,
    Future,
    Queue,
    as_completed,
    get_client,
    get_worker,
    rejoin,
    secede,
    wait,
    worker_client,
)
from tests.engine.patience import becomes


@pytest.fixture(params=["threads", "processes"])
def narrow(request: pytest.FixtureRequest) -> Iterator[Client]:
    """One task at a time."""
    processes = request.param == "processes"
    with Client(processes=processes, n_workers=1, threads_per_worker=1) as one:
        yield one


class Box:
    """Something that hides a future from whoever looks for futures in containers."""

    def __init__(self, future: Any) -> None:
        self.future = future


def fib(n: int, pure: bool) -> int:
    if n < 2:
        return n
    with worker_client() as client:
        a = client.submit(fib, n - 1, pure, pure=pure)
        b = client.submit(fib, n - 2, pure, pure=pure)
        return sum(client.gather([a, b]))


def fib_waiting(n: int) -> int:
    if n < 2:
        return n
    client = get_client()
    return int(client.submit(fib_waiting, n - 1).result() + client.submit(fib_waiting, n - 2).result())


@pytest.mark.parametrize("pure", [True, False])
def test_recursion_ends_on_one_thread(narrow: Client, pure: bool) -> None:
    assert narrow.submit(fib, 10 if pure else 7, pure).result(60) == (55 if pure else 13)
    assert narrow.submit(fib_waiting, 6).result(60) == 8


def test_waiting_tasks_make_room_and_no_more(narrow: Client) -> None:
    """Ten tasks wait for an event; whoever runs is alone, and when all may go on they go one by one."""

    def waits(log: Queue, gate: Event) -> None:
        gate.wait(30)
        log.put(("in", time.monotonic()))
        time.sleep(0.01)
        log.put(("out", time.monotonic()))

    log, gate = Queue("log"), Event("gate")
    waiting = [narrow.submit(waits, log, gate, pure=False) for _ in range(10)]
    assert narrow.submit(abs, -1).result(30) == 1
    assert not any(future.done() for future in waiting)
    narrow.submit(gate.set).result(30)
    narrow.gather(waiting)
    times = sorted((at, what) for what, at in log.get(batch=True))
    assert [what for _, what in times] == ["in", "out"] * 10
    log.close()
    gate.close()


def test_what_a_batch_has_done_is_not_held_up_by_a_task_that_waits(narrow: Client) -> None:
    """The calls before the one that waits, and those after it, come from one batch."""

    def step(i: int, gate: Event) -> int:
        if i == 50:
            gate.wait(30)
        return i

    narrow.gather(narrow.map(abs, range(200)))  # small calls come many at a time from now on
    gate = Event("step")
    futures = narrow.map(step, range(100), [gate] * 100)
    total = narrow.submit(sum, futures[:50] + futures[51:])
    assert total.result(30) == sum(range(100)) - 50 and not futures[50].done()
    gate.set()
    assert futures[50].result(30) == 50
    gate.close()


def test_futures_come_as_values_where_they_are_seen_and_as_themselves_elsewhere(any_client: Client) -> None:
    def look(box: Box, direct: int, nested: list[Any]) -> tuple[Any, ...]:
        return type(box.future).__name__, box.future.result(), box.future.done(), direct, nested

    x = any_client.submit(abs, -7)
    assert any_client.submit(look, Box(x), x, [x, {"x": (x,)}]).result() == (
        "Future", 7, True, 7, [7, {"x": (7,)}],
    )  # fmt: skip
    assert any_client.submit(lambda: x.result() + 1).result() == 8


def test_futures_of_a_task_come_back_as_themselves(any_client: Client) -> None:
    def start() -> Box:
        client = get_client()
        return Box(client.map(abs, [-1, -2, -3]))

    def go_on(box: Box) -> int:
        return int(get_client().submit(sum, box.future).result())

    box = any_client.submit(start)
    assert any_client.submit(go_on, box).result() == 6
    futures = box.result().future
    assert all(isinstance(future, Future) for future in futures)
    assert any_client.gather(futures) == [1, 2, 3]
    assert any_client.submit(abs, -1).key == futures[0].key


def test_results_are_held_while_any_side_holds_them_and_not_longer(narrow: Client) -> None:
    """A worker keeps a future in a global; its result lives until that is gone."""

    def keep(box: Box | None) -> str:
        import builtins

        builtins.kept_by_a_test = box  # type: ignore[attr-defined]
        return "" if box is None else str(box.future.status)

    future = narrow.submit(np.ones, 100_000, pure=False)
    block = weakref.ref(future.promise.block)
    assert narrow.submit(keep, Box(future), pure=False).result() in ("finished", "pending")
    del future
    gc.collect()
    time.sleep(0.1)
    assert block() is not None
    assert narrow.submit(keep, None).result() == ""
    assert becomes(lambda: block() is None, collect=True)


def test_a_client_in_a_task_does_what_a_client_does(any_client: Client) -> None:
    def work() -> dict[str, Any]:
        client = get_client()
        squares = client.map(pow, range(8), [2] * 8)
        found: dict[str, Any] = {"gather": client.gather(squares)}
        found["as_completed"] = sorted(future.result() for future in as_completed(squares))
        found["wait"] = len(wait(squares).done)
        kept = client.scatter(np.arange(50_000))
        found["scatter"] = int(client.submit(np.sum, kept).result())
        called = threading.Event()
        one = client.submit(abs, -5)
        one.add_done_callback(lambda future: called.set())
        found["result"], found["called"] = one.result(), called.wait(10)
        bad = client.submit(divmod, 1, 0)
        found["error"] = (type(bad.exception()).__name__, bad.status)
        late = client.submit(time.sleep, 30, pure=False)
        client.cancel(late)
        found["cancelled"] = late.cancelled()
        client.publish_dataset(seven=7)
        return found

    found = any_client.submit(work).result(60)
    assert found == {
        "gather": [0, 1, 4, 9, 16, 25, 36, 49],
        "as_completed": [0, 1, 4, 9, 16, 25, 36, 49],
        "wait": 8,
        "scatter": 1249975000,
        "result": 5,
        "called": True,
        "error": ("ZeroDivisionError", "error"),
        "cancelled": True,
    }
    assert any_client.get_dataset("seven") == 7


def test_collections_in_a_task(narrow: Client) -> None:
    """In the task's own thread, or on the cluster; persisted ones are shared, not copied."""
    x = ca.arange(200_000, chunks=50_000)
    narrow.publish_dataset(x=x.persist())

    def compute() -> list[int]:
        client = get_client()
        x = client.get_dataset("x")
        found = [int(x.sum().compute()), int(client.compute(x.sum()).result())]
        with worker_client():
            found.append(int(x.sum().compute()))
        found.append(int(client.persist(x + 1).sum().compute()))
        return found

    total = sum(range(200_000))
    assert narrow.submit(compute).result(60) == [total, total, total, total + 200_000]
    narrow.unpublish_dataset("x")


def test_a_collection_over_a_future_in_a_task(narrow: Client) -> None:
    """It waits in the task's thread for what only the task's place can make."""
    from chunkscope import delayed

    def compute() -> int:
        slow = get_client().submit(abs, -3)
        return int(delayed(pow)(slow, 2).compute())

    assert narrow.submit(compute).result(30) == 9


def test_the_worker_is_known_inside(any_client: Client) -> None:
    def who() -> tuple[str, int, int]:
        worker = get_worker()
        worker.times = getattr(worker, "times", 0) + 1
        return worker.name, worker.nthreads, os.getpid()

    name, nthreads, pid = any_client.submit(who).result()
    assert nthreads == 2 and name in any_client.nthreads()
    assert (pid == os.getpid()) is (not any_client.cluster.processes)
    for function in (get_worker, secede, worker_client().__enter__):
        with pytest.raises(ConfigError, match="for functions that run as tasks"):
            function()


def test_a_task_that_has_seceded_is_not_counted(narrow: Client) -> None:
    def leave(gate: Event, back: bool) -> str:
        secede()
        secede()  # twice is like once
        get_client().submit(gate.set).result()
        if back:
            rejoin()
        return "done"

    for back in (True, False):
        gate = Event(f"left {back}")
        assert narrow.submit(leave, gate, back).result(30) == "done" and gate.is_set()
        assert narrow.submit(abs, -2, pure=False).result(30) == 2
        gate.close()


def test_threads_of_a_task_can_use_its_client(any_client: Client) -> None:
    def work() -> list[int]:
        client = get_client()
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda i=i: found.append(client.submit(abs, -i).result()))
            for i in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(found)

    assert any_client.submit(work).result(30) == [0, 1, 2, 3]


def test_a_worker_that_dies_lets_go_of_what_it_held() -> None:
    def die(box: Box, gate: Event) -> int:
        if gate.is_set():
            return int(box.future.result().sum())
        box.future.result()
        gate.set()
        os.kill(os.getpid(), 9)
        return 0

    with Client(n_workers=1, threads_per_worker=1) as client:
        gate = Event("died")
        future = client.submit(np.ones, 100_000)
        block = weakref.ref(future.promise.block)
        task = client.submit(die, Box(future), gate)
        assert task.result(60) == 100_000
        run = last_run()
        assert run is not None and "lost" in {notice.topic for notice in run.notices}
        gate.close()
        del future, task, run
        assert becomes(lambda: block() is None, collect=True)


def test_calls_of_tasks_go_before_what_waits_for_them(narrow: Client) -> None:
    """With a hundred tasks that each ask for one, only a few wait at any time."""

    def ask(i: int) -> tuple[int, int]:
        return int(get_client().submit(abs, -i, pure=False).result()), threading.active_count()

    found = narrow.gather(narrow.map(ask, range(100)))
    assert [value for value, _ in found] == list(range(100))
    assert max(count for _, count in found) < 60
