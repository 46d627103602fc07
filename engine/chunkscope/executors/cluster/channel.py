"""Messages between two processes over a socket pair: a kind, bytes, and now and then a descriptor."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from types import FrameType

__all__ = ["Channel", "ChannelClosed", "close_all", "in_message", "pair"]

_HEAD = struct.Struct("=cQ")
_MOST_DESCRIPTORS = 250
PATIENCE_MS = 100


class ChannelClosed(Exception):
    """The process at the other end is gone."""


class _Over:
    """What a channel that is closed here waits with: its descriptor's number may be another's by now."""

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        """At once: there is nothing to wait for."""
        return [(-1, select.POLLNVAL)]


class Channel:
    """One end. Sends and receives whole messages; any thread sends, one at a time receives.

    Where a message is broken off here, by an interrupt for one, the channel ends at both ends: what would follow could
    not be understood. An interrupt while `receive` waits for a message to begin costs nothing.

    >>> here, there = pair()
    >>> here.send(b"x", b"hello")
    >>> there.receive()
    (b'x', b'hello', [])
    >>> here.close()
    >>> there.receive()
    Traceback (most recent call last):
    chunkscope.executors.cluster.channel.ChannelClosed
    >>> there.close()
    """

    __slots__ = ("_poll", "_sending", "_socket", "patience")

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(True)
        self._socket = end
        self._sending = threading.Lock()
        self._poll: select.poll | _Over = select.poll()
        self._poll.register(end.fileno(), select.POLLIN)
        self.patience: Callable[[], None] | None = None
        """Called now and then while the other end neither takes nor gives what it should; where None, it has time."""

    @classmethod
    def of_descriptor(cls, descriptor: int) -> Channel:
        """The channel over an inherited descriptor."""
        return cls(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        """The descriptor, -1 once closed."""
        return self._socket.fileno()

    def detach(self) -> int:
        """The descriptor, which the caller has to close from now on."""
        return self._socket.detach()

    def send(self, kind: bytes, body: bytes = b"", descriptors: tuple[int, ...] = ()) -> None:
        """Send one message; waits while the other end is full. Raises ChannelClosed."""
        head = _HEAD.pack(kind, len(body))
        with self._sending:
            try:
                if descriptors:
                    socket.send_fds(self._socket, [head], list(descriptors))
                    self._send_all(body)
                elif len(body) < 1 << 16:
                    self._send_all(head + body)
                else:
                    self._send_all(head)
                    self._send_all(body)
            except OSError as error:
                raise ChannelClosed from error
            except BaseException:
                self._break()
                raise

    def _send_all(self, body: bytes) -> None:
        if self.patience is None:
            self._socket.sendall(body)
            return
        view = memoryview(body)
        while len(view):
            try:
                view = view[self._socket.send(view, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                self._wait(select.POLLOUT)

    def _wait(self, event: int) -> None:
        """Wait until the other end has taken or given something; calls for patience meanwhile."""
        if self.patience is None:
            return
        descriptor = self._socket.fileno()
        if descriptor < 0:
            raise ChannelClosed
        poll = select.poll()
        poll.register(descriptor, event)
        while not poll.poll(PATIENCE_MS):
            self.patience()
            if self._socket.fileno() != descriptor:  # closed meanwhile: the number may be another's by now
                raise ChannelClosed

    def ready(self, seconds: float | None) -> bool:
        """Whether there is something to receive (the end of the channel, too), after waiting so long at most."""
        return bool(self._poll.poll(None if seconds is None else seconds * 1000))

    @property
    def hung_up(self) -> bool:
        """Whether the other end is gone; what it sent before can be received all the same."""
        descriptor = self._socket.fileno()
        if descriptor < 0:
            return True
        poll = select.poll()  # another thread may be waiting on ours
        poll.register(descriptor, 0)
        return any(event & select.POLLHUP for _, event in poll.poll(0))

    def receive(self) -> tuple[bytes, bytes | bytearray, list[int]]:
        """The next message; waits for it. Raises ChannelClosed when the other end is gone."""
        self._poll.poll()
        return self.read()

    def read(self) -> tuple[bytes, bytes | bytearray, list[int]]:
        """The message that is `ready`, all of it. Raises ChannelClosed when the other end is gone."""
        descriptors: list[int] = []
        try:
            head, descriptors, flags, _ = socket.recv_fds(self._socket, _HEAD.size, _MOST_DESCRIPTORS)
            if not head or flags & socket.MSG_CTRUNC:  # or this process may open no more descriptors
                raise ChannelClosed
            if len(head) < _HEAD.size:
                head += self._exactly(_HEAD.size - len(head))
            kind, size = _HEAD.unpack(head)
            return kind, self._exactly(size) if size else b"", descriptors
        except BaseException as error:
            close_all(descriptors)
            if isinstance(error, OSError):
                raise ChannelClosed from error
            self._break()
            raise

    def _exactly(self, size: int) -> bytes | bytearray:
        if size <= 1 << 16:
            self._wait(select.POLLIN)
            part = self._socket.recv(size)
            if len(part) == size:
                return part
            found = bytearray(size)
            found[: len(part)] = part
            at = len(part)
        else:
            found, at = bytearray(size), 0
            part = b"-"
        view = memoryview(found)
        while at < size:
            if not part:
                raise ChannelClosed
            self._wait(select.POLLIN)
            count = self._socket.recv_into(view[at:])
            if not count:
                raise ChannelClosed
            at += count
        return found

    def _break(self) -> None:
        """A part of a message has gone or come, and the rest never will: the end, also for whoever waits here."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.close()

    def close(self) -> None:
        """End the channel: the other end learns of it."""
        self._poll = _OVER
        self._socket.close()


_OVER = _Over()
_WHOLE = frozenset((Channel.send.__code__, Channel.read.__code__))


def in_message(frame: FrameType | None) -> bool:
    """Whether the thread of this frame is in the midst of a message, where an interrupt would end its channel."""
    while frame is not None:
        if frame.f_code in _WHOLE:
            return True
        frame = frame.f_back
    return False


def close_all(descriptors: Iterable[int]) -> None:
    """Let go of descriptors that came with a message which nobody has a use for."""
    for descriptor in descriptors:
        os.close(descriptor)


def pair() -> tuple[Channel, Channel]:
    """Two ends that belong together."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        for end in (here, there):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            os.set_inheritable(end.fileno(), False)
        return Channel(here), Channel(there)
    except BaseException:
        here.close()
        there.close()
        raise
