"""Ctrl-C in a call over a line ends the waiting: messages stay whole, and what comes for nobody is given back."""

from __future__ import annotations

import errno
import gc
import os
import pickle
import socket
import threading
from typing import Any

import numpy as np
import pytest

from chunkscope.blocks import StoredBlock
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.packing import pack
from chunkscope.errors import ClusterError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import Channel, ChannelClosed
from chunkscope.executors.cluster.outside import Outside
from chunkscope.executors.door import line as lines
from chunkscope.executors.door import talk
from chunkscope.executors.door.host import Door
from chunkscope.executors.door.line import Line
from chunkscope.executors.door.seal import Sealed
from tests.engine.executors.interrupting import interrupted_when, runs
from tests.engine.patience import becomes

calls = runs(Line.__call__.__code__)


def test_an_interrupt_while_the_owner_takes_nothing_breaks_no_message_off() -> None:
    here, there = socket.socketpair()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    line = Line(Sealed(here, b"x", b"y"), "x", {})
    owner = Sealed(there, b"y", b"x")
    for number in (1, 2):
        with pytest.raises(KeyboardInterrupt), interrupted_when(calls):
            line("echo", b"z" * 10_000)
        kind, body, _ = owner.receive()
        assert kind == talk.CALL and pickle.loads(body)[0] == number
        kind, body, _ = owner.receive()
        assert kind == talk.FORGET and pickle.loads(body) == number
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(line("echo", 3)))
    thread.start()
    number, name = pickle.loads(owner.receive()[1])
    owner.send(talk.CALL, pickle.dumps((number, True, tuple(name))))
    thread.join(20)
    assert found == [("echo", 3)]  # as it was sent: the owner here knows no better
    line.close()
    owner.close()


def test_a_message_that_is_broken_off_ends_the_connection() -> None:
    here, there = socket.socketpair()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    x, y = Sealed(here, b"x", b"y"), Sealed(there, b"y", b"x")
    with pytest.raises(KeyboardInterrupt), interrupted_when(runs(Sealed.send.__code__)):
        x.send(b"m", b"z" * 1_000_000)
    with pytest.raises(ChannelClosed):
        x.send(b"m", b"z")
    with pytest.raises(ChannelClosed):
        y.receive()
    y.close()


def test_the_answer_to_who_was_interrupted_is_let_go_of(line: Line, handle: Any, door: Door) -> None:
    """Large or small: what it names is kept for nobody."""
    go_on, answered = threading.Event(), threading.Event()

    def answer(payload: Any) -> Any:
        assert go_on.wait(20)
        block = StoredBlock()
        block.fill(1)
        answered.set()
        return [block, pack(np.ones(100_000))] if payload == "small" else np.ones(200_000)

    handle(answer)
    gc.collect()
    before = ARENAS.used_bytes
    guest = door.guests[0]
    for what in ("small", "large"):
        go_on.clear()
        answered.clear()
        with pytest.raises(KeyboardInterrupt), interrupted_when(calls):
            line("asked", what)
        go_on.set()
        assert answered.wait(20)
        assert line("echo", what) == what
        assert becomes(lambda: guest.holds == 0 and ARENAS.used_bytes == before, collect=True)
    assert not line._waiting


def test_who_is_interrupted_while_they_wait_for_a_lock_does_not_get_it(
    line: Line, handle: Any, door: Door
) -> None:
    """A handler that waits learns that it waits for nobody, though the guest is there."""
    over = threading.Event()

    def wait(payload: Any) -> None:
        if becomes(home.unwanted, 20):
            over.set()

    handle(wait)
    with pytest.raises(KeyboardInterrupt), interrupted_when(calls):
        line("asked", None)
    assert over.wait(20) and not line.closed and line("echo", 1) == 1
    assert becomes(lambda: not door.guests[0]._answering)


def test_a_call_that_is_forgotten_before_it_comes_is_not_answered(
    line: Line, handle: Any, door: Door
) -> None:
    asked: list[int] = []
    handle(asked.append)
    line._send(talk.FORGET, pickle.dumps(1))
    ended: list[ClusterError] = []

    def ask() -> None:
        try:
            line("asked", 1)
        except ClusterError as error:
            ended.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert becomes(lambda: line._waiting)
    assert line("echo", 2) == 2  # comes after it
    line.close()
    thread.join(20)
    assert not asked and len(ended) == 1


def test_memory_that_was_granted_to_who_was_interrupted_is_given_back(
    line: Line, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    gc.collect()
    before = ARENAS.used_bytes

    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(lines, "write_all", interrupt)
        line("echo", np.ones(200_000))
    guest = door.guests[0]
    assert becomes(lambda: not guest._granted and ARENAS.used_bytes == before)
    # And where the grant comes when nobody waits for it any more:
    granted: list[int] = []
    allocate = ARENAS.allocate
    monkeypatch.setattr(ARENAS, "allocate", lambda nbytes: (granted.append(nbytes), allocate(nbytes))[1])
    line._send(talk.GRANT, pickle.dumps((10**9, 1_000_000)))
    assert becomes(lambda: granted and not guest._granted and ARENAS.used_bytes == before)
    x = line("echo", np.ones(200_000))
    assert x.sum() == 200_000.0 and len(granted) >= 2


def test_where_there_is_no_memory_for_an_argument_the_call_fails_and_no_other(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(nbytes: int) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(ARENAS, "allocate", full)
        with pytest.raises(
            ClusterError, match=r"no memory for .* guest 1 of x wants to send: .*No space left"
        ):
            line("echo", np.ones(200_000))
        assert line("echo", 1) == 1
    assert line("echo", np.ones(200_000)).sum() == 200_000.0


def test_a_workers_line_that_was_broken_off_is_replaced() -> None:
    ends: list[int] = []
    outside = Outside()
    outside.stand(lambda end: ends.append(os.dup(end.fileno())))
    first = outside.line()
    assert outside.line() is first and len(ends) == 1
    first._ends.close()
    assert becomes(lambda: first.closed)
    second = outside.line()
    assert second is not first and not second.closed and len(ends) == 2
    second.close()
    for end in ends:
        os.close(end)


def test_a_workers_line_that_nobody_takes_leaves_no_socket() -> None:
    handed: list[Channel] = []

    def interrupted(end: Channel) -> None:
        handed.append(end)
        raise KeyboardInterrupt

    outside = Outside()
    outside.stand(interrupted)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(KeyboardInterrupt):
        outside.line()
    assert len(os.listdir("/proc/self/fd")) <= before and handed[0].fileno() == -1
