"""Applies named rules to expressions and keeps a record of every firing and every refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from chunkscope.expr.base import Expr
from chunkscope.expr.walk import count_consumers, postorder

__all__ = ["Context", "Firing", "Phase", "Refusal", "Rewrite", "Rewritten", "Rule", "Sweep", "rewrite"]


class Phase(IntEnum):
    """When a rule runs; each phase runs to its fixed point before the next one begins."""

    SIMPLIFY = 0  # algebra: merge rechunks, drop the dead
    PUSH = 1  # slices and projections towards the readers
    SPLIT = 2  # reductions and others into their block-wise and combining parts
    FUSE = 3  # block-wise chains into one kernel


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rule that could have fired did not: one sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know beside the node itself."""

    consumers: dict[int, int]

    def consumers_of(self, x: Expr) -> int:
        """How many nodes and roots read `x`; nodes made during this phase count as read once."""
        return self.consumers.get(id(x), 1)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A named rewrite of any kind, which `explain` shows and `rules=` chooses."""

    name: str
    about: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Rule(Rewrite):
    """A rewrite of one node: `apply` returns the better one, a refusal with its reason, or None: does not apply."""

    types: tuple[type[Expr], ...]
    apply: Callable[[Expr, Context], Expr | Refusal | None]


@dataclass(frozen=True, slots=True)
class Sweep(Rewrite):
    """A rewrite that must see all roots at once, such as which columns anybody reads; first in its phase.

    `apply(roots, record)` returns the new roots, in order, and appends to the record what it did and refused.
    """

    apply: Callable[[Sequence[Expr], list[Firing]], Sequence[Expr]]


@dataclass(frozen=True, slots=True)
class Firing:
    """One step of the record: what was there before, and what came of it (None and a reason for a refusal)."""

    rule: str
    before: Expr
    after: Expr | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The rewritten roots, in order, and how they came about."""

    roots: tuple[Expr, ...]
    record: tuple[Firing, ...] = field(default=())


def rewrite(roots: Sequence[Expr], rules: Sequence[Rewrite]) -> Rewritten:
    """The roots after every rule has fired wherever it can, phase by phase. Any subset of rules gives the same values.

    Nodes are visited inputs first; a node that a rule makes is visited in its turn. Expressions without a node of any
    rule's types come back as they are, at the cost of one walk.
    """
    record: list[Firing] = []
    current = list(roots)
    for phase in Phase:
        for sweep in rules:
            if isinstance(sweep, Sweep) and sweep.phase is phase:
                current = list(sweep.apply(current, record))
        active = [rule for rule in rules if isinstance(rule, Rule) and rule.phase is phase]
        if active:
            current = _run_phase(current, active, record)
    return Rewritten(tuple(current), tuple(record))


def _run_phase(roots: list[Expr], rules: Sequence[Rule], record: list[Firing]) -> list[Expr]:
    by_type: dict[type[Expr], list[Rule]] = {}
    nodes = postorder(roots)
    for cls in {type(node) for node in nodes}:
        by_type[cls] = [rule for rule in rules if issubclass(cls, rule.types)]
    if not any(by_type.values()):
        return roots
    context = Context(count_consumers(roots))
    keep: list[Expr] = list(nodes)  # ids stay unique while every node seen is alive
    final: dict[int, Expr] = {}
    becomes: dict[int, Expr] = {}  # what a rule put in a node's place, still to be visited itself
    stack: list[Expr] = list(reversed(roots))
    while stack:
        node = stack[-1]
        if id(node) in final:
            stack.pop()
            continue
        successor = becomes.get(id(node))
        if successor is not None:
            if id(successor) in final:
                final[id(node)] = final[id(successor)]
            else:
                stack.append(successor)
            continue
        inputs = node.inputs()
        missing = [child for child in inputs if id(child) not in final]
        if missing:
            stack.extend(reversed(missing))
            continue
        better = [final[id(child)] for child in inputs]
        rebuilt = node
        if any(a is not b for a, b in zip(better, inputs, strict=True)):
            rebuilt = node.replace_inputs(better)
            context.consumers[id(rebuilt)] = context.consumers_of(node)
        after = _apply(rebuilt, by_type, rules, context, record)
        keep.extend((rebuilt, after))
        if after is rebuilt:
            final[id(node)] = final[id(rebuilt)] = rebuilt
        else:
            context.consumers.setdefault(id(after), context.consumers_of(node))
            becomes[id(node)] = after
    return [final[id(root)] for root in roots]


def _apply(
    node: Expr,
    by_type: dict[type[Expr], list[Rule]],
    rules: Sequence[Rule],
    context: Context,
    record: list[Firing],
) -> Expr:
    cls = type(node)
    if cls not in by_type:
        by_type[cls] = [rule for rule in rules if issubclass(cls, rule.types)]
    for rule in by_type[cls]:
        after = rule.apply(node, context)
        if isinstance(after, Refusal):
            record.append(Firing(rule.name, node, None, after.reason))
        elif after is not None and after is not node:
            record.append(Firing(rule.name, node, after))
            return after.traced(node.origin).stamped(node)
    return node
