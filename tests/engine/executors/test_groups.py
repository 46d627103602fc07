"""Groups of worker processes that stay, and change while they work."""

from __future__ import annotations

import gc
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import chunkscope.array as ca
from chunkscope import delayed, last_run, persist
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import ClusterError, RunCancelled, WorkerDiedError
from chunkscope.executors import EXECUTORS
from chunkscope.executors.cluster import allowance
from chunkscope.executors.cluster.group import WorkerGroup
from chunkscope.executors.cluster.process import Process
from chunkscope.executors.cluster.usage import NOTHING, common_bytes, usage_of
from chunkscope.units import format_bytes
from tests.engine.executors.pool_of_processes import processes
from tests.engine.patience import becomes

pytestmark = pytest.mark.usefixtures("no_memory_stays")


@pytest.fixture
def group(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerGroup]:
    """Two processes with two threads each, in the place of the pool of processes."""
    found = WorkerGroup(2, 2, "worker")
    monkeypatch.setitem(EXECUTORS, "processes", found.start)
    yield found
    found.close()
    assert becomes(lambda: not any(figures.pid for figures in found.workers()))


# -- groups -------------------------------------------------------------------------------------------------


def where(x: int) -> tuple[int, int]:
    time.sleep(0.02)
    return os.getpid(), threading.get_ident()


def test_a_group_has_so_many_processes_with_so_many_threads(group: WorkerGroup) -> None:
    assert [(w.name, w.pid, w.status) for w in group.workers()] == [
        ("worker-0", 0, "starting"),
        ("worker-1", 0, "starting"),
    ]
    found = set(processes(*[delayed(where)(i) for i in range(60)], num_workers=4))
    assert len({pid for pid, _ in found}) == 2 and len(found) == 4
    assert {w.pid for w in group.workers()} == {pid for pid, _ in found}
    assert all(w.unmanaged_bytes > 1e6 and w.processor_seconds >= 0 for w in group.workers())
    x = ca.random.default_rng(0).random((900, 900), chunks=(300, 300))
    assert processes((x @ x).sum(), num_workers=4) == (x @ x).sum().compute(scheduler="sync")


def test_a_group_is_scaled_restarted_and_killed_while_it_works(group: WorkerGroup) -> None:
    (kept,) = persist(
        *[delayed(sum)([delayed(where)(i)[0] * 0 + i for i in range(150)])], scheduler="processes"
    )
    assert becomes(lambda: any(w.running for w in group.workers()))
    group.scale(3)
    assert len(group.workers()) == 3
    time.sleep(0.05)
    group.kill("worker-0")
    time.sleep(0.05)
    group.restart()
    group.scale(1)
    assert kept.compute(scheduler="threads") == sum(range(150))
    assert len(group.workers()) == 1
    with pytest.raises(ClusterError, match="no worker is named 'x'; the workers are 'worker-0'"):
        group.kill("x")
    with pytest.raises(ClusterError, match="at least one"):
        group.scale(0)


def test_a_group_that_is_closed_ends_what_runs(group: WorkerGroup) -> None:
    started = time.monotonic()
    (kept,) = persist(delayed(time.sleep)(60), scheduler="processes")
    assert becomes(lambda: any(w.running for w in group.workers()))
    group.close()
    with pytest.raises(RunCancelled):
        kept.compute(scheduler="threads")
    assert time.monotonic() - started < 30
    with pytest.raises(ClusterError, match="were closed"):
        processes(delayed(abs)(1))


def test_a_job_larger_than_the_memory_of_its_workers_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty megabytes are kept where shared blocks may take some twelve."""
    monkeypatch.setattr(Process, "floor_bytes", lambda self: 0)
    monkeypatch.setattr(allowance, "USUAL_FLOOR", 0)
    limit = SPILLER.limit  # of what others have open in this process
    small = WorkerGroup(2, 1, "worker", memory_limit=10_000_000)
    small._memory_limit = None  # the processes themselves are larger than that
    monkeypatch.setitem(EXECUTORS, "processes", small.start)
    before, spilled = ARENAS.used_bytes, SPILLER.spilled_bytes
    try:
        x = ca.random.default_rng(0).random((1000, 5000), chunks=(250, 500))
        (kept,) = persist(x, scheduler="processes")
        assert processes((kept - kept.mean(axis=0)).std()) == (x - x.mean(axis=0)).std().compute(
            scheduler="sync"
        )
        assert SPILLER.spilled_bytes - spilled > 20_000_000
        assert ARENAS.used_bytes - before <= 20_000_000
        del kept
        gc.collect()
        assert becomes(lambda: SPILLER.spilled_bytes <= spilled)
    finally:
        small.close()
    assert SPILLER.limit == limit


def test_a_worker_that_holds_too_much_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is put in relation to what a worker holds before it has done anything: that differs by system."""

    def hoard(nbytes: int, seconds: float) -> int:
        import builtins
        import os
        import time

        builtins.hoarded_by_a_test = bytearray(b"x") * nbytes  # type: ignore[attr-defined]
        time.sleep(seconds)
        return os.getpid()

    free = WorkerGroup(1, 1, "worker")
    free.warm()
    assert becomes(lambda: free.workers()[0].unmanaged_bytes > 1_000_000)
    limit = 200_000_000 + free.workers()[0].unmanaged_bytes
    free.close()
    limited = WorkerGroup(1, 1, "worker", memory_limit=limit)
    monkeypatch.setitem(EXECUTORS, "processes", limited.start)
    try:
        hoarders = [delayed(hoard)(n, 0.15) for n in (1, 220_000_000, 1)]
        first, second, third = processes(*hoarders, num_workers=1)
        run = last_run()
        assert run is not None
        assert first == second != third, [notice.text for notice in run.notices]
        assert any("starts afresh: it held" in notice.text for notice in run.notices)
        said = rf"it held .*iB, its memory limit is {re.escape(format_bytes(limit))}"
        with pytest.raises(WorkerDiedError, match=said):
            processes(delayed(hoard)(2 * limit, 20.0), num_workers=1)
    finally:
        limited.close()


def test_pages_in_common_with_the_fork_server_are_not_a_workers_own(group: WorkerGroup) -> None:
    group.warm()
    pid = group.workers()[0].pid
    assert becomes(lambda: usage_of(pid).own_bytes > 1_000_000)
    common = common_bytes(pid)
    told = Path(f"/proc/{pid}/smaps_rollup")
    if not told.exists() or "Pss_Anon" not in told.read_text():
        assert common == 0
        return
    assert 0 < common < usage_of(pid).own_bytes
    assert group.workers()[0].unmanaged_bytes < usage_of(pid).own_bytes
    assert usage_of(0) == NOTHING and common_bytes(0) == 0


def test_nothing_is_started_for_who_comes_after_the_end() -> None:
    """A thread may be in the middle of starting workers when they are too many, or all closed."""
    group = WorkerGroup(2, 1, "worker")
    second = group._process(1)
    group.scale(1)
    second.start()
    assert second.pid == 0
    group.warm()
    (first,) = group.workers()
    assert first.pid
    group.close()
    group.warm()
    assert [worker.pid for worker in group.workers()] == [0]
    assert "worker-0 was closed" in str(group.errand(os.getpid)["worker-0"])
