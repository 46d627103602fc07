"""The layout: layers that respect the edges, no overlap, and pictures that a person would draw."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.layout import Layout, layout
from chunkscope.errors import GraphError


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """A random acyclic graph whose edges lead from smaller to larger numbers."""
    count = draw(st.integers(1, 40))
    edges: set[tuple[int, int]] = set()
    if count > 1:
        pair = st.tuples(st.integers(0, count - 2), st.integers(1, count - 1))
        edges = {(a, b) for a, b in draw(st.lists(pair, max_size=80)) if a < b}
    return count, sorted(edges)


def overlaps(place: Layout, widths: list[float], gap: float) -> list[tuple[int, int]]:
    """Neighbours in a layer that are closer than the gap."""
    found = []
    for layer in range(place.depth):
        nodes = sorted(np.flatnonzero(place.layer == layer).tolist(), key=lambda node: place.x[node])
        for a, b in itertools.pairwise(nodes):
            if place.x[b] - place.x[a] < (widths[a] + widths[b]) / 2 + gap - 1e-6:
                found.append((a, b))
    return found


@given(graphs(), st.data())
def test_edges_lead_down_and_nodes_keep_their_distance(
    graph: tuple[int, list[tuple[int, int]]], data: st.DataObject
) -> None:
    count, edges = graph
    widths = data.draw(st.lists(st.floats(1, 90), min_size=count, max_size=count))
    place = layout(count, edges, widths=widths, gap=3.0)
    assert all(place.layer[a] < place.layer[b] for a, b in edges)
    assert overlaps(place, widths, 3.0) == []
    assert all(w / 2 - 1e-6 <= x <= place.width - w / 2 + 1e-6 for x, w in zip(place.x, widths, strict=True))
    for (a, b), route in zip(edges, place.routes, strict=True):
        bends = [layer for layer, _ in route]
        assert bends in ([], list(range(int(place.layer[a]) + 1, int(place.layer[b]))))
        assert all(-1e-6 <= x <= place.width + 1e-6 for _, x in route)


@given(graphs())
def test_the_same_graph_gives_the_same_layout(graph: tuple[int, list[tuple[int, int]]]) -> None:
    first, second = layout(*graph), layout(*graph)
    assert first.x.tolist() == second.x.tolist()
    assert first.routes == second.routes


@given(graphs())
def test_numbers_need_not_be_in_topological_order(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    turned = layout(count, [(count - 1 - a, count - 1 - b) for a, b in edges])
    assert turned.layer[::-1].tolist() == layout(count, edges).layer.tolist()


def tree(leaves: int, split: int) -> tuple[int, list[tuple[int, int]], dict[int, list[int]]]:
    """A tree of sums."""
    edges, children = [], {}
    level, count = list(range(leaves)), leaves
    while len(level) > 1:
        parents = []
        for start in range(0, len(level), split):
            children[count] = level[start : start + split]
            edges += [(child, count) for child in children[count]]
            parents.append(count)
            count += 1
        level = parents
    return count, edges, children


@pytest.mark.parametrize(("leaves", "split"), [(8, 2), (27, 3), (10, 4), (64, 8)])
def test_a_parent_stands_under_the_mean_of_its_children(leaves: int, split: int) -> None:
    count, edges, children = tree(leaves, split)
    place = layout(count, edges)
    for parent, below in children.items():
        assert place.x[parent] == pytest.approx(np.mean([place.x[child] for child in below]), abs=0.3)


def test_a_tree_has_no_crossings() -> None:
    count, edges, _ = tree(27, 3)
    rng = np.random.default_rng(0)
    names = rng.permutation(count)
    place = layout(count, [(int(names[a]), int(names[b])) for a, b in edges])
    for layer in range(place.depth - 1):
        pairs = sorted(
            (place.x[names[a]], place.x[names[b]]) for a, b in edges if place.layer[names[a]] == layer
        )
        targets = [target for _, target in pairs]
        assert targets == sorted(targets)


def test_chains_are_straight() -> None:
    chains = [(step * 5 + i, step * 5 + i + 5) for step in range(6) for i in range(5)]
    place = layout(35, chains, widths=[10.0] * 35)
    columns = place.x.reshape(7, 5)
    assert np.ptp(columns, axis=0).max() < 1e-6


def test_a_source_stands_right_above_its_reader() -> None:
    place = layout(5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    assert place.layer.tolist() == [0, 1, 2, 3, 2]


def test_edges_that_leave_one_node_run_as_a_bundle() -> None:
    chain = [(i, i + 1) for i in range(5)]
    place = layout(6, [*chain, (0, 4), (0, 5)])
    near, far = place.routes[5], place.routes[6]
    assert far[: len(near)] == near


def test_too_many_bends_make_straight_edges_not_a_long_wait() -> None:
    count = 3000
    edges = [(i, i + 1) for i in range(count - 1)] + [(0, i) for i in range(2, count)]
    place = layout(count, edges)
    assert place.depth == count
    assert set(place.routes) == {()}


def test_a_cycle_is_named() -> None:
    with pytest.raises(GraphError, match="with a cycle: 2 of 3 nodes"):
        layout(3, [(0, 1), (1, 2), (2, 1)])


def test_nothing_takes_no_room() -> None:
    place = layout(0, [])
    assert (place.width, place.depth, place.widest, place.routes) == (0.0, 0, 0, ())
