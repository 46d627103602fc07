"""Every executor by name, the throwaway one included; no run may leave a thread behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from chunkscope.executors import EXECUTORS
from tests.engine.executors import two_process

ALL_EXECUTORS = ("sync", "threads", "simulated", "two-process")


@pytest.fixture(params=ALL_EXECUTORS)
def executor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(EXECUTORS, "two-process", two_process.start)
    monkeypatch.setattr("chunkscope.config.SCHEDULERS", ALL_EXECUTORS)
    return str(request.param)


def engine_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("chunkscope-")]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    deadline = time.monotonic() + 10
    while engine_threads() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert engine_threads() == []
