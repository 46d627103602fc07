"""A worker near its memory limit: it pauses, gives back what it can, and as the last step starts afresh.

Each step is told in the log of the run, with its reason.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from chunkscope.executors.cluster.process import Process
from chunkscope.executors.cluster.trimming import trim
from chunkscope.executors.loss import worker_named
from chunkscope.units import format_bytes, format_count

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["PAUSE_SHARE", "has_eased", "relieve"]

PAUSE_SHARE = 0.8
"""Of its limit: a worker that holds more takes no new task."""
TRIM_SECONDS = 5.0


def relieve(run: Run, process: Process, nothers: int, nwaiting: int = 0) -> bool:
    """After a batch: whether the lane is to leave this worker, in which `nothers` other threads run tasks.

    While others run there, it pauses: what they hold goes when they are done. When nothing runs there and giving back
    what is free does not help, somebody's code keeps it: then only a fresh process helps, which costs no block; but
    not while `nwaiting` tasks there wait for others: they would have to begin again.
    """
    if process.memory_limit is None:
        return False
    if not nothers:
        process.see_idle()
    said = process.excess(PAUSE_SHARE, at_once=process.paused)
    if not said:
        if process.paused and not process.excess(PAUSE_SHARE, at_once=True):
            go_on(run, process)
        return process.paused
    if nothers:
        pause(run, process, said, nothers)
        return True
    before = process.held_bytes()
    with contextlib.suppress(Exception):  # one that does not answer starts afresh, too
        process.errand(trim, timeout=TRIM_SECONDS)
    if not nwaiting and (said := process.excess(PAUSE_SHARE, at_once=True)):
        run.log.tell(
            "lost",
            f"{worker_named(process.name)} starts afresh: {said}, and nothing runs there that could go",
        )
        process.dismiss()
    else:
        given = format_bytes(max(before - process.held_bytes(), 0))
        run.log.tell(
            "paused", f"{worker_named(process.name)} was near its memory limit and gave back {given}"
        )
    process.paused = False
    return False


def pause(run: Run, process: Process, said: str, nothers: int) -> None:
    """Have it take no new task."""
    if not process.paused:
        process.paused = True
        run.log.tell(
            "paused",
            f"{worker_named(process.name)} takes no new task until it holds less than {PAUSE_SHARE:.0%} of its limit: "
            f"{said}; {format_count(nothers, 'task')} there can still go",
        )


def go_on(run: Run, process: Process) -> None:
    """Have it take tasks again."""
    process.paused = False
    run.log.tell(
        "paused",
        f"{worker_named(process.name)} takes tasks again: it holds {format_bytes(process.held_bytes())}",
    )


def has_eased(process: Process, busy: bool) -> bool:
    """Whether a worker may take a task: it is not paused, or needs not be any more. `busy`: something runs there."""
    if process.paused and (not busy or not process.excess(PAUSE_SHARE, at_once=True)):
        process.paused = False
    return not process.paused
