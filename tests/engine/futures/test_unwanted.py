"""What nobody has any more is not made to its end: persisted collections, futures, whole collections."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import last_run
from chunkscope.array import Array
from chunkscope.futures import Client, Future, fire_and_forget
from chunkscope.observe import RunLog, RunState
from tests.engine.futures.second_process import Second, soon
from tests.engine.patience import until


def ended(run: RunLog) -> bool:
    return run.state is not RunState.RUNNING


def slow(chunk: Any) -> Any:
    time.sleep(0.01)
    return chunk


def many(client: Client, n: int = 400) -> Array:
    """So many blocks that take a moment each."""
    x: Array = client.persist(ca.ones(n, chunks=1).map_blocks(slow, dtype=np.float64))
    return x


def latest() -> RunLog:
    run = last_run()
    assert run is not None
    return run


def test_a_persisted_collection_that_nobody_has_is_not_made_further(any_client: Client) -> None:
    x = many(any_client)
    run = latest()
    assert until(lambda: len(run.columns) > 2)
    del x
    assert soon(lambda: ended(run))
    assert run.state is RunState.CANCELLED and len(run.columns) < 400


def test_whoever_has_a_part_of_it_has_it(client: Client) -> None:
    x = many(client, 40)
    run = latest()
    part = x[3:5] + 1
    del x
    gc.collect()
    assert part.compute().tolist() == [2.0, 2.0]
    assert until(lambda: ended(run)) and run.state is RunState.FINISHED


def test_what_is_needed_further_on_is_made(client: Client) -> None:
    x = many(client, 40)
    run = latest()
    total = client.submit(lambda values: float(values.sum()), x)
    kept = client.persist(x + 1)
    client.begin()
    del x
    gc.collect()
    assert total.result(20) == 40.0 and kept.sum().compute() == 80
    assert run.state is RunState.FINISHED


def test_one_of_two_that_were_persisted_together_keeps_both_going(client: Client) -> None:
    x, y = client.persist([ca.ones(20, chunks=1).map_blocks(slow, dtype=np.float64), ca.zeros(20, chunks=1)])
    run = latest()
    del y
    gc.collect()
    assert x.sum().compute() == 20
    assert until(lambda: ended(run)) and run.state is RunState.FINISHED


def test_published_names_and_queues_are_somebody(client: Client) -> None:
    x = many(client, 30)
    run = latest()
    client.publish_dataset(x=x)
    del x
    gc.collect()
    assert client.get_dataset("x").sum().compute() == 30
    assert until(lambda: ended(run)) and run.state is RunState.FINISHED
    client.unpublish_dataset("x")


def test_a_value_that_nobody_waits_for_is_not_computed_further(client: Client) -> None:
    future = client.compute(ca.ones(400, chunks=1).map_blocks(slow, dtype=np.float64).sum())
    run = latest()
    assert until(lambda: len(run.columns) > 2)
    del future
    assert soon(lambda: ended(run)) and run.state is RunState.CANCELLED


def held_calls(client: Client, ran: list[int], n: int = 50) -> tuple[list[Future], threading.Event]:
    """Futures whose first calls wait for the gate that comes with them."""
    gate = threading.Event()

    def call(i: int) -> int:
        gate.wait(20)
        ran.append(i)
        return i

    futures = client.map(call, range(n), pure=False)
    client.begin()
    assert until(lambda: any(worker.running for worker in client.cluster.workers))
    return futures, gate


def test_calls_whose_futures_are_gone_do_not_start(client: Client) -> None:
    ran: list[int] = []
    futures, gate = held_calls(client, ran)
    run = latest()
    del futures
    gc.collect()
    gate.set()
    assert until(lambda: ended(run)) and run.state is RunState.CANCELLED
    assert len(ran) <= client.cluster.crew.lanes()


def test_single_calls_whose_futures_are_gone_do_not_start(client: Client) -> None:
    ran: list[int] = []
    futures, gate = held_calls(client, ran)
    needing = client.submit(sum, futures[30:32])  # another run: it holds what it needs
    client.begin()
    run = latest()
    del futures[20:]
    gc.collect()
    gate.set()
    assert client.gather(futures) == list(range(20)) and needing.result() == 61
    assert until(lambda: not client.cluster.workers[0].running)
    assert set(range(20)) | {30, 31} <= set(ran) and len(ran) < 40
    assert run.state is not RunState.CANCELLED


def test_calls_that_others_of_the_same_moment_need_are_made(client: Client) -> None:
    gate = threading.Event()
    busy = client.map(lambda i: gate.wait(20), range(4), pure=False)
    client.begin()
    x = client.submit(pow, 2, 10, pure=False)
    y = client.submit(str, x)
    del x
    client.begin()
    gc.collect()
    gate.set()
    assert y.result() == "1024" and all(client.gather(busy))


def test_a_share_of_a_resource_comes_back_from_calls_whose_futures_are_gone(client: Client) -> None:
    gate = threading.Event()
    first = client.submit(gate.wait, 20, pure=False, resources={"licence": 1})
    second = client.submit(abs, -1, pure=False, resources={"licence": 1})
    client.begin()
    assert until(lambda: any(worker.running for worker in client.cluster.workers))
    del first, second
    gc.collect()
    gate.set()
    assert client.submit(abs, -2, resources={"licence": 1}).result(20) == 2


def test_fire_and_forget_is_somebody(client: Client) -> None:
    ran: list[int] = []
    futures, gate = held_calls(client, ran, 20)
    run = latest()
    fire_and_forget(futures)
    del futures
    gc.collect()
    gate.set()
    assert until(lambda: ended(run)) and sorted(ran) == list(range(20))


def test_what_was_let_go_can_be_asked_for_again(client: Client) -> None:
    x = client.submit(pow, 2, 10, key="x")
    assert x.result() == 1024
    x.release()
    del x
    again = client.submit(pow, 2, 10, key="x")
    assert again.result() == 1024


@pytest.mark.parametrize("made", ["c.persist(x)", "c.compute(x.sum())"])
def test_what_a_second_process_has_no_more_is_not_made_further(joined_processes: Second, made: str) -> None:
    told = joined_processes(
        "import time, gc, numpy as np, chunkscope, chunkscope.array as ca\n"
        "def slow(chunk):\n    import time; time.sleep(0.02); return chunk\n"
        "x = ca.ones(400, chunks=1).map_blocks(slow, dtype=np.float64)\n"
        f"y = {made}\n"
        "run = chunkscope.last_run()\n"
        "while len(run.columns) < 3: time.sleep(0.01)\n"
        "del y; gc.collect()\n"
        "while run.state.value == 'running': time.sleep(0.01)\n"
        "(run.state.value, len(run.columns) < 400)"
    )
    assert told == "('cancelled', True)"


def test_results_of_what_is_gone_are_never_taken_for_those_of_something_new(client: Client) -> None:
    """The new blocks may lie where the old ones lay."""
    kept: dict[str, Future] = {}
    for i in range(500):
        x = ca.full((1,), float(i), chunks=1).persist(scheduler="sync")
        token = x.__chunkscope_expr__().token
        assert token not in kept
        kept[token] = client.submit(np.sum, x)
        assert i % 50 or kept[token].result() == i
        del x


def test_equal_calls_over_the_same_stored_blocks_are_one(client: Client) -> None:
    x = client.persist(ca.ones(4, chunks=2))
    one, other = client.submit(np.sum, x), client.submit(np.sum, x)
    assert one.key == other.key and one.result() == 4
