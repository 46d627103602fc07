"""Who is at a run: its lanes by name, what each of them runs now, and the cores that they share."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chunkscope.executors.blas import single_threaded
from chunkscope.executors.report import Report
from chunkscope.observe import RunLog

__all__ = ["Lanes"]


class Lanes:
    """The lanes of one run."""

    def __init__(self, log: RunLog, max_lanes: int) -> None:
        self.log = log
        self.max_lanes = max_lanes
        self.active_lanes = 0
        self.lock = threading.Lock()
        self.current: list[int] = []
        self.since: list[float] = []
        self.reports: list[Report | None] = []
        """What each lane has done of its batch, while it is at it."""
        self.elsewhere: dict[int, Callable[[], tuple[int, float]]] = {}
        """For lanes whose tasks run in another process: what runs there now, -1 for nothing, and since when."""
        self._shares_cores = False

    def add_lane(self, name: str) -> int:
        """Enter a lane and return its number in the log; a lane that comes back keeps its number."""
        with self.lock:
            if name in self.log.lanes:
                lane = self.log.lanes.index(name)
                self.log.threads[lane] = threading.get_ident()
                return lane
            self.log.lanes.append(name)
            self.current.append(-1)
            self.since.append(0.0)
            self.reports.append(None)
            self.log.threads[len(self.current) - 1] = threading.get_ident()
            self.log.tell("lane", f"{name} joins: {self.joins()}")
            return len(self.current) - 1

    def joins(self) -> str:
        """Why a lane joins now. The lock is held."""
        return "there is work for it"

    def share_cores(self) -> None:
        """From the second lane on, until the run ends: BLAS calls of the user's functions take one core each."""
        with self.lock:
            if self._shares_cores or self.log.stopped is not None:
                return
            self._shares_cores = True
            self.log.tell("cores", "more than one lane: each call of linear algebra is held to one core")
            single_threaded.__enter__()

    def stop_sharing(self) -> None:
        """The run has ended."""
        if self._shares_cores:
            single_threaded.__exit__(None, None, None)

    def running(self) -> list[tuple[int, int, float]]:
        """(lane, task, start) of what runs now."""
        here = {lane: (task, self.since[lane]) for lane, task in enumerate(list(self.current))}
        here.update((lane, ask()) for lane, ask in list(self.elsewhere.items()))
        return [(lane, task, since) for lane, (task, since) in here.items() if task >= 0]
