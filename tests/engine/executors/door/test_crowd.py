"""There is always one more thread for a call, and none stays that has nothing to do."""

from __future__ import annotations

import queue
import threading

import pytest

from chunkscope.executors.door import crowd
from chunkscope.executors.door.crowd import Crowd


def test_calls_that_wait_for_each_other_have_a_thread_each() -> None:
    met = threading.Barrier(5)
    here = Crowd("chunkscope-test")
    for _ in range(4):
        here.call(lambda: met.wait(10) and None)
    met.wait(10)


def test_who_waits_for_a_call_that_another_takes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call comes when the first has just stopped waiting; the second, done at that moment, takes it."""
    monkeypatch.setattr(crowd, "IDLE_SECONDS", 0.01)
    here = Crowd("chunkscope-test")
    first = threading.Event()
    busy, taken = threading.Event(), threading.Event()
    calls = here._calls

    class Late:
        """The queue, whose first wait ends without a call though one has come."""

        waits = 0
        put = calls.put

        def get(self, timeout: float | None = None) -> object:
            self.waits += 1
            if self.waits == 1:
                here.call(taken.set)
                raise queue.Empty
            if self.waits == 2:
                busy.set()
                assert taken.wait(10)
            return calls.get(timeout=timeout)

    monkeypatch.setattr(here, "_calls", Late())
    here.call(lambda: busy.wait(10) and None)
    here.call(first.set)
    assert first.wait(10) and taken.wait(10)
    # and the threads end: see conftest.py
