"""A task that is wanted no more ends, whatever it does at that moment; messages stay whole."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from chunkscope import delayed, last_run
from chunkscope.executors.cluster import channel, home, member
from chunkscope.executors.cluster.channel import in_message, pair
from chunkscope.executors.cluster.group import PROCESSES
from chunkscope.executors.cluster.page import Page
from chunkscope.executors.cluster.process import Process
from chunkscope.executors.cluster.worker import _Worker
from chunkscope.observe import RunState
from tests.engine.executors.interrupting import interrupted_when, runs
from tests.engine.executors.pool_of_processes import processes
from tests.engine.patience import becomes


def interrupted(task: object) -> None:
    """The task is computed by a process; Ctrl-C as soon as it runs there."""
    waits = runs(processes.__code__)
    with (
        pytest.raises(KeyboardInterrupt),
        interrupted_when(lambda frame: bool(PROCESSES.seated()) and waits(frame)),
    ):
        processes(task, num_workers=1)


def ended() -> bool:
    run = last_run()
    assert run is not None
    return becomes(lambda: run.state is RunState.CANCELLED and not PROCESSES.seated())


def test_a_task_that_prints_all_the_time_can_be_ended() -> None:
    def talk() -> None:
        while True:
            print("x")
            time.sleep(0.01)

    interrupted(delayed(talk)())
    assert ended() and processes(delayed(abs)(-2)) == 2


def test_an_interrupt_that_was_not_taken_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = tmp_path / "flag"

    def wait() -> None:
        try:
            time.sleep(20)
        except KeyboardInterrupt:
            flag.touch()
            raise

    signals: list[int] = []
    usual = Process.signal

    def lose_the_first(process: Process, number: signal.Signals) -> None:
        signals.append(number)
        if len(signals) > 1:
            usual(process, number)

    monkeypatch.setattr(Process, "signal", lose_the_first)
    monkeypatch.setattr(member, "GRACE_SECONDS", 15.0)
    interrupted(delayed(wait)())
    assert ended() and flag.exists() and set(signals) == {signal.SIGINT}


def test_in_the_midst_of_a_message_no_interrupt_is_taken() -> None:
    here, there = pair()
    page = Page()
    worker = _Worker(there, page, [])
    reader = threading.Thread(target=there.receive)
    reader.start()
    here._socket.sendall(channel._HEAD.pack(b"m", 2))
    assert becomes(lambda: in_message(sys._current_frames().get(reader.ident or 0)))
    frame = sys._current_frames()[reader.ident or 0]
    page.task[0], page.unwanted[0] = 3, 1
    assert not worker.unwanted(frame) and page.unwanted[0] == 1
    here._socket.sendall(b"xy")
    reader.join(20)
    assert worker.unwanted(None) and page.unwanted[0] == 0 and not worker.unwanted(None)
    page.task[0], page.unwanted[0] = -1, 1
    assert not worker.unwanted(frame) and page.unwanted[0] == 0  # between tasks there is nothing to end
    del frame
    here.close()
    there.close()
    page.close()


def test_a_task_that_is_ended_while_it_speaks_leaves_a_process_that_works() -> None:
    def speak() -> None:
        while True:
            print("x" * 5_000)

    for _ in range(3):
        interrupted(delayed(speak)())
        assert ended()
        assert processes(delayed(len)("x" * 1000), num_workers=1) == 1000


@pytest.mark.parametrize("reset", [False, True])
def test_a_further_thread_that_is_not_needed_any_more_leaves_no_socket(
    reset: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the parent's end has gone: with what nobody has read, the system calls it a reset."""
    monkeypatch.setattr(home, "_worker", False)  # this process is one for a moment only
    here, there = pair()
    page = Page()
    workers: list[_Worker] = []
    first = _Worker(there, page, workers)
    further = _Worker(there, page, workers)
    workers += [first, further]
    if reset:
        there.send(b"t", b"unread")
    here.close()
    page_number = page.descriptor
    thread = threading.Thread(target=further.live)
    thread.start()
    thread.join(20)
    assert workers == [first] and there.fileno() == -1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(page_number)


def test_what_cannot_be_made_of_a_workers_line_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    here, there = pair()
    process = Process("x")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="new thread"):
        process.admit(there.detach())
    assert here.hung_up and process.guest is None
    here.close()
