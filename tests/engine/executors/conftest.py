"""Every executor by name; no run may leave a thread, shared memory or a borrowed block behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from chunkscope import config
from chunkscope.blocks.arenas import ARENAS
from chunkscope.executors import EXECUTORS
from chunkscope.futures import LocalCluster
from tests.engine.engine_threads import no_thread_left
from tests.engine.patience import becomes

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


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    with no_thread_left():
        yield


@pytest.fixture
def no_memory_stays() -> Iterator[None]:
    """All of the shared memory that a test has taken is given back."""
    gc.collect()
    before = ARENAS.used_bytes
    yield
    gc.collect()
    assert becomes(lambda: ARENAS.used_bytes <= before)
