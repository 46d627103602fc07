"""Rules about lanes that stood idle: tasks too small, too few, in a chain, uneven, held back; time outside the tasks.

Each is a function of a run's facts; it returns None where its numbers do not say so.
"""

from __future__ import annotations

from collections import Counter
from math import ceil, log2

from chunkscope.graph import Strategy
from chunkscope.observe.facts import Facts, OperationFacts
from chunkscope.observe.finding import TASKS_A_LANE, Finding
from chunkscope.units import format_bytes, format_count, format_seconds

__all__ = ["small", "few", "chain", "slow", "skew", "memory", "outside"]

OVERHEAD_SHARE = 0.2
WAITING_SHARE = 0.2
HELD_SHARE = 0.1
OUTSIDE_SHARE = 0.3
CHAIN_SHARE = 0.7
"""The longest chain's share of the time from the first task to the last."""
SLOW_SHARE = 0.35
"""One task's share of the same."""
SKEW = 2.0
"""The longest task of an operation, in means."""
TAIL_SHARE = 0.1
HEAVY_SHARE = 0.3
"""An operation is worth a word from this share of the kernel seconds on."""
GOOD_GAPS = 10
"""A task should take this many times what it costs to hand it over."""
LONG_SECONDS = 0.01
"""A task that takes so long is not short for any executor."""
SPLITTABLE = (Strategy.SOURCE, Strategy.BLOCKWISE, Strategy.SHUFFLE)


def small(facts: Facts) -> Finding | None:
    """Tasks so short that handing them over costs as much."""
    share = facts.share(facts.spent.overhead)
    heaviest = facts.heaviest
    gap = max(facts.gap, facts.spent.overhead / max(facts.finished, 1))
    if share < OVERHEAD_SHARE or heaviest is None or not gap or heaviest.median >= GOOD_GAPS * gap:
        return None
    if heaviest.median >= LONG_SECONDS and not facts.modelled:
        return None  # lanes were late for another reason: too many of them, other programs
    factor = 2 ** ceil(log2(max(GOOD_GAPS * gap / max(heaviest.median, 1e-9), 2)))
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
        f"one {format_seconds(gap)}; {share:.0%} of the lanes' time went into that.",
        f"{larger}, about {format_seconds(saved)} less.",
        heaviest.layer,
    )


def few(facts: Facts) -> Finding | None:
    """An operation with too few tasks for the lanes."""
    heaviest = facts.heaviest
    if heaviest is None or facts.lanes < 2 or facts.share(facts.without_work) < WAITING_SHARE:
        return None
    heavy = heaviest.seconds >= HEAVY_SHARE * facts.spent.kernels
    if not heavy or heaviest.ntasks >= 2 * facts.lanes or heaviest.strategy not in SPLITTABLE:
        return None
    if heaviest.slow and heaviest.skew >= SKEW:
        return None  # that is skew
    rounds = ceil(heaviest.ntasks / facts.lanes)
    saved = min(rounds * heaviest.longest - heaviest.seconds / facts.lanes, facts.without_work / facts.lanes)
    if saved <= 0:
        return None
    factor = 2 ** ceil(log2(max(TASKS_A_LANE * facts.lanes / heaviest.ntasks, 2)))
    has = format_count(heaviest.ntasks, "task")
    return Finding(
        "few",
        saved,
        f"Its chunks are large. `{heaviest.name}`, {heaviest.seconds / facts.spent.kernels:.0%} of the work, has only "
        f"{has} for {format_count(facts.lanes, 'lane')}: lanes were without work for "
        f"{facts.share(facts.without_work):.0%} of their time.",
        f"Take chunks of 1/{factor} of the size: {heaviest.ntasks * factor:,} tasks, up to "
        f"{format_seconds(saved)} less.",
        heaviest.layer,
    )


def chain(facts: Facts) -> Finding | None:
    """Tasks that need each other, one after the other."""
    if facts.lanes < 2 or len(facts.path) < 3 or facts.inside <= 0:
        return None
    alone = facts.path_longest >= 0.5 * facts.path_seconds  # then it is that task, not the chain
    if alone or facts.path_seconds < CHAIN_SHARE * facts.inside:
        return None
    if facts.share(facts.without_work) < WAITING_SHARE:
        return None
    names = [facts.operations[layer].name for layer in facts.path_layers]
    name, most = Counter(names).most_common(1)[0]
    layer = facts.path_layers[names.index(name)]
    which = f"{most:,} of its tasks are" if most > 1 else "one of its tasks is"
    return Finding(
        "chain",
        facts.without_work / facts.lanes,
        f"{format_count(len(facts.path), 'task')} need each other one after the other: that chain takes "
        f"{format_seconds(facts.path_seconds)} of {format_seconds(facts.wall)}, and no number of workers is faster.",
        f"Make the chain shorter: {which} `{name}`. What does not need the result before it can run "
        "beside it; a tree (`split_every=`) or one call for several steps has fewer links.",
        layer,
        facts.path[-1],
    )


def slow(facts: Facts) -> Finding | None:
    """One task that everybody waits for."""
    row = max(facts.operations, key=lambda one: one.longest, default=None)
    if row is None or facts.lanes < 2 or facts.inside <= 0 or row.longest < SLOW_SHARE * facts.inside:
        return None
    if facts.share(facts.without_work) < TAIL_SHARE:
        return None
    if row.ntasks > 1 and (row.slow != 1 or row.skew < SKEW):
        return None
    if row.ntasks == 1 and row.strategy in SPLITTABLE:
        return None  # its chunks are too large
    others = f", the others of `{row.name}` {format_seconds(row.median)} each" if row.ntasks > 1 else ""
    saved = facts.inside - max(facts.spent.kernels / facts.lanes, facts.path_seconds - row.longest)
    return Finding(
        "slow",
        min(row.longest, facts.without_work),
        f"One task of `{row.name}` took {format_seconds(row.longest)} of {format_seconds(facts.wall)}{others}; the "
        "other lanes had nothing to do meanwhile.",
        f"Split what that task does: shared among the lanes it would save up to {format_seconds(max(saved, 0.0))}."
        + (" It gathers all blocks in one task: ask for less, or reduce before." if _gathers(row) else ""),
        row.layer,
        row.longest_task,
    )


def _gathers(row: OperationFacts) -> bool:
    return row.strategy is Strategy.GATHERS


def skew(facts: Facts) -> Finding | None:
    """Tasks of one operation that differ much, so that lanes idle at its end."""
    if facts.lanes < 2 or facts.share(facts.without_work) < TAIL_SHARE:
        return None
    row = max(facts.operations, key=lambda one: one.longest, default=None)
    if row is None or row.ntasks < 3 or row.slow < 1 or row.skew < SKEW:
        return None
    if row.slow == 1 and row.longest >= SLOW_SHARE * facts.inside:
        return None  # that is one slow task
    if row.seconds < HEAVY_SHARE * facts.spent.kernels:
        return None
    slow = f"{row.slow:,} of its {row.ntasks:,} tasks" if row.slow > 1 else f"one of its {row.ntasks:,} tasks"
    even = "`x = x.repartition(...)`" if row.frame else "`x = x.rechunk(...)`"
    if row.strategy is Strategy.CALL:
        even = "equal shares for each call"
    return Finding(
        "skew",
        facts.without_work / facts.lanes,
        f"`{row.name}` is uneven: {slow} took twice the mean of {format_seconds(row.mean)} or more, up to "
        f"{format_seconds(row.longest)}. Lanes that were done waited for them.",
        f"Make the pieces even ({even}), or smaller, so that long ones "
        f"are shared: up to {format_seconds(facts.without_work / facts.lanes)} less.",
        row.layer,
        row.longest_task,
    )


def memory(facts: Facts) -> Finding | None:
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
            if facts.forecast_peak is None or facts.forecast_peak <= facts.budget
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


def outside(facts: Facts) -> Finding | None:
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
