"""Expressions, walks, rewriting and lowering, on a toy language of three nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.expr import (
    Context,
    Expr,
    Output,
    Phase,
    Refusal,
    Rule,
    Slots,
    count_consumers,
    lower,
    postorder,
    rewrite,
)
from chunkscope.graph import GraphBuilder, Layer


@dataclass(frozen=True)
class constant:
    value: int

    def __call__(self, block: int) -> int:
        return self.value + block


def add(block: int, *inputs: int) -> int:
    return sum(inputs)


def both(block: int, x: int) -> tuple[int, int]:
    return x, -x


@dataclass(frozen=True, eq=False)
class Number(Expr):
    value: int
    op: ClassVar[str] = "number"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return build.add(Layer("", "number", constant(self.value), (2,)), nbytes=8)


@dataclass(frozen=True, eq=False)
class Add(Expr):
    terms: tuple[Expr, ...]
    op: ClassVar[str] = "add"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return build.add(Layer("", "add", add, (2,)), [term[0] for term in inputs], nbytes=8)


@dataclass(frozen=True, eq=False)
class Both(Expr):
    x: Expr
    op: ClassVar[str] = "both"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return build.add(Layer("", "both", both, (2,), noutputs=2), [inputs[0][0]], nbytes=8)


TREES = st.recursive(
    st.integers(0, 3).map(Number),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda terms: Add(tuple(terms)))
        | st.tuples(inner, st.integers(0, 1)).map(lambda pair: Output(Both(pair[0]), pair[1]))
    ),
    max_leaves=12,
)


def value(x: Expr, block: int) -> int:
    """The value of one block, by plain recursion."""
    if isinstance(x, Number):
        return x.value + block
    if isinstance(x, Add):
        return sum(value(term, block) for term in x.terms)
    assert isinstance(x, Output) and isinstance(x.node, Both)
    inner = value(x.node.x, block)
    return -inner if x.index else inner


def run(roots: list[Expr]) -> list[list[int]]:
    """The values of the roots, by running the graph in the order of ids."""
    graph, places = lower(roots)
    data: dict[int, Any] = {}
    for task in range(graph.ntasks):
        layer = graph.layer_at(task)
        index = task - int(graph.task_ptr[graph.layer_of[task]])
        made = layer.kernel(index, *[data[slot] for slot in graph.inputs_of(task)])
        first = int(graph.first_slot_of[task])
        for i, part in enumerate(made if layer.noutputs > 1 else (made,)):
            data[first + i] = part
    assert graph.outputs.tolist() == np.concatenate([p.reshape(-1) for p in places]).tolist()
    return [[data[slot] for slot in place.reshape(-1).tolist()] for place in places]


@given(st.lists(TREES, min_size=1, max_size=3))
def test_lowered_graphs_give_the_values(roots: list[Expr]) -> None:
    assert run(roots) == [[value(root, 0), value(root, 1)] for root in roots]


@given(TREES)
def test_equal_expressions_have_equal_tokens_and_are_lowered_once(x: Expr) -> None:
    again = x.replace_inputs([child.replace_inputs(child.inputs()) for child in x.inputs()])
    assert again.token == x.token
    graph, _ = lower([x, again])
    assert graph.ntasks == lower([x])[0].ntasks


def flatten(x: Expr, context: Context) -> Expr | Refusal | None:
    """add(add(a, b), c) is add(a, b, c), unless somebody else reads the inner sum."""
    assert isinstance(x, Add)
    for i, term in enumerate(x.terms):
        if isinstance(term, Add):
            if context.consumers_of(term) > 1:
                return Refusal("the inner sum is read elsewhere")
            return Add(x.terms[:i] + term.terms + x.terms[i + 1 :])
    return None


def cancel(x: Expr, context: Context) -> Expr | None:
    """The first output of both(x) is x."""
    assert isinstance(x, Output)
    return x.node.x if isinstance(x.node, Both) and x.index == 0 else None


RULES = (
    Rule("cancel", "drop what does nothing", Phase.SIMPLIFY, (Output,), cancel),
    Rule("flatten", "merge nested sums", Phase.FUSE, (Add,), flatten),
)


@given(st.lists(TREES, min_size=1, max_size=3), st.sets(st.sampled_from(RULES)))
def test_any_subset_of_rules_gives_the_same_values(roots: list[Expr], rules: set[Rule]) -> None:
    done = rewrite(roots, sorted(rules, key=lambda rule: rule.name))
    assert run(list(done.roots)) == run(roots)
    assert {step.rule for step in done.record} <= {rule.name for rule in rules}
    for node in postorder(done.roots):
        if any(rule.name == "cancel" for rule in rules):
            assert not (isinstance(node, Output) and node.index == 0 and isinstance(node.node, Both))


def test_the_record_tells_firings_and_refusals() -> None:
    shared = Add((Number(1), Number(2)))
    x, y = Add((shared, Number(3))), Add((Add((Number(1), Number(1))), Number(5)))
    done = rewrite([x, shared, y], RULES)
    refused = [step for step in done.record if step.after is None]
    fired = [step for step in done.record if step.after is not None]
    assert [step.reason for step in refused] == ["the inner sum is read elsewhere"]
    assert len(fired) == 1 and isinstance(fired[0].after, Add) and len(fired[0].after.terms) == 3
    assert done.roots[0] is x and done.roots[1] is shared


def test_rewriting_without_a_rule_that_applies_changes_nothing() -> None:
    x = Number(1)
    assert rewrite([x], RULES).roots == (x,)


def test_chains_of_a_hundred_thousand_nodes() -> None:
    x: Expr = Number(0)
    for _ in range(100_000):
        x = Add((x,))
    assert len(postorder([x])) == 100_001
    assert len(x.token) == 32
    assert len(rewrite([x], RULES[:1]).roots) == 1
    flat = rewrite([x], RULES[1:]).roots[0]
    assert isinstance(flat, Add) and isinstance(flat.terms[0], Number)
    assert run([flat]) == [[0, 1]]


def test_consumers_are_counted() -> None:
    x = Number(1)
    y = Add((x, x))
    counts = count_consumers([y, x])
    assert counts[id(x)] == 3 and counts[id(y)] == 1


def test_postorder_is_topological_and_in_argument_order() -> None:
    a, b, c = Number(1), Number(2), Number(3)
    x = Add((a, b))
    y = Add((c, x, a))
    assert postorder([y]) == [c, a, b, x, y]
