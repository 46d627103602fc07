"""One thread that carries what is new in the runs to every viewer: batches, keyframes, never a message for each task.

The thread sleeps while nothing runs. It only reads run logs, so a slow or broken viewer cannot hold a run up: a sink
that raises is logged and dropped.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from chunkscope.observe import RunLog, runs, subscribe
from chunkscope.observe.feed import Feed, summary
from chunkscope.observe.wire import Message, RunList, pack
from chunkscope_widgets.board import Board, Posted

__all__ = ["Sender", "Sink", "run_list", "topics"]

Sink = Callable[[dict[str, Any], list[bytes]], None]
"""Takes one packet: its JSON header and its buffers."""

_log = logging.getLogger("chunkscope.widgets")

FIRST_PAUSE_S = 0.05
"""Rest before a run's first message: most runs are over by then, and cost one message in all."""
PAUSE_S = 0.08
"""Rest between messages: about twelve a second."""
SLOWEST, FASTEST = 0.5, 20.0
"""Bounds of the messages a second that a page may ask for."""
BUSY_SHARE = 40
"""After each message the thread rests this many times as long as the message took, within bounds."""
LONGEST_PAUSE_S = 0.25
KEYFRAME_S = 1.5
LISTED_RUNS = 100
FOLLOWED_RUNS = 32
"""Runs that have ended whose blocks may still go to disk, while others run: what is told of them is sent."""
BURST_RUNS = 8
"""Runs of one burst that are sent whole; of the others the list tells, and a page can ask for them."""


class Sender:
    """Sends packets about all runs of this process, and what is on the board, to its sinks."""

    def __init__(self, session: str, board: Board | None = None) -> None:
        self.session = session
        self._board = Board() if board is None else board
        self._sinks: list[Sink] = []
        self._fresh: deque[RunLog] = deque()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pause_s = PAUSE_S
        self._subscription = subscribe(self._told)

    def pace(self, per_second: float) -> float:
        """Messages a second from now on, at most: `per_second`, held between half a message and twenty.

        The rest between two messages is for all listeners of this process: the page that asked last is heard.
        """
        held = min(max(per_second, SLOWEST), FASTEST)
        self._pause_s = 1 / held
        return held

    def add(self, sink: Sink) -> Callable[[], None]:
        """Give `sink` every packet from now on; the result ends that."""
        with self._lock:
            self._sinks.append(sink)
        return lambda: self._drop(sink)

    def close(self) -> None:
        """Send nothing more."""
        self._subscription.close()
        with self._lock:
            self._sinks.clear()
        self._wake.set()

    def watch(self, log: RunLog) -> None:
        """Send what is new in `log` until it ends."""
        with self._lock:
            if not self._sinks:
                return
            self._fresh.append(log)
            self._start()

    def stir(self) -> None:
        """Send what is new on the board soon."""
        with self._lock:
            if self._sinks:
                self._start()

    def _start(self) -> None:
        """Wake the thread, or start it. The lock is held."""
        self._wake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="chunkscope-sender", daemon=True)
            self._thread.start()

    def _told(self, log: RunLog, moment: str) -> None:
        if moment == "started":
            self.watch(log)

    def _work(self) -> None:
        """The thread: while runs are on, a packet now and then; else only what is new on the board."""
        feeds: list[Feed] = []
        over: deque[Feed] = deque(maxlen=FOLLOWED_RUNS)
        keyed = time.monotonic()
        while True:
            if not feeds:
                self._wake.wait()
                time.sleep(FIRST_PAUSE_S)
                keyed = time.monotonic()
            self._wake.clear()
            if not self._sinks:
                with self._lock:
                    if not self._sinks:
                        self._thread = None
                        return
            began = time.monotonic()
            feeds += self._new_feeds()
            keyframe = began - keyed >= KEYFRAME_S
            keyed = began if keyframe else keyed
            posted = self._board.everything() if keyframe else self._board.fresh()
            late = [message for feed in over for message in feed.late()]
            self._send(self._gather(feeds, keyframe) + late, posted)
            over.extend(feed for feed in feeds if feed.ended)
            feeds = [feed for feed in feeds if not feed.ended]
            if feeds:
                rest = BUSY_SHARE * (time.monotonic() - began)
                time.sleep(max(self._pause_s, min(rest, LONGEST_PAUSE_S)))

    def _new_feeds(self) -> list[Feed]:
        logs = [self._fresh.popleft() for _ in range(len(self._fresh))]
        live = [log for log in logs if log.stopped is None]
        ended = [log for log in logs if log.stopped is not None][-BURST_RUNS:]
        return [Feed(log, self.session) for log in sorted([*live, *ended], key=lambda log: log.number)]

    def _gather(self, feeds: list[Feed], keyframe: bool) -> list[Message]:
        messages: list[Message] = []
        for feed in feeds:
            try:
                if keyframe:
                    messages += feed.keyframe()
                messages += feed.delta()
            except Exception:
                _log.exception("run %d cannot be shown", feed.log.number)
                feed.give_up()
        if keyframe or any(feed.ended for feed in feeds):
            messages.append(run_list(self.session))
        return messages

    def _send(self, messages: list[Message], posted: list[Posted]) -> None:
        if not messages and not posted:
            return
        header, buffers = pack(messages)
        header.update(topics(posted, self.session))
        with self._lock:
            sinks = list(self._sinks)
        for sink in sinks:
            try:
                sink(header, buffers)
            except Exception:
                _log.exception("a viewer raised and is dropped: %r", sink)
                self._drop(sink)

    def _drop(self, sink: Sink) -> None:
        with self._lock:
            if sink in self._sinks:
                self._sinks.remove(sink)
            if not self._sinks:
                self._wake.set()  # the thread sees that nobody listens, and ends


def topics(posted: list[Posted], session: str) -> dict[str, Any]:
    """What a packet's header says of topics beside its messages.

    >>> topics([Posted("x", 3, {"done": 1})], "s")
    {'topics': [{'session': 's', 'name': 'x', 'version': 3, 'state': {'done': 1}}]}
    >>> topics([], "s")
    {}
    """
    entries = [
        {"session": session, "name": one.name, "version": one.version, "state": one.state} for one in posted
    ]
    return {"topics": entries} if entries else {}


def run_list(session: str) -> RunList:
    """The newest runs that are remembered, as a message."""
    return RunList(session, tuple(summary(log) for log in runs()[-LISTED_RUNS:]))
