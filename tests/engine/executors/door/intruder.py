"""Somebody who knocks: with the right key or a wrong one, with messages of their own making."""

from __future__ import annotations

import os
import pickle
import socket
import time
from pathlib import Path

from chunkscope.executors.door import place as places
from chunkscope.executors.door.greeting import knock
from chunkscope.executors.door.host import Door
from chunkscope.executors.door.seal import Sealed

__all__ = ["Mark", "connect", "hung_up", "let_in", "marked"]


class Mark:
    """A payload that leaves a directory behind where anybody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.path),))


def marked(path: Path) -> bytes:
    """The pickle of a `Mark`; it does what it says."""
    body = pickle.dumps(Mark(path))
    pickle.loads(body)
    assert path.exists()
    path.rmdir()
    return body


def connect(door: Door) -> socket.socket:
    """A connection to the door, not greeted yet."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.settimeout(20)
    end.connect(str(door.place.socket_file))
    return end


def let_in(door: Door) -> tuple[socket.socket, Sealed]:
    """A connection that was greeted with the right key: its socket, and what seals messages on it."""
    end = connect(door)
    sealed = knock(end, places.read_key(door.place), door.address)
    end.settimeout(20)
    return end, sealed


def hung_up(end: socket.socket) -> bool:
    """Whether the other end hangs up, whatever it says before."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if not end.recv(1 << 16):
                return True
        except ConnectionError:
            return True
    return False
