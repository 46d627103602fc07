"""The states of a task and the table of what may happen in each. Both faces of the machine follow this table.

    WAITING ──► READY ──► RUNNING ──► FINISHED
    WAITING ◄── READY     RUNNING ──► FAILED      its dependents: WAITING ──► SKIPPED
                READY ◄── RUNNING
    WAITING, READY ──► CANCELLED

The way back from READY to WAITING is a hold: something outside the run that the task has to wait for. The way back from
RUNNING to READY is the loss of a worker: what it made belongs to the store, so that only what it was at is run again.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["TRANSITIONS", "Stimulus", "TaskState", "refusal"]


class TaskState(Enum):
    """Where a task stands. The last four are final."""

    WAITING = "waiting"  # an input is not there yet, or something outside holds it
    READY = "ready"  # could start now
    RUNNING = "running"  # handed to a lane
    FINISHED = "finished"  # its outputs are stored
    FAILED = "failed"  # its kernel raised
    SKIPPED = "skipped"  # an input will never be there
    CANCELLED = "cancelled"  # the run was stopped before it started

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to the task."""
        return not TRANSITIONS[self]


class Stimulus(Enum):
    """What can happen to a task."""

    INPUT = "its last missing input arrived"
    HOLD = "something outside holds it"
    LET_GO = "the last hold on it was dropped"
    START = "it was handed to a lane"
    DONE = "its kernel returned"
    FAIL = "its kernel raised"
    LOSE = "the worker that ran it died"
    SKIP = "a task that it depends on failed"
    CANCEL = "the run was cancelled"


TRANSITIONS: dict[TaskState, dict[Stimulus, TaskState]] = {
    TaskState.WAITING: {
        Stimulus.INPUT: TaskState.READY,
        Stimulus.HOLD: TaskState.WAITING,
        Stimulus.LET_GO: TaskState.READY,
        Stimulus.SKIP: TaskState.SKIPPED,
        Stimulus.CANCEL: TaskState.CANCELLED,
    },
    TaskState.READY: {
        Stimulus.HOLD: TaskState.WAITING,
        Stimulus.START: TaskState.RUNNING,
        Stimulus.CANCEL: TaskState.CANCELLED,
    },
    TaskState.RUNNING: {
        Stimulus.DONE: TaskState.FINISHED,
        Stimulus.FAIL: TaskState.FAILED,
        Stimulus.LOSE: TaskState.READY,
    },
    TaskState.FINISHED: {},
    TaskState.FAILED: {},
    TaskState.SKIPPED: {},
    TaskState.CANCELLED: {},
}
"""What each stimulus makes of a task in each state. A pair that is not here is illegal and changes nothing.

A stimulus that leaves something missing (one input of two, one hold of two) is no stimulus for the task: `INPUT` and
`LET_GO` stand for the last one.
"""


def refusal(task: int, state: TaskState, stimulus: Stimulus) -> str:
    """Why a stimulus is illegal, and what would be legal, for a message.

    >>> refusal(3, TaskState.RUNNING, Stimulus.HOLD)
    'task 3 is running: HOLD is not possible there, only DONE or FAIL or LOSE'
    """
    possible = " or ".join(other.name for other in TRANSITIONS[state])
    rest = f"only {possible}" if possible else "it is final"
    return f"task {task} is {state.value}: {stimulus.name} is not possible there, {rest}"
