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
from contextvars import copy_context
from typing import Any

import cloudpickle

from chunkscope.blocks.carry import carried, packed_error
from chunkscope.errors import ClusterError, TransferError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import Channel, ChannelClosed
from chunkscope.executors.cluster.forward import flush_streams, tell_again
from chunkscope.executors.cluster.importing import import_packages
from chunkscope.executors.loss import worker_named
from chunkscope.executors.place import Seat, in_place, place

__all__ = ["Errands", "Line"]

LOOK_SECONDS = 0.1
ERRAND, CALL = b"e", b"h"


class _Errand:
    """One that is under way."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.lock = threading.Lock()
        self.begun = False
        self.unwanted = False
        """Whether it need not begin any more."""
        self.over = threading.Event()
        self.told: tuple[bool, bytes] | None = None
        self.error: BaseException | None = None

    def leave(self) -> bool:
        """Nobody waits for it any more: it does not begin. Whether it has begun already, and goes on."""
        with self.lock:
            self.unwanted = True
            return self.begun


class Line:
    """The parent's end of one process's line. Thread-safe: one errand at a time.

    A thread of its own speaks with the process until the errand is over, also when whoever asked is late or was
    interrupted: what the errand prints and calls home for is answered to its end, and the next one begins after it.
    """

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
        self._lock = threading.Lock()

    def perform(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        timeout: float | None = None,
    ) -> Any:
        """What `function(*args, **kwargs)` gives there; raises what it raises.

        Raises TransferError for what cannot be sent, ClusterError where the process ends, TimeoutError: then one that
        has begun goes on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        try:
            errand = _Errand(cloudpickle.dumps((function, args, kwargs)))
        except Exception as reason:
            raise TransferError(
                f"{getattr(function, '__name__', function)!r}, or an argument of it, cannot be sent to a worker "
                f"({type(reason).__name__}: {reason})"
            ) from reason
        try:
            threading.Thread(
                target=copy_context().run,
                args=(self._carry_out, errand, place()),
                name="chunkscope-errand",
                daemon=True,
            ).start()
            self._wait_for(errand, until)
        except BaseException:
            errand.leave()
            raise
        if errand.error is not None:
            raise errand.error
        assert errand.told is not None
        ok, told = errand.told
        if not ok:
            raise carried(told)
        try:
            return pickle.loads(told)
        except Exception as reason:
            raise TransferError(
                f"the result of this errand cannot be read in this process ({type(reason).__name__}: {reason}); "
                "modules that it comes from must be importable here, too"
            ) from reason

    def _wait_for(self, errand: _Errand, until: float | None) -> None:
        while True:
            rest = LOOK_SECONDS if until is None else until - time.monotonic()
            if errand.over.wait(min(LOOK_SECONDS, max(rest, 0.0))):
                return
            if until is not None and time.monotonic() > until:
                goes_on = errand.leave()
                raise self._late(
                    "has not answered in time; it goes on" if goes_on else "has another errand still to do"
                )
            self._look()

    def _carry_out(self, errand: _Errand, seat: Seat | None) -> None:
        """Have an errand performed, in the place of whoever asked."""
        while not self._lock.acquire(timeout=LOOK_SECONDS):
            if errand.unwanted:
                return
        try:
            with errand.lock:
                if errand.unwanted:
                    return
                errand.begun = True
            with in_place(seat):
                self._channel.send(ERRAND, errand.body)
                errand.told = self._answer()
        except ChannelClosed:
            errand.error = ClusterError(
                f"{worker_named(self.name)} ended before it answered; call again for its successor"
            )
        except BaseException as error:
            errand.error = error
            self._channel.close()  # what it says from now on would be taken for something else
        finally:
            self._lock.release()
            errand.over.set()

    def _answer(self) -> tuple[bool, bytes]:
        """What comes of the errand. Until then: hear what it prints, answer what it calls home for."""
        while True:
            if not self._channel.ready(LOOK_SECONDS):
                continue
            kind, body, _ = self._channel.read()
            if kind == ERRAND:
                ok, told = pickle.loads(body)
                return ok, told
            if kind == CALL:
                self._channel.send(CALL, _answered(body))
            else:
                self._hear(tell_again(kind, body).rstrip("\n"))

    def _late(self, how: str) -> TimeoutError:
        return TimeoutError(f"{worker_named(self.name)} {how}")

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

    def send(self, kind: bytes, body: bytes) -> None:
        """Send a message: an answer, or what an errand prints."""
        self._channel.send(kind, body)

    def live(self) -> None:
        """Perform errands until the parent is gone."""
        home.connect(self._call)
        with contextlib.suppress(ChannelClosed):
            while True:
                _, asked, _ = self._channel.receive()
                told = _performed(asked)
                flush_streams()
                self.send(ERRAND, pickle.dumps(told, protocol=5))

    def _call(self, topic: str, payload: Any) -> Any:
        try:
            body = cloudpickle.dumps((topic, payload))
        except Exception as reason:
            raise TransferError(
                f"a call about {topic!r} cannot be sent: {type(reason).__name__}: {reason}"
            ) from reason
        self.send(CALL, body)
        _, body, _ = self._channel.receive()
        ok, told = pickle.loads(body)
        if not ok:
            raise carried(told)
        return told


def _performed(asked: bytes | bytearray) -> tuple[bool, bytes]:
    """Whether an errand gave something, and that, or what it raised."""
    try:
        import_packages(asked)
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
