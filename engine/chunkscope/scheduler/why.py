"""One sentence on why a task is where it is, made only when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chunkscope.scheduler.states import TaskState

if TYPE_CHECKING:
    from chunkscope.scheduler.machine import Machine

__all__ = ["why"]


def why(machine: Machine, task: int) -> str:
    """Why `task` waits, could not start yet, was chosen, or will never run."""
    return f"{machine.key(task)} {machine.state(task).value}"
