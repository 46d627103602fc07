"""compute and persist: the public ways to run something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chunkscope import config
from chunkscope.blocks import StoredBlock, claim
from chunkscope.compute.debugging import debug
from chunkscope.compute.following import concerns_of, inside_of, on_the_way
from chunkscope.compute.making import remember_run
from chunkscope.compute.prepare import Prepared, optimised, prepare
from chunkscope.compute.protocol import Collection
from chunkscope.compute.settings import Settings, settings_of
from chunkscope.compute.sources import remember_files
from chunkscope.compute.unpack import unpack
from chunkscope.errors import MemoryBudgetError
from chunkscope.executors import Run
from chunkscope.executors.execute import Order, execute
from chunkscope.executors.remedies import cut_smaller
from chunkscope.executors.wanted import Wanted, all_there
from chunkscope.expr import Stored
from chunkscope.graph import Strategy
from chunkscope.observe.cards import attach_cards
from chunkscope.observe.concerns import Concern
from chunkscope.observe.viewers import attach_live
from chunkscope.types import Origin
from chunkscope.units import format_bytes

__all__ = ["Assembling", "compute", "optimize", "ordered", "persist", "prepared_for"]


def compute(
    *args: Any,
    scheduler: str | None = None,
    num_workers: int | None = None,
    memory: str | int | None = None,
    optimize_graph: bool = True,
    rules: Sequence[str] | bool | None = None,
    traverse: bool = True,
    label: str = "",
) -> tuple[Any, ...]:
    """Compute several collections in one run, so that what they share is computed once; returns a tuple of values.

    Collections inside lists, tuples, dicts and sets are computed too (`traverse`); other arguments come back
    as they are.

    scheduler: "sync", "threads", "processes" or "simulated"; default: the option `scheduler`.
    num_workers: how many tasks run at once. memory: budget for blocks, like "2GB": a plan that cannot fit is refused.
    rules: names of the rewrites to use, or False for none. label: a name for the run.

    Raises what a task raised, with a note that says where it came from; MemoryBudgetError before anything runs.

    >>> from chunkscope import compute, delayed
    >>> x = delayed(sum)([1, 2, 3])
    >>> compute(x, {"twice": x * 2}, "text")
    (6, {'twice': 12}, 'text')
    """
    __tracebackhide__ = True  # IPython folds such frames: what tells is the user's line and the report
    collections, rebuild = unpack(args, traverse)
    if not collections:
        return args
    settings = settings_of(scheduler, num_workers, memory)
    prepared = prepared_for(collections, _rules(rules, optimize_graph), settings)
    assemblers = [
        collection.__chunkscope_assembler__(place.shape)
        for collection, place in zip(collections, prepared.places, strict=True)
    ]
    takers = [Assembling(assembler) for assembler in assemblers]
    execute(ordered(prepared, takers, settings, label, concerns_of(collections, prepared)))
    values: tuple[Any, ...] = rebuild([assembler.result() for assembler in assemblers])
    return values


def persist(
    *args: Any,
    scheduler: str | None = None,
    num_workers: int | None = None,
    memory: str | int | None = None,
    optimize_graph: bool = True,
    rules: Sequence[str] | bool | None = None,
    traverse: bool = True,
    label: str = "",
) -> tuple[Any, ...]:
    """Start computing collections and return at once the same collections over the stored blocks.

    On threads the work goes on in the background; `sync` returns when it is done. The blocks live as long as a
    collection that uses them; where nobody has one of these any more, the work ends. Arguments as in `compute`.

    >>> from chunkscope import delayed, persist
    >>> (x,) = persist(delayed(sum)([1, 2, 3]))
    >>> (x + 1).compute()
    7
    """
    collections, rebuild = unpack(args, traverse)
    if not collections:
        return args
    settings = settings_of(scheduler, num_workers, memory)
    prepared = prepared_for(collections, _rules(rules, optimize_graph), settings)
    wanted = Wanted()
    stored: list[_Storing] = []
    leaves: list[Stored] = []
    firsts: list[StoredBlock] = []
    results: list[Any] = []
    for collection, place in zip(collections, prepared.places, strict=True):
        sizes = prepared.graph.slot_bytes[place.reshape(-1) - prepared.graph.first_slot].tolist()
        blocks = tuple(StoredBlock(size) for size in sizes)
        stored.append(_Storing(blocks, wanted))
        expr = collection.__chunkscope_expr__()
        firsts += blocks[:1]
        claim(blocks, expr.label or label, Origin.here(), expr.op)
        leaf = Stored(blocks, place.shape).stamped(expr)
        remember_files(leaf, expr)
        leaves.append(leaf)
        results.append(collection.__chunkscope_rebuild__(leaf))
    concerns = concerns_of(collections, prepared, leaves)
    order = ordered(prepared, stored, settings, label, concerns)

    def entered(run: Run) -> None:
        wanted.of(run)
        for block in firsts:
            remember_run(block, run)

    execute(replace(order, entered=entered), wait=settings.executor == "sync")
    values: tuple[Any, ...] = rebuild(results)
    return values


def optimize(*args: Any, rules: Sequence[str] | bool | None = None, traverse: bool = True) -> tuple[Any, ...]:
    """The same collections over their rewritten expressions. Nothing runs.

    >>> from chunkscope import delayed, optimize
    >>> optimize(delayed(1))[0].compute()
    1
    """
    collections, rebuild = unpack(args, traverse)
    roots = optimised(collections, rules)[0] if collections else ()
    better = [c.__chunkscope_rebuild__(root) for c, root in zip(collections, roots, strict=True)]
    values: tuple[Any, ...] = rebuild(better)
    return values


def prepared_for(
    collections: Sequence[Collection], rules: Sequence[str] | bool | None, settings: Settings
) -> Prepared:
    """The graph of what is about to run, with cards and the live viewer attached where there is a notebook."""
    attach_cards()
    if config.get("viewers"):
        attach_live()
    return prepare(
        collections,
        rules=rules,
        lanes=settings.lanes,
        watched=on_the_way(collections),
        inside=inside_of(collections),
    )


def _rules(rules: Sequence[str] | bool | None, optimize_graph: bool) -> Sequence[str] | bool | None:
    if rules is None and not (optimize_graph and config.get("optimize")):
        return False
    return rules


def ordered(
    prepared: Prepared,
    takers: Sequence[Any],
    settings: Settings,
    label: str,
    concerns: tuple[Concern, ...],
    priority: float = 0.0,
) -> Order:
    """What the executor is handed, with a refusal of a plan that cannot fit."""
    return Order(
        prepared.graph,
        prepared.ranks,
        takers,
        [place.size for place in prepared.places],
        settings.executor,
        settings.num_workers,
        settings.budget,
        _limit(prepared, settings),
        label,
        Origin.here(),
        prepared.steps,
        prepared.forecaster,
        debug,
        concerns,
        prepared.counts,
        config.get("profile_interval"),
        priority=priority,
        start=settings.start,
        refusal=None if settings.budget is None else refusal_of(prepared, settings.budget),
        refused_task=-1 if settings.budget is None else prepared.forecast.peak_task,
    )


def _limit(prepared: Prepared, settings: Settings) -> int | None:
    """The forecast peak, where several lanes could exceed it and every size is known well enough to be held to."""
    if settings.lanes == 1 or any(layer.strategy is Strategy.CALL for layer in prepared.graph.layers):
        return None
    forecast = prepared.forecast
    return forecast.peak_bytes if forecast.peak_bytes < forecast.bound_bytes else None


def refusal_of(prepared: Prepared, budget: int) -> MemoryBudgetError | None:
    """Why a plan cannot fit, naming the operation at its peak and what would help; None where it can."""
    forecast = prepared.forecast
    if forecast.floor_bytes <= budget:
        return None
    task = forecast.peak_task
    layer = prepared.graph.layer_at(task)
    smaller = cut_smaller(layer)
    return MemoryBudgetError(
        f"memory={format_bytes(budget)} is too small: this plan needs at least {format_bytes(forecast.floor_bytes)} at "
        f"once, in operation {layer.op!r} (task {prepared.graph.key(task)}); use memory="
        f"'{-(-forecast.floor_bytes // 10**6)}MB' or more, or {smaller}"
    )


class Assembling:
    """Puts blocks into an assembler."""

    __slots__ = ("put",)

    def __init__(self, assembler: Any) -> None:
        self.put = assembler.put

    def fail(self, error: BaseException) -> None:
        """Nobody waits at an assembler: the caller of compute gets the error."""


class _Storing:
    """Puts blocks into their stored places, those that somebody has."""

    __slots__ = ("places",)
    keeps_packed = True

    def __init__(self, blocks: tuple[StoredBlock, ...], wanted: Wanted) -> None:
        self.places = tuple(map(wanted.ref, blocks))

    @property
    def complete(self) -> bool:
        return all_there(self.places)

    def put(self, position: int, block: Any) -> None:
        place = self.places[position]()
        if place is not None:
            place.fill(block)

    def fail(self, error: BaseException) -> None:
        StoredBlock.fail_all([place for ref in self.places if (place := ref()) is not None], error)


def single(collection: Collection, **options: Any) -> Any:
    """The value of one collection: what its `.compute()` method returns."""
    __tracebackhide__ = True
    return compute(collection, traverse=False, **options)[0]
