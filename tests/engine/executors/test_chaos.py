"""Random graphs with random failures and cancellations: the right result or one clear error, and nothing hangs."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from chunkscope import compute, delayed, last_run
from chunkscope.blocks import LEDGER
from chunkscope.errors import RunCancelled
from chunkscope.executors import EXECUTORS, POOL, Run
from chunkscope.observe import RunState

GRAPHS = {"quick": 60, "default": 400, "full": 10_000}[os.environ.get("CHUNKSCOPE_PROFILE", "default")]


class Planned(RuntimeError):
    """The failure that a graph was given on purpose."""


def _node(number: int, fails: bool, *inputs: int) -> int:
    if fails:
        raise Planned(number)
    return number + sum(inputs)


def _random_graph(rng: random.Random) -> tuple[list[Any], list[int], set[int]]:
    """Lazy nodes, their right values, and the nodes that cannot be computed because something below them fails."""
    size = rng.choice((1, 2, 5, 20, 60))
    failing = rng.random() < 0.4
    nodes: list[Any] = []
    values: list[int] = []
    doomed: set[int] = set()
    for number in range(size):
        width = rng.choice((0, 1, 1, 2, 3, 8))
        chosen = [rng.randrange(number) for _ in range(min(width, number))]
        fails = failing and rng.random() < 1.5 / size
        function = delayed(_node, pure=rng.random() < 0.2)
        nodes.append(function(number, fails, *[nodes[i] for i in chosen]))
        values.append(number + sum(values[i] for i in chosen))
        if fails or any(i in doomed for i in chosen):
            doomed.add(number)
    return nodes, values, doomed


def _check(seed: int, executor: str) -> None:
    rng = random.Random(seed)
    nodes, values, doomed = _random_graph(rng)
    asked = [rng.randrange(len(nodes)) for _ in range(rng.choice((1, 1, 2, 5)))]
    workers = rng.choice((None, 1, 2, 4))
    try:
        found = compute(*[nodes[i] for i in asked], scheduler=executor, num_workers=workers)
    except Planned as error:
        assert any(i in doomed for i in asked), f"seed {seed}: failed without a cause"
        assert len(error.__notes__) == 1
        assert last_run().state is RunState.FAILED  # type: ignore[union-attr]
    else:
        assert list(found) == [values[i] for i in asked], f"seed {seed}"
        assert not any(i in doomed for i in asked)


def test_random_graphs_with_random_failures(executor: str) -> None:
    gc.collect()
    held = LEDGER.held
    for seed in range(GRAPHS):
        _check(seed, executor)
    assert LEDGER.held == held


@pytest.mark.parametrize("kind", ["sync", "threads", "processes", "cluster"])
@pytest.mark.usefixtures("cluster")
def test_random_cancellations(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cancelled from another thread at a random moment ends, with its value or with RunCancelled."""
    runs: list[Run] = []
    start = EXECUTORS[kind]

    def spy(run: Run, wait: bool) -> None:
        runs.append(run)
        start(run, wait)

    monkeypatch.setitem(EXECUTORS, kind, spy)
    held = LEDGER.held
    cancelled = 0
    for seed in range(GRAPHS // 4):
        rng = random.Random(seed)
        nodes, values, doomed = _random_graph(rng)
        nodes = [node for i, node in enumerate(nodes) if i not in doomed]
        right = [value for i, value in enumerate(values) if i not in doomed]
        runs.clear()

        def cancel(delay: float = rng.random() * 2e-3) -> None:
            time.sleep(delay)
            for run in runs:
                run.cancel()

        thread = threading.Thread(target=cancel)
        thread.start()
        try:
            assert list(compute(*nodes, scheduler=kind)) == right
        except RunCancelled:
            cancelled += 1
            assert last_run().state is RunState.CANCELLED  # type: ignore[union-attr]
        thread.join()
        for run in runs:
            assert run.done.wait(10)
    assert LEDGER.held == held
    assert not POOL._runs


def test_a_run_that_is_cancelled_before_its_lanes_know_of_it_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submit = POOL.submit

    def late(run: Run) -> None:
        run.cancel()
        submit(run)

    monkeypatch.setattr(POOL, "submit", late)
    with pytest.raises(RunCancelled):
        compute(delayed(abs)(-1), scheduler="threads")
    assert POOL.runs() == []


def test_ctrl_c_inside_a_task_of_the_calling_thread_cancels_the_run() -> None:
    def interrupted() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(20)

    with pytest.raises(KeyboardInterrupt) as caught:
        compute(delayed(interrupted)(), scheduler="sync")
    run = last_run()
    assert run is not None and run.state is RunState.CANCELLED and run.error is None
    assert not getattr(caught.value, "__notes__", [])


def test_ctrl_c_returns_at_once_and_discards_what_runs() -> None:
    release = threading.Event()
    started = threading.Event()

    def slow() -> str:
        started.set()
        release.wait(20)
        return "late"

    def interrupt() -> None:
        started.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        compute(delayed(slow)(), delayed(slow)(), scheduler="threads", num_workers=1)
    assert not release.is_set()  # the task still runs, and its caller has come back
    run = last_run()
    assert run is not None and run.state is RunState.RUNNING
    release.set()
    thread.join()
    deadline = time.monotonic() + 10
    while run.state is RunState.RUNNING and time.monotonic() < deadline:
        time.sleep(0.01)
    assert run.state is RunState.CANCELLED
    assert run.nfinished <= 1


def test_several_user_threads_share_one_pool() -> None:
    results: dict[int, Any] = {}

    def use(number: int) -> None:
        x = delayed(_node)(number, False)
        for _ in range(20):
            x = delayed(_node)(1, False, x)
        results[number] = x.compute(scheduler="threads")

    threads = [threading.Thread(target=use, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == {i: i + 20 for i in range(8)}


def test_a_persisted_block_wakes_the_run_that_waits_for_it() -> None:
    go = threading.Event()

    def slow(x: int) -> int:
        go.wait(10)
        return x

    x = delayed(slow)(4).persist(scheduler="threads")
    y = delayed(_node)(1, False, x)
    threading.Timer(0.05, go.set).start()
    assert y.compute(scheduler="threads", num_workers=1) == 5
    assert delayed(_node)(2, False, x).compute(scheduler="sync") == 6


def test_blas_of_users_functions_takes_one_core_each_while_lanes_share_them() -> None:
    from threadpoolctl import threadpool_info

    def threads(together: threading.Barrier) -> int:
        together.wait(10)
        return max(row["num_threads"] for row in threadpool_info() if row["user_api"] == "blas")

    before = max(row["num_threads"] for row in threadpool_info() if row["user_api"] == "blas")
    meet = threading.Barrier(2)
    assert compute(*[delayed(threads, traverse=False)(meet) for _ in range(2)], num_workers=2) == (1, 1)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        after = max(row["num_threads"] for row in threadpool_info() if row["user_api"] == "blas")
        if after == before:
            break
    assert after == before


_LATE_BLAS = """
import threading
from threadpoolctl import threadpool_info
from chunkscope import compute, delayed

def threads(together):
    together.wait(10)
    return max(row["num_threads"] for row in threadpool_info() if row["user_api"] == "blas")

def both():
    meet = threading.Barrier(2)
    return compute(*[delayed(threads, traverse=False)(meet) for _ in range(2)], num_workers=2)

import numpy
assert both() == (1, 1)
import scipy.linalg  # brings a BLAS of its own
assert both() == (1, 1), both()
"""


def test_a_blas_that_is_loaded_between_runs_is_held_too() -> None:
    finished = subprocess.run([sys.executable, "-c", _LATE_BLAS], capture_output=True, text=True, check=False)
    assert (finished.stderr, finished.returncode) == ("", 0)
