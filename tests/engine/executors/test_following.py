"""Batches that go on along chains at worker processes: the same results, times, failures and losses as one by one."""

from __future__ import annotations

import os
import signal
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import delayed, last_run
from chunkscope.blocks.arenas import ARENAS
from chunkscope.errors import TransferError, WorkerDiedError
from chunkscope.executors.following import Following
from chunkscope.executors.loss import Loss
from chunkscope.executors.report import Report
from chunkscope.observe import RunState
from tests.engine.executors.pool_of_processes import processes

LENGTH = 300


pytestmark = pytest.mark.usefixtures("no_memory_stays")


def step(x: Any, number: int = 1) -> Any:
    return x + 1


def chain(length: int, function: Any = step, first: Any = 0) -> Any:
    call = delayed(function, pure=False)
    root = delayed(first)
    for number in range(length):
        root = call(root, number)
    return root


def followed() -> int:
    """How many tasks of the last run were ready at the very moment at which another one ended."""
    columns = last_run().columns
    return len(set(columns.ready) & set(columns.stop))


def test_a_chain_is_run_in_long_batches_and_is_told_task_by_task() -> None:
    assert processes(chain(LENGTH)) == LENGTH
    columns = last_run().columns
    assert followed() > LENGTH / 2
    assert sorted(columns.task) == list(range(last_run().ntasks))
    rows = sorted(zip(columns.start, columns.stop, columns.ready, strict=True))
    assert all(ready <= start <= stop for start, stop, ready in rows)
    assert all(before[1] <= after[0] for before, after in pairwise(rows))


def test_trees_of_an_array_are_added_up_where_their_leaves_were_made() -> None:
    x = (ca.ones((400, 40), chunks=(4, 4)) * 2).sum()
    assert processes(x) == 32_000
    assert followed() > 10
    y = ca.random.default_rng(3).random((300, 30), chunks=(3, 30)).std(axis=0)
    assert (processes(y) == y.compute(scheduler="sync")).all()


def grown(x: Any, number: int) -> Any:
    return np.full(10_000, x if np.isscalar(x) else x[-1] + 1.0)


def test_what_only_the_next_task_reads_does_not_travel() -> None:
    before = ARENAS.used_bytes
    high: list[int] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.001):
            high.append(ARENAS.used_bytes - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        value = processes(chain(100, grown, 1.0))
    finally:
        stop.set()
        thread.join()
    assert value.tolist() == [100.0] * 10_000
    assert followed() > 10
    assert max(high) < 40 * 80_000


def wrong_at(x: int, number: int) -> int:
    if number == 200:
        raise ValueError(f"no more than {x}")
    return x + 1


def test_a_follower_that_raises_fails_with_its_own_input() -> None:
    with pytest.raises(ValueError, match="no more than 200") as caught:
        processes(chain(LENGTH, wrong_at))
    assert any("wrong_at" in note for note in caught.value.__notes__)
    assert any("int 200" in note for note in caught.value.__notes__)
    assert last_run().state is RunState.FAILED and len(last_run().columns.task) in (200, 201)


def locked_at(x: int, number: int) -> Any:
    return threading.Lock() if number == 200 else 200 if number == 201 else x + 1


def test_a_result_that_cannot_go_is_an_error_or_is_never_sent() -> None:
    with pytest.raises(TransferError, match="cannot be sent"):
        processes(chain(201, locked_at))
    try:
        assert processes(chain(210, locked_at)) == 208
    except TransferError as error:
        assert "cannot be sent" in str(error)


def dies_at(x: int, number: int, flag: str) -> int:
    if number == 150 and not os.path.exists(flag):
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return x + 1


def test_a_worker_that_dies_of_a_follower_costs_the_batch(tmp_path: Path) -> None:
    flag = str(tmp_path / "died")
    root = delayed(0)
    for number in range(LENGTH):
        root = delayed(dies_at, pure=False)(root, number, flag)
    assert processes(root) == LENGTH
    assert os.path.exists(flag)
    assert sorted(last_run().columns.task) == list(range(last_run().ntasks))


@pytest.mark.parametrize(("task", "follows"), [(0, True), (1, False), (-1, True)])
def test_only_the_death_of_a_follower_ends_following(task: int, follows: bool) -> None:
    processes(delayed(step)(1))
    lanes = Following(last_run(), 1)
    lanes.follows, lanes.batch_seconds = True, 7.0
    lanes._learn(0.5, 8)
    report = Report([0, 1, 2])
    report.followers = frozenset([1, 2])
    report.loss = Loss("x", 1, task, -9)
    assert lanes._without_followers(report) == [0]
    assert (lanes.follows, lanes.batch_seconds, lanes._cost) == (follows, 7.0, 0.5)


def always_dies_at(x: int, number: int) -> int:
    if number == 150:
        os.kill(os.getpid(), signal.SIGKILL)
    return x + 1


def test_a_follower_that_always_kills_its_worker_is_given_up_by_name() -> None:
    with pytest.raises(WorkerDiedError, match=r"(?s)task call-0\[151\] was given up.*always_dies_at"):
        processes(chain(LENGTH, always_dies_at))


def test_what_is_asked_for_beside_the_end_is_there() -> None:
    links = [delayed(0)]
    for _ in range(50):
        links.append(delayed(step, pure=False)(links[-1]))
    assert processes(*links[1:]) == tuple(range(1, 51))
