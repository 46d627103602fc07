"""Errands: functions that a worker process performs at once, in a thread of its own, beside its tasks.

What is asked of workers rather than of the cluster goes this way: `Client.run`, plugins, stacks of running tasks. An
errand can print, warn, log, and call home as a task can.
"""

from __future__ import annotations

import contextlib
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import cloudpickle

from chunkscope.blocks.carry import carried, packed_error
from chunkscope.errors import ClusterError, TransferError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import Channel, ChannelClosed
from chunkscope.executors.cluster.forward import flush_streams, tell_again

__all__ = ["Errands", "Line"]

LOOK_SECONDS = 0.1
ERRAND, CALL = b"e", b"h"


class Line:
    """The parent's end of one process's line. Thread-safe: one errand at a time."""

    def __init__(
        self,
        channel: Channel,
        name: str,
        hear: Callable[[str], None],
        look: Callable[[], None] = lambda: None,
    ) -> None:
        """`hear` is called with what errands print; `look` now and then while one goes on, to see to the process."""
        self.name = name
        self._hear = hear
        self._look = look
        self._channel = channel
        self._channel.patience = look
        self._lock = threading.Lock()
        self._number = 0

    def perform(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        timeout: float | None = None,
    ) -> Any:
        """What `function(*args, **kwargs)` gives there; raises what it raises.

        Raises TransferError for what cannot be sent, ClusterError where the process ends, TimeoutError.
        """
        try:
            body = cloudpickle.dumps((function, args, kwargs))
        except Exception as reason:
            raise TransferError(
                f"{getattr(function, '__name__', function)!r}, or an argument of it, cannot be sent to a worker "
                f"({type(reason).__name__}: {reason})"
            ) from reason
        until = None if timeout is None else time.monotonic() + timeout
        if not self._lock.acquire(timeout=-1 if timeout is None else timeout):
            raise self._late("has another errand still to do")
        try:
            self._number += 1
            try:
                self._channel.send(ERRAND, pickle.dumps((self._number, body)))
                ok, told = self._await(until)
            except ChannelClosed:
                raise ClusterError(
                    f"worker {self.name} ended before it answered; call again for its successor"
                ) from None
        finally:
            self._lock.release()
        if ok:
            return pickle.loads(told)
        raise carried(told)

    def _await(self, until: float | None) -> tuple[bool, bytes]:
        while True:
            if not self._channel.ready(LOOK_SECONDS):
                if self._channel.fileno() < 0:  # closed here; another channel may have its number by now
                    raise ChannelClosed
                if until is not None and time.monotonic() > until:
                    raise self._late("has not answered in time; it goes on")
                self._look()
                continue
            kind, body, _ = self._channel.receive()
            if kind == ERRAND:
                number, ok, told = pickle.loads(body)
                if number == self._number:  # not of one that nobody waits for any more
                    return ok, told
            elif kind == CALL:
                self._channel.send(CALL, _answered(body))
            else:
                self._hear(tell_again(kind, body).rstrip("\n"))

    def _late(self, how: str) -> TimeoutError:
        return TimeoutError(f"worker {self.name} {how}")

    @property
    def closed(self) -> bool:
        """Whether the process has ended."""
        return self._channel.hung_up

    def close(self) -> None:
        """Let go of it: the process is gone."""
        self._channel.close()


def _answered(body: bytes | bytearray) -> bytes:
    """The answer to a call home."""
    try:
        topic, payload = pickle.loads(body)
        told: bytes = cloudpickle.dumps((True, home.answer(topic, payload)))
        return told
    except BaseException as error:
        return pickle.dumps((False, packed_error(error)))


class Errands:
    """The worker's end."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._sending = threading.Lock()

    def send(self, kind: bytes, body: bytes) -> None:
        """Send a message: an answer, or what an errand prints."""
        with self._sending:
            self._channel.send(kind, body)

    def live(self) -> None:
        """Perform errands until the parent is gone."""
        home.connect(self._call)
        with contextlib.suppress(ChannelClosed):
            while True:
                _, body, _ = self._channel.receive()
                number, asked = pickle.loads(body)
                ok, told = _performed(asked)
                flush_streams()
                self.send(ERRAND, pickle.dumps((number, ok, told), protocol=5))

    def _call(self, topic: str, payload: Any) -> Any:
        self.send(CALL, cloudpickle.dumps((topic, payload)))
        _, body, _ = self._channel.receive()
        ok, told = pickle.loads(body)
        if not ok:
            raise carried(told)
        return told


def _performed(asked: bytes) -> tuple[bool, bytes]:
    """Whether an errand gave something, and that, or what it raised."""
    try:
        function, args, kwargs = pickle.loads(asked)
        found = function(*args, **kwargs)
    except BaseException as error:
        return False, packed_error(error)
    try:
        return True, cloudpickle.dumps(found)
    except Exception as reason:
        return False, packed_error(
            TransferError(
                f"the result of this errand cannot be sent from its worker process ({type(reason).__name__}: "
                f"{reason}); return plain data"
            )
        )
