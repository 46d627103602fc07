"""Graphs as dicts, written by hand."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope import plan
from chunkscope_lessons.by_hand import critical_path, draw, from_dict
from chunkscope_lessons.checks.lesson_01_cut_it_up import LINES


@st.composite
def dicts(build: st.DrawFn) -> dict[Any, Any]:
    """A dict of sums, each of earlier keys and of numbers."""
    graph: dict[Any, Any] = {}
    for number in range(build(st.integers(1, 12))):
        parts = build(st.lists(st.sampled_from([*graph, 10, 20]), max_size=4))
        key = build(st.sampled_from([f"key {number}", ("key", number)]))
        graph[key] = (sum, parts)
    return graph


def evaluated(graph: dict[Any, Any], key: Any) -> Any:
    function, parts = graph[key]
    return function([evaluated(graph, part) if part in graph else part for part in parts])


@given(dicts())
def test_a_dict_computes_what_it_says_with_a_task_for_each_key(graph: dict[Any, Any]) -> None:
    key = list(graph)[-1]
    lazy = from_dict(graph, key)
    assert lazy.compute(scheduler="sync") == evaluated(graph, key)
    assert plan(lazy).ntasks <= len(graph)
    assert len(draw(graph).diagram.nodes) == len(graph)
    assert 1 <= critical_path(graph) <= len(graph)


def test_what_is_not_there_and_what_goes_in_circles_is_named() -> None:
    with pytest.raises(KeyError, match="the dict has no 'z'; it has 'x'"):
        from_dict({"x": 1}, "z")
    with pytest.raises(ValueError, match="'x' waits for 'y' waits for 'x'"):
        from_dict({"x": (abs, "y"), "y": (abs, "x")}, "x")
    with pytest.raises(ValueError, match="the dict is empty"):
        draw({})


def test_what_is_not_written_yet_is_drawn_as_such() -> None:
    graph = {"x": (np.sum, np.ones(3)), "total": ...}
    assert "total: still ..." in repr(draw(graph))
    assert from_dict(graph, "total").compute() is ...
    assert from_dict(graph, "x").compute() == 3.0


def test_exactly_one_order_of_the_seven_lines_is_right() -> None:
    right = []
    for order in permutations(LINES):
        try:
            program = compile("\n".join(LINES[letter] for letter in order), "<order>", "exec")
            space: dict[str, Any] = {"pieces": np.array_split(np.arange(100.0), 7)}
            exec(program, space)
        except Exception:
            continue
        if space["total"] == 4950:
            right.append("".join(order))
    assert right == ["CADFGBE"]
