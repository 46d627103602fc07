"""The fork server: whatever becomes of it, or of who asks it, each gets their own answer, in a time that has an end."""

from __future__ import annotations

import errno
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster import forkserver, nursery, stops
from chunkscope.executors.cluster import process as processes
from chunkscope.executors.cluster.aside import aside
from chunkscope.executors.cluster.channel import pair
from chunkscope.executors.cluster.forkserver import ForkServer
from chunkscope.executors.cluster.process import Process
from tests.engine.executors.interrupting import interrupted_when, runs
from tests.engine.patience import becomes


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    """One of the test's own."""
    one = ForkServer()
    monkeypatch.setattr(processes, "SERVER", one)
    yield one
    one.close(for_good=True)


@pytest.fixture
def process(server: ForkServer) -> Iterator[Process]:
    one = Process("x")
    yield one
    one.dismiss()


def stop(server: ForkServer) -> int:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    return server.pid


def workers(server: ForkServer) -> set[int]:
    """Those that live, or that nobody has asked about since they ended."""
    return {child.pid for child in psutil.Process(server.pid).children()}


def test_a_server_that_does_not_answer_in_time_is_replaced(
    server: ForkServer, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped, and nobody looks for that: as good as stuck."""
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 1e9)
    process.start()
    process.dismiss()
    stuck = stop(server)
    monkeypatch.setattr(forkserver, "ANSWER_SECONDS", 0.2)
    end = server._stop

    def patient_from_now_on() -> int | None:
        monkeypatch.setattr(forkserver, "ANSWER_SECONDS", 60.0)
        return end()

    monkeypatch.setattr(server, "_stop", patient_from_now_on)
    assert process.errand(abs, -2) == 2
    assert server.pid not in (None, stuck) and not psutil.pid_exists(stuck)


def test_where_a_second_one_does_not_answer_either_the_error_says_so(
    server: ForkServer, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forkserver, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(ForkServer, "_reply", never_ready)
    with pytest.raises(
        ClusterError,
        match="the process that forks them did not answer for 0 seconds and was ended; scheduler=",
    ):
        process.start()
    assert server.pid is None
    monkeypatch.undo()
    monkeypatch.setattr(processes, "SERVER", server)
    assert process.errand(abs, -2) == 2


def never_ready(server: ForkServer) -> Any:
    """What waits for an answer that does not come."""
    channel = server._channel
    assert channel is not None and channel.patience is not None
    while True:
        channel.patience()


def test_the_end_of_a_worker_is_not_waited_for_for_ever(
    server: ForkServer, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 1e9)
    monkeypatch.setattr(forkserver, "ANSWER_SECONDS", 60.0)
    process.start()
    monkeypatch.setattr(forkserver, "ANSWER_SECONDS", 0.2)
    stop(server)
    assert server.ended(process.pid, kill=True) == -signal.SIGKILL  # it went with the server
    assert server.pid is None


def test_who_is_interrupted_while_a_worker_starts_gets_no_others_worker_later(
    server: ForkServer, process: Process
) -> None:
    process.start()
    stopped = stop(server)
    other = Process("y")
    with pytest.raises(KeyboardInterrupt), interrupted_when(runs(aside.__code__)):
        other.start()
    os.kill(stopped, signal.SIGCONT)
    third = Process("z")
    assert third.errand(os.getpid) == third.pid and process.errand(os.getpid) == process.pid
    assert server.pid == stopped and other.pid == 0
    assert becomes(lambda: workers(server) == {process.pid, third.pid})  # nobody's worker has gone
    assert other.errand(os.getpid) == other.pid
    other.dismiss()
    third.dismiss()


def test_who_is_interrupted_while_a_worker_ends_leaves_no_answer_to_others(
    server: ForkServer, process: Process
) -> None:
    process.start()
    stopped = stop(server)
    with pytest.raises(KeyboardInterrupt), interrupted_when(runs(aside.__code__)):
        server.ended(process.pid, kill=True)
    os.kill(stopped, signal.SIGCONT)
    other = Process("y")
    assert other.errand(os.getpid) == other.pid
    other.dismiss()


def test_the_end_of_the_program_waits_for_no_server(
    server: ForkServer, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 1e9)
    monkeypatch.setattr(forkserver, "CLOSE_SECONDS", 0.1)
    process.start()
    process.dismiss()
    stop(server)
    found: list[BaseException] = []

    def start() -> None:
        try:
            process.start()
        except ClusterError as error:
            found.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    assert becomes(server._lock.locked)
    server.close(for_good=True)
    thread.join(20)
    assert "the program is about to end" in str(found[0])


def test_a_fork_that_the_system_refuses_costs_nobody_else(
    server: ForkServer, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = pair()

    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    others: set[int] = set()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fork", refuse)
        read, write = os.pipe()
        here.send(b"f", pickle.dumps({}), (write,))
        os.close(write)
        nursery._answer(there, others)
    kind, body, _ = here.receive()
    assert kind == b"p" and pickle.loads(body) == -errno.EAGAIN and not others
    assert os.read(read, 1) == b""  # nobody has the other end
    os.close(read)
    here.close()
    there.close()
    process.start()
    pid = server.pid
    with monkeypatch.context() as patch:
        patch.setattr(ForkServer, "_reply", lambda server: (server._channel.read(), body)[1])  # type: ignore[union-attr]
        with pytest.raises(ClusterError, match="no worker process could be started: Resource temporarily"):
            Process("y").start()
    assert server.pid == pid and process.errand(abs, -2) == 2


def test_what_is_done_aside_is_done_here_where_there_can_be_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert aside(threading.current_thread, late=print) is threading.main_thread()


def test_what_fails_aside_fails_here() -> None:
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 // 0, late=print)
    assert aside(threading.current_thread, late=print) is not threading.main_thread()


def test_what_comes_after_an_interrupt_is_not_lost() -> None:
    taken: list[int] = []
    go_on = threading.Event()
    with pytest.raises(KeyboardInterrupt), interrupted_when(runs(aside.__code__)):
        aside(lambda: (go_on.wait(20), 7)[1], late=taken.append)
    go_on.set()
    assert becomes(lambda: taken == [7])
