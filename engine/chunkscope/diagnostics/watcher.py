"""Follows the runs of this process at its own pace: a small thread pulls new rows while a run is going on.

The thread exists while there is a run to follow. What a watcher raises is logged, and the watcher is dropped.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from chunkscope.events import Rows
from chunkscope.observe import Moment, RunLog, Subscription, subscribe

__all__ = ["Watcher"]

_log = logging.getLogger("chunkscope.diagnostics")


@dataclass(slots=True)
class _Followed:
    """One run that is being followed."""

    run: RunLog
    cursor: int = 0
    began: bool = False
    ended: bool = False


class Watcher:
    """Override `began`, `rows` and `ended`; call `open` and `close`. The methods run on the watcher's own thread.

    `interval`: seconds between two looks.
    """

    def __init__(self, interval: float = 0.1) -> None:
        self.interval = interval
        self._subscription: Subscription | None = None
        self._followed: list[_Followed] = []
        self._thread: threading.Thread | None = None
        self._change = threading.Condition()

    # -- for subclasses -------------------------------------------------------------------------------------

    def began(self, run: RunLog) -> None:
        """A run has started."""

    def rows(self, run: RunLog, rows: Rows) -> None:
        """Tasks have finished since the last look; also called, with no rows, when none has."""

    def ended(self, run: RunLog) -> None:
        """A run has ended, and all its rows were seen."""

    # -- life -----------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether runs that start now are followed."""
        return self._subscription is not None

    def open(self) -> None:
        """Follow the runs that start from now on. Opening twice is allowed."""
        if self._subscription is None:
            self._subscription = subscribe(self._told)

    def close(self, timeout: float = 10.0) -> None:
        """Stop following; waits until the ends of runs that are over have been told, `timeout` seconds at most."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
        with self._change:
            self._followed = [one for one in self._followed if one.ended]
            self._change.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _told(self, run: RunLog, moment: Moment) -> None:
        """The engine's call: notes what is to be done and leaves it to the thread."""
        with self._change:
            if moment == "started":
                self._followed.append(_Followed(run))
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._follow, name="chunkscope-watcher", daemon=True
                    )
                    self._thread.start()
            for one in self._followed:
                if one.run is run and moment == "finished":
                    one.ended = True
            self._change.notify_all()

    def _follow(self) -> None:
        while True:
            with self._change:
                if not self._followed:
                    self._thread = None
                    return
                if all(one.began and not one.ended for one in self._followed):
                    self._change.wait(self.interval)
                followed = list(self._followed)
            for one in followed:
                if not self._look(one):
                    with self._change:
                        self._followed = [other for other in self._followed if other is not one]

    def _look(self, one: _Followed) -> bool:
        """Tell what is new of one run; False when it is over, or the watcher raised."""
        ended = one.ended  # before the rows are read: none comes after
        try:
            if not one.began:
                one.began = True
                self.began(one.run)
            rows = one.run.columns.since(one.cursor)
            one.cursor += len(rows.task)
            self.rows(one.run, rows)
            if ended:
                self.ended(one.run)
        except Exception:
            _log.exception("a watcher of runs raised and is dropped: %r", self)
            if self._subscription is not None:
                self._subscription.close()
                self._subscription = None
            with self._change:
                self._followed.clear()
            return False
        return not ended
