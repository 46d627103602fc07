"""In a worker: looks at what functions its threads are in, every now and then, and tells with the next batch.

The thread lives while batches are performed and ends soon after the last. A run is looked at from its first tenth of a
second on. What it costs is measured, and held to a small share of the worker's time.
"""

from __future__ import annotations

import sys
import threading
from time import perf_counter, sleep, thread_time
from types import CodeType
from typing import TYPE_CHECKING, Any

from chunkscope.observe.sampling import BUSY_SHARE, FIRST_SECONDS, IDLE_SECONDS, LONGEST_PAUSE_S
from chunkscope.observe.stacks import DEEPEST, Seen, Spot, below_kernels

if TYPE_CHECKING:
    from chunkscope.executors.cluster.bench import Bench

__all__ = ["LOOKER", "Looker", "Sight"]

MOST_STACKS = 400
"""Different stacks that wait to be told; what else is seen is counted at the kernel's outermost function."""


class Sight:
    """What was seen of one thread and not told yet."""

    def __init__(self) -> None:
        self.thread = 0
        self.busy = False
        """Whether its batch is being prepared or performed."""
        self._lock = threading.Lock()
        self._seen: dict[tuple[tuple[CodeType, ...], int], list[float]] = {}

    def add(self, stack: list[CodeType], layer: int, seconds: float) -> None:
        """Count one look."""
        key = tuple(stack[:DEEPEST]), layer
        with self._lock:
            if len(self._seen) >= MOST_STACKS and key not in self._seen:
                key = key[0][:1], layer
            found = self._seen.setdefault(key, [0, 0.0])
            found[0] += 1
            found[1] += seconds

    def take(self) -> list[Seen]:
        """All of it, to be told: the batch is over."""
        self.busy = False
        if not self._seen:
            return []
        with self._lock:
            seen, self._seen = self._seen, {}
        return [
            Seen(tuple(map(Spot.of, stack)), layer, int(count), seconds)
            for (stack, layer), (count, seconds) in seen.items()
        ]


class Looker:
    """Looks at the benches of this process while they work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._benches: list[Bench] = []
        self._thread: threading.Thread | None = None
        self._last = 0.0
        self._looked = 0.0

    @property
    def alive(self) -> bool:
        """Whether its thread is there."""
        return self._thread is not None

    def leave(self, bench: Bench) -> None:
        """A bench works no more: its thread ends."""
        with self._lock:
            if bench in self._benches:
                self._benches.remove(bench)

    def begin(self, bench: Bench) -> None:
        """A bench begins a batch in this thread, of a run that is to be looked at."""
        with self._lock:
            self._last, bench.sight.busy = perf_counter(), True
            if not bench.sight.thread:
                bench.sight.thread = threading.get_ident()
                self._benches.append(bench)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chunkscope-stacks", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        """The thread."""
        self._looked = perf_counter()
        rest = FIRST_SECONDS
        while True:
            sleep(rest)
            now = perf_counter()
            with self._lock:
                if now - self._last > IDLE_SECONDS and not any(bench.sight.busy for bench in self._benches):
                    self._thread = None
                    return
                benches = list(self._benches)
            at_work = [
                (bench, bench.table, bench.current[0]) for bench in benches
            ]  # the next batch has another table
            due = [look for look in at_work if look[2] >= 0 and _is_due(look[1], now)]
            if not due:
                self._looked = now
                rest = 0.02
                continue
            spent = thread_time()
            self._look(due, now)
            rest = max(
                min(table.interval for _, table, _ in due),
                min(BUSY_SHARE * (thread_time() - spent), LONGEST_PAUSE_S),
            )

    def _look(self, due: list[tuple[Bench, Any, int]], now: float) -> None:
        seconds, self._looked = now - self._looked, now
        frames = sys._current_frames()
        frames.pop(
            threading.get_ident(), None
        )  # a frame that holds itself would hold blocks until the next gc
        for bench, table, task in due:
            frame = frames.get(bench.sight.thread)
            if frame is None or bench.table is not table or bench.current[0] != task:
                continue
            kernels = below_kernels(frame)
            if kernels:
                bench.sight.add(kernels[0], table.layer_of[task], seconds)


def _is_due(table: Any, now: float) -> bool:
    return table is not None and table.interval is not None and now - table.opened >= FIRST_SECONDS


LOOKER = Looker()
"""The one of this process."""
