"""A door with somebody behind it who echoes; it leaves nothing behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from chunkscope.executors.cluster import home
from chunkscope.executors.door.host import Door


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setitem(home._handlers, "echo", lambda payload: payload)
    one = Door("x", serves=lambda: None)
    yield one
    one.close()
    assert not one.place.folder.exists()


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = _threads()  # of what others have open in this process
    yield
    deadline = time.monotonic() + 10
    while _threads() - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _threads() - before == set()


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("chunkscope-")}
