"""What a run's record is made of: how far it is, what its operations cost, the steps of the rewrite before it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from chunkscope.types import Origin

__all__ = ["REFUSED", "OperationFigures", "RunState", "Step"]

REFUSED = "refused before it started"
"""How a cancelled run is told of whose plan could not run."""


class RunState(str, Enum):
    """How far a run is."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OperationFigures(NamedTuple):
    """What one operation of a run cost."""

    op: str
    ntasks: int
    finished: int
    seconds: float
    bytes_out: int
    longest: float


class Step(NamedTuple):
    """One step of a rewrite in words; `after` is empty for a refusal, which has a reason."""

    rule: str
    before: str
    after: str
    reason: str
    op: str = ""
    """The operation that the rule looked at."""
    origin: Origin | None = None
    """The line that made it."""
    others: tuple[tuple[str, Origin | None], ...] = ()
    """Operation and line of what a fusing rule took in; of what it left outside for a refusal."""
