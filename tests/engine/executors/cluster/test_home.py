"""Calls home: answered in the owner's process, with its errors, also while the worker waits long or dies."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chunkscope import delayed
from chunkscope.errors import ClusterError, TransferError
from chunkscope.executors import away
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import ChannelClosed
from tests.engine.executors.pool_of_processes import processes


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Any]], str]:
    def enter(function: Callable[[Any], Any]) -> str:
        monkeypatch.setitem(home._handlers, "test", function)
        return "test"

    return enter


def test_an_answer_comes_from_the_owners_process(topic: Any) -> None:
    name = topic(lambda payload: (os.getpid(), payload))
    assert processes(delayed(home.call)(name, [1, "x"])) == (os.getpid(), [1, "x"])
    assert home.call(name, 2) == (os.getpid(), 2)
    assert processes(delayed(home.in_worker)()) is True and home.in_worker() is False


def test_large_answers_are_shared_and_errors_are_raised_there(topic: Any) -> None:
    def ask(name: str, n: int) -> tuple[float, bool, str]:
        from chunkscope.executors.cluster import home

        x = home.call(name, n)
        try:
            home.call(name, -1)
        except ValueError as error:
            return float(x.sum()), bool(x.flags.writeable), str(error)
        raise AssertionError

    total, writable, text = processes(delayed(ask)(topic(np.ones), 50_000))
    assert (total, writable) == (50_000.0, False) and "negative" in text
    with pytest.raises(ClusterError, match="nobody answers calls about 'unheard'"):
        processes(delayed(home.call)("unheard", 1))
    with pytest.raises(TransferError, match="a call about 'x' cannot be sent"):
        processes(delayed(lambda: home.call("x", threading.Lock()))())


class Unreadable:
    """What cannot be made in the process of these tests."""

    def __reduce__(self) -> Any:
        return (only_in, (os.getpid(),))


def only_in(pid: int) -> Unreadable:
    if os.getpid() != pid:
        raise ImportError("only where it was made")
    return Unreadable()


def test_a_call_that_cannot_be_read_is_answered_all_the_same(topic: Any) -> None:
    def ask(name: str) -> str:
        from chunkscope.executors.cluster import home

        try:
            home.call(name, Unreadable())
        except ImportError as error:
            return f"{error}, {home.call(name, 1)}"
        raise AssertionError

    assert processes(delayed(ask)(topic(lambda payload: payload))) == "only where it was made, 1"


def test_a_handler_that_finds_a_channel_closed_does_not_leave_the_task_waiting(topic: Any) -> None:
    """It is not the one that the task's answer takes."""

    def broken(payload: Any) -> None:
        raise ChannelClosed("another one")

    with pytest.raises(ChannelClosed, match="another one"):
        processes(delayed(home.call)(topic(broken), 1))


def test_a_task_that_waits_leaves_its_place_to_others(topic: Any) -> None:
    """Both lanes wait for what a third task says: without their places it could never run."""
    said = threading.Event()

    def meet(who: str) -> bool:
        if who == "says":
            said.set()
            return True
        with away():
            return said.wait(20)

    def task(name: str, who: str) -> bool:
        from chunkscope.executors.cluster import home

        found: bool = home.call(name, who)
        return found

    name = topic(meet)
    tasks = [delayed(task)(name, who) for who in ("waits", "waits", "says")]
    assert processes(*tasks) == (True, True, True)


def test_a_worker_that_dies_while_it_waits_is_replaced(topic: Any) -> None:
    pids: list[int] = []

    def kill_first(pid: int) -> int:
        pids.append(pid)
        if len(pids) == 1:
            os.kill(pid, 9)
            time.sleep(0.05)
        return len(pids)

    def task(name: str) -> int:
        import os

        from chunkscope.executors.cluster import home

        found: int = home.call(name, os.getpid())
        return found

    assert processes(delayed(task)(topic(kill_first))) == 2


def test_a_process_that_a_task_forks_does_not_speak_for_it(
    topic: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def task(name: str) -> int:
        import logging
        import os

        from chunkscope.errors import ClusterError
        from chunkscope.executors.cluster import home

        pid = os.fork()
        if pid:
            found: int = home.call(name, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            return found
        try:
            logging.getLogger("x").warning("from a child")
            home.call(name, 1)
        except ClusterError:
            os._exit(7)
        finally:
            os._exit(1)

    with caplog.at_level("WARNING"):
        assert processes(delayed(task)(topic(lambda status: status + 1))) == 8
    assert not caplog.records


@pytest.mark.parametrize("leaves", ["returns", "exits", "raises"])
def test_a_process_that_a_task_forks_reports_nothing(leaves: str) -> None:
    def task(leaves: str) -> str:
        import os
        import sys

        pid = os.fork()
        if pid:
            return f"from the task, {os.waitpid(pid, 0)[1]}"
        if leaves == "exits":
            sys.exit()
        if leaves == "raises":
            raise ValueError("in the child")
        return "from the child"

    found = processes(*[delayed(task)(leaves) for _ in range(4)], num_workers=1)
    assert found == ("from the task, 0",) * 4
