"""How many workers a cluster should have: a decision, apart from the thread that asks for it now and then."""

from __future__ import annotations

import logging
import math
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chunkscope.errors import ConfigError
from chunkscope.units import format_count, format_seconds, parse_seconds

if TYPE_CHECKING:
    from chunkscope.futures.cluster import LocalCluster

__all__ = ["Adaptive", "Bounds", "Load", "decide", "wish"]

_log = logging.getLogger("chunkscope.futures")

INTERVAL_S = 0.2
TARGET_S = 1.0
WAIT_COUNT = 5
UNKNOWN_S = 0.5
"""What a task is taken to need before one of its run has ended."""


class Load(NamedTuple):
    """What there is to do at a moment."""

    running: int
    """Tasks that run."""
    waiting: int
    """Tasks that could begin if there were a worker for them."""
    seconds: float | None = None
    """How long a task took lately; None where none has ended."""


class Bounds(NamedTuple):
    """How few and how many workers there may be."""

    minimum: int
    maximum: int

    def hold(self, n: int) -> int:
        """The nearest number of workers that is allowed."""
        return max(self.minimum, min(self.maximum, n))


def wish(load: Load, nthreads: int, target_s: float, bounds: Bounds) -> int:
    """How many workers the load is worth: as many as end it in `target_s`, each with `nthreads`, none idle.

    >>> wish(Load(4, 100, 0.1), 1, 1.0, Bounds(0, 64)), wish(Load(0, 0, 0.1), 1, 1.0, Bounds(1, 64))
    (11, 1)
    """
    tasks = load.running + load.waiting
    if not tasks:
        return bounds.hold(0)
    each = UNKNOWN_S if load.seconds is None else load.seconds
    threads = min(tasks, max(load.running, math.ceil(tasks * each / target_s), 1))
    return bounds.hold(math.ceil(threads / nthreads))


def decide(wishes: Sequence[int], have: int, wait_count: int) -> int:
    """How many workers there should be after these wishes, oldest first: more at once, fewer after some time.

    Fewer only if each of the last `wait_count` wishes was for fewer, and no fewer than the largest of these.

    >>> decide([1, 4], have=2, wait_count=3), decide([1, 1], 2, 3), decide([4, 1, 1, 1], 2, 3)
    (4, 2, 1)
    """
    last = wishes[-1]
    if last >= have:
        return last
    recent = list(wishes)[-wait_count:]
    return max(recent) if len(recent) == wait_count and max(recent) < have else have


class Adaptive:
    """Scales a cluster to its load until it is stopped, or the cluster is closed.

    interval: how often it looks. target_duration: how soon what waits should be done: more workers are started until
    they are enough for it. wait_count: after how many looks that asked for fewer there are fewer.
    minimum, maximum: workers; with none at all a worker of the cluster stays in name, without a process.
    """

    def __init__(
        self,
        cluster: LocalCluster,
        interval: float | str | None = None,
        minimum: int | None = None,
        maximum: float | None = None,
        wait_count: int | None = None,
        target_duration: float | str | None = None,
        worker_key: Any = None,
    ) -> None:
        if worker_key is not None:
            raise ConfigError(
                "adapt(worker_key=...): any worker can do without any other, results belong to none; leave it out"
            )
        most = cluster.most_workers if maximum is None or maximum == math.inf else int(maximum)
        least = 0 if minimum is None else int(minimum)
        if not 0 <= least <= max(most, 1) or most < 1:
            raise ConfigError(
                f"minimum={minimum}, maximum={maximum}: there must be one worker at least, and no more than the most"
            )
        self.bounds = Bounds(least, most)
        self.interval_s = INTERVAL_S if interval is None else parse_seconds(interval)
        self.target_s = TARGET_S if target_duration is None else parse_seconds(target_duration)
        self.wait_count = WAIT_COUNT if wait_count is None else wait_count
        self._cluster = weakref.ref(cluster)
        self._wishes: deque[int] = deque(maxlen=max(self.wait_count, 1))
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=_watch, args=(weakref.ref(self), self._stopped, self.interval_s), name="chunkscope-adapt",
            daemon=True,
        )  # fmt: skip
        self._thread.start()

    @property
    def minimum(self) -> int:
        """The fewest workers."""
        return self.bounds.minimum

    @property
    def maximum(self) -> int:
        """The most workers."""
        return self.bounds.maximum

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return not self._stopped.is_set()

    @property
    def plan(self) -> set[str]:
        """The workers that there should be, by name."""
        cluster = self._cluster()
        return set() if cluster is None else cluster.plan

    @property
    def observed(self) -> set[str]:
        """The workers that are there."""
        cluster = self._cluster()
        return set() if cluster is None else cluster.observed

    requested = plan

    def target(self) -> int:
        """How many workers the load is worth now, whatever the bounds."""
        load, nthreads, _ = self._look()
        return wish(load, nthreads, self.target_s, Bounds(0, 2**31))

    def safe_target(self) -> int:
        """How many workers the load is worth now, within the bounds."""
        load, nthreads, _ = self._look()
        return wish(load, nthreads, self.target_s, self.bounds)

    def recommendations(self, target: int) -> dict[str, Any]:
        """What leads to `target` workers: status "up", "down" or "same", with the number or the names."""
        _, _, have = self._look()
        if target == have:
            return {"status": "same"}
        if target > have:
            return {"status": "up", "n": target}
        return {"status": "down", "workers": self.workers_to_close(target)}

    def workers_to_close(self, target: int) -> list[str]:
        """The names of the workers that would go if there were to be `target`: idle ones first, then the youngest."""
        cluster = self._cluster()
        return [] if cluster is None else cluster.workers_to_close(target)

    def adapt(self) -> None:
        """Look once, and scale the cluster if that is called for."""
        cluster = self._cluster()
        if cluster is None or cluster.status == "closed":
            self.stop("the cluster is closed")
            return
        load, nthreads, have = self._look()
        self._wishes.append(wish(load, nthreads, self.target_s, self.bounds))
        want = decide(self._wishes, have, self.wait_count)
        if want != have:
            each = "an unknown time" if load.seconds is None else format_seconds(load.seconds)
            why = f"{format_count(load.running, 'task')} running, {load.waiting} waiting, {each} each"
            cluster.adapted(want, f"{have} to {want} workers: {why}")

    def scale_up(self, n: int) -> None:
        """Have `n` workers."""
        cluster = self._cluster()
        if cluster is not None:
            cluster.adapted(n, f"to {n} workers, as asked")

    def scale_down(self, workers: Sequence[str]) -> None:
        """Have these workers no more."""
        cluster = self._cluster()
        if cluster is not None:
            cluster.retire(workers)

    def stop(self, reason: str = "") -> None:
        """Scale the cluster no more."""
        self._stopped.set()

    def _look(self) -> tuple[Load, int, int]:
        cluster = self._cluster()
        if cluster is None:
            return Load(0, 0), 1, 0
        return cluster.load(), cluster.threads_per_worker, len(cluster.observed)

    def __repr__(self) -> str:
        state = "" if self.running else ", stopped"
        return f"<Adaptive: {self.minimum} to {self.maximum} workers{state}>"


def _watch(adaptive: weakref.ref[Adaptive], stopped: threading.Event, interval_s: float) -> None:
    """Look now and then, until it is stopped or nobody has the cluster any more."""
    while not stopped.wait(interval_s):
        one = adaptive()
        if one is None:
            return
        try:
            one.adapt()
        except Exception:  # a plugin's, or the cluster is just being closed: it looks again
            if not stopped.is_set():
                _log.exception("a look at the load of a cluster failed")
        del one
