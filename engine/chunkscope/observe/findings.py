"""What bound a run, by rules over its facts: each with its threshold, what it cost, and what to try next.

A rule is a pure function of `Facts`. It speaks only where its numbers say so; several may speak of one run, and the one
that concerns most seconds comes first. Estimates are bounds: what the same kernel seconds would take otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log2

from chunkscope.graph import Strategy
from chunkscope.observe.facts import Facts, OperationFacts
from chunkscope.units import format_bytes, format_count, format_seconds

__all__ = ["RULES", "Finding", "findings", "rank", "shortage"]

SHORT_SECONDS = 2e-3
"""A run that took less than this tells nothing."""
OVERHEAD_SHARE = 0.2
WAITING_SHARE = 0.2
HELD_SHARE = 0.1
READING_SHARE = 0.5
LANES_SHARE = 0.75
OUTSIDE_SHARE = 0.3
CHAIN_SHARE = 0.7
"""The longest chain's share of the time from the first task to the last."""
SLOW_SHARE = 0.35
"""One task's share of the same."""
SKEW = 2.0
"""The longest task of an operation, in means."""
TAIL_SHARE = 0.1
TURNS_SHARE = 0.75
"""Kernels that used less of their seconds on a processor than this took turns, or waited."""
PREEMPTED_SECONDS = 0.01
"""What a thread that is put off its processor loses each time, at most: a few turns of others."""
TURNS_SECONDS = 0.02
"""Processor time is too coarse for shorter runs."""
HEAVY_SHARE = 0.3
"""An operation is worth a word from this share of the kernel seconds on."""
GOOD_GAPS = 10
"""A task should take this many times what it costs to hand it over."""
TASKS_A_LANE = 4
"""Tasks of an operation for each lane: fewer leave lanes idle at its end."""
SPLITTABLE = (Strategy.SOURCE, Strategy.BLOCKWISE, Strategy.SHUFFLE)


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
    first = [found for rule in (_failed, _cancelled) if (found := rule(facts)) is not None]
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
    return {"failed": 0, "cancelled": 0, "lanes": 2}.get(finding.kind, 1), -finding.seconds


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


def _cancelled(facts: Facts) -> Finding | None:
    if facts.state != "cancelled":
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


# -- what bound it ---------------------------------------------------------------------------------------------


def _small(facts: Facts) -> Finding | None:
    """Tasks so short that handing them over costs as much."""
    share = facts.share(facts.spent.overhead)
    heaviest = facts.heaviest
    if (
        share < OVERHEAD_SHARE
        or heaviest is None
        or not facts.gap
        or heaviest.median >= GOOD_GAPS * facts.gap
    ):
        return None
    factor = 2 ** ceil(log2(max(GOOD_GAPS * facts.gap / max(heaviest.median, 1e-9), 2)))
    while factor > 2 and heaviest.ntasks / factor < TASKS_A_LANE * facts.lanes:
        factor //= 2
    saved = facts.spent.overhead / facts.lanes * (1 - 1 / factor)
    fewer = f"{format_count(ceil(heaviest.ntasks / factor), 'task')} instead of {heaviest.ntasks:,}"
    larger = (
        f"Let one call of `{heaviest.name}` do the work of {factor}: {fewer}"
        if heaviest.strategy is Strategy.CALL
        else f"Take chunks {factor} times as large: {fewer}"
    )
    return Finding(
        "small",
        facts.spent.overhead / facts.lanes,
        f"Its tasks are short. One of `{heaviest.name}` takes {format_seconds(heaviest.median)}, handing over the next "
        f"one {format_seconds(facts.gap)}; {share:.0%} of the lanes' time went into that.",
        f"{larger}, about {format_seconds(saved)} less.",
        heaviest.layer,
    )


def _few(facts: Facts) -> Finding | None:
    """An operation with too few tasks for the lanes."""
    heaviest = facts.heaviest
    if heaviest is None or facts.lanes < 2 or facts.share(facts.spent.waiting) < WAITING_SHARE:
        return None
    heavy = heaviest.seconds >= HEAVY_SHARE * facts.spent.kernels
    if not heavy or heaviest.ntasks >= 2 * facts.lanes or heaviest.strategy not in SPLITTABLE:
        return None
    if heaviest.slow and heaviest.skew >= SKEW:
        return None  # that is skew
    rounds = ceil(heaviest.ntasks / facts.lanes)
    saved = min(rounds * heaviest.longest - heaviest.seconds / facts.lanes, facts.spent.waiting / facts.lanes)
    if saved <= 0:
        return None
    factor = 2 ** ceil(log2(max(TASKS_A_LANE * facts.lanes / heaviest.ntasks, 2)))
    has = format_count(heaviest.ntasks, "task")
    return Finding(
        "few",
        saved,
        f"Its chunks are large. `{heaviest.name}`, {heaviest.seconds / facts.spent.kernels:.0%} of the work, has only "
        f"{has} for {format_count(facts.lanes, 'lane')}: lanes were without work for "
        f"{facts.share(facts.spent.waiting):.0%} of their time.",
        f"Take chunks of 1/{factor} of the size: {heaviest.ntasks * factor:,} tasks, up to "
        f"{format_seconds(saved)} less.",
        heaviest.layer,
    )


def _chain(facts: Facts) -> Finding | None:
    """Tasks that need each other, one after the other."""
    if facts.lanes < 2 or len(facts.path) < 3 or facts.inside <= 0:
        return None
    alone = facts.path_longest >= 0.5 * facts.path_seconds  # then it is that task, not the chain
    if alone or facts.path_seconds < CHAIN_SHARE * facts.inside:
        return None
    if facts.share(facts.spent.waiting) < WAITING_SHARE:
        return None
    layer, most = Counter(facts.path_layers).most_common(1)[0]
    name = facts.operations[layer].name
    return Finding(
        "chain",
        facts.spent.waiting / facts.lanes,
        f"{format_count(len(facts.path), 'task')} need each other one after the other: that chain takes "
        f"{format_seconds(facts.path_seconds)} of {format_seconds(facts.wall)}, and no number of workers is faster.",
        f"Make the chain shorter: {most:,} of its tasks are `{name}`. What does not need the result before it can run "
        "beside it; a tree (`split_every=`) or one call for several steps has fewer links.",
        layer,
        facts.path[-1],
    )


def _slow(facts: Facts) -> Finding | None:
    """One task that everybody waits for."""
    row = max(facts.operations, key=lambda one: one.longest, default=None)
    if row is None or facts.lanes < 2 or facts.inside <= 0 or row.longest < SLOW_SHARE * facts.inside:
        return None
    if facts.share(facts.spent.waiting) < TAIL_SHARE:
        return None
    if row.ntasks > 1 and (row.slow != 1 or row.skew < SKEW):
        return None
    if row.ntasks == 1 and row.strategy in SPLITTABLE:
        return None  # its chunks are too large
    others = f", the others of `{row.name}` {format_seconds(row.median)} each" if row.ntasks > 1 else ""
    saved = facts.inside - max(facts.spent.kernels / facts.lanes, facts.path_seconds - row.longest)
    return Finding(
        "slow",
        min(row.longest, facts.spent.waiting),
        f"One task of `{row.name}` took {format_seconds(row.longest)} of {format_seconds(facts.wall)}{others}; the "
        "other lanes had nothing to do meanwhile.",
        f"Split what that task does: shared among the lanes it would save up to {format_seconds(max(saved, 0.0))}."
        + (" It gathers all blocks in one task: ask for less, or reduce before." if _gathers(row) else ""),
        row.layer,
        row.longest_task,
    )


def _gathers(row: OperationFacts) -> bool:
    return row.strategy is Strategy.GATHERS


def _skew(facts: Facts) -> Finding | None:
    """Tasks of one operation that differ much, so that lanes idle at its end."""
    if facts.lanes < 2 or facts.share(facts.spent.waiting) < TAIL_SHARE:
        return None
    row = max(facts.operations, key=lambda one: one.longest, default=None)
    if row is None or row.ntasks < 3 or row.slow < 1 or row.skew < SKEW:
        return None
    if row.slow == 1 and row.longest >= SLOW_SHARE * facts.inside:
        return None  # that is one slow task
    if row.seconds < HEAVY_SHARE * facts.spent.kernels:
        return None
    slow = f"{row.slow:,} of its {row.ntasks:,} tasks" if row.slow > 1 else f"one of its {row.ntasks:,} tasks"
    even = "x = x.rechunk(...)" if row.strategy is not Strategy.CALL else "equal shares for each call"
    return Finding(
        "skew",
        facts.spent.waiting / facts.lanes,
        f"`{row.name}` is uneven: {slow} took twice the mean of {format_seconds(row.mean)} or more, up to "
        f"{format_seconds(row.longest)}. Lanes that were done waited for them.",
        f"Make the pieces even (`{even}`, `repartition` for frames), or smaller, so that long ones "
        f"are shared: up to {format_seconds(facts.spent.waiting / facts.lanes)} less.",
        row.layer,
        row.longest_task,
    )


def _memory(facts: Facts) -> Finding | None:
    """Tasks that were held back to keep to the budget."""
    share = facts.share(facts.spent.held)
    if share < HELD_SHARE:
        return None
    lost = facts.spent.held / facts.lanes
    if facts.budget is None:
        limit, more = "the forecast peak", "Take smaller chunks: each task then needs less."
    else:
        limit = f"the budget of {format_bytes(facts.budget)}"
        needs = (
            ""
            if facts.forecast_peak is None
            else f" ({format_bytes(facts.forecast_peak)} lets every lane work)"
        )
        more = (
            f"Give it more memory{needs}, or take chunks of half the size: each task then needs half as much."
        )
    return Finding(
        "memory",
        lost,
        f"Memory bound it: tasks were ready, but starting them would have gone over {limit}. Lanes stood still for "
        f"{share:.0%} of their time.",
        f"{more} That saves up to {format_seconds(lost)}.",
    )


def _reading(facts: Facts) -> Finding | None:
    """Most of the work is in what reads."""
    share = facts.reading / facts.spent.kernels if facts.spent.kernels else 0.0
    if share < READING_SHARE:
        return None
    rows = [row for row in facts.operations if row.read_bytes and row.finished]
    row = max(rows, key=lambda one: one.seconds)
    nbytes = sum(one.read_bytes * one.finished / one.ntasks for one in rows)
    rate = nbytes / facts.reading if facts.reading else 0.0
    return Finding(
        "reading",
        facts.reading / max(facts.concurrency, 1.0),
        f"Reading took {share:.0%} of the kernels' time: `{row.name}` read {format_bytes(nbytes)}, "
        f"{format_bytes(rate)} a second on each lane.",
        "Read less: only the columns and rows that are used; Parquet instead of CSV. What several runs need is read "
        "once with `x = x.persist()`.",
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
    return "turns" if facts.concurrency >= 1.4 else ""


def _crowded(facts: Facts) -> bool:
    """Whether the processor time that kernels lacked can have gone to other programs, or to too many threads."""
    lacking = facts.spent.kernels - (facts.cpu_seconds or 0.0)
    return facts.preempted * PREEMPTED_SECONDS > 0.3 * lacking


def _cores_taken(facts: Facts) -> Finding | None:
    """The kernels would have computed, but had to share the processors."""
    share = _short_of_processor(facts)
    if share is None or shortage(facts) != "cores":
        return None
    cpu = facts.cpu_seconds or 0.0
    many = facts.lanes > facts.cores
    others = "More tasks ran at a time than there are cores" if many else "Other programs used this machine"
    best = max(cpu / min(facts.lanes, facts.cores), facts.path_seconds * share)
    return Finding(
        "cores",
        max(facts.inside - best, 0.0),
        f"{others}: the kernels had a processor for {share:.0%} of their time, and were put off it "
        f"{format_count(facts.preempted, 'time')}.",
        f"With {format_count(min(facts.lanes, facts.cores), 'core')} for itself it would take about "
        f"{format_seconds(best)}."
        + (f" Take `num_workers={facts.cores}`: one for each core." if many else ""),
    )


def _turns(facts: Facts) -> Finding | None:
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


def _asleep(facts: Facts) -> Finding | None:
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
        facts.spent.kernels / max(facts.concurrency, 1.0) * (1 - share),
        f"{name} computed little: for {1 - share:.0%} of the kernels' time no processor was used. They waited: for a "
        "disk, a network, a lock, or a sleep.",
        f"Tasks that only wait can be more than there are cores: with `num_workers={more}` so many wait side by side, "
        f"at best {format_seconds(least)}."
        if least < 0.9 * facts.wall
        else "",
        -1 if heaviest is None else heaviest.layer,
    )


def _lanes(facts: Facts) -> Finding | None:
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
        use = "" if facts.modelled else f' (`scheduler="threads", num_workers={more}`)'
        wall = format_seconds(facts.wall)
        advice = f"{format_count(more, 'worker')}{use}: at best {format_seconds(least)} instead of {wall}."
        if least >= 0.9 * facts.wall:
            advice = "More workers would not help: the longest chain of tasks takes as long."
    else:
        advice = "This machine has no more cores: only less work is faster, or a cheaper way to do it."
    return Finding(
        "lanes", facts.spent.kernels / facts.lanes, text, advice, -1 if heaviest is None else heaviest.layer
    )


def _outside(facts: Facts) -> Finding | None:
    """Time before the first task and after the last."""
    outside = facts.before + facts.after
    if outside < OUTSIDE_SHARE * facts.wall or not facts.finished:
        return None
    longer = "before its first task" if facts.before >= facts.after else "after its last task"
    return Finding(
        "outside",
        outside,
        f"{format_seconds(outside)} of {format_seconds(facts.wall)} went by {longer}: starting workers, handing out "
        "results.",
        "It weighs less in a longer run: compute several results together, `compute(x, y)`.",
    )


RULES: tuple[Callable[[Facts], Finding | None], ...] = (
    _small, _few, _chain, _slow, _skew, _memory, _reading, _cores_taken, _turns, _asleep, _lanes, _outside,
)  # fmt: skip


def _mixed(facts: Facts) -> Finding:
    """No rule spoke."""
    kernels, waiting = facts.share(facts.spent.kernels), facts.share(facts.spent.waiting)
    over = facts.share(facts.spent.overhead)
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
