"""What submitted calls did: their tasks in the logs of runs, when each ran, and which results it took.

Whether tasks overlapped is judged from when they were ready, not from when they began: a machine that is busy with
other things may take two tasks one after the other, and the learner has done nothing wrong.
"""

import math
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from chunkscope.observe import RunLog
from chunkscope.observe.figures import peak_overlap

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
    ready: float
    """When it could begin, in seconds of the processor's clock; nan for a call that did not end well."""
    start: float
    stop: float

    @property
    def ended(self) -> bool:
        """Whether it gave a result."""
        return self.stop == self.stop


def calls_in(runs: Iterable[RunLog]) -> list[CallSeen]:
    """Returns the submitted calls of runs, which are waited for."""
    return [call for run in runs for call in _of(run)]


def overlap(calls: Sequence[CallSeen]) -> int:
    """Returns the largest number of calls that could run at the same time, in one run or in several.

    >>> x, y = (CallSeen("f", 1, (), ready, 1.0, 1.5) for ready in (0.0, 0.5))
    >>> overlap([x, y]), overlap([x])
    (2, 1)
    """
    ended = [call for call in calls if call.ended]
    return peak_overlap(np.array([call.ready for call in ended]), np.array([call.stop for call in ended]))


def side_by_side(run: RunLog) -> int:
    """Returns the largest number of tasks of a run that could run at the same time: ready, with a worker for each."""
    return min(run.workers, peak_overlap(run.rows.ready, run.rows.stop))


def settle(run: RunLog) -> None:
    """Waits until the log of a run is closed."""
    until = time.monotonic() + PATIENCE_S
    while run.stopped is None and time.monotonic() < until:
        threading.Event().wait(0.002)


def _of(run: RunLog) -> list[CallSeen]:
    settle(run)
    rows = run.rows
    moments = zip(rows.ready.tolist(), rows.start.tolist(), rows.stop.tolist(), strict=True)
    times = dict(zip(rows.task.tolist(), moments, strict=True))
    never = (math.nan,) * 3
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
            found.append(CallSeen(name, run.number, tuple(names[t] for t in takes), *times.get(task, never)))
    return found
