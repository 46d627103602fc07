"""Repeated runs leave nothing behind: objects, descriptors, threads, processes and memory stay as many as they were."""

from __future__ import annotations

import gc
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

import chunkscope.array as ca
from chunkscope import Client, delayed
from chunkscope.blocks import LEDGER, RECYCLER
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.executors.cluster.group import PROCESSES
from chunkscope.executors.cluster.usage import usage_of
from chunkscope.observe import registry
from tests.engine.patience import becomes

RUNS = {"quick": 60, "default": 400, "full": 100_000}[os.environ.get("CHUNKSCOPE_PROFILE", "default")]
WARM = 60
MOST_OBJECTS = 150
"""What lists that are full already may still change by; one object for every second run is found."""
WINDOWS = 3
"""What leaks grows each time the runs are repeated; what is still being filled is full at the second or third."""
MOST_BYTES = 8 << 20


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs that are kept for people to look at are few, so that their list is full soon."""
    monkeypatch.setattr(registry, "MAX_RUNS", 10)
    monkeypatch.setattr(registry, "MAX_GROUPED", 10)


def objects() -> Counter[str]:
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects())


def stays_the_same(once: Callable[[], object], runs: int = RUNS) -> None:
    """Nothing grows while `once` is called again and again."""
    for _ in range(WARM):
        once()
    found = [_growth(once, runs)]
    while found[-1] and len(found) < WINDOWS:
        found.append(_growth(once, runs))
    assert not found[-1], found


def _growth(once: Callable[[], object], runs: int) -> str:
    """What has become more while `once` was called so often, in words; empty where nothing has."""
    RECYCLER.clear()
    before, files, own = objects(), len(os.listdir("/dev/fd")), usage_of(os.getpid()).own_bytes
    held, used, spilled = LEDGER.held, ARENAS.used_bytes, SPILLER.spilled_bytes
    for _ in range(runs):
        once()
    RECYCLER.clear()
    more = objects() - before
    assert becomes(lambda: len(os.listdir("/dev/fd")) <= files)
    assert becomes(lambda: LEDGER.held <= held and ARENAS.used_bytes <= used, collect=True)
    assert SPILLER.spilled_bytes <= spilled
    assert threading.active_count() < 40
    if sum(more.values()) > MOST_OBJECTS:
        return f"objects: {more.most_common(8)}"
    grown = usage_of(os.getpid()).own_bytes - own
    return f"{grown:,} bytes of memory" if grown > MOST_BYTES else ""


x = ca.arange(4_000, chunks=1_000)


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_runs_of_this_process_leave_nothing(scheduler: str) -> None:
    stays_the_same(lambda: (x + 1).sum().compute(scheduler=scheduler))


def test_runs_that_fail_leave_nothing() -> None:
    def once() -> None:
        with pytest.raises(ZeroDivisionError):
            delayed(divmod)(1, 0).compute(scheduler="threads")

    stays_the_same(once, RUNS // 4)


def test_blocks_that_were_kept_leave_nothing() -> None:
    stays_the_same(lambda: (x + 1).persist(scheduler="threads").sum().compute(scheduler="threads"), RUNS // 4)


def test_runs_on_processes_leave_nothing_here_or_there() -> None:
    def once() -> None:
        (x + 1).sum().compute(scheduler="processes", num_workers=2)

    for _ in range(WARM):
        once()
    figures = {worker.pid: worker.unmanaged_bytes for worker in PROCESSES.workers() if worker.pid}
    files = {pid: len(os.listdir(f"/proc/{pid}/fd")) for pid in figures if os.path.isdir(f"/proc/{pid}")}
    stays_the_same(once, RUNS // 4)
    left = {worker.pid: worker.unmanaged_bytes for worker in PROCESSES.workers() if worker.pid}
    assert len(PROCESSES.workers()) <= 8
    for pid in figures.keys() & left.keys():
        assert left[pid] <= figures[pid] + MOST_BYTES
    for pid in files.keys() & left.keys():
        assert len(os.listdir(f"/proc/{pid}/fd")) <= files[pid] + 2


@pytest.fixture(params=[False, True], ids=["threads", "processes"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    with Client(n_workers=1, threads_per_worker=2, processes=request.param) as found:
        yield found


def test_futures_leave_nothing(client: Client) -> None:
    stays_the_same(lambda: client.submit(divmod, 7, 2, pure=False).result())
    stays_the_same(lambda: client.gather(client.map(abs, range(20), pure=False)), RUNS // 4)


def test_scattered_data_leaves_nothing(client: Client) -> None:
    data = bytes(200_000)
    stays_the_same(lambda: client.submit(len, client.scatter(data, hash=False)).result(), RUNS // 4)
