"""Waiting for what `persist` started."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from numpy.typing import NDArray

import chunkscope.array as ca
from chunkscope import last_run
from chunkscope.errors import ConfigError, RunCancelled
from chunkscope.futures import Client, as_completed, wait

GATE = threading.Event()


def late(chunk: NDArray[np.float64]) -> NDArray[np.float64]:
    GATE.wait(20)
    return chunk


def test_chunks_are_waited_for_beside_futures(client: Client) -> None:
    GATE.clear()
    x = ca.ones((4, 4), chunks=2).map_blocks(late, dtype=np.float64).persist()
    future = client.submit(abs, -1)
    with pytest.raises(TimeoutError, match=r"of 5 futures and chunks are not done after 10ms; they go on"):
        wait([x, {"y": future}, [x]], timeout="10ms")
    with pytest.raises(TimeoutError, match="4 of 4 chunks are not done"):
        wait(x, timeout=0)
    GATE.set()
    assert wait([x, future]).done == {future}
    assert float(x.sum().compute()) == 16


def test_a_plan_is_nothing_to_wait_for(client: Client) -> None:
    with pytest.raises(ConfigError, match="there is nothing to wait for in Array"):
        wait(ca.ones(4))


def test_what_is_being_persisted_can_be_cancelled(client: Client) -> None:
    GATE.clear()
    x = ca.ones((400, 4), chunks=(1, 4)).map_blocks(late, dtype=np.float64).persist()
    run = last_run()
    client.cancel([x[:2] + 1])
    GATE.set()
    with pytest.raises(RunCancelled):
        x.sum().compute()
    assert run is not None and run.state.value == "cancelled"
    done = ca.ones(4, chunks=2).persist()
    wait(done)
    client.cancel(done)
    assert done.sum().compute() == 4, "what is there stays"


def held(x: int) -> int:
    GATE.wait(20)
    return x


def test_what_was_forgotten_is_not_given_later(client: Client) -> None:
    GATE.clear()
    forgotten = client.map(held, range(2))
    found = as_completed(forgotten)
    found.clear()
    GATE.set()
    wait(forgotten)
    fresh = client.submit(abs, -7)
    found.add(fresh)
    assert list(found) == [fresh]


def test_several_threads_share_what_is_done_and_all_of_them_end(client: Client) -> None:
    GATE.clear()
    found = as_completed(client.map(held, range(3)))
    given: list[int] = []
    threads = [
        threading.Thread(target=lambda: given.extend(future.result() for future in found), daemon=True)
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    GATE.set()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(given) == [0, 1, 2]


def test_who_waits_for_what_is_forgotten_waits_no_more(client: Client) -> None:
    GATE.clear()
    found = as_completed([client.submit(held, 1)])
    given: list[list[object]] = []
    thread = threading.Thread(target=lambda: given.append(list(found)), daemon=True)
    thread.start()
    found.clear()
    thread.join(20)
    GATE.set()
    assert given == [[]]


def test_asking_again_and_again_leaves_nothing_behind(client: Client) -> None:
    GATE.clear()
    future = client.submit(held, 1)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(500):
        with pytest.raises(TimeoutError):
            wait(future, timeout=0)
    gc.collect()
    grown = len(gc.get_objects()) - before
    GATE.set()
    wait(future)
    assert grown < 500
