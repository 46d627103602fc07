"""Graphs of tasks as diagrams: single tasks, then operations, with states and sizes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display import describe_graph, outline, task_diagram
from chunkscope.display.diagram import MAX_NODES, Form
from chunkscope.display.tasks import task_levels
from chunkscope.graph import GraphBuilder, Layer, Strategy
from tests.engine.display.samples import call_graph, kernel, tree_graph


@given(st.lists(st.lists(st.integers(0, 29), max_size=4), min_size=1, max_size=30))
def test_levels_of_calls_are_longest_paths(wishes: list[list[int]]) -> None:
    inputs = [[number for number in row if number < i] for i, row in enumerate(wishes)]
    levels: list[int] = []
    for row in inputs:
        levels.append(max((levels[number] + 1 for number in row), default=0))
    assert task_levels(call_graph(inputs, ["f"] * len(inputs))).tolist() == levels


@given(st.integers(1, 6), st.integers(1, 6), st.integers(2, 5))
def test_levels_of_layers_are_longest_paths(rows: int, columns: int, split: int) -> None:
    graph = tree_graph(rows, columns, split)
    producer = graph.slot_task
    levels = [0] * graph.ntasks
    for task in range(graph.ntasks):
        levels[task] = max((levels[producer[slot]] + 1 for slot in graph.inputs_of(task)), default=0)
    assert task_levels(graph).tolist() == levels


def test_levels_count_only_inputs_of_the_same_segment() -> None:
    build = GraphBuilder(first_task=10, first_slot=10)
    (x,) = build.add(Layer("", "use", kernel, (2,)), [np.array([3, 4])])
    assert task_levels(build.freeze(x)).tolist() == [0, 0]


def test_a_graph_is_described_in_one_sentence() -> None:
    assert describe_graph(tree_graph()) == "graph: 22 tasks, 4 layers, widest 9, critical path 4"
    assert describe_graph(GraphBuilder().freeze(np.zeros(0, dtype=np.int64))) == (
        "graph: 0 tasks, 0 layers, widest 0, critical path 0"
    )


def test_few_tasks_are_single_nodes_with_their_block() -> None:
    diagram = task_diagram(tree_graph())
    assert len(diagram.nodes) == 22 and not diagram.small
    assert (diagram.nodes[4].title, diagram.nodes[4].lines) == ("random", ("1, 1",))
    assert diagram.nodes[4].tip == "task 4: random [1, 1]\n800 B"
    assert diagram.edges[:2] == ((0, 9), (0, 15))


def test_more_tasks_are_drawn_small_with_a_key() -> None:
    diagram = task_diagram(tree_graph(6, 8))
    assert diagram.small
    assert [(entry.text, entry.form) for entry in diagram.key] == [
        ("random ×48", Form.SOURCE),
        ("add ×48", Form.BLOCKWISE),
        ("sum ×16", Form.TREE),
    ]
    assert diagram.nodes[9].title == "1, 1"


def test_many_tasks_become_operations_and_a_tree_becomes_one() -> None:
    diagram = task_diagram(tree_graph(30, 30))
    assert [(node.title, node.count) for node in diagram.nodes] == [("random", 1), ("add", 1), ("sum", 1)]
    assert diagram.nodes[0].lines == ("grid 30×30 of float64", "900 tasks, 703 KiB")
    assert diagram.nodes[1].lines == ("grid 30×30", "900 tasks, 703 KiB", "transpose, add")
    assert diagram.nodes[2].lines == ("302 tasks, 2.36 KiB",)
    assert diagram.edges == ((0, 1), (1, 2))


def test_many_calls_are_told_apart_by_function_and_depth() -> None:
    count = 300
    inputs = [[] for _ in range(count)] + [[i] for i in range(count)] + [list(range(count, 2 * count))]
    diagram = task_diagram(call_graph(inputs, ["load"] * count + ["clean"] * count + ["load"]))
    shown = [(node.title, node.lines[0].partition(",")[0]) for node in diagram.nodes]
    assert shown == [("load", "300 tasks"), ("clean", "300 tasks"), ("load", "1 task")]
    assert diagram.edges == ((0, 1), (1, 2))


def test_the_budget_holds_for_deep_graphs_of_calls() -> None:
    count = 5000
    graph = call_graph([[i - 1] if i else [] for i in range(count)], [f"f{i % 7}" for i in range(count)])
    diagram = task_diagram(graph)
    assert len(diagram.nodes) <= MAX_NODES
    assert sum(node.count for node in diagram.nodes) == count
    assert all(a < b for a, b in diagram.edges)


def test_states_are_on_the_nodes_or_counted() -> None:
    graph = tree_graph()
    states = ["finished"] * 12 + ["running"] * 2 + ["waiting"] * 8
    assert [node.state for node in task_diagram(graph, states=states).nodes] == states
    grouped = task_diagram(graph, states=states, budget=5)
    assert [node.lines[-1] for node in grouped.nodes[:1]] == ["9 of 9 finished"]
    assert any("3 of 9 finished" in node.lines for node in grouped.nodes)


def test_sizes_that_are_bounds_say_so() -> None:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "unique", kernel, (), Strategy.GATHERS, exact=False), nbytes=80)
    diagram = task_diagram(build.freeze(x))
    assert diagram.nodes[0].tip == "task 0: unique\nup to 80 B"
    assert outline(diagram).splitlines()[1] == "  1. unique"
