"""Calls that are submitted: their results, errors, keys and ends."""

from __future__ import annotations

import asyncio
import concurrent.futures
import copy
import gc
import itertools
import threading
import time
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope import last_run
from chunkscope.blocks import LEDGER
from chunkscope.errors import ConfigError, RunCancelled
from chunkscope.futures import (
    CancelledError,
    Client,
    Future,
    as_completed,
    default_client,
    fire_and_forget,
    wait,
)
from tests.engine.patience import until


def inc(x: int) -> int:
    return x + 1


def fail(x: int) -> int:
    raise ValueError(f"no {x}")


def fail_at(x: int, bad: int) -> int:
    return fail(x) if x == bad else x


def test_results_come_back(any_client: Client) -> None:
    x = any_client.submit(inc, 1)
    y = any_client.submit(sum, [x, 2, {3: x}[3]])
    assert (x.result(), y.result(), y.done(), y.status, y.type) == (2, 6, True, "finished", int)
    assert any_client.gather({"x": x, "all": [x, (y, 5)]}) == {"x": 2, "all": [2, (6, 5)]}
    assert any_client.gather(any_client.map(pow, [1, 2, 3], [2, 2, 2])) == [1, 4, 9]
    assert any_client.gather(any_client.map(int, ["10", "11"], base=2)) == [2, 3]
    assert any_client.submit(dict, a=x).result() == {"a": 2}


@settings(deadline=None)
@given(st.data())
def test_any_graph_of_calls_gives_what_python_gives(data: st.DataObject) -> None:
    """Calls on the results of earlier ones, some waited for in between."""
    with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
        values: list[int] = []
        futures: list[Future] = []
        for _ in range(data.draw(st.integers(1, 12))):
            chosen = (
                data.draw(st.lists(st.integers(0, max(len(values) - 1, 0)), max_size=3)) if values else []
            )
            extra = data.draw(st.integers(0, 5))
            values.append(sum([*(values[i] for i in chosen), extra]))
            futures.append(
                client.submit(sum, [*(futures[i] for i in chosen), extra], pure=data.draw(st.booleans()))
            )
            if data.draw(st.booleans()):
                assert futures[-1].result() == values[-1]
        assert client.gather(futures) == values


def test_one_failure_takes_only_what_needs_it(any_client: Client) -> None:
    futures = any_client.map(fail_at, range(20), bad=7)
    total = any_client.submit(sum, futures)
    rest = any_client.submit(sum, futures[:7])
    assert rest.result() == 21
    assert len(wait(futures).done) == 20
    assert [future.status for future in futures].count("finished") == 19
    with pytest.raises(ValueError, match="no 7") as caught:
        total.result()
    assert "fail_at" in "\n".join(caught.value.__notes__)
    assert isinstance(futures[7].exception(), ValueError) and futures[7].traceback() is not None
    assert futures[0].exception() is None and futures[0].traceback() is None
    assert any_client.gather([*futures, total], errors="skip") == [*range(7), *range(8, 20)]
    with pytest.raises(ValueError, match="no 7"):
        any_client.gather(futures)
    with pytest.raises(ConfigError, match="'raise' or 'skip'"):
        any_client.gather(futures, errors="none")
    run = last_run()
    assert run is not None
    deadline = time.monotonic() + 10
    while run.stopped is None and time.monotonic() < deadline:  # results come before the end of their run
        time.sleep(0.005)
    assert run.state.value == "failed" and run.error is not None and run.error.operation == "fail_at"


def test_failures_cross_batches(any_client: Client) -> None:
    first = any_client.submit(fail, 3)
    wait(first)
    second = any_client.submit(inc, first)
    with pytest.raises(ValueError, match="no 3"):
        second.result()
    assert second.status == "error" and repr(second).startswith("<Future: error, key: inc-")


def test_equal_pure_calls_share_a_result(client: Client) -> None:
    ran: list[int] = []

    def note(x: int) -> int:
        ran.append(x)
        return x

    x, y, z = client.submit(note, 1), client.submit(note, 1), client.submit(note, 2)
    assert (x.key == y.key, x.key == z.key) == (True, False)
    assert client.gather([x, y, z]) == [1, 1, 2] and sorted(ran) == [1, 2]
    a, b = client.submit(note, 1, pure=False), client.submit(note, 1, pure=False)
    assert a.key != b.key and client.gather([a, b]) == [1, 1] and len(ran) == 4
    assert client.submit(note, 9, key="mine").key == "mine"
    assert [future.key for future in client.map(note, [5, 6], key="part")] == ["part-0", "part-1"]


def test_what_is_filled_anew_for_the_next_call_is_what_it_was_for_this_one(any_client: Client) -> None:
    def told(x: Any, *, more: Any = None) -> str:
        return f"{x} {more}"

    array, rows, names = np.zeros(3, dtype=int), [[0]], {"i": {0}}
    submitted, mapped = [], []
    for i in range(3):
        array[:] = rows[0][0] = i
        names["i"] = {i}
        submitted.append(any_client.submit(told, array, more=(rows, names)))
        mapped += any_client.map(told, [rows], more=array)
    assert any_client.gather(submitted) == [f"[{i} {i} {i}] ([[{i}]], {{'i': {{{i}}}}})" for i in range(3)]
    assert any_client.gather(mapped) == [f"[[{i}]] [{i} {i} {i}]" for i in range(3)]


def test_a_copy_of_a_future_is_a_future_of_the_same_result(client: Client) -> None:
    x = client.submit(abs, -1)
    first, (second,) = copy.copy(x), copy.deepcopy([x])
    assert (first.key, second.key) == (x.key, x.key) and type(first) is type(second) is type(x)
    x.release()
    assert (first.result(), second.result(), x.status) == (1, 1, "released")


def test_tries_again(client: Client) -> None:
    left = {"tries": 2}

    def flaky() -> str:
        if left["tries"]:
            left["tries"] -= 1
            raise OSError("not yet")
        return "there"

    assert client.submit(flaky, retries=2).result() == "there"
    left["tries"] = 2
    short = client.submit(flaky, retries=1, pure=False)
    with pytest.raises(OSError, match="not yet"):
        short.result()
    after = client.submit(str.upper, short)
    assert after.exception() is not None
    client.retry([after])
    assert (short.result(), after.result()) == ("there", "THERE")


def test_what_is_made_again_reads_what_is_there_and_mends_what_failed_below(client: Client) -> None:
    gate, broken, made = threading.Event(), [True], itertools.count()

    def flaky(x: int) -> int:
        gate.wait(20)
        if broken:
            raise OSError("not yet")
        return x

    first = client.submit(lambda: next(made), pure=False)  # all of them begin together
    second = client.submit(flaky, first)
    third = client.submit(lambda x, y: (x, y), first, second)
    gate.set()
    assert third.exception() is not None
    broken.clear()
    third.retry()
    assert third.result() == (0, 0)
    assert (first.result(), second.result()) == (0, 0) and second.status == "finished"
    assert next(made) == 1, "what was there has not been made again"


def test_cancelled_calls_do_not_run(client: Client) -> None:
    gate, ran = threading.Event(), []
    blocked = [client.submit(gate.wait, 20, pure=False) for _ in range(4)]
    waiting = client.submit(ran.append, 1)
    needing = client.submit(str, waiting)
    waiting.cancel()
    assert waiting.cancelled() and waiting.status == "cancelled"
    gate.set()
    assert client.gather(blocked) == [True] * 4
    for future in (waiting, needing):
        with pytest.raises(CancelledError):
            future.result()
        with pytest.raises(concurrent.futures.CancelledError):
            future.result()
    assert ran == []
    again = client.submit(ran.append, 1)
    assert again.result() is None and ran == [1]


def test_waiting_has_an_end(client: Client) -> None:
    gate = threading.Event()
    slow = client.submit(gate.wait, 20)
    with pytest.raises(TimeoutError, match="is pending after 10ms; it goes on"):
        slow.result("10ms")
    with pytest.raises(TimeoutError, match="1 of 1 futures are not done"):
        wait([slow], timeout=0.01)
    with pytest.raises(TimeoutError, match="not done in time"):
        list(as_completed([slow], timeout=0.01))
    gate.set()
    assert slow.result() is True


def test_first_come(client: Client) -> None:
    gate = threading.Event()
    slow, fast = client.submit(gate.wait, 20), client.submit(inc, 1)
    done, not_done = wait([slow, fast], return_when="FIRST_COMPLETED")
    assert {future.key for future in done} == {fast.key} and {future.key for future in not_done} == {slow.key}
    given_out = as_completed([slow, fast], with_results=True)
    assert next(given_out)[1] == 2 and given_out.count() == 1
    extra = client.submit(inc, 5)
    given_out.add(extra)
    assert next(given_out)[1] == 6
    gate.set()
    assert [result for _, result in given_out] == [True] and given_out.is_empty()


def test_every_future_is_given_once(any_client: Client) -> None:
    futures = any_client.map(inc, range(50))
    assert sorted(future.result() for future in as_completed(futures)) == list(range(1, 51))
    batches = list(as_completed(futures).batches())
    assert sum(map(len, batches)) == 50


def test_callbacks(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[Any] = []
    called = threading.Event()

    def note(future: Future) -> None:
        seen.append(future.result())
        called.set()

    client.submit(inc, 1).add_done_callback(note)
    assert called.wait(10) and seen == [2]

    def broken(future: Future) -> None:
        called.set()
        raise RuntimeError("of the callback")

    called.clear()
    future = client.submit(inc, 2)
    future.add_done_callback(broken)
    assert called.wait(10) and future.result() == 3


def test_awaiting(any_client: Client) -> None:
    async def main() -> int:
        return sum(await asyncio.gather(any_client.submit(inc, 1), any_client.submit(inc, 2)))

    assert asyncio.run(main()) == 5


def test_calls_that_submit_calls(client: Client) -> None:
    def fib(n: int) -> int:
        inner = default_client()
        if n < 2:
            return n
        return sum(inner.gather([inner.submit(fib, n - 1, pure=False), inner.submit(fib, n - 2, pure=False)]))

    assert client.submit(fib, 8).result() == 21


def test_priorities(client: Client) -> None:
    """While all lanes are busy a call of a higher priority overtakes."""
    gate, begun, order = threading.Event(), [], []

    def hold(i: int) -> None:
        begun.append(i)
        gate.wait(20)

    busy = client.map(hold, range(4))
    assert until(lambda: len(begun) == 4)
    low = [client.submit(order.append, ("low", i)) for i in range(5)]
    client.begin()
    high = [client.submit(order.append, ("high", i), priority=10) for i in range(5)]
    client.begin()
    gate.set()
    wait([*busy, *low, *high])
    assert {name for name, _ in order[:4]} == {"high"}


def test_resources(client: Client) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def licensed(i: int) -> int:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.002)
        with lock:
            now -= 1
        return i

    futures = client.map(licensed, range(12), resources={"licence": 1})
    last = client.submit(sum, futures, resources={"licence": 1})
    assert last.result() == 66 and most == 1
    with pytest.raises(ConfigError, match="can never be given: this cluster has licence=1"):
        client.submit(inc, 1, resources={"licence": 2})


def test_forgotten_calls(client: Client) -> None:
    ran = threading.Event()
    fire_and_forget(client.submit(ran.set))
    gc.collect()
    assert ran.wait(10)


def test_what_is_awaited_is_kept(client: Client) -> None:
    """Nobody holds these futures but those who wait for them."""
    gate, called = threading.Event(), threading.Event()
    slow = as_completed(client.map(gate.wait, [20, 21], pure=False))
    client.submit(gate.wait, 22, pure=False).add_done_callback(lambda future: called.set())
    client.begin()
    gc.collect()
    gate.set()
    assert [future.result() for future in slow] == [True, True] and called.wait(10)


def test_results_go_with_their_futures(any_client: Client) -> None:
    held = LEDGER.held
    x = any_client.submit(np.ones, 1_000_000)
    y = any_client.submit(np.sum, x)
    assert y.result() == 1_000_000 and LEDGER.held >= held + 8_000_000
    x.release()
    gc.collect()
    deadline = time.monotonic() + 10
    while LEDGER.held >= held + 8_000_000 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert LEDGER.held < held + 8_000_000
    with pytest.raises(RunCancelled, match="was released"):
        x.result()


def test_a_closed_client_says_so() -> None:
    client = Client(processes=False, n_workers=1, threads_per_worker=1)
    future = client.submit(inc, 1)
    assert future.result() == 2
    client.close()
    client.close()
    with pytest.raises(ConfigError, match="this client is closed"):
        client.submit(inc, 1)
    with pytest.raises(ConfigError, match="no client is open"):
        default_client()
    assert ca.ones(3).sum().compute() == 3 and last_run().executor == "threads"  # type: ignore[union-attr]


async def doubled(x: int) -> int:
    await asyncio.sleep(0)
    if x < 0:
        raise ValueError("below zero")
    return 2 * x


def test_coroutine_functions_are_run_to_their_end(any_client: Client) -> None:
    future = any_client.submit(doubled, 2)
    assert future.result() == 4 and future.key.startswith("doubled-")
    assert any_client.submit(doubled, 2).key == future.key, "equal calls share one result"
    assert any_client.gather(any_client.map(doubled, range(4))) == [0, 2, 4, 6]
    assert any_client.submit(partial(doubled, x=5)).result() == 10
    with pytest.raises(ValueError, match="below zero") as caught:
        any_client.submit(doubled, -1).result()
    assert "operation 'doubled'" in caught.value.__notes__[0]
