"""The drive loop: what every lane does, in whatever thread it lives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chunkscope.executors.perform import perform
from chunkscope.executors.place import away

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["drive", "drive_alone", "in_task", "inside_task", "outside_task", "refuse", "wait_for"]

_thread = threading.local()


def inside_task() -> bool:
    """Whether this thread is running a task right now."""
    return getattr(_thread, "depth", 0) > 0


@contextmanager
def in_task() -> Iterator[None]:
    """While inside, this thread counts as running a task: what it computes runs in this thread, too."""
    _thread.depth = getattr(_thread, "depth", 0) + 1
    try:
        yield
    finally:
        _thread.depth -= 1


@contextmanager
def outside_task() -> Iterator[None]:
    """While inside, the task that this thread runs does not count: what it computes runs where others' runs do."""
    before, _thread.depth = getattr(_thread, "depth", 0), 0
    try:
        yield
    finally:
        _thread.depth = before


def drive(run: Run, lane: int, leaves: Callable[[], bool] | None = None) -> None:
    """Perform batches of `run` until there is none for this lane, or it leaves: asked after each batch."""
    try:
        with in_task():
            batch = run.exchange(lane, None)
            while batch is not None:
                report = perform(run, lane, batch)
                batch = run.exchange(lane, report, leaves=leaves is not None and leaves())
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        run.abort(error)


def refuse(run: Run, error: Exception, task: int = -1) -> None:
    """End a run before anything starts: its plan can be looked at, and says why it could not run."""
    run.log.tell("refused", str(error), task)
    run.abort(error)


def wait_for(run: Run) -> None:
    """Wait for the end of a run. Ctrl-C cancels it and goes on to the caller at once."""
    try:
        with away():
            while not run.done.wait(0.2):  # a signal may reach another thread: look every now and then
                pass
    except KeyboardInterrupt:
        run.cancel()
        raise


def drive_alone(run: Run, name: str) -> None:
    """Drive `run` to its end in this thread; waits where blocks of another run are still to come.

    Ctrl-C cancels the run and goes on to the caller.
    """
    lane = run.add_lane(name)
    run.active_lanes = 1
    try:
        while True:
            drive(run, lane)
            if run.done.is_set():
                return
            with run.wake:
                waits = not run.stopping and not run.machine.nready
            if waits:
                with away(), run.wake:
                    if not run.stopping and not run.machine.nready:
                        run.wake.wait(0.1)
    except KeyboardInterrupt:
        run.cancel()
        raise
