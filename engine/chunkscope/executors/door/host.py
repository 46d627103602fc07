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

from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import ChannelClosed
from chunkscope.executors.door.greeting import Refused, admit
from chunkscope.executors.door.guest import Guest, block_for, lease_for
from chunkscope.executors.door.place import Place

__all__ = ["Door"]

_log = logging.getLogger("chunkscope.executors")
MOST_GREETINGS = 8
"""Connections that have not shown the key yet; more than these are hung up on."""
SWEEP_SECONDS = 2.0


class Door:
    """An open door. `serves` is what guests join; `changed()` is called when one comes or goes.

    >>> door = Door("x", serves=None)
    >>> door.address.startswith("unix:///"), door.place.key_file.stat().st_mode & 0o777 == 0o600
    (True, True)
    >>> door.close(); door.place.folder.exists()
    False
    """

    def __init__(self, name: str, serves: Any, changed: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self._serves = serves
        self._changed = changed
        self._guests: list[Guest] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._greetings = threading.Semaphore(MOST_GREETINGS)
        self._closed = threading.Event()
        self._pid = os.getpid()
        self.place, self._key, self._listener = Place.make()
        for topic, answer in (("lease", _lease), ("block", _block)):
            home.handle(topic, answer)
        for target, what in ((self._listen, "door"), (self._sweep, "sweep")):
            threading.Thread(target=target, name=f"chunkscope-{what}", daemon=True).start()

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
            threading.Thread(target=self._greet, args=(end,), name="chunkscope-guest", daemon=True).start()

    def _greet(self, end: socket.socket) -> None:
        """Let one in, or not; then be its thread."""
        try:
            sealed = admit(end, self._key)
        except Refused as reason:
            _log.warning("the cluster %s did not let somebody in: %s", self.name, reason)
            end.close()
            return
        except ChannelClosed:  # who only looked whether anybody is here
            end.close()
            return
        finally:
            self._greetings.release()
        guest = Guest(f"guest {next(self._numbers)} of {self.name}", sealed, self._serves, self._left)
        with self._lock:
            closed = self._closed.is_set()
            if not closed:
                self._guests.append(guest)
        if closed:
            guest.end()
            return
        self._changed()
        guest.live()

    def _left(self, guest: Guest) -> None:
        with self._lock:
            if guest in self._guests:
                self._guests.remove(guest)
        self._changed()

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
        for guest in self.guests:
            guest.dismiss()


def _lease(number: int) -> tuple[int, int, int, int]:
    guest = home.asker()
    assert isinstance(guest, Guest)
    return lease_for(guest, number)


def _block(number: int) -> Any:
    guest = home.asker()
    assert isinstance(guest, Guest)
    return block_for(guest, number)
