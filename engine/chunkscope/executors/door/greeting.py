"""The greeting: both ends show that they know the key, without telling it, and agree on keys for this connection.

    joins: MAGIC, protocol, 32 random bytes
    owns:  MAGIC, protocol, 32 random bytes, proof that it knows the key     (or a refusal, one letter)
    joins: proof that it knows the key

All of it has a fixed length, and has to be done in a few seconds, however it comes. A proof is an HMAC-SHA256 over the
random bytes of both ends, so none can be used again; the two ends' proofs differ, so none can be sent back.
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import struct
import sys
import time

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.channel import ChannelClosed
from chunkscope.executors.door.seal import Sealed, code

__all__ = ["PROTOCOL", "Refused", "admit", "knock", "user_of"]

PROTOCOL = 1
SECONDS = 5.0
"""How long a greeting may take."""
PATIENCE_SECONDS = 30
"""A guest that reads nothing for so long, though much is told to it, has to join again."""

_HELLO = struct.Struct("=12sHBB32s")
"""Magic, protocol, Python's version (blocks and functions travel only between equal ones), random bytes."""
_MAGIC = b"chunkscope\0\0"
_YES, _USER, _VERSION, _KEY = b"y", b"u", b"v", b"k"


class Refused(Exception):
    """Somebody who may not come in."""


class _Hurry:
    """One end of a greeting: what is said and heard there, in the time that is left."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._until = time.monotonic() + SECONDS

    def _limit(self) -> None:
        rest = self._until - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        self._end.settimeout(rest)

    def say(self, words: bytes) -> None:
        """Send this. Raises TimeoutError where the time is over."""
        self._limit()
        self._end.sendall(words)

    def hear(self, size: int) -> bytes:
        """So many bytes. Raises TimeoutError where the time is over, ChannelClosed where the other end is gone."""
        found = b""
        while len(found) < size:
            self._limit()
            part = self._end.recv(size - len(found))
            if not part:
                raise ChannelClosed
            found += part
        return found


def user_of(end: socket.socket) -> int | None:
    """The user at the other end, as the system knows it; None where it cannot tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None  # the permissions of the directory have to do
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(user)


def admit(end: socket.socket, key: bytes) -> Sealed:
    """The owner's part. Raises Refused, or ChannelClosed where the other end leaves; nothing was unpickled then."""
    talk = _Hurry(end)
    try:
        if user_of(end) not in (None, os.getuid()):
            talk.say(_USER)
            raise Refused("another user")
        magic, protocol, major, minor, theirs = _HELLO.unpack(talk.hear(_HELLO.size))
        if magic != _MAGIC:
            raise Refused("not a greeting")
        if (protocol, major, minor) != (PROTOCOL, *sys.version_info[:2]):
            talk.say(_VERSION + bytes((PROTOCOL, *sys.version_info[:2])))
            raise Refused("another version")
        ours = secrets.token_bytes(32)
        talk.say(_YES + ours + _proof(key, b"owner", theirs, ours))
        if not hmac.compare_digest(_proof(key, b"guest", theirs, ours), talk.hear(32)):
            talk.say(_KEY)
            raise Refused("a wrong key")
        talk.say(_YES)
        end.settimeout(None)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", PATIENCE_SECONDS, 0))
    except OSError as error:
        raise ChannelClosed from error
    return Sealed(end, _proof(key, b"to guest", theirs, ours), _proof(key, b"to owner", theirs, ours))


def knock(end: socket.socket, key: bytes, address: str) -> Sealed:
    """The part of who joins. Raises ClusterError for a door that does not open, or that does not know the key."""
    talk = _Hurry(end)
    ours = secrets.token_bytes(32)
    try:
        if user_of(end) not in (None, os.getuid()):
            raise ClusterError(f"what listens at {address!r} belongs to another user; it was not spoken to")
        talk.say(_HELLO.pack(_MAGIC, PROTOCOL, *sys.version_info[:2], ours))
        _welcome(talk, address)
        theirs = talk.hear(32)
        if not hmac.compare_digest(_proof(key, b"owner", ours, theirs), talk.hear(32)):
            raise ClusterError(_WRONG_KEY.format(address=address))
        talk.say(_proof(key, b"guest", ours, theirs))
        _welcome(talk, address)
        end.settimeout(None)
    except TimeoutError:
        raise ClusterError(
            f"the cluster at {address!r} did not answer in {SECONDS:g} seconds; its process may be stopped"
        ) from None
    except (OSError, ChannelClosed):
        raise ClusterError(f"the cluster at {address!r} hung up: it was closed, or is full") from None
    return Sealed(end, _proof(key, b"to owner", ours, theirs), _proof(key, b"to guest", ours, theirs))


_WRONG_KEY = "the cluster at {address!r} has another key than the one beside its socket; make a new cluster"


def _welcome(talk: _Hurry, address: str) -> None:
    """Read what the owner says of us. Raises ClusterError where that is no welcome."""
    answer = talk.hear(1)
    if answer == _VERSION:
        protocol, major, minor = talk.hear(3)
        here = ".".join(map(str, sys.version_info[:2]))
        raise ClusterError(
            f"the cluster at {address!r} runs Python {major}.{minor} and protocol {protocol}, this process Python "
            f"{here} and protocol {PROTOCOL}; both need the same Python and the same chunkscope"
        )
    if answer == _USER:
        raise ClusterError(f"the cluster at {address!r} belongs to another user; only that user can join it")
    if answer != _YES:
        raise ClusterError(_WRONG_KEY.format(address=address))


def _proof(key: bytes, role: bytes, guest: bytes, owner: bytes) -> bytes:
    return code(key, role + b"|" + guest + owner)
