"""Every executor by name; no run may leave a thread, shared memory or a borrowed block behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from chunkscope import config
from chunkscope.executors import EXECUTORS
from chunkscope.futures import LocalCluster

ALL_EXECUTORS = ("sync", "threads", "processes", "cluster", "simulated")


@pytest.fixture(scope="package")
def cluster() -> Iterator[LocalCluster]:
    """Two processes of two threads that stay while these tests run; an executor "cluster" is them meanwhile.

    Elsewhere runs have no such name for it: they go to the cluster while a client is open.
    """
    with (
        LocalCluster(n_workers=2, threads_per_worker=2, memory_limit=None) as found,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(config, "SCHEDULERS", (*config.SCHEDULERS, "cluster"))
        patch.setitem(EXECUTORS, "cluster", found.executor.start)
        yield found


@pytest.fixture(params=ALL_EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    """Each executor by its name."""
    if request.param == "cluster":
        request.getfixturevalue("cluster")
    return str(request.param)


def engine_threads() -> list[threading.Thread]:
    """Those at work; the one that waits for clusters to close is there as long as there is any."""
    names = {thread: thread.name for thread in threading.enumerate()}
    return [
        thread
        for thread, name in names.items()
        if name.startswith("chunkscope-") and name != "chunkscope-closing"
    ]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    deadline = time.monotonic() + 10
    while engine_threads() and time.monotonic() < deadline:
        time.sleep(0.002)
    assert [thread.name for thread in engine_threads()] == []
