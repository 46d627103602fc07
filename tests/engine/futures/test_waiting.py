"""Waiting for what `persist` started."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

import chunkscope.array as ca
from chunkscope import last_run
from chunkscope.errors import ConfigError, RunCancelled
from chunkscope.futures import Client, wait

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
