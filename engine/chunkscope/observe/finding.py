"""One thing that a run's time went into: what the rules about bottlenecks say."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding", "TASKS_A_LANE"]

TASKS_A_LANE = 4
"""Tasks of an operation for each lane: fewer leave lanes idle at its end."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a run's time went into, and what would change it."""

    kind: str
    """The rule's name."""
    seconds: float
    """Seconds of the run that it concerns: what the finding is worth at most."""
    text: str
    advice: str
    layer: int = -1
    task: int = -1
