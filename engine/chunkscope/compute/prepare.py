"""From collections to a graph that is ready to run: rewrite, lower, order. Nothing runs here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.compute.protocol import Collection
from chunkscope.compute.wording import after_words, before_words
from chunkscope.errors import ConfigError
from chunkscope.expr import Firing, Rewrite, Slots, count_operations, lower, postorder, rewrite
from chunkscope.expr.base import Expr
from chunkscope.graph import Graph
from chunkscope.observe.runlog import Step
from chunkscope.scheduler import Forecast, forecast, order

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_STEPS = 200
MOST_PARTS = 50

__all__ = ["Prepared", "optimised", "prepare", "rules_of", "taken_in", "word_of"]


@dataclass(frozen=True)
class Prepared:
    """A graph with its static order, where each root's blocks are, and how it came about."""

    graph: Graph
    ranks: NDArray[np.int64]
    places: tuple[Slots, ...]
    """For each root the slots of its blocks, shaped as its block grid."""
    roots: tuple[Expr, ...]
    record: tuple[Firing, ...]
    lanes: int
    watched: tuple[Expr, ...] = ()
    """Values that somebody looks at and that the roots are made from."""
    slots: dict[int, Slots] = field(default_factory=dict)
    """The slots of the watched ones, and of the calls inside, that have tasks of their own, by `id`."""
    counts: tuple[int, int] = (0, 0)
    """Operations before and after the rewrite."""

    @cached_property
    def forecast(self) -> Forecast:
        """Memory over the static order, on this number of lanes."""
        found: Forecast = self.forecaster(self.graph, self.ranks)
        return found

    @property
    def forecaster(self) -> Callable[..., Forecast]:
        """A function of a graph and its ranks that holds neither: logs keep it, and must not keep data."""
        return partial(forecast, lanes=self.lanes, keep_outputs=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The record in words, for logs; the first few hundred steps."""
        return tuple(_step(firing) for firing in self.record[:MOST_STEPS])


def _step(firing: Firing) -> Step:
    """A firing as logs keep it: in words, with the lines that it concerns, and no data."""
    before, after = firing.before, firing.after
    words = after_words(firing)
    if after is None:
        others: list[Expr] = list(before.inputs())
    else:
        others = taken_in(before, after) if firing.rule.startswith("fuse") else []
    named = tuple((word_of(node), node.origin) for node in others[:MOST_PARTS])
    return Step(
        firing.rule, before_words(firing), words, firing.reason, word_of(before), before.origin, named
    )


def taken_in(before: Expr, after: Expr) -> list[Expr]:
    """The nodes below `before` that are inside `after`."""
    outside = {id(node) for node in after.inputs()}
    titles = getattr(after, "inside", None)  # a rule that joins many at once names them
    found: dict[int, Expr] = {}
    queue = deque(before.inputs())
    while queue and len(found) < MOST_PARTS:
        node = queue.popleft()
        if id(node) in outside or id(node) in found or (titles is not None and word_of(node) not in titles):
            continue
        if titles is not None and len(found) == len(titles) - 1:
            break
        found[id(node)] = node
        queue.extend(node.inputs())
    return list(found.values())


def word_of(node: Expr) -> str:
    """The operation of a node, as its layer is called."""
    layer_op = getattr(node, "layer_op", None)
    return str(layer_op() if layer_op is not None else getattr(node, "title", None) or node.op)


def rules_of(collections: Iterable[Collection]) -> tuple[Rewrite, ...]:
    """The rules of all the collections, each once, in order."""
    found: dict[str, Rewrite] = {}
    for collection in collections:
        for rule in collection.__chunkscope_rules__():
            found.setdefault(rule.name, rule)
    return tuple(found.values())


def chosen(rules: Sequence[Rewrite], names: Sequence[str] | bool | None) -> tuple[Rewrite, ...]:
    """The rules that the user wants: all (True or None), none (False), or those named."""
    if names is None or names is True:
        return tuple(rules)
    if names is False:
        return ()
    known = {rule.name: rule for rule in rules}
    for name in names:
        if name not in known:
            raise ConfigError(f"no rule is named {name!r}; the rules here are {', '.join(known) or 'none'}")
    return tuple(known[name] for name in names)


def optimised(
    collections: Sequence[Collection], rules: Sequence[str] | bool | None
) -> tuple[tuple[Expr, ...], tuple[Firing, ...], list[Expr] | None]:
    """The rewritten roots of the collections, the record of the rewrite, and the walk where nothing was rewritten."""
    roots, record, nodes, _ = _optimised(collections, rules)
    return roots, record, nodes


def _optimised(
    collections: Sequence[Collection], rules: Sequence[str] | bool | None
) -> tuple[tuple[Expr, ...], tuple[Firing, ...], list[Expr] | None, int]:
    """See `optimised`; and how many operations there were before."""
    roots = tuple(collection.__chunkscope_expr__() for collection in collections)
    nodes = postorder(roots)
    known = rules_of(_with_inner(collections, nodes))
    wanted = chosen(known, rules)
    written = count_operations(nodes)
    if not wanted:
        return roots, (), nodes, written
    done = rewrite(roots, wanted)
    return done.roots, done.record, None, written


def _with_inner(collections: Sequence[Collection], nodes: Sequence[Expr]) -> list[Collection]:
    """The collections, and those that delayed calls took as arguments: their rules count too."""
    found = list(collections)
    for cls in {type(node) for node in nodes}:
        if hasattr(cls, "collections"):
            found.extend(inner for node in nodes if type(node) is cls for inner in node.collections)  # type: ignore[attr-defined]
    kinds = {type(collection): collection for collection in reversed(found)}
    return list(kinds.values())


def prepare(
    collections: Sequence[Collection],
    *,
    rules: Sequence[str] | bool | None = None,
    lanes: int = 1,
    watched: tuple[Expr, ...] = (),
    inside: tuple[Expr, ...] = (),
) -> Prepared:
    """Rewrite, lower and order the expressions of `collections` together: what they share is in the graph once."""
    roots, record, nodes, written = _optimised(collections, rules)
    nodes = postorder(roots) if nodes is None else nodes
    slots: dict[int, Slots] = {}
    graph, places = lower(roots, nodes=nodes, watched=(*watched, *inside), found=slots)
    return Prepared(
        graph,
        order(graph),
        tuple(places),
        roots,
        record,
        lanes,
        watched,
        slots,
        (written, count_operations(nodes)),
    )
