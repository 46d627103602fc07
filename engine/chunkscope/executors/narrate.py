"""Tells the run log what was decided and why: only decisions that are rare, never one for each task."""

from __future__ import annotations

from chunkscope.observe import RunLog
from chunkscope.scheduler import Machine
from chunkscope.units import format_bytes, format_count

__all__ = ["tell_held", "tell_pending", "tell_said", "words_of_joining"]

MOST_HELD = 1_000
"""Of a run in which more tasks have to wait for memory only these are told of."""
MOST_SAID = 500
LONGEST_SAID = 300


def tell_held(log: RunLog, machine: Machine, now: float, told: set[int]) -> None:
    """Tell that the next task has to wait for memory, once for each task; `told` has those that were told of."""
    blocked = machine.admission.blocked
    if blocked is None or blocked.task in told or len(told) >= MOST_HELD:
        return
    told.add(blocked.task)
    text = (
        f"{machine.key(blocked.task)} waits for memory: it needs {format_bytes(blocked.need_bytes)}, "
        f"{format_bytes(blocked.free_bytes)} are free"
    )
    bound = "of the budget" if log.budget is not None else "below the forecast peak"
    log.tell("held", f"{text} {bound}; nothing overtakes it", blocked.task, now)


def tell_pending(log: RunLog, op: str, count: int) -> None:
    """Tell that tasks wait for blocks that another run makes."""
    log.tell(
        "blocks", f"{format_count(count, 'task')} of {op} can begin when another run has made the blocks"
    )


def tell_said(log: RunLog, how: str, text: str, task: int) -> None:
    """Tell what a task in another process has "printed", "warned" or "logged"; the beginning, where it is much."""
    log.nsaid += 1
    if log.nsaid > MOST_SAID:
        return
    if log.nsaid == MOST_SAID:
        log.tell("said", "tasks say much: the rest is not kept")
        return
    who = str(log.graph_at(task).key(task)) if task >= 0 else "a task"
    line = " ".join(text.split())
    log.tell("said", f"{who} {how}: {line[:LONGEST_SAID]}{'…' if len(line) > LONGEST_SAID else ''}", task)


def words_of_joining(machine: Machine, lanes: int) -> str:
    """Why one more lane joins now."""
    ready = format_count(machine.nready, "task")
    others = {1: "", 2: ", and one lane is at work"}.get(lanes, f", and {lanes - 1} lanes are at work")
    return f"{ready} can start{others}"
