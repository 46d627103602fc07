"""The runs of this process: a bounded list, and those who want to know when one begins or ends.

A subscriber that raises is logged and dropped. Subscribers are called on the thread that starts or ends a run, and
only then: rows are pulled, by cursor, at the reader's own pace.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal

from chunkscope.observe.runlog import RunLog
from chunkscope.observe.sampling import SAMPLER

__all__ = ["Moment", "Subscription", "begin", "end", "forget", "last_run", "next_number", "runs", "subscribe"]

Moment = Literal["started", "finished"]
_log = logging.getLogger("chunkscope.observe")
_numbers = itertools.count(1)
_lock = threading.Lock()
_runs: deque[RunLog] = deque()
_weights: dict[int, int] = {}
"""Bytes of runs that have ended, by number."""
_subscribers: list[Subscription] = []

MAX_RUNS = 200
MAX_GROUPED = 100
"""Runs of one group that are kept: a thousand submitted calls do not drive out the runs beside them."""
MAX_BYTES = 256 * 1024**2


class Subscription:
    """A subscriber and the way to end it: `close()`, or leave its `with` block."""

    def __init__(self, callback: Callable[[RunLog, Moment], None]) -> None:
        self._callback = callback

    def close(self) -> None:
        """Stop being told. Closing twice is allowed."""
        with _lock:
            if self in _subscribers:
                _subscribers.remove(self)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tell(self, run: RunLog, moment: Moment) -> None:
        """Call the subscriber; drop it when it raises."""
        try:
            self._callback(run, moment)
        except Exception:
            _log.exception("a subscriber of runs raised and is dropped: %r", self._callback)
            self.close()


def subscribe(callback: Callable[[RunLog, Moment], None]) -> Subscription:
    """Have `callback(run, moment)` called when a run starts and when it ends."""
    subscription = Subscription(callback)
    with _lock:
        _subscribers.append(subscription)
    return subscription


def next_number() -> int:
    """The number of the next run in this process, from 1."""
    return next(_numbers)


def begin(run: RunLog) -> None:
    """Enter a run that starts; the oldest ended ones are let go when there are too many or they hold too much."""
    with _lock:
        if run.group:
            _thin(run.group)
        _runs.append(run)
        held = sum(map(_weight, _runs))
        while len(_runs) > 1 and (len(_runs) > MAX_RUNS or held > MAX_BYTES):
            oldest = next((r for r in _runs if r.stopped is not None), None)
            if oldest is None or oldest is run:
                break
            held -= _weight(oldest)
            _weights.pop(oldest.number, None)
            _runs.remove(oldest)
        subscribers = list(_subscribers)
    for subscription in subscribers:
        subscription.tell(run, "started")
    if run.profile_interval is not None:
        SAMPLER.watch(run)


def _weight(run: RunLog) -> int:
    """Bytes that a run holds, worked out once where it has ended. The lock is held."""
    found = _weights.get(run.number)
    if found is None:
        found = run.nbytes
        if run.stopped is not None:
            _weights[run.number] = found
    return found


def _thin(group: str) -> None:
    """Let the oldest ended run of a group go where there are many. The lock is held."""
    mine = [run for run in _runs if run.group == group]
    if len(mine) >= MAX_GROUPED:
        oldest = next((run for run in mine if run.stopped is not None), None)
        if oldest is not None:
            _weights.pop(oldest.number, None)
            _runs.remove(oldest)


def end(run: RunLog) -> None:
    """Tell that a run has ended; its log is closed already."""
    with _lock:
        subscribers = list(_subscribers)
    for subscription in subscribers:
        subscription.tell(run, "finished")


def forget(numbers: Iterable[int]) -> list[int]:
    """The numbers of the runs that are kept no more: those of `numbers` that were kept and had ended."""
    wanted = set(numbers)
    with _lock:
        gone = [run for run in _runs if run.number in wanted and run.stopped is not None]
        for run in gone:
            _weights.pop(run.number, None)
            _runs.remove(run)
    return [run.number for run in gone]


def runs() -> list[RunLog]:
    """The runs that are kept, oldest first."""
    with _lock:
        return list(_runs)


def last_run() -> RunLog | None:
    """The run that started last, or None before the first."""
    with _lock:
        return _runs[-1] if _runs else None
