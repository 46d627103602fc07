"""Calls on their way to the owner of a cluster: those of one moment go in one message, and nobody waits for its answer.

A thread sends them and takes the answers in. Whoever needs the owner's number of a promise, or asks the owner for
something else, has all sent first. What goes wrong with a call is told at its future.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chunkscope.blocks.carry import carried
from chunkscope.blocks.passing import passing
from chunkscope.delayed.tables import function_name
from chunkscope.errors import ClusterError
from chunkscope.futures.away_promise import TOPIC, AwayPromise

if TYPE_CHECKING:
    from chunkscope.executors.door.line import Line

__all__ = ["Outbox", "Sent"]

MOMENT_S = 1e-3
"""How long calls are collected, where nobody waits for them."""
IDLE_S = 0.2
MOST_CALLS = 1_000
"""In one message."""


class Sent(NamedTuple):
    """A call as it is sent."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    key: str | None
    terms: tuple[Any, ...]
    """(pure, wish, retries, origin), see `Desk.take`."""


class Outbox:
    """The calls of one client that the owner does not know yet. Thread-safe."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._changed = threading.Condition()
        self._waiting: list[tuple[AwayPromise, Sent]] = []
        self._thread: threading.Thread | None = None
        self._added = 0
        self._settled = 0
        self._hurry = False

    def add(self, call: Sent) -> AwayPromise:
        """The promise of a call, which is sent soon. Raises ClusterError where the line has ended."""
        self._line.check()
        promise = AwayPromise.unsent(self._line, function_name(call.function), self.flush)
        with self._changed:
            self._waiting.append((promise, call))
            self._added += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._live, name="chunkscope-submit", daemon=True)
                self._thread.start()
            elif len(self._waiting) in (1, MOST_CALLS):
                self._changed.notify_all()
        return promise

    def flush(self) -> None:
        """Have all sent that wait, and return when the owner knows them, or when they have failed."""
        if self._settled == self._added:
            return
        with self._changed:
            if threading.current_thread() is self._thread:  # this one goes after that one
                raise ClusterError("a call of the same message is needed by this one")
            last = self._added
            self._hurry = True
            self._changed.notify_all()
            while self._settled < last:
                self._changed.wait()

    def _live(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._changed.wait(IDLE_S) and not self._waiting:
                    self._thread = None
                    return
                if not self._hurry and len(self._waiting) < MOST_CALLS:
                    self._changed.wait_for(lambda: self._hurry or len(self._waiting) >= MOST_CALLS, MOMENT_S)
                calls, self._waiting = self._waiting[:MOST_CALLS], self._waiting[MOST_CALLS:]
                self._hurry = bool(self._waiting) and self._hurry
            try:
                if calls:
                    self._send(calls)
            except BaseException as error:  # nobody else would ever tell those who wait for these
                for promise, _ in calls:
                    promise.block.fail(error)
            with self._changed:
                self._settled += len(calls)
                self._changed.notify_all()
            del calls

    def _send(self, calls: Sequence[tuple[AwayPromise, Sent]]) -> None:
        """One message; where it cannot be sent, or read there, one for each call, so that only the culprit fails."""
        try:
            told = self._line(TOPIC, ("take_calls", ([tuple(call) for _, call in calls],)))
        except Exception as error:
            if len(calls) == 1:
                calls[0][0].block.fail(error)
                return
            for one in calls:
                self._send([one])
            return
        for (promise, _), facts in zip(calls, told, strict=True):
            if isinstance(facts, bytes):
                with passing(self._line):
                    promise.block.fail(carried(facts))
            else:
                promise.arrive(*facts)
