"""What the reference face takes and gives: stimuli, actions and events, as typed, frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from chunkscope.scheduler.states import Stimulus, TaskState

__all__ = [
    "Action", "Asked", "Cancelled", "Done", "Drop", "Failed", "Follow", "Followed", "Held", "LetGo", "Longer", "Lost",
    "Message", "Moved", "Run", "Taken",
]  # fmt: skip


class Message:
    """Something that the machine is told."""


@dataclass(frozen=True, slots=True)
class Done(Message):
    """The kernels of these tasks returned, and their outputs are stored."""

    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked(Message):
    """A lane asks for work: at most `want` tasks with neighbouring ranks, into `room` free bytes."""

    want: int
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Longer(Message):
    """A lane far away, which has just got `batch`, asks how that goes on: up to `most` tasks, `want` more ready ones.

    `asked`: the outputs that somebody waits for.
    """

    batch: tuple[int, ...]
    want: int
    most: int
    asked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Followed(Message):
    """Tasks of one batch have finished in turn, at the times `stops`; the `followers` among them began in it, too.

    `begun`: a follower that began after them, and has not finished.
    """

    tasks: tuple[int, ...]
    followers: frozenset[int]
    stops: tuple[float, ...]
    begun: int | None = None


@dataclass(frozen=True, slots=True)
class Failed(Message):
    """The kernel of a task raised."""

    task: int


@dataclass(frozen=True, slots=True)
class Held(Message):
    """These tasks have to wait for something outside the run, once more each."""

    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LetGo(Message):
    """One of the things that a task waits for outside the run is there."""

    task: int


@dataclass(frozen=True, slots=True)
class Lost(Message):
    """The worker that ran these tasks died; none of their outputs is there."""

    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cancelled(Message):
    """Somebody stopped the run."""


@dataclass(frozen=True, slots=True)
class Taken(Message):
    """The caller needs these output slots no longer."""

    slots: tuple[int, ...]


class Action:
    """Something that the caller is to do."""


@dataclass(frozen=True, slots=True)
class Run(Action):
    """Run this task now."""

    task: int


@dataclass(frozen=True, slots=True)
class Follow(Action):
    """Run this task after those before it in the same batch: it waits for nothing else, and counts as waiting."""

    task: int


@dataclass(frozen=True, slots=True)
class Drop(Action):
    """Drop the block in this slot: nobody will read it."""

    slot: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A task went from one state to another."""

    task: int
    stimulus: Stimulus
    before: TaskState
    after: TaskState
    seconds: float
