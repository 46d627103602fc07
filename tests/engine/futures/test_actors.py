"""Actors: they live on one worker, keep their order, go to tasks, and end with their last reference or their worker."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chunkscope.errors import ConfigError, TransferError, WorkerDiedError
from chunkscope.futures import Actor, ActorFuture, Client, get_client
from tests.engine.patience import becomes


class Counter:
    kind = "counter"
    note = ""

    def __init__(self, start: int = 0, note: str = "") -> None:
        self.n = start
        self.pid = os.getpid()
        self.added: list[int] = []
        self.threads: set[int] = set()
        self.note = note

    def add(self, x: int) -> int:
        self.threads.add(threading.get_ident())
        self.n += x
        self.added.append(x)
        return self.n

    def nap(self, seconds: float) -> None:
        time.sleep(seconds)

    def fail(self) -> None:
        raise ValueError("not this")

    def lock(self) -> Any:
        return threading.Lock()

    def total(self, values: Any) -> float:
        return float(np.sum(values))

    def asks(self) -> int:
        client = get_client()
        return sum(client.gather(client.map(abs, [-1, -2])))

    def die(self) -> None:
        os._exit(7)

    async def later(self, x: int) -> int:
        await asyncio.sleep(0.001)
        return 2 * x

    def __del__(self) -> None:
        if self.note:
            Path(self.note).write_text("gone")


class Box:
    def __init__(self, content: Any) -> None:
        self.content = content


def test_an_actor_keeps_its_state_and_its_order(any_client: Client) -> None:
    counter = any_client.submit(Counter, 10, actor=True).result()
    assert isinstance(counter, Actor) and repr(counter) == "<Actor: Counter>" and "add" in dir(counter)
    futures = [counter.add(i) for i in range(200)]
    assert all(isinstance(future, ActorFuture) for future in futures)
    assert futures[-1].result() == 10 + sum(range(200)) and futures[0].done()
    assert counter.added == list(range(200)) and counter.n == futures[-1].result()
    assert counter.kind == "counter" and (counter.pid == os.getpid()) is (not any_client.cluster.processes)
    assert any_client.submit(Counter, 10, actor=True).result().n == 10  # each is one of its own


def test_several_actors(any_client: Client) -> None:
    counters = any_client.gather(any_client.map(Counter, range(3), actors=True))
    assert [counter.add(1).result() for counter in counters] == [1, 2, 3]


def test_actors_go_to_tasks_and_come_from_them(any_client: Client) -> None:
    def add(counter: Any, times: int) -> int:
        return [counter.add(1).result() for _ in range(times)][-1] - counter.n

    def hidden(box: Box) -> int:
        return int(box.content.add(1).result())

    def make() -> Any:
        counter = get_client().submit(Counter, 5, actor=True).result()
        counter.add(1).result()
        return counter

    future = any_client.submit(Counter, actor=True)
    counter = future.result()
    tasks = [any_client.submit(add, counter, 10, pure=False) for _ in range(3)]
    assert all(difference <= 0 for difference in any_client.gather(tasks)) and counter.n == 30
    assert any_client.submit(add, future, 10).result() == 0 and counter.n == 40
    assert any_client.submit(hidden, Box(counter)).result() == 41
    assert any_client.submit(make).result().add(1).result() == 7


def test_what_goes_wrong_in_a_method_is_raised_by_its_future(any_client: Client) -> None:
    counter = any_client.submit(Counter, actor=True).result()
    with pytest.raises(ValueError, match="not this"):
        counter.fail().result()
    with pytest.raises(TypeError, match="argument"):
        counter.add().result()
    with pytest.raises(AttributeError, match="nothing"):
        counter.nothing  # noqa: B018
    with pytest.raises(AttributeError, match="cannot be set from here"):
        counter.n = 3
    with pytest.raises(TimeoutError):
        counter.nap(0.2).result(timeout=0.01)
    if any_client.cluster.processes:
        with pytest.raises(TransferError, match="lock"):
            counter.lock().result()
        with pytest.raises(TransferError, match="lock"):
            counter.add(threading.Lock())
    assert counter.add(1).result() == 1
    failed = any_client.submit(Counter, 1, 2, 3, actor=True)
    with pytest.raises(TypeError, match="argument"):
        failed.result()


def test_methods_take_arrays_ask_the_cluster_and_are_awaited(any_client: Client) -> None:
    counter = any_client.submit(Counter, actor=True).result()
    assert counter.total(np.ones(100_000)).result() == 100_000
    assert counter.total(any_client.scatter(np.ones(10)).result()).result() == 10
    assert counter.asks().result() == 3

    async def wait() -> tuple[int, int]:
        return await counter.add(4), await counter.later(4)

    assert asyncio.run(wait()) == (4, 8)


def test_an_actor_ends_with_its_last_reference(any_client: Client, tmp_path: Path) -> None:
    note = tmp_path / "note"
    future = any_client.submit(Counter, 0, str(note), actor=True)
    counter = future.result()
    counter.add(1).result()
    del future
    gc.collect()
    time.sleep(0.1)
    assert not note.exists() and counter.n == 1
    known = weakref.ref(counter)
    del counter
    assert becomes(lambda: known() is None and note.exists(), collect=True)


def test_an_actor_does_not_outlive_its_worker() -> None:
    with Client(n_workers=1, threads_per_worker=1) as client:
        counter = client.submit(Counter, actor=True).result()
        waiting = counter.nap(20)
        after = counter.add(1)
        client.cluster.kill("worker-0")
        for future in (waiting, after, counter.add(2)):
            with pytest.raises(
                WorkerDiedError, match=r"actor Counter lived in .*worker-0.*submit the actor again"
            ):
                future.result(20)
        assert client.submit(abs, -1).result() == 1
        assert client.submit(Counter, 3, actor=True).result().n == 3


def test_only_calls_make_actors(client: Client) -> None:
    with pytest.raises(ConfigError, match=r"client\.submit"):
        client.compute([], actors=True)
