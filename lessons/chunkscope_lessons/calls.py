"""What submitted calls did: their tasks in the logs of runs, when each ran, and which results it took."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chunkscope.observe import RunLog

PATIENCE_S = 10.0
"""A result can be there a moment before the log of its run is closed; no check waits longer for that."""


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One submitted call, as its run's log has it."""

    name: str
    """That of its function."""
    run: int
    took: tuple[str, ...]
    """The names of the tasks whose results it was given; "future" for one of an earlier run."""
    start: float
    """Seconds of the processor's clock; nan for a call that did not end well."""
    stop: float

    @property
    def ended(self) -> bool:
        """Whether it gave a result."""
        return self.stop == self.stop


def calls_in(runs: Iterable[RunLog]) -> list[CallSeen]:
    """Returns the submitted calls of runs, which are waited for."""
    return [call for run in runs for call in _of(run)]


def overlap(calls: Sequence[CallSeen]) -> int:
    """Returns the largest number of calls that ran at the same time, in one run or in several.

    >>> x, y = (CallSeen("f", 1, (), start, start + 1.0) for start in (0.0, 0.5))
    >>> overlap([x, y]), overlap([x])
    (2, 1)
    """
    moments = sorted(moment for call in calls if call.ended for moment in ((call.start, 1), (call.stop, -1)))
    now = most = 0
    for _, change in moments:
        now += change
        most = max(most, now)
    return most


def settle(run: RunLog) -> None:
    """Waits until the log of a run is closed."""
    until = time.monotonic() + PATIENCE_S
    while run.stopped is None and time.monotonic() < until:
        threading.Event().wait(0.002)


def _of(run: RunLog) -> list[CallSeen]:
    settle(run)
    rows = run.rows
    times = {
        int(task): (float(start), float(stop))
        for task, start, stop in zip(rows.task, rows.start, rows.stop, strict=True)
    }
    found = []
    for graph in run.graphs:
        names: list[str] = []
        for layer in graph.layers:
            given = getattr(layer.kernel, "names", None)
            names += [layer.op] * layer.ntasks if given is None else list(given())
        users = [layer.user for layer in graph.layers for _ in range(layer.ntasks)]
        for local, (name, user) in enumerate(zip(names, users, strict=True)):
            if not user:
                continue
            task = graph.first_task + local
            takes = [int(graph.slot_task[slot - graph.first_slot]) for slot in graph.inputs_of(task)]
            start, stop = times.get(task, (float("nan"), float("nan")))
            found.append(CallSeen(name, run.number, tuple(names[t] for t in takes), start, stop))
    return found
