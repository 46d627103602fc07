"""What bound a run, by rules over its facts: each with its threshold, what it cost, and what to try next.

A rule is a pure function of `Facts`. It speaks only where its numbers say so; several may speak of one run, and the one
that concerns most seconds comes first. Estimates are bounds: what the same kernel seconds would take otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from chunkscope.observe.facts import Facts
from chunkscope.observe.finding import Finding
from chunkscope.observe.idleness import chain, few, memory, outside, skew, slow, small
from chunkscope.observe.load import asleep, cores_taken, lanes, reading, turns
from chunkscope.units import format_count, format_seconds

__all__ = ["RULES", "Finding", "findings", "rank"]

SHORT_SECONDS = 2e-3
"""A run that took less than this tells nothing."""


def findings(facts: Facts) -> tuple[Finding, ...]:
    """What bound the run, the costliest first; never empty. A run that failed or was cancelled begins with that.

    >>> from chunkscope import delayed, simulate
    >>> from chunkscope.observe.facts import facts_of
    >>> chain = delayed(abs)(-1)
    >>> for _ in range(4):
    ...     chain = chain + 1
    >>> [finding.kind for finding in findings(facts_of(simulate(chain, workers=2)))]
    ['chain']
    """
    first = [found for rule in (_failed, _refused, _cancelled) if (found := rule(facts)) is not None]
    if facts.state == "failed" or facts.refusal:
        return tuple(first)  # where its time went is no news to somebody who looks for a failure
    if facts.state == "running" and (facts.wall < SHORT_SECONDS or not facts.finished):
        return (
            Finding("short", facts.wall, "It goes on: what bounds it shows once tasks have finished.", ""),
        )
    if facts.wall < SHORT_SECONDS and not facts.modelled:
        short = "It took {} in all: too short to say what bound it, and nothing that a change would help."
        return (
            *first,
            Finding("short", facts.wall, short.format(format_seconds(facts.wall)), ""),
        )
    rest = [found for rule in RULES if (found := rule(facts)) is not None]
    return (*first, *sorted(rest, key=rank)) or (_mixed(facts),)


def rank(finding: Finding) -> tuple[int, float]:
    """How an ended run is told first, then what cost most seconds, and that its lanes were busy after all else."""
    return {"failed": 0, "refused": 0, "cancelled": 0, "lanes": 2}.get(finding.kind, 1), -finding.seconds


# -- how it ended ----------------------------------------------------------------------------------------------


def _failed(facts: Facts) -> Finding | None:
    if facts.state != "failed":
        return None
    left = facts.ntasks - facts.finished
    return Finding(
        "failed",
        facts.wall,
        f"A task failed, so {format_count(left, 'task')} of {facts.ntasks:,} did not finish.",
        "`last_run().debug()` runs the failed task alone, on its own inputs.",
    )


def _refused(facts: Facts) -> Finding | None:
    if not facts.refusal:
        return None
    return Finding("refused", 0.0, f"It was refused before anything ran: {facts.refusal}.", "")


def _cancelled(facts: Facts) -> Finding | None:
    if facts.state != "cancelled" or facts.refusal:
        return None
    return Finding(
        "cancelled",
        facts.wall,
        f"It was cancelled after {format_seconds(facts.wall)}: {facts.finished:,} of "
        f"{format_count(facts.ntasks, 'task')} had finished.",
        _remaining(facts),
    )


def _remaining(facts: Facts) -> str:
    """How much longer it would have taken, at its pace so far."""
    if not facts.finished or not facts.spent.kernels:
        return ""
    left = sum((row.ntasks - row.finished) * row.mean for row in facts.operations if row.finished)
    pace = max(facts.concurrency, 1.0)
    return f"At its pace the operations that had begun needed about {format_seconds(left / pace)} more."


RULES: tuple[Callable[[Facts], Finding | None], ...] = (
    small, few, chain, slow, skew, memory, reading, cores_taken, turns, asleep, lanes, outside,
)  # fmt: skip


def _mixed(facts: Facts) -> Finding:
    """No rule spoke."""
    kernels, waiting = facts.told_share(facts.spent.kernels), facts.told_share(facts.spent.waiting)
    over = facts.told_share(facts.spent.overhead)
    heaviest = facts.heaviest
    advice = ""
    if heaviest is not None and heaviest.seconds:
        advice = (
            f"`{heaviest.name}` has the most kernel time, {format_seconds(heaviest.seconds)}: a cheaper way to make it "
            "saves most."
        )
    return Finding(
        "mixed",
        facts.wall,
        f"Nothing stands out: of the lanes' time {kernels:.0%} was in kernels, {waiting:.0%} waiting for inputs, "
        f"{over:.0%} handing tasks over.",
        advice,
        -1 if heaviest is None else heaviest.layer,
    )
