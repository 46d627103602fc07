"""Whoever knocks, and whatever happens to them meanwhile: no socket, thread or place at the door stays with them."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from chunkscope.errors import ClusterError, ConfigError
from chunkscope.executors.door import greeting, host
from chunkscope.executors.door.guest import Guest
from chunkscope.executors.door.host import MOST_GREETINGS, Door
from chunkscope.executors.door.line import join
from chunkscope.futures import Client
from tests.engine.executors.door.intruder import connect, hung_up, let_in
from tests.engine.patience import becomes


def sockets() -> set[str]:
    """Those that this process has open."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            name = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        if name.startswith("socket:"):
            found.add(name)
    return found


class Drip:
    """Somebody who says one byte of a greeting, and another as soon as it was read: never silent for long."""

    def __init__(self, door: Door) -> None:
        self.end = connect(door)
        self._thread = threading.Thread(target=self._drip)
        self._thread.start()

    def _drip(self) -> None:
        for byte in greeting._MAGIC + bytes(1000):
            try:
                self.end.sendall(bytes([byte]))
            except OSError:
                return
            time.sleep(0.05)

    def close(self) -> None:
        self.end.close()
        self._thread.join(20)


def test_who_drips_a_greeting_is_hung_up_on_as_who_is_silent(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole greeting would take 2.5 seconds: nobody is to read all of it."""
    monkeypatch.setattr(greeting, "SECONDS", 0.3)
    admitted: list[int] = []
    usual = greeting._Hurry.hear

    def hear(talk: greeting._Hurry, size: int) -> bytes:
        found = usual(talk, size)
        admitted.append(size)
        return found

    monkeypatch.setattr(greeting._Hurry, "hear", hear)
    drips = [Drip(door) for _ in range(MOST_GREETINGS)]
    assert all(hung_up(drip.end) for drip in drips) and not admitted
    for drip in drips:
        drip.close()
    line = join(door.address)
    assert line("echo", 1) == 1
    line.close()


def test_an_owner_that_drips_is_waited_for_no_longer_than_one_that_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(greeting, "SECONDS", 0.3)
    here, there = socket.socketpair()
    over = threading.Event()

    def drip() -> None:
        for byte in b"y" + bytes(63):
            if over.wait(0.05):
                return
            there.sendall(bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    with here, there:
        with pytest.raises(ClusterError, match=r"did not answer in 0\.3 seconds"):
            greeting.knock(here, bytes(32), "unix:///x/socket")
        over.set()
        thread.join(20)


def test_a_door_that_closes_hangs_up_on_who_has_not_greeted_yet(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(greeting, "SECONDS", 1e6)
    before = sockets()
    with connect(door) as end:
        assert becomes(lambda: len(door._knocking) == 1)
        door.close()
        assert hung_up(end)
    assert becomes(lambda: sockets() < before and not door._knocking)


def test_who_joins_what_is_closed_at_that_moment_leaves_no_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_late(guest: Guest) -> None:
        raise ClusterError("the cluster was closed")

    door = Door("x", serves=lambda: None, welcome=too_late)
    before = sockets()
    end, _ = let_in(door)
    with end:
        assert hung_up(end)
    assert becomes(lambda: not door.guests and sockets() <= before)
    door.close()


def test_a_guest_that_cannot_be_made_leaves_no_socket(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: raised.append(str(args.exc_value)))

    def fail(*args: object) -> Guest:
        raise MemoryError("no room for guests")

    before = sockets()
    with monkeypatch.context() as patch:
        patch.setattr(host, "Guest", fail)
        end, _ = let_in(door)
        with end:
            assert hung_up(end)
    assert becomes(lambda: sockets() <= before and raised == ["no room for guests"])


def test_a_door_goes_on_when_there_can_be_no_thread_for_who_knocks(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "chunkscope-guest":
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(MOST_GREETINGS + 1):  # each gives its place back
            with connect(door) as end:
                assert hung_up(end)
    line = join(door.address)
    assert line("echo", 1) == 1
    line.close()


def test_a_door_that_cannot_listen_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    before, places = sockets(), []
    make = host.Place.make

    def made() -> object:
        found = make()
        places.append(found[0])
        return found

    monkeypatch.setattr(host.Place, "make", made)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="new thread"):
        Door("x", serves=lambda: None)
    assert sockets() == before and len(places) == 1 and not places[0].folder.exists()


def test_descriptors_that_a_guest_sends_are_not_kept(door: Door) -> None:
    read, write = os.pipe()
    end, sealed = let_in(door)
    with end:
        sealed.send(b"?", b"N.", (write,))
        os.close(write)
        assert os.read(read, 1) == b""  # nobody has the other end
    os.close(read)


def test_who_finds_no_room_to_knock_is_told_so(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner that stands still takes nobody in, until no more can queue."""
    standing, stuck = threading.Event(), threading.Event()

    def acquire(blocking: bool) -> bool:
        standing.set()
        stuck.wait(60)
        return blocking

    monkeypatch.setattr(door._greetings, "acquire", acquire)
    queue = []
    try:
        with pytest.raises(ClusterError, match="opens to nobody now; its process may be stopped"):
            for _ in range(100):
                one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                queue.append(one)
                one.setblocking(False)
                try:
                    one.connect(str(door.place.socket_file))
                    assert standing.wait(60)  # it has taken the first, and takes none of the others
                except BlockingIOError:
                    join(door.address)
    finally:
        for one in queue:
            one.close()
        monkeypatch.undo()
        stuck.set()


def test_options_that_a_client_cannot_have_are_refused_before_it_joins() -> None:
    with Client(n_workers=1, threads_per_worker=1, processes=False) as client:
        address = client.scheduler_address
        before = sockets()
        with pytest.raises(ConfigError, match="takes no n_workers"):
            Client(address, n_workers=2)
        assert sockets() == before and client.cluster.guests == []
