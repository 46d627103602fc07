"""The greeting: both ends show that they know the key, without telling it, and agree on keys for this connection.

    joins: MAGIC, protocol, 32 random bytes
    owns:  MAGIC, protocol, 32 random bytes, proof that it knows the key     (or a refusal, one letter)
    joins: proof that it knows the key

All of it has a fixed length, and has to be done in a few seconds. A proof is an HMAC-SHA256 over the random bytes of
both ends, so none can be used again; the two ends' proofs differ, so none can be sent back.
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import struct
import sys

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.channel import ChannelClosed
from chunkscope.executors.door.seal import Sealed, code, exactly

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


def user_of(end: socket.socket) -> int | None:
    """The user at the other end, as the system knows it; None where it cannot tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None  # the permissions of the directory have to do
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(user)


def admit(end: socket.socket, key: bytes) -> Sealed:
    """The owner's part. Raises Refused, or ChannelClosed where the other end leaves; nothing was unpickled then."""
    end.settimeout(SECONDS)
    try:
        if user_of(end) not in (None, os.getuid()):
            end.sendall(_USER)
            raise Refused("another user")
        magic, protocol, major, minor, theirs = _HELLO.unpack(exactly(end, _HELLO.size))
        if magic != _MAGIC:
            raise Refused("not a greeting")
        if (protocol, major, minor) != (PROTOCOL, *sys.version_info[:2]):
            end.sendall(_VERSION + bytes((PROTOCOL, *sys.version_info[:2])))
            raise Refused("another version")
        ours = secrets.token_bytes(32)
        end.sendall(_YES + ours + _proof(key, b"owner", theirs, ours))
        if not hmac.compare_digest(_proof(key, b"guest", theirs, ours), exactly(end, 32)):
            end.sendall(_KEY)
            raise Refused("a wrong key")
        end.sendall(_YES)
        end.settimeout(None)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", PATIENCE_SECONDS, 0))
    except OSError as error:
        raise ChannelClosed from error
    return Sealed(end, _proof(key, b"to guest", theirs, ours), _proof(key, b"to owner", theirs, ours))


def knock(end: socket.socket, key: bytes, address: str) -> Sealed:
    """The part of who joins. Raises ClusterError for a door that does not open, or that does not know the key."""
    end.settimeout(SECONDS)
    ours = secrets.token_bytes(32)
    try:
        if user_of(end) not in (None, os.getuid()):
            raise ClusterError(f"what listens at {address!r} belongs to another user; it was not spoken to")
        end.sendall(_HELLO.pack(_MAGIC, PROTOCOL, *sys.version_info[:2], ours))
        _welcome(end, address)
        theirs = bytes(exactly(end, 32))
        if not hmac.compare_digest(_proof(key, b"owner", ours, theirs), exactly(end, 32)):
            raise ClusterError(_WRONG_KEY.format(address=address))
        end.sendall(_proof(key, b"guest", ours, theirs))
        _welcome(end, address)
        end.settimeout(None)
    except TimeoutError:
        raise ClusterError(
            f"the cluster at {address!r} did not answer in {SECONDS:g} seconds; its process may be stopped"
        ) from None
    except (OSError, ChannelClosed):
        raise ClusterError(f"the cluster at {address!r} hung up: it was closed, or is full") from None
    return Sealed(end, _proof(key, b"to owner", ours, theirs), _proof(key, b"to guest", ours, theirs))


_WRONG_KEY = "the cluster at {address!r} has another key than the one beside its socket; make a new cluster"


def _welcome(end: socket.socket, address: str) -> None:
    """Read what the owner says of us. Raises ClusterError where that is no welcome."""
    answer = bytes(exactly(end, 1))
    if answer == _VERSION:
        protocol, major, minor = exactly(end, 3)
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
