"""The drive loop: what every lane does, in whatever thread it lives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from chunkscope.executors.perform import perform

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["drive", "drive_alone", "inside_task"]

_thread = threading.local()


def inside_task() -> bool:
    """Whether this thread is running a task right now."""
    return getattr(_thread, "depth", 0) > 0


def drive(run: Run, lane: int) -> None:
    """Perform batches of `run` until there is none for this lane."""
    _thread.depth = getattr(_thread, "depth", 0) + 1
    try:
        batch = run.exchange(lane, None)
        while batch is not None:
            batch = run.exchange(lane, perform(run, lane, batch))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        run.abort(error)
    finally:
        _thread.depth -= 1


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
                if not run.stopping and not run.machine.nready:
                    run.wake.wait(0.1)
    except KeyboardInterrupt:
        run.cancel()
        raise
