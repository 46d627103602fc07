"""Errands for a process that does not answer: nobody waits longer than they may, nor for ever, nor for another's."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chunkscope.errors import ClusterError, TransferError
from chunkscope.executors.cluster import home, stops
from chunkscope.executors.cluster.channel import pair
from chunkscope.executors.cluster.errands import ERRAND, Line
from chunkscope.executors.cluster.process import Process
from tests.engine.engine_threads import engine_threads
from tests.engine.executors.interrupting import interrupted_when, runs
from tests.engine.patience import becomes


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


@pytest.fixture
def process() -> Iterator[Process]:
    one = Process("x")
    yield one
    one.dismiss()


def wait_and_call(flag: str, topic: str, payload: Any) -> Any:
    """As an errand: calls home once the file is there; what it is answered is in the file then."""
    import cloudpickle

    deadline = time.monotonic() + 20
    while not os.path.exists(flag) and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        told: Any = home.call(topic, payload)
    except BaseException as error:
        told = error
    Path(flag + " told").write_bytes(cloudpickle.dumps(told))
    os.rename(flag + " told", flag + " done")
    return "of the first"


def read_when_there(flag: str) -> Any:
    assert becomes(lambda: os.path.exists(flag + " done"), 20)
    return pickle.loads(Path(flag + " done").read_bytes())


def test_an_errand_that_was_given_up_for_its_time_is_answered_and_answers_nobody_else(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(home._handlers, "test", lambda payload: (os.getpid(), payload))
    flag = str(tmp_path / "flag")
    assert process.errand(abs, -1) == 1
    with pytest.raises(TimeoutError, match="worker x has not answered in time; it goes on"):
        process.errand(wait_and_call, flag, "test", [1], timeout=0.1)
    with pytest.raises(TimeoutError, match="worker x has another errand still to do"):
        process.errand(abs, -2, timeout=0.05)  # it never begins
    Path(flag).touch()
    assert read_when_there(flag) == (os.getpid(), [1])
    assert process.errand(abs, -3, timeout=20) == 3
    assert process.errand(os.getpid) == process.pid and process.deaths == 0


def test_an_errand_that_was_interrupted_is_answered_and_answers_nobody_else(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(home._handlers, "test", lambda payload: payload)
    flag = str(tmp_path / "flag")
    assert process.errand(abs, -1) == 1
    with pytest.raises(KeyboardInterrupt), interrupted_when(runs(Line.perform.__code__)):
        process.errand(wait_and_call, flag, "test", "x")
    Path(flag).touch()
    assert process.errand(abs, -2) == 2 and read_when_there(flag) == "x"
    assert process.errand(os.getpid) == process.pid and process.deaths == 0


def test_an_interrupt_while_a_call_home_is_answered_is_the_callers(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The errand gets its answer all the same."""
    entered, go_on = threading.Event(), threading.Event()
    monkeypatch.setitem(home._handlers, "test", lambda payload: (entered.set(), go_on.wait(20))[1])
    flag = str(tmp_path / "flag")
    Path(flag).touch()
    waits = runs(Line.perform.__code__)
    with (
        pytest.raises(KeyboardInterrupt),
        interrupted_when(lambda frame: entered.is_set() and waits(frame)),
    ):
        process.errand(wait_and_call, flag, "test", "x")
    go_on.set()
    assert process.errand(abs, -2) == 2 and read_when_there(flag) is True


def test_a_process_that_ends_while_nobody_waits_for_its_errand_leaves_no_thread(
    process: Process, tmp_path: Path
) -> None:
    before = engine_threads()
    with pytest.raises(TimeoutError):
        process.errand(wait_and_call, str(tmp_path / "never"), "test", 1, timeout=0.1)
    assert engine_threads() > before
    process.dismiss()
    assert becomes(lambda: engine_threads() <= before)


def test_a_call_home_that_cannot_be_sent_says_so(process: Process, tmp_path: Path) -> None:
    flag = str(tmp_path / "flag")
    Path(flag).touch()
    with pytest.raises(TransferError, match=r"a call about 'test' cannot be sent"):
        process.errand(call_with_a_lock)
    assert process.errand(abs, -2) == 2


def test_a_result_that_cannot_be_read_here_says_so(process: Process) -> None:
    with pytest.raises(
        TransferError, match=r"result of this errand cannot be read in this process .*only there"
    ):
        process.errand(Only)
    assert process.errand(abs, -2) == 2


class Only:
    """What can be made in one process only."""

    def __reduce__(self) -> Any:
        return (only_in, (os.getpid(),))


def only_in(pid: int) -> None:
    if os.getpid() != pid:
        raise ImportError("only there")


def call_with_a_lock() -> None:
    home.call("test", threading.Lock())


def test_what_an_errand_says_that_cannot_be_understood_ends_its_line() -> None:
    here, there = pair()
    line = Line(here, "x", print)
    there.send(ERRAND, b"no pickle")
    with pytest.raises(pickle.UnpicklingError):
        line.perform(abs, (-1,), {})
    with pytest.raises(ClusterError, match="worker x ended before it answered"):
        line.perform(abs, (-1,), {})
    assert line.closed
    there.close()
