"""What worker processes tell of themselves: the functions that they were seen in, their processors, their memory."""

from __future__ import annotations

import re
import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from chunkscope import config, delayed, last_run
from chunkscope.executors.cluster.looking import MOST_STACKS, Looker, Sight
from chunkscope.observe import RunLog
from chunkscope.observe.sampling import FIRST_SECONDS, pause
from chunkscope.observe.stacks import DEEPEST, Seen
from tests.engine.executors.pool_of_processes import processes
from tests.engine.patience import becomes, until

BUSY_SECONDS = 0.4


def spin(seconds: float) -> int:
    """Use a processor for so long, whatever else this machine does."""
    until = time.process_time() + seconds
    turns = 0
    while time.process_time() < until:
        turns += 1
    return turns


@delayed
def busy(held: int) -> int:
    block = np.ones(held, dtype=np.uint8)
    return spin(BUSY_SECONDS) * int(block[0])


def ran(held: int = 1, count: int = 2) -> RunLog:
    processes(*[busy(held) for _ in range(count)], num_workers=2)
    log = last_run()
    assert log is not None
    return log


def test_functions_in_workers_are_seen_as_those_in_threads_are() -> None:
    with config.set(profile_interval=0.005):
        log = ran()
    found = log.stacks()
    assert found.samples >= 4
    assert [(frame.function, frame.file) for frame, _, _ in found.functions()][:2] == [
        ("spin", "test_looking.py"),
        ("busy", "test_looking.py"),
    ]
    assert {found.operations[layer] for layer in found.layer.tolist()} == {"busy"}
    lanes = float((log.rows.stop - log.rows.start).sum())
    assert 0 < found.seconds <= lanes + 0.01 * found.samples
    assert "spin" in log.explain().describe()


def test_nobody_looks_where_nobody_wants_it() -> None:
    with config.set(profile_interval=None):
        assert ran().stacks().samples == 0
    pause(True)
    try:
        with config.set(profile_interval=0.005):
            assert ran().stacks().samples == 0
    finally:
        pause(False)


def test_short_runs_are_left_alone() -> None:
    def short() -> RunLog | None:
        """A run that was over before it would have been looked at: not each is, where others keep the machine busy."""
        processes(*[delayed(abs)(-i) for i in range(100)], num_workers=2)
        log = last_run()
        assert log is not None
        return log if log.seconds < FIRST_SECONDS else None

    with config.set(profile_interval=0.001):
        log = until(short, 60)
    assert log.stacks().samples == 0 and len(log.workload) == 0


def test_processor_and_memory_of_workers_are_those_of_the_run() -> None:
    log = ran(held=40_000_000, count=2)
    used = log.processor
    assert used is not None
    assert used.seconds >= 2 * BUSY_SECONDS * 0.99
    assert log.workload.nprocesses in (1, 2)  # one may have done both
    assert log.explain().facts.processes == log.workload.nprocesses
    assert set(log.workload.names) <= {f"process-{i}" for i in range(8)}
    assert max(log.workload.peaks().values()) >= 40_000_000
    assert [one.highest for one in log.memory().workers] == sorted(
        log.workload.peaks().values(), reverse=True
    )
    looks = log.workload.samples()
    assert (np.diff(looks.time) >= 0).all() and (looks.time >= log.started).all()
    assert re.search(r"\n  process-\d, by itself: at most", log.memory().describe())


def test_what_is_told_at_once_is_bounded() -> None:
    sight = Sight()
    codes = [compile("0", f"<{i}>", "eval") for i in range(MOST_STACKS + 50)]
    for code in codes:
        sight.add([codes[0], code], 1, 0.5)
    sight.add([codes[0]] * 200, 1, 0.5)
    told = sight.take()
    assert len(told) <= MOST_STACKS + 1 and sum(one.samples for one in told) == len(codes) + 1
    assert sum(one.seconds for one in told) == pytest.approx(0.5 * (len(codes) + 1))
    assert max(len(one.stack) for one in told) <= DEEPEST
    assert sight.take() == []


def test_lanes_may_tell_at_the_same_time() -> None:
    log = ran(count=1)
    before = log.stacks().samples
    seen = Sight()
    seen.add([spin.__code__], 0, 0.25)
    (one,) = seen.take()
    threads = [threading.Thread(target=log.see, args=([Seen(*one)] * 100,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.stacks().samples == before + 400


class Switching:
    """A bench whose batch ends, and another run's begins, between two questions about it."""

    def __init__(self) -> None:
        self.sight = Sight()
        self.current = [5]
        self.asked = 0

    @property
    def table(self) -> SimpleNamespace:
        self.asked += 1
        if self.asked > 1:
            self.current[0] = -1
        layers = [0] * 6 if self.asked == 1 else [0]
        return SimpleNamespace(interval=0.001, opened=time.perf_counter() - 60, layer_of=layers)


def test_a_batch_that_ends_while_it_is_looked_at_ends_no_looking() -> None:
    looker, bench = Looker(), Switching()
    scope: dict[str, Any] = {"__name__": "chunkscope.executors.perform"}
    exec("def perform(kernel): return kernel()", scope)

    def kernel() -> bool:
        looker.begin(bench)  # type: ignore[arg-type]  # all that is looked at of one
        return becomes(lambda: bench.asked > 1)

    assert scope["perform"](kernel)
    assert bench.sight.take() == []
    assert becomes(lambda: not looker.alive), "its thread ends by itself"
