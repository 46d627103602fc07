"""Workers stay within their limit: tasks come in by bytes, blocks go to disk, a worker pauses, then starts afresh."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import Client, compute, delayed, last_run, persist
from chunkscope.blocks import spilling
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import MemoryBudgetError
from chunkscope.executors import EXECUTORS
from chunkscope.executors.cluster.group import WorkerGroup
from chunkscope.executors.cluster.member import Member
from chunkscope.executors.pool import Place
from tests.engine.executors.pool_of_processes import processes
from tests.engine.patience import becomes

Start = Callable[..., WorkerGroup]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts groups with a limit, in the place of the pool of processes."""
    gc.collect()
    limit = SPILLER.limit  # of what others have open in this process
    found: list[WorkerGroup] = []

    def begin(n: int, threads: int, limit: int, **options: Any) -> WorkerGroup:
        found.append(WorkerGroup(n, threads, "worker", limit, **options))
        monkeypatch.setitem(EXECUTORS, "processes", found[-1].start)
        return found[-1]

    yield begin
    for group in found:
        group.close()
    SPILLER.failure = ""
    SPILLER.news.clear()
    gc.collect()
    assert SPILLER.limit == limit
    assert becomes(lambda: SPILLER.spilled_bytes == 0)


def highest_resident(pid: int) -> int:
    """The most that a process ever had in memory, files and shared pages included; 0 where the system does not tell."""
    told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return 0 if told is None else int(told[1]) * 1024


def test_a_job_of_ten_times_the_limit_finishes_and_every_worker_stays_within(start: Start) -> None:
    limit = 150_000_000
    group = start(2, 1, limit)
    group.warm()
    assert becomes(lambda: all(worker.unmanaged_bytes > 1_000_000 for worker in group.workers()))
    # what a fork of the server has from the beginning differs by system, and by what ran before
    begun = {w.pid: highest_resident(w.pid) - w.unmanaged_bytes for w in group.workers()}
    x = ca.random.default_rng(0).random((1500, 125_000), chunks=(4, 125_000))  # in blocks of 4 MB
    (kept,) = persist(x, scheduler="processes")
    got = processes((kept - kept.mean(axis=1, keepdims=True)).std())
    run = last_run()
    figures = group.memory()
    assert abs(float(got) - 12**-0.5) < 1e-3
    assert figures.spilled_bytes > 1_200_000_000 and figures.limit_bytes == 2 * limit
    assert figures.managed_bytes + figures.unmanaged_bytes <= 2 * limit
    for worker in group.workers():
        assert highest_resident(worker.pid) - begun[worker.pid] <= limit
        assert worker.spilled_bytes > 0 and worker.unmanaged_bytes > 0
    assert run is not None and run.read_back_bytes > 500_000_000
    assert any(
        "was read from disk again" in notice.text for notice in run.notices if notice.topic == "returned"
    )


def test_blocks_are_those_of_the_worker_that_made_them_not_of_its_namesake(start: Start) -> None:
    first = start(1, 1, 400_000_000)
    (kept,) = persist(ca.ones((4, 500_000), chunks=(1, 500_000)), scheduler="processes")
    assert processes(kept.sum()) == 2_000_000
    assert first.workers()[0].managed_bytes >= 16_000_000
    namesake = WorkerGroup(1, 1, "worker", 400_000_000)
    try:
        assert [(w.name, w.managed_bytes, w.spilled_bytes) for w in namesake.workers()] == [
            ("worker-0", 0, 0)
        ]
    finally:
        namesake.close()


def test_a_run_tells_which_of_its_blocks_went_to_disk_and_why(start: Start) -> None:
    start(2, 1, 150_000_000)
    (kept,) = persist(ca.ones((60, 500_000), chunks=(1, 500_000)), scheduler="processes")
    assert processes(kept.sum()) == 30_000_000
    (run,) = [one for one in runs_of("full") if one.spilled_bytes]
    first = next(notice for notice in run.notices if notice.topic == "spilled")
    assert "went to disk to make room: shared memory held" in first.text
    assert first.task >= 0 and first.text in run.why(first.task)
    assert "went to disk to make room in shared memory" in run.explain().describe()


def runs_of(operation: str) -> list[Any]:
    from chunkscope import runs

    return [run for run in runs() if any(layer.op == operation for layer in run.graph.layers)]


def test_a_task_that_can_never_fit_is_refused_by_name_with_a_remedy_that_helps(start: Start) -> None:
    start(1, 1, 200_000_000)
    x = ca.ones((30_000, 1000), chunks=(30_000, 1000))
    lazy = ca.linalg.qr(x)[1].sum()
    with pytest.raises(MemoryBudgetError, match=r"memory_limit=191 MiB is too small for 'qr") as caught:
        processes(lazy)
    said = re.search(r"use memory_limit='(\d+)MB'", str(caught.value))
    assert said is not None and "smaller chunks" in str(caught.value)
    run = last_run()
    assert run is not None and run.nfinished == 0
    larger = WorkerGroup(1, 1, "worker", int(said[1]) * 1_000_000)
    try:
        assert larger.allowance is not None
        larger.allowance._check(run.graph)
    finally:
        larger.close()


def test_a_group_that_is_closed_limits_nobody(start: Start) -> None:
    """A lane, or who scales it, may be on its way while it closes."""
    before = SPILLER.limit
    group = start(1, 1, 1_000_000)
    assert group.allowance is not None and SPILLER.limit == group.allowance.shared_limit
    group.close()
    group.allowance.settle()
    group.allowance.resize(3)
    assert SPILLER.limit == before


def test_a_lane_that_comes_when_its_run_is_over_holds_nothing_of_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, came = start(2, 1, 200_000_000), 0
    take = WorkerGroup._take_member

    def late(self: WorkerGroup, place: Place) -> Member | None:
        nonlocal came
        came += 1
        if came > 1:
            assert place.run.done.wait(60)
        return take(self, place)

    monkeypatch.setattr(WorkerGroup, "_take_member", late)
    values = persist(*[delayed(time.sleep)(0.01 * i) for i in range(8)], scheduler="processes")
    compute(*values, scheduler="sync")
    assert becomes(lambda: came > 1 and group.allowance is not None and not group.allowance._seated)


def test_a_cluster_that_may_not_spill_refuses_what_does_not_fit_and_says_who_holds_what() -> None:
    limit = SPILLER.limit
    with Client(n_workers=2, threads_per_worker=1, memory_limit="200MB", spill=False) as client:
        x = ca.ones((40_000, 1000), chunks=(1000, 1000))
        assert x.sum().compute() == 40_000_000
        small = ca.zeros((10_000, 1000), chunks=(1000, 1000)).persist()
        assert small.sum().compute() == 0
        with pytest.raises(
            MemoryBudgetError, match=r"spill=False.*'full'.*full 76.3 MiB.*2 workers of 191 MiB"
        ):
            x.persist().sum().compute()
        assert client.cluster.spilled == 0 and SPILLER.limit == limit
        del small  # the run that failed last is kept for whoever looks at it, this frame with it


def test_tasks_are_let_into_a_worker_only_as_far_as_their_bytes_fit(start: Start) -> None:
    """Four threads in one worker, and room for two tasks that read and make thirty megabytes each."""
    start(1, 4, 250_000_000)
    x = ca.zeros((10, 3_750_000), chunks=(1, 3_750_000))
    (kept,) = persist(x.map_blocks(slowly, dtype="f8"), scheduler="processes", num_workers=4)
    assert processes(kept.sum()) == 37_500_000
    (run,) = runs_of("slowly")
    rows = run.rows
    spans = [(a, b) for t, a, b in zip(rows.task, rows.start, rows.stop, strict=True) if t >= 10]
    assert len(spans) == 10
    assert max(sum(a <= start < b for a, b in spans) for start, _ in spans) <= 2
    assert any(
        "waits for memory: it needs" in notice.text for notice in run.notices if notice.topic == "held"
    )


def slowly(block: Any) -> Any:
    found = block + 1.0
    time.sleep(0.05)
    return found


def test_several_runs_that_wait_for_memory_all_finish(start: Start) -> None:
    start(1, 2, 200_000_000)
    xs = [ca.zeros((4, 3_750_000), chunks=(1, 3_750_000)).map_blocks(slowly, dtype="f8") for _ in range(4)]
    kept = [persist(x, scheduler="processes")[0] for x in xs]
    assert [float(processes(one.sum())) for one in kept] == [15_000_000.0] * 4


def test_a_full_disk_keeps_blocks_in_memory_and_the_job_finishes(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spilling, "_nameless_file", full)
    monkeypatch.setattr(SPILLER, "_disk", None)
    start(2, 1, 150_000_000)
    (kept,) = persist(ca.ones((80, 500_000), chunks=(1, 500_000)), scheduler="processes")
    assert processes(kept.sum()) == 40_000_000
    assert SPILLER.spilled_bytes == 0 and ARENAS.used_bytes >= 320_000_000
    texts = [notice.text for run in runs_of("full") for notice in run.notices if notice.topic == "spilled"]
    assert any(
        "cannot be written to disk (OSError: [Errno 28] No space left on device)" in text for text in texts
    )


def test_a_worker_near_its_limit_takes_no_new_task_until_it_has_fallen(start: Start) -> None:
    def hold(nbytes: int, seconds: float) -> int:
        import time

        held = bytearray(b"x") * nbytes
        time.sleep(seconds)
        return len(held)

    limit = 400_000_000
    group = start(1, 2, limit)
    seen: set[str] = set()
    sizes = [350_000_000, *[1] * 30]
    calls = [delayed(hold)(n, 1.0 if n > 1 else 0.05) for n in sizes]
    (kept,) = persist(delayed(list)(calls), scheduler="processes")

    def is_paused() -> bool:
        seen.update(worker.status for worker in group.workers())
        return "paused" in seen

    assert becomes(is_paused)
    assert kept.compute(scheduler="threads") == sizes
    (run,) = [one for one in runs_of("hold") if len(one.graph.layers) > 1 or one.ntasks > 30]
    told = [notice.text for notice in run.notices if notice.topic == "paused"]
    assert "takes no new task until it holds less than 80% of its limit: it held" in told[0]
    assert becomes(lambda: group.workers()[0].status == "idle")
    assert group.workers()[0].deaths == 0


def test_the_bytes_of_workers_add_up(start: Start) -> None:
    group = start(2, 1, 300_000_000)
    (kept,) = persist(ca.ones((20, 500_000), chunks=(1, 500_000)), scheduler="processes")
    assert processes(kept.sum()) == 10_000_000
    workers, total = group.workers(), group.memory()
    made = sum(worker.managed_bytes for worker in workers)
    assert made == 20 * 4_001_792 or made == pytest.approx(80_000_000, rel=0.01)
    assert made <= total.managed_bytes and total.spilled_bytes == 0
    assert total.unmanaged_bytes == pytest.approx(sum(w.unmanaged_bytes for w in workers), rel=0.2)
    assert all(worker.limit_bytes == 300_000_000 for worker in workers)
    del kept
    gc.collect()
    assert becomes(lambda: sum(worker.managed_bytes for worker in group.workers()) == 0)
    assert np.isfinite(made)
