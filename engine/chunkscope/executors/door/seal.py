"""Messages that only the two ends can have written: each has a code (HMAC-SHA256) over its content and its number.

The head is checked before its length is believed, the body before anybody unpickles it. Numbers count up, so that a
message that was recorded and sent again is refused as a forged one is.
"""

from __future__ import annotations

import contextlib
import hmac
import socket
import struct
import threading

from chunkscope.executors.cluster.channel import ChannelClosed, close_all

__all__ = ["Forged", "Sealed", "exactly"]

_HEAD = struct.Struct("=cBQQ")
"""Kind, number of descriptors, number of the message, bytes of the body."""
_CODE = 32
MOST_BYTES = 1 << 31
"""Of one message: larger things go through shared memory."""
MOST_DESCRIPTORS = 4
SMALL_BYTES = 1 << 16


class Forged(ChannelClosed):
    """A message that the other end has not written, or not now."""


def code(key: bytes, *parts: bytes | bytearray | memoryview) -> bytes:
    """The HMAC-SHA256 of the parts, one after the other."""
    if len(parts) == 1:
        return hmac.digest(key, parts[0], "sha256")
    made = hmac.new(key, digestmod="sha256")
    for part in parts:
        made.update(part)
    return made.digest()


class Sealed:
    """One end of a connection. One thread at a time sends, one receives.

    >>> here, there = socket.socketpair()
    >>> x, y = Sealed(here, b"k1", b"k2"), Sealed(there, b"k2", b"k1")
    >>> x.send(b"x", b"hello")
    >>> kind, body, descriptors = y.receive()
    >>> kind, bytes(body), descriptors
    (b'x', b'hello', [])
    >>> z = Sealed(there, b"k2", b"another key")
    >>> x.send(b"x", b"hello")
    >>> z.receive()
    Traceback (most recent call last):
    chunkscope.executors.door.seal.Forged: a message whose code is wrong
    >>> x.close(); y.close()
    """

    def __init__(self, end: socket.socket, sending: bytes, receiving: bytes) -> None:
        """`sending`, `receiving`: the keys of the two directions."""
        self._socket = end
        self._keys = (sending, receiving)
        self._sent = 0
        self._received = 0
        self._lock = threading.Lock()

    def send(self, kind: bytes, body: bytes = b"", descriptors: tuple[int, ...] = ()) -> None:
        """Send one message; waits while the other end is full. Raises ChannelClosed."""
        if len(body) > MOST_BYTES:
            raise ValueError(f"a message of {len(body)} bytes is too long")
        key = self._keys[0]
        with self._lock:
            try:
                head = _HEAD.pack(kind, len(descriptors), self._sent, len(body))
                self._sent += 1
                head += code(key, b"head" + head)
                end = code(key, b"body", head, body) if body else b""
                if descriptors:
                    socket.send_fds(self._socket, [head[:1]], list(descriptors))
                    head = head[1:]
                if len(body) < SMALL_BYTES:
                    self._socket.sendall(head + body + end)  # at once: each piece would wake who reads
                else:
                    for piece in (head, body, end):
                        self._socket.sendall(piece)
            except OSError as error:
                raise ChannelClosed from error
            except BaseException:
                self.close()  # it was broken off: what follows would not be believed
                raise

    def receive(self) -> tuple[bytes, bytes | bytearray, list[int]]:
        """The next message. Raises ChannelClosed where the other end is gone, Forged for what it has not written."""
        descriptors: list[int] = []
        try:
            first, descriptors, flags, _ = socket.recv_fds(self._socket, 1, MOST_DESCRIPTORS)
            if not first:
                raise ChannelClosed
            head = first + exactly(self._socket, _HEAD.size + _CODE - 1)
            kind, count, number, size = _HEAD.unpack(head[: _HEAD.size])
            key = self._keys[1]
            expected = code(key, b"head" + head[: _HEAD.size])
            if not hmac.compare_digest(expected, head[_HEAD.size :]):
                raise Forged("a message whose code is wrong")
            if number != self._received or size > MOST_BYTES:
                raise Forged("a message that was sent before")
            if count != len(descriptors) or flags & socket.MSG_CTRUNC:
                raise Forged("a message whose descriptors are not there")
            self._received += 1
            if not size:
                return kind, b"", descriptors
            body = exactly(self._socket, size)
            given = exactly(self._socket, _CODE)
            if not hmac.compare_digest(code(key, b"body", head, body), given):
                raise Forged("a message whose code is wrong")
            return kind, body, descriptors
        except BaseException as error:
            close_all(descriptors)
            if isinstance(error, OSError):
                raise ChannelClosed from error
            self.close()
            raise

    def close(self) -> None:
        """End the connection: the other end learns of it, and so does the thread that receives here."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def exactly(end: socket.socket, size: int) -> bytes | bytearray:
    """So many bytes. Raises ChannelClosed where the other end is gone before."""
    found = bytearray(size)
    view, at = memoryview(found), 0
    while at < size:
        count = end.recv_into(view[at:])
        if not count:
            raise ChannelClosed
        at += count
    return found
