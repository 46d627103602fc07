"""Every executor by name; no run may leave a thread, shared memory or a borrowed block behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

ALL_EXECUTORS = ("sync", "threads", "processes", "simulated")


@pytest.fixture(params=ALL_EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def engine_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("chunkscope-")]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    deadline = time.monotonic() + 10
    while engine_threads() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [thread.name for thread in engine_threads()] == []
