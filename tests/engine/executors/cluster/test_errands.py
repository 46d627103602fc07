"""Errands for a process that does not answer: nobody waits longer than they may, nor for ever."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster import stops
from chunkscope.executors.cluster.channel import pair
from chunkscope.executors.cluster.errands import Line
from chunkscope.executors.cluster.process import Process


def test_who_comes_second_waits_no_longer_than_it_may() -> None:
    here, there = pair()
    waits, looked = threading.Event(), threading.Event()
    line = Line(here, "x", print, lambda: (waits.set(), looked.wait(20), there.close()))  # type: ignore[arg-type]
    found: list[BaseException] = []

    def ask() -> None:
        try:
            line.perform(abs, (-1,), {})
        except ClusterError as error:
            found.append(error)

    first = threading.Thread(target=ask)
    first.start()
    assert waits.wait(20)
    with pytest.raises(TimeoutError, match="worker x has another errand still to do"):
        line.perform(abs, (-2,), {}, timeout=0.01)
    looked.set()
    first.join(20)
    assert "worker x ended before it answered" in str(found[0]) and line.closed
    line.close()


def test_a_line_that_is_closed_here_is_waited_for_by_nobody() -> None:
    here, there = pair()
    line = Line(here, "x", print, here.close)
    with pytest.raises(ClusterError, match="worker x ended before it answered"):
        line.perform(abs, (-1,), {})
    there.close()


def stop_once(flag: str) -> int:
    if not os.path.exists(flag):
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(1)  # the signal goes to another thread, and this one may run on for a moment
    return 1


def test_a_process_that_stands_still_in_an_errand_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 0.2)
    process = Process("x")
    try:
        with pytest.raises(ClusterError, match="worker x ended before it answered"):
            process.errand(stop_once, str(tmp_path / "flag"))
        assert process.errand(stop_once, str(tmp_path / "flag")) == 1
        process.leaving = True
        process.dismiss()
        with pytest.raises(ClusterError, match="worker x was closed"):
            process.errand(abs, -1)
        assert not process.pid
    finally:
        process.dismiss()
