from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.graph import Graph, GraphBuilder, Layer
from chunkscope.scheduler import forecast, order
from chunkscope.scheduler.order import _edges, _sweep, _walk
from tests.engine.scheduler.graphs import graphs, kernel, makers, small_graphs, table, tree


def recursive(graph: Graph) -> list[int]:
    """The order in its plainest form: a recursive depth-first walk."""
    needs = makers(graph)
    ranks: dict[int, int] = {}

    def visit(task: int) -> None:
        if task not in ranks:
            for other in needs[task]:
                visit(other)
            ranks[task] = len(ranks)

    for slot in graph.outputs.tolist():
        visit(int(graph.slot_task[slot - graph.first_slot]))
    read = {other for others in needs for other in others}
    for task in range(graph.ntasks):
        if task not in read:
            visit(task)
    return [ranks[task] for task in range(graph.ntasks)]


def both(graph: Graph) -> tuple[list[int], list[int]]:
    needs, pointers = _edges(graph)
    swept = _sweep(graph.ntasks, needs, pointers)
    assert swept is not None
    return swept.tolist(), _walk(graph.ntasks, needs, pointers).tolist()


@given(graphs())
def test_all_ways_give_the_depth_first_order(graph: Graph) -> None:
    expected = recursive(graph)
    assert both(graph) == (expected, expected)


@pytest.mark.parametrize("ntasks", [1, 2, 3, 4])
def test_every_small_graph(ntasks: int) -> None:
    for graph in small_graphs(ntasks):
        expected = recursive(graph)
        assert order(graph).tolist() == expected
        assert both(graph) == (expected, expected)


@given(graphs())
def test_the_order_is_topological(graph: Graph) -> None:
    ranks = order(graph)
    assert sorted(ranks.tolist()) == list(range(graph.ntasks))
    for task, others in enumerate(makers(graph)):
        assert all(ranks[other] < ranks[task] for other in others)


@given(graphs())
def test_what_was_asked_for_first_comes_first(graph: Graph) -> None:
    """Everything that the first output needs ranks below everything that it does not need, where nothing shrinks."""
    graph = replace(graph, slot_bytes=np.zeros_like(graph.slot_bytes))
    needs = makers(graph)
    stack = [int(graph.slot_task[graph.outputs[0]])]
    needed: set[int] = set()
    while stack:
        task = stack.pop()
        if task not in needed:
            needed.add(task)
            stack.extend(needs[task])
    ranks = order(graph)
    assert {int(ranks[task]) for task in needed} == set(range(len(needed)))


@given(graphs())
def test_a_task_that_shrinks_what_it_reads_runs_as_soon_as_it_can(graph: Graph) -> None:
    """No other task runs between it and the last of its inputs, but those that shrink what they read as well."""
    ranks = order(graph)
    plain = order(replace(graph, slot_bytes=np.zeros_like(graph.slot_bytes)))
    made = [0] * graph.ntasks
    for slot, nbytes in enumerate(graph.slot_bytes.tolist()):
        made[int(graph.slot_task[slot])] += nbytes
    needs = makers(graph)
    shrinks = {t for t, read in enumerate(needs) if read and 2 * made[t] < sum(made[other] for other in read)}
    at = {int(rank): task for task, rank in enumerate(ranks)}
    for task in shrinks:
        last = max(plain[other] for other in needs[task])
        between = [at[r] for r in range(int(ranks[task])) if plain[at[r]] > last]
        assert all(other in shrinks for other in between)
    steady = [task for task in range(graph.ntasks) if task not in shrinks]
    assert sorted(steady, key=lambda t: ranks[t]) == sorted(steady, key=lambda t: plain[t])


def test_partners_across_the_diagonal_are_used_up_together() -> None:
    """Each block of (x + x.T).sum() is read twice; both readers run one after the other, and then it is gone."""
    build = GraphBuilder()
    n = 12
    (x,) = build.add(Layer("x", "x", kernel, (n, n)), nbytes=1000)
    (y,) = build.add(Layer("y", "y", kernel, (n, n)), [np.stack([x, x.T], axis=-1)], nbytes=8)
    (z,) = build.add(Layer("z", "z", kernel, ()), [y.reshape(-1)], nbytes=8)
    graph = build.freeze(z)
    assert forecast(graph, order(graph)).peak_bytes <= 2 * 1000 + 8 * n * n + 8


@given(st.integers(1, 300), st.integers(2, 5))
def test_a_tree_holds_only_its_open_branches(width: int, arity: int) -> None:
    """Partial results are combined as soon as they can be: blocks grow with the depth of the tree, not its width."""
    graph = tree(width, arity, nbytes=1)
    depth = sum(len(layer.name) > 1 for layer in graph.layers)
    assert forecast(graph, order(graph)).peak_bytes <= depth * (arity - 1) + 2


def test_edges_to_earlier_segments_do_not_count() -> None:
    build = GraphBuilder(first_task=10, first_slot=20)
    (x,) = build.add(Layer("x", "x", kernel, (2,)), [np.array([3, 4])])
    (y,) = build.add(Layer("y", "y", kernel, ()), [x[::-1]])
    assert order(build.freeze(y)).tolist() == [1, 0, 2]


def test_a_long_thin_graph_is_walked() -> None:
    """A chain has as many levels as tasks: the sweep gives up, the walk needs no recursion."""
    n = 20_000
    graph = table([[t - 1] if t else [] for t in range(n)], [n - 1])
    assert _sweep(n, *_edges(graph)) is None
    assert order(graph).tolist() == list(range(n))


def test_a_wide_graph_is_swept_to_the_same_order() -> None:
    graph = tree(3_000, 3)
    assert order(graph).tolist() == recursive(graph) == both(graph)[0]


def test_shared_blocks_across_levels() -> None:
    """A task that is read at two distances is reached along the first argument that leads to it."""
    graph = table([[], [], [0], [2, 1, 0], [0, 3]], [4])
    assert order(graph).tolist() == recursive(graph) == both(graph)[0]


def test_an_empty_graph_has_no_order() -> None:
    assert order(GraphBuilder().freeze(np.zeros(0))).tolist() == []
