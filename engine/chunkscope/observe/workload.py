"""What worker processes took while a run went on: memory and processor time over time, of each by name.

Written by the lanes that stand in for them, at their own pace: nothing is measured for a run that is over at once.
"""

from __future__ import annotations

import threading
from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chunkscope.observe.processor import Usage

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Samples", "Workload"]

FIRST_SECONDS = 0.1
"""How long a run is left alone."""
INTERVAL_SECONDS = 0.1
MOST_ROWS = 2_000
"""Beyond that every second row goes, and looks are half as many from then on."""


class Samples(NamedTuple):
    """Worker processes at moments of a run, as columns of equal length."""

    time: NDArray[np.float64]
    """Seconds of the run's clock."""
    worker: NDArray[np.int32]
    """Which one: an index into the names."""
    own: NDArray[np.int64]
    """Bytes of memory that its process held by itself."""
    mapped: NDArray[np.int64]
    """Bytes of shared blocks that it had read and had at hand."""
    processor: NDArray[np.float64]
    """Processor seconds of its process, since that started."""

    def cores(self) -> NDArray[np.float64]:
        """Processor cores that each worker used since the look before; 0 for its first, or for a fresh process.

        >>> times, workers, zeros = np.array([0.0, 0.5, 1.0, 1.5]), np.array([0, 1, 0, 0]), np.zeros(4, dtype=np.int64)
        >>> Samples(times, workers, zeros, zeros, np.array([1.0, 1.0, 2.0, 0.25])).cores().tolist()
        [0.0, 0.0, 1.0, 0.0]
        """
        found = np.zeros(len(self.time))
        for number in np.unique(self.worker):
            mine = np.flatnonzero(self.worker == number)
            gone, used = np.diff(self.time[mine]), np.diff(self.processor[mine])
            found[mine[1:]] = np.where((used >= 0) & (gone > 0), used / np.maximum(gone, 1e-9), 0.0)
        return found


class Workload:
    """The workers of one run. Thread-safe.

    >>> x = Workload(began=10.0)
    >>> x.due("w", 10.05), x.due("w", 10.2)
    (False, True)
    >>> x.look("w", 10.2, own=64, mapped=8, processor=0.5, limit=100); x.due("w", 10.25)
    False
    >>> x.names, x.samples().own.tolist(), x.peaks()
    (('w',), [64], {'w': 64})
    >>> x.used(7, Usage(1.0, 2), Usage(1.5, 2)); x.used(7, Usage(1.5, 2), Usage(2.5, 3)); x.processor
    Usage(seconds=1.5, preempted=1)
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self._lock = threading.Lock()
        self._names: dict[str, int] = {}
        self._limits: list[int | None] = []
        self._next: dict[str, float] = {}
        self._interval = INTERVAL_SECONDS
        self._columns = (array("d"), array("i"), array("q"), array("q"), array("d"))
        self._processes: dict[int, tuple[Usage, Usage]] = {}

    def __len__(self) -> int:
        return len(self._columns[-1])

    @property
    def names(self) -> tuple[str, ...]:
        """The workers that were looked at."""
        return tuple(self._names)

    @property
    def limits(self) -> tuple[int | None, ...]:
        """Bytes that each of them may hold by itself; None is no limit."""
        return tuple(self._limits)

    @property
    def nprocesses(self) -> int:
        """Processes that have performed tasks of the run."""
        return len(self._processes)

    def due(self, name: str, now: float) -> bool:
        """Whether it is time to look at a worker."""
        return now >= self._next.get(name, self.began + FIRST_SECONDS)

    def look(
        self, name: str, now: float, *, own: int, mapped: int, processor: float, limit: int | None = None
    ) -> None:
        """Keep what a worker takes at this moment."""
        with self._lock:
            self._next[name] = now + self._interval
            number = self._names.setdefault(name, len(self._names))
            if number == len(self._limits):
                self._limits.append(limit)
            columns = self._columns
            columns[0].append(now)
            columns[1].append(number)
            columns[2].append(own)
            columns[3].append(mapped)
            columns[4].append(processor)
            if len(self._columns[0]) > MOST_ROWS:
                self._thin()

    def _thin(self) -> None:
        """Let every second look of each worker go. The lock is held."""
        self._interval *= 2
        workers = np.array(self._columns[1])
        rank = np.zeros(len(workers), dtype=np.int64)
        for number in range(len(self._names)):
            mine = workers == number
            rank[mine] = np.arange(mine.sum())
        kept = np.flatnonzero(rank % 2 == 0).tolist()
        self._columns = tuple(array(c.typecode, [c[i] for i in kept]) for c in self._columns)  # type: ignore[assignment]

    def used(self, process: int, before: Usage, after: Usage) -> None:
        """A process has performed tasks of the run: what it had used of the processors before and after them."""
        with self._lock:
            known = self._processes.get(process)
            if known is not None:  # threads of one process take turns at telling
                before, after = min(known[0], before), max(known[1], after)
            self._processes[process] = before, after

    @property
    def processor(self) -> Usage:
        """What all processes used of the processors."""
        with self._lock:
            parts = [after.since(before) for before, after in self._processes.values()]
        return Usage(sum(part.seconds for part in parts), sum(part.preempted for part in parts))

    def samples(self) -> Samples:
        """A copy of all looks so far, in the order of time."""
        with self._lock:
            n = len(self)
            time, worker, own, mapped, processor = (column[:n] for column in self._columns)
        order = np.argsort(np.array(time), kind="stable")  # of several lanes the later look may be kept first
        return Samples(
            np.array(time)[order],
            np.array(worker, dtype=np.int32)[order],
            np.array(own, dtype=np.int64)[order],
            np.array(mapped, dtype=np.int64)[order],
            np.array(processor)[order],
        )

    def peaks(self) -> dict[str, int]:
        """The most that each worker was seen to hold by itself, by name."""
        found = self.samples()
        return {name: int(found.own[found.worker == i].max(initial=0)) for i, name in enumerate(self._names)}
