"""Rules about lanes that were busy: with reading, without a processor, in turns, asleep, or well.

Each is a function of a run's facts; it returns None where its numbers do not say so.
"""

from __future__ import annotations

from chunkscope.graph import Strategy
from chunkscope.observe.facts import Facts
from chunkscope.observe.finding import TASKS_A_LANE, Finding
from chunkscope.units import format_bytes, format_count, format_seconds

__all__ = ["reading", "shortage", "cores_taken", "turns", "asleep", "lanes"]

READING_SHARE = 0.5
LANES_SHARE = 0.75
TURNS_SHARE = 0.75
"""Kernels that used less of their seconds on a processor than this took turns, or waited."""
PREEMPTED_SECONDS = 0.01
"""What a thread that is put off its processor loses each time, at most: a few turns of others."""
CROWDED_SHARE = 0.5
"""Being put off processors has to account for this share of what the kernels lacked."""
UNSURE_SHARE = 0.25
"""Kernels with less of a processor than this may have waited for something else, besides being put off."""
ASLEEP_SHARE = 0.05
"""Kernels with less of a processor than this did not compute."""
TURNS_SECONDS = 0.02
"""Processor time is too coarse for shorter runs."""


def reading(facts: Facts) -> Finding | None:
    """Most of the work is in what reads."""
    share = facts.reading / facts.spent.kernels if facts.spent.kernels else 0.0
    if share < READING_SHARE:
        return None
    rows = [row for row in facts.operations if row.read_bytes and row.finished]
    row = max(rows, key=lambda one: one.seconds)
    nbytes = sum(one.read_bytes * one.finished / one.ntasks for one in rows)
    rate = nbytes / facts.reading if facts.reading else 0.0
    less = "Read less: only the part that is used."
    if row.frame:
        less = "Read less: only the columns and rows that are used" + (
            "; Parquet instead of CSV." if "csv" in row.name else "."
        )
    return Finding(
        "reading",
        facts.reading / max(facts.concurrency, 1.0),
        f"Reading took {share:.0%} of the kernels' time: `{row.name}` read {format_bytes(nbytes)}, "
        f"{format_bytes(rate)} a second on each lane.",
        f"{less} What several runs need is read once with `x = x.persist()`.",
        row.layer,
    )


def _short_of_processor(facts: Facts) -> float | None:
    """Processor seconds for each kernel second, where that is known and too little; None otherwise."""
    cpu = facts.cpu_seconds
    if cpu is None or facts.wall < TURNS_SECONDS or facts.spent.kernels < 0.5 * facts.wall:
        return None
    share = cpu / facts.spent.kernels
    return share if share < TURNS_SHARE else None


def shortage(facts: Facts) -> str:
    """Why kernels had too little of the processors: "cores" for others beside them, "turns", "asleep"; empty if not."""
    if _short_of_processor(facts) is None:
        return ""
    if _crowded(facts):
        return "cores"
    if (facts.cpu_seconds or 0.0) < 0.6 * facts.wall:
        return "asleep"
    return "turns" if facts.concurrency >= 1.4 and not facts.apart else ""


def _crowded(facts: Facts) -> bool:
    """Whether the processor time that kernels lacked can have gone to other programs, or to too many threads."""
    cpu = facts.cpu_seconds or 0.0
    if cpu < ASLEEP_SHARE * facts.spent.kernels:
        return False  # the kernels asked for next to nothing; threads beside them are put off as well
    return facts.preempted * PREEMPTED_SECONDS > CROWDED_SHARE * (facts.spent.kernels - cpu)


def cores_taken(facts: Facts) -> Finding | None:
    """The kernels would have computed, but had to share the processors."""
    share = _short_of_processor(facts)
    if share is None or shortage(facts) != "cores":
        return None
    cpu = facts.cpu_seconds or 0.0
    many = facts.lanes > facts.cores
    others = "More tasks ran at a time than there are cores" if many else "Other programs used this machine"
    best = max(cpu / min(facts.lanes, facts.cores), facts.path_seconds * share)
    heaviest = facts.heaviest
    unsure = share < UNSURE_SHARE
    waited = ", or the kernels waited, for a disk or a sleep: they had" if unsure else ": the kernels had"
    taking_turns = ""
    if heaviest is not None and heaviest.strategy is Strategy.CALL and cpu > 1.2 * best and not facts.apart:
        taking_turns = (
            f", or {format_seconds(max(cpu, best))} where `{heaviest.name}` is plain Python: of that one thread "
            "computes at a time (GIL)"
        )
    return Finding(
        "cores",
        max(facts.inside - best, 0.0),
        f"{others}{waited} a processor for {share:.0%} of their time, and were put off it "
        f"{format_count(facts.preempted, 'time')}.",
        f"With {format_count(min(facts.lanes, facts.cores), 'core')} for itself"
        f"{', and where no kernel waits,' if unsure else ''} it would take about "
        f"{format_seconds(best)}{taking_turns}."
        + (f" Take {_so_many(facts, facts.cores)}: one for each core." if many else ""),
    )


def turns(facts: Facts) -> Finding | None:
    """Kernels that were called side by side, and computed one at a time."""
    share = _short_of_processor(facts)
    if share is None or shortage(facts) != "turns":
        return None
    cpu = facts.cpu_seconds or 0.0
    heaviest = facts.heaviest
    name = "" if heaviest is None else f" of `{heaviest.name}`"
    best = max(cpu / min(facts.lanes, facts.cores), facts.path_seconds * share)
    return Finding(
        "turns",
        max(facts.inside - best, 0.0),
        f"{facts.concurrency:.1f} tasks{name} ran at a time, but used only {cpu / facts.wall:.1f} processors: they "
        "took turns. Python code holds the interpreter's lock (GIL), so that one thread computes at a time.",
        f"Use array operations, which let go of the lock, or processes instead of threads: at best "
        f"{format_seconds(best)} instead of {format_seconds(facts.wall)}.",
        -1 if heaviest is None else heaviest.layer,
    )


def asleep(facts: Facts) -> Finding | None:
    """Kernels that waited for something else than a processor."""
    share = _short_of_processor(facts)
    if share is None or shortage(facts) != "asleep":
        return None
    heaviest = facts.heaviest
    name = "Its kernels" if heaviest is None else f"`{heaviest.name}`"
    more = TASKS_A_LANE * facts.lanes
    least = facts.at_best(more)
    return Finding(
        "asleep",
        max(facts.wall - least, 0.0),
        f"{name} computed little: for {1 - share:.0%} of the kernels' time no processor was used. They waited: for a "
        "disk, a network, a lock, or a sleep.",
        f"Tasks that only wait can be more than there are cores: with {_so_many(facts, more)} so many wait side by "
        f"side, at best {format_seconds(least)}."
        if least < 0.9 * facts.wall
        else "",
        -1 if heaviest is None else heaviest.layer,
    )


def _so_many(facts: Facts, nlanes: int) -> str:
    """How so many lanes are asked for."""
    if not facts.cluster:
        return f"`num_workers={nlanes}`"
    return (
        f"{format_count(nlanes, 'thread')} in the cluster (`client.cluster.scale`, or `threads_per_worker=`)"
    )


def lanes(facts: Facts) -> Finding | None:
    """All lanes were busy: a good run, or one that has too few."""
    share = facts.share(facts.spent.kernels)
    if share < LANES_SHARE or _short_of_processor(facts) is not None:
        return None
    heaviest = facts.heaviest
    part = ""
    if heaviest is not None and facts.spent.kernels:
        part = f" `{heaviest.name}` is {heaviest.seconds / facts.spent.kernels:.0%} of the work."
    if facts.lanes == 1:
        text = f"One lane did everything, and was busy {share:.0%} of the time.{part}"
    else:
        text = f"All {facts.lanes} lanes were busy, {share:.0%} of their time: well shared out.{part}"
    more = 2 * facts.lanes if facts.modelled else facts.cores
    least = facts.at_best(more)
    if facts.modelled or facts.cores > facts.lanes:
        use = f' (`scheduler="threads", num_workers={more}`)'
        use = "" if facts.modelled else " (`client.cluster.scale`)" if facts.cluster else use
        wall = format_seconds(facts.wall)
        advice = f"{format_count(more, 'worker')}{use}: at best {format_seconds(least)} instead of {wall}."
        if least >= 0.9 * facts.wall:
            advice = "More workers would not help: the longest chain of tasks takes as long."
    else:
        advice = "This machine has no more cores: only less work is faster, or a cheaper way to do it."
    return Finding(
        "lanes", facts.spent.kernels / facts.lanes, text, advice, -1 if heaviest is None else heaviest.layer
    )
