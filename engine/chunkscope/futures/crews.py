"""The workers of a cluster, whatever they are: a share of this process's threads, or processes of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError
from chunkscope.futures.adaptive import Load
from chunkscope.observe import RunLog, runs

if TYPE_CHECKING:
    from chunkscope.executors import Pool, Run
    from chunkscope.futures.workers import Worker

__all__ = ["Crew", "WorkerInfo"]

MAX_RUNS = 1_000
RECENT = 20
"""How many tasks tell how long the next ones will take."""


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """One worker as it is now."""

    name: str
    pid: int
    nthreads: int
    memory_limit: int | None
    """Bytes; None is no limit."""
    status: str
    started: float
    """Seconds since 1970."""
    memory: int = 0
    """Bytes that it holds by itself, where known."""
    shared: int = 0
    """Bytes of shared blocks that it has read."""
    processor_seconds: float = 0.0
    deaths: int = 0
    """Processes of this name that have died."""
    running: tuple[tuple[int, int, float], ...] = ()
    """(run, task, start) of each thread that runs a task; start is on the clock of run logs."""
    spilled: int = 0
    """Bytes of its blocks that were written to disk to make room."""
    managed: int = 0
    """Bytes of blocks in shared memory that it has made: no part of `memory`."""


class Crew(ABC):
    """The workers of a cluster, whatever they are."""

    kind: str
    nthreads: int
    """Of each worker."""

    def __init__(self) -> None:
        self.on_run: list[Callable[[Run], None]] = []
        """Called with each run before it starts."""
        self._numbers: deque[int] = deque(maxlen=MAX_RUNS)

    def begin(self, run: Run, wait: bool) -> None:
        """Run it on these workers, and remember that it was."""
        self._numbers.append(run.log.number)
        for tell in list(self.on_run):
            tell(run)
        self.start(run, wait)

    def logs(self) -> list[RunLog]:
        """The logs of its runs that are kept, oldest first."""
        mine = set(self._numbers)
        return [log for log in runs() if log.number in mine]

    def lanes(self) -> int:
        """How many tasks run at once."""
        return max(1, len(self.names()) * self.nthreads)

    def load(self) -> Load:
        """What there is to do at this moment."""
        going = self.pool().runs()
        running = sum(len(run.log.running()) for run in going)
        waiting = sum(run.machine.nready for run in going if not run.stopping)
        recent = [seconds for run in going if (seconds := _recent_seconds(run.log)) is not None]
        return Load(running, waiting, max(recent, default=None))

    def check(self, names: Collection[str] | str | None) -> list[str]:
        """All workers by name, or these. Raises ConfigError for a name that there is not."""
        known = self.names()
        if names is None:
            return known
        asked = [names] if isinstance(names, str) else list(names)
        for name in asked:
            if name not in known:
                raise ConfigError(
                    f"no worker is named {name!r}; the workers are {', '.join(map(repr, known))}"
                )
        return asked

    @abstractmethod
    def start(self, run: Run, wait: bool) -> None:
        """Run it on these workers."""

    @abstractmethod
    def pool(self) -> Pool:
        """Where its runs are."""

    def worker_of(self, thread: int) -> Worker:
        """Whose thread of the pool this is. Raises ConfigError where workers are processes."""
        raise ConfigError("tasks do not run in this process")

    @abstractmethod
    def names(self) -> list[str]:
        """The names of the workers."""

    @abstractmethod
    def workers(self) -> list[WorkerInfo]:
        """The workers as they are now."""

    @abstractmethod
    def keep(self, value: Any) -> Any:
        """`value` as a block that all workers can read."""

    @abstractmethod
    def scale(self, n: int) -> None:
        """Have `n` workers."""

    @abstractmethod
    def retire(self, names: Sequence[str]) -> None:
        """Have these workers no more."""

    @abstractmethod
    def warm(self) -> None:
        """Start the workers that have not started yet."""

    @abstractmethod
    def rest(self) -> None:
        """There is nothing to do, and nobody is needed."""

    @abstractmethod
    def restart(self, names: Sequence[str] | None = None) -> None:
        """Fresh workers in the place of all, or of these."""

    @abstractmethod
    def each(
        self, function: Callable[[Worker], Any], names: Sequence[str], timeout: float | None = None
    ) -> dict[str, Any]:
        """What `function(worker)` gives on each of these: its value, or the exception that it raised."""

    @abstractmethod
    def prepare(self, name: str, function: Callable[[Worker], Any] | None) -> None:
        """Have each worker that starts from now on do this first; None takes it back."""

    @abstractmethod
    def stacks(self) -> dict[str, dict[tuple[int, int], list[str]]]:
        """Of each worker: the stacks of the tasks that it runs, by run and task."""

    @abstractmethod
    def said(self, names: Sequence[str]) -> dict[str, list[tuple[float, str]]]:
        """What happened to each of these workers and what its tasks said, with the time."""

    @abstractmethod
    def kill(self, name: str) -> None:
        """Kill a worker on purpose, to see what happens."""

    @abstractmethod
    def close(self) -> None:
        """End all workers."""

    @abstractmethod
    def forget_in_child(self) -> None:
        """After a fork, in the child: the workers are the parent's. Here there are none."""


def _recent_seconds(log: RunLog) -> float | None:
    """How long the last tasks of a run took, in the mean; None before the first."""
    columns = log.columns
    n = min(len(columns), RECENT)
    if not n:
        return None
    return (sum(columns.stop[-n:]) - sum(columns.start[-n:])) / n
