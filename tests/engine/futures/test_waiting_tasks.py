"""Tasks that wait for others while workers die, come, go and are closed: places and threads are in order afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from chunkscope.errors import RunCancelled
from chunkscope.executors.place import away, depth, place
from chunkscope.executors.pool import Place, Pool
from chunkscope.futures import Client, Event, get_client, secede
from tests.engine.patience import becomes


def waits(name: str, i: int) -> int:
    Event(name).wait(60)
    return i


def settled(client: Client) -> bool:
    """Whether nobody has a place, nobody wants one, and there is no thread too many."""
    group: Any = client.cluster.crew.pool()
    seats = [member for members in list(group._members.values()) for member in members]
    further = [member for member in seats if member.thread >= group._nthreads]
    return (
        (group._active, group._away, group.returning, group._taken) == (0, 0, [], set())
        and len(further) <= 2 * len(group._processes)
    )  # fmt: skip


def kill_all(client: Client) -> None:
    for name in client.nthreads():
        client.cluster.kill(name)


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(lambda client: None, id="nothing"),
        pytest.param(lambda client: client.cluster.kill("worker-0"), id="one dies"),
        pytest.param(kill_all, id="all die"),
        pytest.param(lambda client: client.cluster.restart(), id="restart"),
        pytest.param(lambda client: client.cluster.scale(1), id="fewer"),
        pytest.param(lambda client: client.cluster.scale(3), id="more"),
    ],
)
def test_whatever_happens_while_they_wait(disturb: Callable[[Client], None]) -> None:
    with Client(n_workers=2, threads_per_worker=1) as client:
        gate = Event("gate of those that wait")
        futures = client.map(waits, [gate.name] * 6, range(6))
        assert client.submit(abs, -1).result(30) == 1
        disturb(client)
        assert client.submit(abs, -2).result(30) == 2
        gate.set()
        assert client.gather(futures) == list(range(6))
        assert becomes(lambda: settled(client))
        gate.close()


def test_a_cluster_closes_while_tasks_wait() -> None:
    with Client(n_workers=1, threads_per_worker=1) as client:
        gate = Event("never set")
        futures = client.map(waits, [gate.name] * 4, range(4))
        assert client.submit(abs, -1).result(30) == 1
    for future in futures:
        with pytest.raises(RunCancelled):
            future.result(20)
    gate.close()


def test_a_task_that_fails_while_it_is_away_gives_its_place_back(any_client: Client) -> None:
    def leave() -> None:
        secede()
        raise ValueError("away")

    failed = any_client.map(lambda i: leave(), range(8))
    for future in failed:
        with pytest.raises(ValueError, match="away"):
            future.result(30)
    pool: Pool = any_client.cluster.crew.pool()
    assert becomes(lambda: (pool._active, pool._away, pool.returning) == (0, 0, []))
    assert any_client.gather(any_client.map(abs, range(20))) == list(range(20))


def test_never_more_run_than_there_are_threads(client: Client) -> None:
    """Four threads; forty tasks that run, wait, and run on."""
    lock = threading.Lock()
    running = [0, 0]

    def busy() -> None:
        with lock:
            running[0] += 1
            running[1] = max(running)
        time.sleep(0.002)
        with lock:
            running[0] -= 1

    def work(i: int) -> int:
        busy()
        found = get_client().submit(work, i - 1, pure=False).result() if i else 0
        busy()
        return int(found) + i

    assert client.gather(client.map(work, [4] * 10, pure=False)) == [10] * 10
    assert running == [0, running[1]] and 1 < running[1] <= 4


def test_a_task_that_nobody_lets_back_goes_on_after_a_while(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All who are at work wait for a lock of Python's own, which the task that wants to go on holds."""
    monkeypatch.setattr("chunkscope.executors.pool.PATIENCE_SECONDS", 0.1)
    lock, held = threading.Lock(), threading.Event()

    def holds() -> int:
        with lock:
            future = get_client().submit(held.wait, 20, pure=False)
            return int(future.result())

    def wants() -> int:
        with lock:
            return 1

    first = client.submit(holds)
    while not lock.locked():
        time.sleep(0.001)
    others = client.map(lambda i: wants(), range(4))
    held.set()
    assert first.result(30) == 1 and client.gather(others) == [1] * 4


def test_places_nest_and_end_with_their_task(client: Client) -> None:
    found: list[Any] = []

    def task() -> None:
        seat = place()
        assert isinstance(seat, Place) and depth() == 1
        outer = seat.leave()
        with away():
            found.append((seat.left, seat.is_away(outer)))
        found.append((seat.left, seat.is_away(outer)))
        seat.back(outer)
        found.append((seat.left, seat.is_away(outer)))
        seat.leave()
        found.append(seat)

    client.submit(task).result()
    seat = found.pop()
    assert found == [(2, True), (1, True), (0, False)]
    assert becomes(lambda: seat.left == 0) and depth() == 0 and place() is None
    seat.back(0)  # of a task that is over: nothing
    assert seat.left == 0
