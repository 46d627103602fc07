"""The door itself: listens at a socket of the user's own, lets in who knows the key, ends with what it belongs to."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import ChannelClosed
from chunkscope.executors.door import hosted
from chunkscope.executors.door.greeting import Refused, admit
from chunkscope.executors.door.guest import Guest, block_for, claim_for, lease_for
from chunkscope.executors.door.place import Place

__all__ = ["Door", "serve_blocks"]

_log = logging.getLogger("chunkscope.executors")
MOST_GREETINGS = 8
"""Connections that have not shown the key yet; more than these are hung up on."""
SWEEP_SECONDS = 2.0
LOOK_SECONDS = 0.5
"""How often who listens looks whether the door was closed, where the system does not tell."""


class Door:
    """An open door.

    >>> door = Door("x", serves=lambda: None)
    >>> door.address.startswith("unix:///"), door.place.key_file.stat().st_mode & 0o777 == 0o600
    (True, True)
    >>> door.close(); door.place.folder.exists()
    False
    """

    def __init__(
        self, name: str, serves: Callable[[], Any], welcome: Callable[[Guest], None] = lambda guest: None
    ) -> None:
        """`serves` gives what guests join; `welcome(guest)` is called before one is heard."""
        self.name = name
        self._serves = serves
        self._welcome = welcome
        self._guests: list[Guest] = []
        self._knocking: set[socket.socket] = set()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._greetings = threading.Semaphore(MOST_GREETINGS)
        self._closed = threading.Event()
        self._pid = os.getpid()
        self.place, self._key, self._listener = Place.make()
        try:
            self._listener.settimeout(LOOK_SECONDS)
            serve_blocks()
            home.handle(hosted.TOPIC, hosted.perform)
            for target, what in ((self._listen, "door"), (self._sweep, "sweep")):
                threading.Thread(target=target, name=f"chunkscope-{what}", daemon=True).start()
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """What others join by."""
        return self.place.address

    @property
    def guests(self) -> list[Guest]:
        """Who has joined and not left."""
        return list(self._guests)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                end, _ = self._listener.accept()
            except OSError:
                if self._closed.wait(0.05):
                    return
                continue  # too many descriptors are open: later, perhaps
            if not self._greetings.acquire(blocking=False):
                end.close()
                continue
            try:
                threading.Thread(
                    target=self._greet, args=(end,), name="chunkscope-guest", daemon=True
                ).start()
            except RuntimeError:  # too many threads: who knocks may try again
                end.close()
                self._greetings.release()

    def _greet(self, end: socket.socket) -> None:
        """Let one in, or not; then be its thread."""
        with end:
            try:
                with self._lock:
                    if self._closed.is_set():
                        return
                    self._knocking.add(end)
                sealed = admit(end, self._key)
            except Refused as reason:
                _log.warning("the cluster %s did not let somebody in: %s", self.name, reason)
                return
            except ChannelClosed:  # who only looked whether anybody is here
                return
            finally:
                self._knocking.discard(end)
                self._greetings.release()
            guest = Guest(f"guest {next(self._numbers)} of {self.name}", sealed, self._serves, self._left)
            try:
                with self._lock:
                    if self._closed.is_set():
                        return
                    self._guests.append(guest)
                try:
                    self._welcome(guest)
                except ClusterError:  # what it would join was closed meanwhile
                    return
                guest.live()
            finally:
                guest.end()

    def _left(self, guest: Guest) -> None:
        with self._lock:
            if guest in self._guests:
                self._guests.remove(guest)

    def _sweep(self) -> None:
        while not self._closed.wait(SWEEP_SECONDS):
            for guest in self.guests:
                guest.sweep()

    def close(self) -> None:
        """Let nobody in any more, say goodbye to all, remove what is in the file system. Twice is like once."""
        if os.getpid() != self._pid:  # a fork of the owner: the door is not its own
            return
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.place.remove()
        for end in list(self._knocking):
            with contextlib.suppress(OSError):  # its thread closes it
                end.shutdown(socket.SHUT_RDWR)
        for guest in self.guests:
            guest.dismiss()


def serve_blocks() -> None:
    """Answer guests who ask where blocks lie, and what they hold."""
    home.handle("lease", _lease)
    home.handle("block", _block)
    home.handle("claim", _claim)
    home.handle("hold", _hold)


def _lease(number: int) -> tuple[int, int, int, int]:
    guest = home.asker()
    assert isinstance(guest, Guest)
    return lease_for(guest, number)


def _block(number: int) -> Any:
    guest = home.asker()
    assert isinstance(guest, Guest)
    return block_for(guest, number)


def _claim(numbers: list[int]) -> list[tuple[Any, ...] | None]:
    guest = home.asker()
    assert isinstance(guest, Guest)
    return claim_for(guest, numbers)


def _hold(numbers: list[int]) -> None:
    guest = home.asker()
    assert isinstance(guest, Guest)
    for number in numbers:
        guest.hold(guest.held(number))
