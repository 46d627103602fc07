"""One sentence on why a task is where it is. Made only when somebody asks; looks at the machine, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chunkscope.scheduler.states import TaskState
from chunkscope.units import format_bytes

if TYPE_CHECKING:
    from chunkscope.scheduler.machine import Machine

__all__ = ["why"]

_NAMED = 3
"""How many tasks a sentence names before it counts the rest."""


def why(machine: Machine, task: int) -> str:
    """Why `task` waits, has not started yet, was chosen, or will never run.

    >>> from chunkscope.graph import GraphBuilder, Layer
    >>> from chunkscope.scheduler import Machine, order
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "x", print, (2,)), nbytes=1024)
    >>> (y,) = build.add(Layer("y", "y", print, ()), [x], nbytes=1024)
    >>> graph = build.freeze(y)
    >>> machine = Machine(graph, order(graph))
    >>> machine.advance([], 0.0, want=2, room=1500)
    [0]
    >>> for task in range(3):
    ...     print(why(machine, task))
    x[0] runs: it came first of all that was ready (number 1 of 3 in the order); y needs it.
    x[1] waits for memory: it needs 1.00 KiB, 476 B are free.
    y waits for 2 of its inputs: x[0] (running) and x[1] (ready).
    """
    return f"{machine.key(task)} {_WORDS[machine.state(task)](machine, task)}."


def _waiting(machine: Machine, task: int) -> str:
    missing = [other for other in _makers(machine, task) if machine.state(other) is not TaskState.FINISHED]
    reasons = []
    if missing:
        names = [f"{machine.key(other)} ({machine.state(other).value})" for other in missing]
        one = len(missing) == 1
        reasons.append(f"waits for {'one' if one else len(missing)} of its inputs: {_list(names)}")
    count = machine.holds.get(task, 0)
    if count:
        things = "a block" if count == 1 else f"{count} blocks"
        reasons.append(f"{'and ' if missing else ''}is held until {things} of another run can be had")
    return " ".join(reasons)


def _ready(machine: Machine, task: int) -> str:
    blocked = machine.admission.blocked
    if blocked is not None and blocked.task == task:
        return (
            f"waits for memory: it needs {format_bytes(blocked.need_bytes)}, "
            f"{format_bytes(blocked.free_bytes)} are free"
        )
    if blocked is not None and machine.state(blocked.task) is TaskState.READY:
        return (
            f"is ready, but {machine.key(blocked.task)} comes first and waits for memory "
            f"({format_bytes(blocked.need_bytes)} needed, {format_bytes(blocked.free_bytes)} free): "
            "nothing overtakes a task that waits for memory"
        )
    before = sum(machine.rank_of(other) < machine.rank_of(task) for other in machine.ready_tasks())
    turn = "it is the next" if not before else f"{_count(before, 'ready task')} before it in the order"
    running = machine.nrunning
    if running >= machine.lanes:
        lanes = "the only lane is" if machine.lanes == 1 else f"all {machine.lanes} lanes are"
        return f"waits for a lane: {lanes} busy; {turn}"
    return f"is ready and starts when a lane asks: {turn}"


def _running(machine: Machine, task: int) -> str:
    return f"runs: {_choice(machine, task)}"


def _finished(machine: Machine, task: int) -> str:
    kept = sum(machine.is_stored(slot) for slot in machine.slots_of(task))
    after = "what it made is still needed" if kept else "what it made went with its last reader"
    return f"has finished: {_choice(machine, task)}; {after}"


def _choice(machine: Machine, task: int) -> str:
    """Why a task was started when it was. The policy has one rule, so the reason is always the same."""
    readers = sorted({*machine.dependents_of(task)}, key=machine.rank_of)
    names = [str(machine.key(other)) for other in readers]
    purpose = f"{_list(names)} need{'s' if len(names) == 1 else ''} it" if names else "it is an output"
    place = f"number {machine.rank_of(task) + 1} of {machine.ntasks} in the order"
    return f"it came first of all that was ready ({place}); {purpose}"


def _failed(machine: Machine, task: int) -> str:
    return "failed: its kernel raised"


def _skipped(machine: Machine, task: int) -> str:
    """Names the failed task at the bottom of it."""
    seen = {task}
    stack = [task]
    while stack:
        current = stack.pop()
        if machine.state(current) is TaskState.FAILED:
            return f"will never run: {machine.key(current)} failed, and it depends on that"
        others = [other for other in _makers(machine, current) if other not in seen]
        seen.update(others)
        stack.extend(others)
    return "will never run: something that it depends on failed"


def _cancelled(machine: Machine, task: int) -> str:
    return "will never run: the run was cancelled before it started"


def _makers(machine: Machine, task: int) -> list[int]:
    """The tasks whose outputs `task` reads, each once, in argument order."""
    return list(dict.fromkeys(machine.maker_of(slot) for slot in machine.inputs_of(task)))


def _list(names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _count(number: int, thing: str) -> str:
    return f"one {thing} comes" if number == 1 else f"{number} {thing}s come"


_WORDS = {
    TaskState.WAITING: _waiting,
    TaskState.READY: _ready,
    TaskState.RUNNING: _running,
    TaskState.FINISHED: _finished,
    TaskState.FAILED: _failed,
    TaskState.SKIPPED: _skipped,
    TaskState.CANCELLED: _cancelled,
}
