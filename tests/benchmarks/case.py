"""What a benchmark is: one piece of work in several variants, and the goals that compare them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

OURS = "chunkscope"

# A variant prepares its work and returns it; only the returned function is measured. It may give back figures of its
# own, which then take the place of those measured from outside, or are there for a goal to name.
Variant = Callable[[], Callable[[], Any]]
Figures = Mapping[str, float]
"""`seconds` (wall), `cpu_seconds` (all threads), `peak_bytes` (above the start), and a variant's own."""


class Kind(Enum):
    """How a goal compares."""

    FASTER = "times as fast as"  # peer ÷ ours, at least
    RATIO = "times what it takes"  # ours ÷ peer, at most
    MORE = "more than"  # ours − peer, at most
    AT_MOST = "at most"  # ours


@dataclass(frozen=True, slots=True)
class Goal:
    """What ours should reach: a limit on one figure, beside a peer's or alone."""

    kind: Kind
    limit: float
    unit: str = "×"
    """What the limit and the measured value are printed in: × for ratios, else µs, ns, s, B or MB."""
    peer: str = ""
    figure: str = "seconds"
    variant: str = OURS
    per: str = ""
    """A figure of the variant by which its value is divided."""

    @property
    def text(self) -> str:
        """The goal in words."""
        figure = {"seconds": "", "cpu_seconds": " CPU", "peak_bytes": " of peak memory"}.get(
            self.figure, f" {self.figure.replace('_', ' ')}"
        )
        limit = f"{self.limit / UNITS[self.unit]:g} {self.unit}{figure}"
        if self.kind is Kind.FASTER:
            return f"≥ {limit} against {self.peer}"
        if self.kind is Kind.AT_MOST:
            each = f" for each of {self.per}" if self.per else ""
            return f"≤ {limit}{each}{'' if self.variant == OURS else f' ({self.variant})'}"
        return f"≤ {limit}{' more' if self.kind is Kind.MORE else ''} against {self.peer}"

    def value(self, found: Mapping[str, Figures]) -> float:
        """What was measured. KeyError where a variant did not run."""
        figures = found[self.variant]
        ours = figures[self.figure] / (figures[self.per] if self.per else 1)
        if self.kind is Kind.AT_MOST:
            return ours
        peer = found[self.peer][self.figure]
        return {Kind.FASTER: peer / ours, Kind.RATIO: ours / peer, Kind.MORE: ours - peer}[self.kind]

    def met(self, value: float) -> bool:
        """Whether a measured value reaches the limit."""
        return value >= self.limit if self.kind is Kind.FASTER else value <= self.limit


UNITS = {"×": 1.0, "ns": 1e-9, "µs": 1e-6, "s": 1.0, "B": 1.0, "MB": 1e6}


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table."""

    name: str
    about: str
    variants: Mapping[str, Variant]
    goals: tuple[Goal, ...]
    count: Mapping[str, int] = field(default_factory=dict)
    """Variant → how many tasks or calls it makes, where times and bytes are per one; 1 for those not named."""
    repeats: int = 3
    """How often each variant runs, in a process of its own each time; the fastest counts."""
    slow: frozenset[str] = frozenset()
    """Variants that take minutes: they run with `--slow` only."""
