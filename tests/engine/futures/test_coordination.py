"""What tasks share by name."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from chunkscope.errors import ConfigError
from chunkscope.futures import Client, Event, Lock, MultiLock, Queue, Semaphore, Variable


def test_a_lock_is_held_by_one_task(client: Client) -> None:
    now, most = 0, 0

    def work(i: int) -> int:
        nonlocal now, most
        with Lock("only"):
            now += 1
            most = max(most, now)
            time.sleep(0.001)
            now -= 1
        return i

    assert client.gather(client.map(work, range(20))) == list(range(20)) and most == 1
    lock = Lock("only")
    assert (
        lock.acquire()
        and lock.locked()
        and not lock.acquire(blocking=False)
        and not lock.acquire(timeout="5ms")
    )
    lock.release()
    with pytest.raises(ConfigError, match="nobody holds it"):
        lock.release()


def test_a_semaphore_is_held_by_some(client: Client) -> None:
    now, most, guard = 0, 0, threading.Lock()

    def work(i: int) -> None:
        nonlocal now, most
        with Semaphore(2, "two"):
            with guard:
                now += 1
                most = max(most, now)
            time.sleep(0.002)
            with guard:
                now -= 1

    client.gather(client.map(work, range(12)))
    assert 1 <= most <= 2 and Semaphore(2, "two").get_value() == 0


def test_several_locks_at_once_never_cross(client: Client) -> None:
    seen: list[str] = []

    def work(names: list[str]) -> None:
        with MultiLock(names):
            seen.extend(names)
            time.sleep(0.001)

    client.gather(client.map(work, [["a", "b"], ["b", "a"], ["b", "c"], ["c", "a"]] * 3, pure=False))
    assert len(seen) == 24 and not MultiLock(["a", "b", "c"]).locked()


def test_more_waiting_tasks_than_lanes(client: Client) -> None:
    """All lanes wait for what only a task behind them does: their places go to others."""
    Event("go").close()
    waiting = client.map(lambda i: Event("go").wait("20s"), range(12), pure=False)
    client.begin()
    going = client.submit(lambda: Event("go").set(), pure=False)
    assert client.gather(waiting) == [True] * 12 and going.result() is None
    Event("go").clear()
    assert not Event("go").wait("5ms")


def test_a_queue_between_tasks(client: Client) -> None:
    def produce(n: int) -> None:
        for i in range(n):
            Queue("line", maxsize=3).put(i)

    def consume(n: int) -> list[int]:
        return [Queue("line", maxsize=3).get("20s") for _ in range(n)]

    made, taken = client.submit(produce, 20), client.submit(consume, 20)
    assert taken.result() == list(range(20)) and made.result() is None
    line = Queue("other", maxsize=2)
    line.put(1)
    line.put(client.submit(abs, -2))
    with pytest.raises(TimeoutError, match="the queue was full, 2 values"):
        line.put(3, timeout="5ms")
    first, second = line.get(batch=2)
    assert (first, second.result(), line.qsize(), line.get(batch=True)) == (1, 2, 0, [])
    with pytest.raises(TimeoutError, match="held 0 values after"):
        line.get(timeout="5ms")


def test_a_variable(client: Client) -> None:
    found = client.submit(lambda: Variable("v").get("20s"), pure=False)
    client.begin()
    Variable("v").set(5)
    assert found.result() == 5
    Variable("v").delete()
    with pytest.raises(TimeoutError, match="had no value"):
        Variable("v").get(timeout=0.005)


def in_turn(name: str, i: int) -> int:
    """Append to a variable under a lock: without it, some would be lost."""
    with Lock(name):
        found = Variable(name).get() if i >= 0 else []
        time.sleep(0.001)
        Variable(name).set([*found, i])
    return i


def pass_on(name: str, n: int) -> list[int]:
    return [Queue(name).get("20s") for _ in range(n)]


def test_workers_of_any_kind_share_by_name(any_client: Client) -> None:
    Variable("turns").set([])
    futures = any_client.map(in_turn, ["turns"] * 12, range(12))
    assert any_client.gather(futures) == list(range(12))
    assert sorted(Variable("turns").get()) == list(range(12))
    taken = any_client.submit(pass_on, "values", 3)
    any_client.begin()
    for value in (1, 2, 3):
        Queue("values").put(value)
    assert taken.result() == [1, 2, 3]
    waiting = any_client.map(lambda i: Event("all").wait("20s"), range(3), pure=False)
    any_client.begin()
    assert any_client.submit(lambda: Event("all").set(), pure=False).result() is None
    assert any_client.gather(waiting) == [True] * 3
    Event("all").close()


def take_and_die(name: str, marker: str) -> str:
    Lock(name).acquire()
    if not os.path.exists(marker):
        Path(marker).touch()
        os._exit(1)
    Lock(name).release()
    return "held it again"


def test_what_a_dead_worker_held_is_free(processes: Client, tmp_path: Path) -> None:
    future = processes.submit(take_and_die, "held", str(tmp_path / "died"))
    assert future.result(timeout="20s") == "held it again" and not Lock("held").locked()


def test_a_task_that_ended_waiting_takes_nothing_afterwards(processes: Client) -> None:
    """It would have taken the value when it comes, and nobody would have got it."""
    waiting = processes.submit(lambda: Queue("rare").get(timeout="30s"))
    processes.begin()
    assert until_asked(True)
    waiting.cancel()
    processes.restart()
    assert until_asked(False)
    Queue("rare").put(5)
    assert Queue("rare").get(timeout="5s") == 5


def until_asked(expected: bool) -> bool:
    """Whether within ten seconds a task waits for an answer, or none does."""
    deadline = time.monotonic() + 10
    while any(thread.name == "chunkscope-call" for thread in threading.enumerate()) is not expected:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


@pytest.mark.parametrize("kind", [False, True])
def test_the_next_cluster_begins_without_what_was_shared(kind: bool) -> None:
    with Client(n_workers=1, threads_per_worker=1, processes=kind) as client:
        Queue("stale").put(client.submit(abs, -1))
        assert Lock("stale").acquire()
        Variable("stale").set(1)
        waiting = client.submit(lambda: Event("never").wait())
        client.begin()
        assert client.submit(abs, -2).result() == 2
    assert waiting.wait("10s"), "its thread would wait for ever"
    with Client(n_workers=1, threads_per_worker=1, processes=kind):
        assert Queue("stale").qsize() == 0 and Lock("stale").acquire(timeout="1s")
        with pytest.raises(TimeoutError, match="had no value"):
            Variable("stale").get(timeout=0.005)
