"""Typed, frozen events: views on the columns and on the life of a run, made when somebody reads them."""

from __future__ import annotations

from dataclasses import dataclass

from chunkscope.events.failure import Failure
from chunkscope.types import Key

__all__ = ["Event", "RunFinished", "RunStarted", "TaskFailed", "TaskFinished"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run, at `seconds` on the run's clock."""

    run: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A graph was handed to an executor."""

    ntasks: int
    executor: str


@dataclass(frozen=True, slots=True)
class TaskFinished(Event):
    """A task's kernel returned; `seconds` is that moment."""

    key: Key
    lane: str
    ready: float
    start: float
    bytes_out: int
    stored_bytes: int
    scratch_bytes: int
    """Temporaries beside its blocks."""

    @property
    def duration(self) -> float:
        """Seconds in the kernel."""
        return self.seconds - self.start

    @property
    def waited(self) -> float:
        """Seconds between the last input's arrival and the start."""
        return self.start - self.ready


@dataclass(frozen=True, slots=True)
class TaskFailed(Event):
    """A task raised."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The run ended: "finished", "failed" or "cancelled"."""

    state: str
