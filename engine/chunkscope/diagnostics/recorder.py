"""What all profilers share: they note the runs that start while they are registered, and read their logs later."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any, ClassVar, Self

from chunkscope.diagnostics.callback import Callback
from chunkscope.observe import Moment, RunLog, Subscription, subscribe

__all__ = ["Recorder", "epoch_of"]

MOST_RUNS = 200
"""A profiler that stays registered keeps the logs of this many runs, the last ones."""


class Recorder:
    """Notes the runs that start between `register` and `unregister`, or in a `with` block, which forgets earlier ones.

    Costs nothing while a run goes on: everything is read from the run logs, when somebody asks.
    """

    active: ClassVar[set[Any]] = Callback.active
    """The profilers and callbacks that are registered now."""

    def __init__(self) -> None:
        self._runs: deque[RunLog] = deque(maxlen=MOST_RUNS)
        self._subscription: Subscription | None = None
        self._lock = threading.Lock()

    @property
    def runs(self) -> list[RunLog]:
        """The runs that were noted, in the order of starting."""
        with self._lock:
            return list(self._runs)

    def register(self) -> None:
        """Note the runs that start from now on. Registering twice is allowed."""
        if self._subscription is None:
            self._subscription = subscribe(self._told)
            Recorder.active.add(self)

    def unregister(self) -> None:
        """Note no more runs; those that go on are still followed, those whose results are there have all their rows."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
            Recorder.active.discard(self)
            for run in self.runs:
                run.settle()

    def clear(self) -> None:
        """Forget what was noted."""
        with self._lock:
            self._runs.clear()

    def __enter__(self) -> Self:
        self.clear()
        self.register()
        return self

    def __exit__(self, *_: object) -> None:
        self.unregister()

    def _told(self, run: RunLog, moment: Moment) -> None:
        if moment == "started":
            with self._lock:
                self._runs.append(run)


def epoch_of(run: RunLog) -> float:
    """What to add to the times of a run's clock to have seconds since 1970; a virtual clock begins with the run."""
    if run.executor == "simulated":
        return run.wall_started - run.started
    return time.time() - time.perf_counter()
