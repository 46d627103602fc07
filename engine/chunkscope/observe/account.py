"""What happened in a run, in words: an account in chapters, for people who learn and, shorter, for those who know.

Made from the log when somebody asks. `findings` has the rules about what bound it; here is how it is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chunkscope.observe.chapters import Chapter, lines_of
from chunkscope.observe.facts import Facts, facts_of
from chunkscope.observe.findings import Finding, findings, rank
from chunkscope.observe.teller import Teller
from chunkscope.observe.viewers import page
from chunkscope.units import format_seconds

if TYPE_CHECKING:
    from chunkscope.observe.runlog import RunLog

__all__ = ["Account", "account"]


@dataclass(frozen=True)
class Account:
    """A run in words: `describe()` tells the whole story, `describe(expert=True)` in short what bound it."""

    run: int
    state: str
    facts: Facts
    findings: tuple[Finding, ...]
    """What bound the run, the costliest first."""
    chapters: tuple[Chapter, ...]

    @property
    def bottleneck(self) -> str:
        """The kind of the first finding: "small", "few", "chain", "slow", "skew", "memory", "reading", "lanes" …"""
        return self.findings[0].kind

    def told(self, expert: bool = False) -> tuple[Chapter, ...]:
        """The chapters for one kind of reader, in their order."""
        reader = "expert" if expert else "learner"
        first = ("bottleneck", "next", "time", "spread", "memory") if expert else ()
        chapters = [
            Chapter(one.topic, one.title, tuple(r for r in one.remarks if r.reader in ("", reader)))
            for one in self.chapters
        ]
        if expert:
            chapters = [one for topic in first for one in chapters if one.topic == topic]
        return tuple(one for one in chapters if one.remarks)

    def describe(self, expert: bool = False) -> str:
        """The account as text."""
        return "\n".join(lines_of(self.told(expert)))

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str | None:
        return page(self)


def account(run: RunLog) -> Account:
    """The account of a run, finished or not.

    >>> from chunkscope import delayed, simulate
    >>> run = simulate([delayed(abs)(i) for i in range(8)], workers=2, cost=1.0)
    >>> told = account(run)
    >>> told.bottleneck, told.chapters[0].remarks[0].text
    ('lanes', 'The model ran 8 tasks in one operation on 2 lanes: 4.00 s.')
    """
    facts = facts_of(run)
    found = findings(facts)
    again = _again(run, facts)
    if again is not None:
        found = tuple(sorted((*found, again), key=rank))
    teller = Teller(run, facts, found)
    chapters = (
        ("short", "In short", teller.short()),
        ("bottleneck", "What bound it", teller.bound()),
        ("next", "What to try next", teller.advice()),
        ("time", "Where the time went", teller.time()),
        ("asked", "What was asked", teller.asked()),
        ("steps", "The operations, in order", teller.steps()),
        ("rewritten", "What was rewritten, and why", teller.rewritten()),
        ("read", "What was read and shared", teller.read()),
        ("spread", "How the work was spread", teller.spread()),
        ("memory", "Memory", teller.memory()),
    )
    made = tuple(Chapter(topic, title, tuple(remarks)) for topic, title, remarks in chapters)
    return Account(run.number, facts.state, facts, found, tuple(one for one in made if one.remarks))


def _again(run: RunLog, facts: Facts) -> Finding | None:
    """The heaviest operation, where an earlier run had made the same and nothing kept it."""
    heaviest = facts.heaviest
    if run.executor == "simulated" or heaviest is None or heaviest.longest_task < 0:
        return None
    if heaviest.seconds < 0.3 * facts.spent.kernels or facts.wall < 2e-3:
        return None
    sentence = run.why(heaviest.longest_task).parts.get("again", "")
    at = sentence.find("It recomputes ")
    if at < 0:
        return None
    return Finding(
        "again",
        heaviest.seconds / max(facts.concurrency, 1.0),
        sentence[at:].partition("; ")[0].rstrip(".") + ".",
        f"Keep it: `x = x.persist()` before the first run saves up to "
        f"{format_seconds(heaviest.seconds / max(facts.concurrency, 1.0))} in each later one.",
        heaviest.layer,
    )
