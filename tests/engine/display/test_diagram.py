"""Grouping keeps the graph a graph, and stays in its budget."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.diagram import (
    BANDS,
    Diagram,
    Node,
    distinct,
    edges_between,
    group_nodes,
    levels_of,
    outline,
    tally,
)


@st.composite
def titled_graphs(draw: st.DrawFn) -> tuple[list[str], np.ndarray]:
    """Titles and edges from smaller to larger numbers."""
    count = draw(st.integers(2, 60))
    titles = draw(st.lists(st.sampled_from("abc"), min_size=count, max_size=count))
    pair = st.tuples(st.integers(0, count - 2), st.integers(1, count - 1))
    edges = [(a, b) for a, b in draw(st.lists(pair, max_size=90)) if a < b]
    return titles, np.array(edges, dtype=np.int64).reshape(-1, 2)


@given(titled_graphs(), st.integers(1, 30))
def test_groups_hold_every_node_once_and_make_no_cycle(
    graph: tuple[list[str], np.ndarray], budget: int
) -> None:
    titles, pairs = graph
    groups = group_nodes(titles, pairs, budget)
    assert sorted(node for group in groups for node in group) == list(range(len(titles)))
    edges = edges_between(groups, pairs, len(titles))
    assert len(groups) <= max(budget, BANDS)
    if len(titles) > budget:
        assert all(a < b for a, b in edges)
    of = {node: number for number, group in enumerate(groups) for node in group}
    assert set(edges) == {(of[a], of[b]) for a, b in pairs.tolist() if of[a] != of[b]}


def test_a_few_nodes_stay_single() -> None:
    assert group_nodes(["a", "a"], np.array([[0, 1]]), 2) == [[0], [1]]


def test_equal_operations_at_one_depth_become_one_box() -> None:
    pairs = np.array([[0, 2], [1, 2]])
    assert group_nodes(["load", "load", "mean"], pairs, 2) == [[0, 1], [2]]


def test_a_long_chain_becomes_bands() -> None:
    count = 1000
    pairs = np.stack([np.arange(count - 1), np.arange(1, count)], axis=1)
    groups = group_nodes([f"f{i}" for i in range(count)], pairs, 100)
    assert len(groups) == BANDS
    assert edges_between(groups, pairs, count) == [(i, i + 1) for i in range(BANDS - 1)]


@given(titled_graphs())
def test_levels_are_longest_paths(graph: tuple[list[str], np.ndarray]) -> None:
    titles, pairs = graph
    longest = [0] * len(titles)
    for node in range(len(titles)):
        longest[node] = max((longest[a] + 1 for a, b in pairs.tolist() if b == node), default=0)
    assert levels_of(len(titles), pairs).tolist() == longest


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_edges_are_named_once_and_never_lead_to_themselves(edges: list[tuple[int, int]]) -> None:
    expected = sorted({(a, b) for a, b in edges if a != b})
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    assert distinct(pairs, 10) == expected
    assert distinct(pairs, 2000) == expected


def test_a_group_says_what_is_in_it() -> None:
    assert tally(["add", "sum", "add", "add"]) == "add ×3, sum"
    assert tally(["a", "b", "c", "d"]) == "a, b, c, …"


def test_the_outline_names_inputs_by_number() -> None:
    nodes = (Node("load", count=3), Node("mean", ("axis=0",)))
    assert outline(Diagram(nodes, ((0, 1),), "two operations")) == (
        "two operations\n  1. load ×3\n  2. mean · axis=0 ← 1"
    )


def test_a_long_outline_is_cut() -> None:
    text = outline(Diagram(tuple(Node(str(i)) for i in range(100)), (), "many"))
    assert text.endswith("… and 60 more")
