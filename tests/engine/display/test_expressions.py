"""Expressions as diagrams: one box for each operation, shared nodes once."""

from __future__ import annotations

import chunkscope.array as ca
from chunkscope import delayed
from chunkscope.display import describe_expressions, expression_diagram
from chunkscope.display.diagram import MAX_NODES, Form
from tests.engine.display.samples import HOSTILE, Add, Ones, Sum

CHUNKS = ((10, 5), (5, 5, 5))


def test_boxes_carry_title_parameters_and_geometry() -> None:
    x = Ones(CHUNKS)
    diagram = expression_diagram([Sum(Add(x, x), axis=0)])
    assert [node.title for node in diagram.nodes] == ["ones", "add", "sum"]
    assert [node.lines for node in diagram.nodes] == [("(15, 15) float64, 6 chunks",), (), ("axis=0",)]
    assert [node.form for node in diagram.nodes] == [Form.SOURCE, Form.BLOCKWISE, Form.TREE]
    assert diagram.edges == ((0, 1), (1, 2))
    assert diagram.words == "expression: 3 operations, widest 1, longest chain 3"


def test_sharing_is_by_identity_as_written_and_by_meaning_as_it_runs() -> None:
    expr = Add(Sum(Ones(CHUNKS), 0), Sum(Ones(CHUNKS), 0))
    assert len(expression_diagram([expr]).nodes) == 5
    assert len(expression_diagram([expr], merge=True).nodes) == 3
    assert describe_expressions([expr], merge=True) == "expression: 3 operations, widest 1, longest chain 3"


def test_many_operations_are_grouped_within_the_budget() -> None:
    x = Ones(CHUNKS)
    deep: Ones | Add = x
    for _ in range(1000):
        deep = Add(deep, x)
    diagram = expression_diagram([deep])
    assert len(diagram.nodes) <= MAX_NODES
    assert sum(node.count for node in diagram.nodes) == 1001
    assert diagram.words == "expression: 1,001 operations, widest 1, longest chain 1,001"
    assert diagram.nodes[0].title == "42 operations" and diagram.nodes[0].form is Form.GROUP
    assert (diagram.nodes[1].title, diagram.nodes[1].count) == ("add", 42)


def test_delayed_calls_are_titled_by_their_functions() -> None:
    def load(name: str) -> str:
        return name

    total = delayed(sum)([delayed(load)(name) for name in "ab"])
    diagram = expression_diagram([total.__chunkscope_expr__()])
    assert [node.title for node in diagram.nodes] == ["load", "load", "sum"]
    assert {node.form for node in diagram.nodes} == {Form.CALL}


def test_calls_that_read_no_other_show_their_arguments() -> None:
    from pathlib import Path

    def load(*parts: object) -> object:
        return parts

    def lines(*args: object) -> tuple[str, ...]:
        return expression_diagram([delayed(load)(*args).__chunkscope_expr__()]).nodes[0].lines

    assert lines(1) == ("1",)
    assert lines("data/jan.csv", True) == ("'jan.csv', True",)
    assert lines(Path("data") / "feb.csv", [1, 2]) == ("feb.csv, list",)
    assert lines(1, 2, 3, 4, 5) == ("1, 2, 3, 4, …",)
    assert lines() == lines([1, 2]) == ()


def test_hovering_shows_the_line_of_code() -> None:
    value = delayed(len)([1, 2]) + 1
    (
        _,
        node,
    ) = expression_diagram([value.__chunkscope_expr__()]).nodes
    assert "value = delayed(len)([1, 2]) + 1" in node.tip


def test_a_fused_operation_says_what_is_in_it() -> None:
    from chunkscope import optimize

    x = ca.ones((8, 8), chunks=4)
    (fused,) = optimize(((x + 1) * 2).sum())
    details = [
        line for node in expression_diagram([fused.__chunkscope_expr__()]).nodes for line in node.lines
    ]
    assert any("add → multiply" in line for line in details)


def test_a_label_is_the_title_and_stays_text() -> None:
    x = Ones(CHUNKS)
    object.__setattr__(x, "label", HOSTILE)
    assert expression_diagram([x]).nodes[0].title == HOSTILE


def test_array_operations_have_their_numpy_names() -> None:
    x = ca.ones((8, 8), chunks=4)
    y = (x.T + ca.sqrt(x)).mean(axis=0)
    titles = [node.title for node in expression_diagram([y.__chunkscope_expr__()]).nodes]
    assert titles == ["full", "transpose", "sqrt", "add", "mean"]
